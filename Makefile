# tscae: `make` builds, `make check` tests, `make demo` shows, `make help` lists everything.
# Local settings go into config.mk; a second build stands beside the first: make B=build-asan CFLAGS='-g -O1 -fsanitize=address,undefined'
# V=1 prints whole command lines. INSTALL=no never installs a package.

B = build$(if $(MPI),-mpi)
PREFIX = /usr/local
CC = cc
CFLAGS = -O3 -g
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-missing-field-initializers
V =
INSTALL = yes
-include config.mk

# MessagePack-C's package was msgpack (4), msgpackc (5) and msgpack-c (6)
PKG = pkg-config
MSGPACK = $(firstword $(foreach p,msgpack msgpackc msgpack-c,$(shell $(PKG) --exists $p && echo $p)))
LIBRARIES = $(MSGPACK) libxxhash libjpeg libpng yajl expat openblas $(MPI_PACKAGE)
# MPI=1: tscae-train for several ranks (MPI=mpich: that one)
MPI =
MPI_PACKAGE = $(if $(MPI),$(firstword $(foreach p,$(MPI:1=) mpi-c ompi-c mpich,$(shell $(PKG) --exists $p && echo $p))))
# each of these is asked for once, by the first recipe that needs it: $(call once,NAME,VALUE)
once = $(eval $1 := $2)$($1)
PKG_CFLAGS = $(call once,PKG_CFLAGS,$(MPI_PACKAGE:%=-DTSCAE_MPI) $(shell $(PKG) --cflags $(LIBRARIES)))
PKG_LIBS = $(call once,PKG_LIBS,$(shell $(PKG) --libs $(LIBRARIES)))
BASE_CFLAGS = -std=c11 -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L -Ilib $(PKG_CFLAGS)
ALL_CFLAGS = $(BASE_CFLAGS) -pthread -fno-math-errno -ffile-prefix-map=$(CURDIR)/= $(WARN) $(CFLAGS)
ALL_LDFLAGS = -pthread -Wl,--as-needed $(CFLAGS) $(LDFLAGS)
LIBS = $(PKG_LIBS) -lm

OBJECTS = $(patsubst %.c,$B/%.o,$(wildcard lib/*/*.c))
TOOLS = $(patsubst tools/%.c,$B/bin/%,$(wildcard tools/*.c))
TESTS = $(patsubst tests/%.c,$B/tests/%,$(wildcard tests/*.c))
BENCHES = $(patsubst tests/%.c,$B/tests/%,$(wildcard tests/bench/*.c))

all: $(TOOLS)
tests: $(TOOLS) $(TESTS)

# a recipe that begins with $(call short,CC,FILE) prints that in place of its command line
short = $(if $V,,@$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,echo '$1 $2';))

# what everything is made with; the file changes when they do, and all objects follow it
FLAGS = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(LIBS)
$B/flags: always
	@mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(FLAGS))' >$@.part; if cmp -s $@.part $@; then rm $@.part; else mv $@.part $@; fi

$B/libtscae.a: $(OBJECTS)
	$(call short,AR,$@)rm -f $@ && $(AR) rcs $@ $(OBJECTS)
$B/%.o: %.c $B/flags
	@mkdir -p $(@D)
	$(call short,CC,$<)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$B/bin/%: $B/tools/%.o $B/libtscae.a
	@mkdir -p $(@D)
	$(call short,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(TESTS) $(BENCHES) $B/tests/long/tsan_race: $B/tests/%: $B/tests/%.o $B/libtscae.a
	@mkdir -p $(@D)
	$(call short,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# the packages that a rule needs: printed and installed where they are missing; INSTALL=no, or anyone but root, is told the command
packages.deps = gcc make pkg-config libmsgpack-dev libxxhash-dev libjpeg62-turbo-dev libpng-dev libyajl-dev libexpat1-dev libopenblas-dev
packages.deps-data = ca-certificates curl unzip
packages.deps-reproduce = $(packages.deps) gnuplot-nox
packages.deps-check = $(packages.deps) gnuplot-nox curl unzip libc6-dev perl mandoc bsdextrautils strace git python3 python3-numpy python3-msgpack python3-pil
packages.deps-lint = $(packages.deps) iwyu clang-tidy cppcheck
packages.deps-mpi = $(packages.deps-check) libopenmpi-dev openmpi-bin
packages.deps-slurm = $(packages.deps-mpi) slurm-wlm slurmctld slurmd munge
# what the benchmarks compare with, as far as it can be installed; each script says what it skips
packages.deps-bench = python3-torch python3-torchvision python3-opencv libopenblas0-openmp libjpeg-turbo-progs libopenmpi-dev openmpi-bin
deps-bench: optional = --optional
DEPS = $(patsubst packages.%,%,$(filter packages.%,$(.VARIABLES)))
$(DEPS):
	@INSTALL='$(INSTALL)' .ci/packages $(optional) $(packages.$@)

# a sub-make each: what deps installed is looked up afresh
check: deps-check
	@$(MAKE) --no-print-directory check-built
check-built: tests
	B=$B prove $(PROVE) --exec '' tests/*.t $(TESTS)
check-mpi check-slurm: check-%: deps-%
	@$(MAKE) --no-print-directory tests
	@$(MAKE) --no-print-directory MPI=1 build-mpi/bin/tscae-train
	B=$B prove $(PROVE) --exec '' tests/$*/*.t
# include-what-you-use, clang-tidy, cppcheck: fails on findings. FIX=1 writes the includes; FILES="lib/x/y.c": only these
lint: deps-lint
	@$(MAKE) --no-print-directory lint-built
lint-built:
	@CFLAGS='$(BASE_CFLAGS)' tests/lint.sh $(if $(FIX),--fix) $(FILES)
check-long: deps-check
	@$(MAKE) --no-print-directory tests bench-tools fuzz
	B=$B prove -v --exec '' tests/long/*.t
# data races: ThreadSanitizer on training steps and filters (a part of check-long)
check-tsan: deps-check
	@$(MAKE) --no-print-directory tests
	B=$B prove -v --exec '' tests/long/tsan.t
demo: deps
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory -f pipelines/demo.mk B=$(abspath $B)
pretrain probe finetune detect segment quality embed: deps
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory -f pipelines/$@.mk B=$(abspath $B)
# a published dataset, verified: make data SET=voc2007 DATA_ROOT=data
DATA_ROOT = data
data: deps-data
	@pipelines/data/fetch.sh "$(SET)" $(DATA_ROOT)
# JOBS runs at a time, the processors shared out among them: the same bytes whatever their number
JOBS = 1
reproduce: deps-reproduce
	@$(MAKE) --no-print-directory all
	@TSCAE_THREADS=$$((($$(nproc) + $(JOBS) - 1) / $(JOBS))) $(MAKE) --no-print-directory -j$(JOBS) -f pipelines/reproduce.mk B=$(abspath $B)
bench: deps-check deps-bench
	@$(MAKE) --no-print-directory bench-built
bench-tools: tests $(BENCHES)
bench-built: bench-tools
	@! command -v mpirun >/dev/null || $(MAKE) --no-print-directory MPI=1 build-mpi/bin/tscae-train build-mpi/tests/bench/allreduce
	@B=$B bash tests/bench.sh
FUZZ = $(patsubst tests/fuzz/%.c,$B/fuzz/%,$(wildcard tests/fuzz/*.c))
fuzz: $(FUZZ)
$(FUZZ): $B/fuzz/%: tests/fuzz/%.c $(wildcard lib/*/*.[ch]) $B/flags
	@mkdir -p $(@D)
	$(call short,CLANG,$<)clang $(filter-out -O3,$(ALL_CFLAGS)) -O1 -g -fsanitize=fuzzer,address,undefined -o $@ $< $(wildcard lib/*/*.c) $(LIBS)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man7 $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install -m 755 $(TOOLS) $(DESTDIR)$(PREFIX)/bin
	install -m 644 man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 man/*.7 $(DESTDIR)$(PREFIX)/share/man/man7
	for t in $(notdir $(TOOLS)); do \
	$B/bin/$$t --completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$t && \
	$B/bin/$$t --completion zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_$$t && \
	$B/bin/$$t --completion fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$$t.fish || exit 1; done
uninstall:
	cd $(DESTDIR)$(PREFIX) && for t in $(notdir $(TOOLS)); do rm -f bin/$$t share/man/man1/$$t.1 share/bash-completion/completions/$$t share/zsh/site-functions/_$$t share/fish/vendor_completions.d/$$t.fish; done
	rm -f $(patsubst man/%,$(DESTDIR)$(PREFIX)/share/man/man7/%,$(wildcard man/*.7))
clean:
	rm -rf $B
help:
	@echo 'make                 the tools, in $B/bin (all); tests: the test programs too; V=1 prints whole command lines'
	@echo 'make demo            install what is missing, build, pre-train on synthetic images (minutes), write images to runs/demo'
	@echo 'make check           install what is missing, build, run the tests; check-built: without installing'
	@echo 'make check-long      fuzzing and the long tests; check-tsan: data races in training steps'
	@echo 'make check-mpi       the tests of several ranks; check-slurm: of pipelines/slurm, under a Slurm of its own'
	@echo 'make lint            include-what-you-use, clang-tidy and cppcheck (FIX=1 writes the includes); lint-built: without installing'
	@echo 'make fuzz            the fuzz targets, with clang'
	@echo 'make bench           measured ratios, each beside its command, then all that have a target; SCRIPTS="gemm torch" MODELS=tiny ROUNDS=3: some'
	@echo '                     (all: hours); bench-built: without installing; bench-tools: the programs alone'
	@echo 'make MPI=1           tscae-train for several ranks, in build-mpi'
	@echo 'make install uninstall PREFIX=$(PREFIX) DESTDIR=    tools, man pages, shell completion'
	@echo 'make clean           remove $B'
	@echo 'make data SET=tiny-imagenet|cifar10|voc2007|voc2012|coco2017|camvid|bccd    download, verify and unpack into data/'
	@echo 'make pretrain DATA=FOLDER MODEL=micro EPOCHS=10 OBJECTIVE=tscae RUN=runs/mine    pre-train, again to resume'
	@echo 'make probe    DATA=FOLDER RUN=runs/mine    k-NN and linear accuracy of the trained encoder, of a random one and of pixels'
	@echo 'make finetune|detect|segment DATA=FOLDER INIT=runs/mine RUN=runs/task    train a task from that encoder, score it, draw it'
	@echo 'make embed -j 4 RUN=runs/mine SHARDS=FOLDER OUT=features    features of many tar shards, a file each; pipelines/slurm: the same under Slurm'
	@echo 'make reproduce DATA=FOLDER SEEDS="0 1" JOBS=2    the whole comparison, as a page'
	@echo 'make quality DATA=FOLDER    pre-training on degraded images'
	@echo 'make deps            install the libraries (root), or print what is missing; INSTALL=no: never install. What other rules need:'
	@echo '                     $(filter-out deps,$(sort $(DEPS)))'

-include $(patsubst %.o,%.d,$(OBJECTS)) $(wildcard $B/tools/*.d $B/tests/*.d $B/tests/bench/*.d)
.SECONDARY:
.PHONY: always all tests $(DEPS) check check-mpi check-slurm check-built check-long check-tsan lint lint-built demo pretrain probe finetune detect segment quality embed data reproduce bench bench-tools bench-built fuzz install uninstall clean help
