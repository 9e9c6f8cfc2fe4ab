# tscae: `make` builds, `make check` tests, `make demo` runs a demo, `make help` lists all targets.
# Local settings go into config.mk. A second build has its own folder:
# make B=build-asan CFLAGS='-g -O1 -fsanitize=address,undefined'
# V=1 prints whole command lines. INSTALL=no never installs a package.

B = build$(if $(MPI),-mpi)
PREFIX = /usr/local
CC = cc
CFLAGS = -O3 -g
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-missing-field-initializers
V =
INSTALL = yes
# 1: precision=bf16, matrix products in bfloat16 by oneDNN (Debian: libdnnl-dev, which has no pkg-config file)
ONEDNN =
-include config.mk

# the pkg-config name of MessagePack-C is msgpack (version 4), msgpackc (5) or msgpack-c (6)
PKG = pkg-config
MSGPACK = $(firstword $(foreach p,msgpack msgpackc msgpack-c,$(shell $(PKG) --exists $p && echo $p)))
LIBRARIES = $(MSGPACK) libxxhash libjpeg libpng libwebp libwebpdemux libtiff-4 yajl expat yaml-0.1 openblas \
	libprotobuf-c zlib libzstd freetype2 $(MPI_PACKAGE)
# MPI=1: tscae-train for several ranks (MPI=mpich: with the package mpich)
MPI =
MPI_PACKAGE = $(if $(MPI),$(firstword $(foreach p,$(MPI:1=) mpi-c ompi-c mpich,$(shell $(PKG) --exists $p && echo $p))))
# $(call once,NAME,VALUE): evaluate VALUE once, in the first recipe that needs it
once = $(eval $1 := $2)$($1)
PKG_CFLAGS = $(call once,PKG_CFLAGS,$(MPI_PACKAGE:%=-DTSCAE_MPI) $(ONEDNN:%=-DTSCAE_ONEDNN) \
	$(shell $(PKG) --cflags $(LIBRARIES)))
PKG_LIBS = $(call once,PKG_LIBS,$(shell $(PKG) --libs $(LIBRARIES)))
BASE_CFLAGS = -std=c11 -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L -Ilib -I$B/gen $(PKG_CFLAGS)
# floats are floats in all expressions (s390x computes in double by the letter of C11; clang has no such option)
FLOAT = $(call once,FLOAT,$(if $(filter 0,$(shell echo __FLT_EVAL_METHOD__ | $(CC) -std=c11 -E -P -x c -)),, \
	-fexcess-precision=fast))
ALL_CFLAGS = $(BASE_CFLAGS) $(FLOAT) -pthread -fno-math-errno -ffile-prefix-map=$(CURDIR)/= $(WARN) $(CFLAGS)
ALL_LDFLAGS = -pthread -Wl,--as-needed $(CFLAGS) $(LDFLAGS)
# giflib has no pkg-config file
LIBS = $(PKG_LIBS) -lgif $(ONEDNN:%=-ldnnl -lgomp) -lm

# the font of contact sheets, which becomes a part of the library
FONT = /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
OBJECTS = $(patsubst %.c,$B/%.o,$(wildcard lib/*/*.c)) $B/gen/onnx.pb-c.o $B/gen/font.o
TOOLS = $(patsubst tools/%.c,$B/bin/%,$(wildcard tools/*.c))
TESTS = $(patsubst tests/%.c,$B/tests/%,$(wildcard tests/*.c))
BENCHES = $(patsubst tests/%.c,$B/tests/%,$(wildcard tests/bench/*.c))

all: $(TOOLS)
tests: $(TOOLS) $(TESTS)

# a recipe that begins with $(call short,CC,FILE) prints CC FILE instead of its command line
short = $(if $V,,@$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,echo '$1 $2';))

# compiler, flags and libraries; the file changes when they change, and all objects depend on it
FLAGS = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(LIBS)
$B/flags: always
	@mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(FLAGS))' >$@.part; \
	if cmp -s $@.part $@; then rm $@.part; exit; fi; \
	$(CC) $(ALL_CFLAGS) -dM -E -x c /dev/null | grep '__LP64__ 1' >/dev/null || { rm $@.part; \
	echo 'tscae needs a 64-bit system: $(CC) compiles for another' >&2; exit 1; }; mv $@.part $@

$B/libtscae.a: $(OBJECTS)
	$(call short,AR,$@)rm -f $@ && $(AR) rcs $@ $(OBJECTS)
# the messages of ONNX, from their schema
$B/gen/onnx.pb-c.c: lib/checkpoint/onnx.proto
	@mkdir -p $(@D)
	$(call short,PROTOC,$<)protoc-c --c_out=$(@D) --proto_path=$(<D) $<
$B/gen/onnx.pb-c.h: $B/gen/onnx.pb-c.c
$(patsubst %.c,$B/%.o,$(wildcard lib/checkpoint/onnx*.c)): $B/gen/onnx.pb-c.h
$B/gen/font.c: $(FONT)
	@mkdir -p $(@D)
	$(call short,FONT,$<){ echo 'const unsigned char text_font[] = {'; \
		od -An -v -tu1 $< | sed 's/  */,/g; s/^,//; s/$$/,/'; \
		echo '}; const unsigned long text_font_size = sizeof text_font;'; } >$@.part && mv $@.part $@
$(FONT):
	@echo '$@: no such font; install the package fonts-dejavu-core, or set FONT=file.ttf'; exit 1
$B/gen/%.o: $B/gen/%.c $B/flags
	$(call short,CC,$<)$(CC) $(filter-out $(WARN),$(ALL_CFLAGS)) -MMD -MP -c -o $@ $<
$B/%.o: %.c $B/flags
	@mkdir -p $(@D)
	$(call short,CC,$<)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$B/bin/%: $B/tools/%.o $B/libtscae.a
	@mkdir -p $(@D)
	$(call short,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(TESTS) $(BENCHES) $B/tests/long/tsan_race: $B/tests/%: $B/tests/%.o $B/libtscae.a
	@mkdir -p $(@D)
	$(call short,LD,$@)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# Debian packages of each rule: missing ones are printed and installed; with INSTALL=no, or for users other than root,
# only the command is printed
packages.deps = gcc make pkg-config libmsgpack-dev libxxhash-dev libjpeg62-turbo-dev libpng-dev libwebp-dev \
	libtiff-dev libgif-dev libyajl-dev libexpat1-dev libyaml-dev libopenblas-dev \
	zlib1g-dev libzstd-dev libprotobuf-c-dev protobuf-c-compiler libfreetype-dev fonts-dejavu-core \
	$(if $(ONEDNN),libdnnl-dev)
packages.deps-data = ca-certificates curl unzip
packages.deps-reproduce = $(packages.deps) gnuplot-nox
packages.deps-check = $(packages.deps) gnuplot-nox curl unzip libc6-dev perl \
	mandoc bsdextrautils strace zstd \
	git python3 python3-numpy python3-msgpack python3-pil
packages.deps-stress = $(packages.deps-check) stress
packages.deps-fuzz = $(packages.deps-check) clang llvm libclang-rt-14-dev
packages.deps-lint = $(packages.deps) iwyu clang-tidy cppcheck
# headless Chromium; onnxruntime-web comes from npm, which Node.js of other vendors includes
packages.deps-browser = $(packages.deps-check) chromium $(if $(shell command -v npm),,nodejs npm)
packages.deps-portable = debootstrap
packages.deps-mpi = $(packages.deps-check) libopenmpi-dev openmpi-bin
packages.deps-slurm = $(packages.deps-mpi) slurm-wlm slurmctld slurmd munge
packages.deps-hosts = $(packages.deps-slurm) libmpich-dev mpich iproute2 util-linux nftables faketime
# programs for comparison in the benchmarks, if they can be installed; each script prints what it skips
packages.deps-bench = python3-torch python3-torchvision python3-opencv python3-faiss libopenblas0-openmp \
	libjpeg-turbo-progs libopenmpi-dev openmpi-bin
deps-bench deps-portable: optional = --optional
DEPS = $(patsubst packages.%,%,$(filter packages.%,$(.VARIABLES)))
$(DEPS):
	@INSTALL='$(INSTALL)' .ci/packages $(optional) $(packages.$@)

# sub-makes, so that pkg-config runs after deps has installed packages
check: deps-check
	@$(MAKE) --no-print-directory check-built
check-built: tests
	B=$B prove $(PROVE) --exec '' tests/*.t $(TESTS)
check-mpi check-slurm: check-%: deps-%
	@$(MAKE) --no-print-directory tests
	@$(MAKE) --no-print-directory MPI=1 build-mpi/bin/tscae-train
	B=$B prove $(PROVE) --exec '' tests/$*/*.t
# several hosts, as network namespaces of this machine (root)
check-hosts:
	@unshare --net true 2>/dev/null || { echo 'skipped: check-hosts needs root and network namespaces'; exit 0; }; \
	set -e; for rule in deps-hosts tests 'MPI=1 build-mpi/bin/tscae-train' \
		'MPI=mpich B=build-mpich build-mpich/bin/tscae-train'; do $(MAKE) --no-print-directory $$rule; done; \
	B=$B prove $(PROVE) --exec '' tests/hosts/*.t
check-browser: deps-browser
	@$(MAKE) --no-print-directory tests
	B=$B prove $(PROVE) --exec '' tests/browser/*.t
# beside the programs of others: PEERS is a folder with their sources (timm, mae, cocoapi, webdataset), PYTHON can
# import what these need (torch, torchvision, cython); what is missing is skipped
check-peers: deps-check
	@$(MAKE) --no-print-directory tests
	B=$B PEERS='$(PEERS)' PYTHON='$(PYTHON)' prove -v --exec '' tests/peers/*.t
# include-what-you-use, clang-tidy, cppcheck: fails on findings. FIX=1 writes the includes; FILES="lib/x/y.c": only
# these
lint: deps-lint
	@$(MAKE) --no-print-directory lint-built
lint-built: $B/gen/onnx.pb-c.h
	@CFLAGS='$(BASE_CFLAGS)' tests/lint.sh $(if $(FIX),--fix) $(FILES)
check-long: deps-fuzz
	@$(MAKE) --no-print-directory tests bench-tools fuzz
	B=$B prove -v --exec '' tests/long/*.t
# every allocation and every system call of every tool fails once, input is cut at every byte, and all options at their
# limits (the normal suite tries a few of each)
check-faults: deps-check
	@$(MAKE) --no-print-directory tests
	MOST=0 SHARE=1 B=$B prove -v --exec '' tests/faults.t tests/fault_points.t tests/option_limits.t
# MINUTES of training, kills, resumes, features, search and scores, with flat memory, descriptors and disk
MINUTES = 60
soak: deps-check
	@$(MAKE) --no-print-directory tests bench-tools
	MINUTES=$(MINUTES) B=$B prove -v --exec '' tests/long/soak.t
# the whole suite RUNS times beside stress on all processors, alternating between prove -j1 and -j4
RUNS = 20
check-stress: deps-stress
	@$(MAKE) --no-print-directory tests
	@B=$B RUNS=$(RUNS) tests/stress.sh $(if $(SUITE),$(SUITE),tests/*.t $(TESTS))
# data races: ThreadSanitizer on training steps and filters (part of check-long)
check-tsan: deps-check
	@$(MAKE) --no-print-directory tests
	B=$B prove -v --exec '' tests/long/tsan.t
# other compilers, distributions, processors, C library: formats/portability.md. ROWS="gcc-12 s390x": only these
check-portable: deps deps-portable
	@PACKAGES='$(packages.deps)' tests/portable.sh
demo: deps
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory -f pipelines/demo.mk B=$(abspath $B)
pretrain probe finetune detect segment quality embed: deps
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory -f pipelines/$@.mk B=$(abspath $B)
# download and verify a published dataset: make data SET=voc2007 DATA_ROOT=data
DATA_ROOT = data
data: deps-data
	@pipelines/data/fetch.sh "$(SET)" $(DATA_ROOT)
# JOBS runs at a time; the processors are divided among them; the bytes do not depend on JOBS
JOBS = 1
PEERS =
PYTHON = /usr/bin/python3
# the comparison of README.md on several datasets; settings as in pipelines/results.mk
results: deps-reproduce
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory -f pipelines/results.mk B=$(abspath $B)
reproduce: deps-reproduce
	@$(MAKE) --no-print-directory all
	@TSCAE_THREADS=$$((($$(nproc) + $(JOBS) - 1) / $(JOBS))) \
		$(MAKE) --no-print-directory -j$(JOBS) -f pipelines/reproduce.mk B=$(abspath $B)
bench: deps-check deps-bench
	@$(MAKE) --no-print-directory bench-built
bench-tools: tests $(BENCHES)
bench-built: bench-tools
	@! command -v mpirun >/dev/null || $(MAKE) --no-print-directory MPI=1 \
		build-mpi/bin/tscae-train build-mpi/tests/bench/allreduce
	@B=$B bash tests/bench.sh
# the fuzz targets share one library with sanitizers
FUZZ = $(patsubst tests/fuzz/%.c,$B/fuzz/%,$(wildcard tests/fuzz/*.c))
FUZZ_CC = clang $(filter-out -O3,$(ALL_CFLAGS)) -O1 -g
FUZZ_OBJECTS = $(patsubst $B/%.o,$B/fuzz-lib/%.o,$(OBJECTS))
fuzz: $(FUZZ)
$B/fuzz-lib/gen/%.o: $B/gen/%.c $B/flags
	@mkdir -p $(@D)
	$(call short,CLANG,$<)$(FUZZ_CC) -w -fsanitize=fuzzer-no-link,address,undefined -c -o $@ $<
$B/fuzz-lib/%.o: %.c $B/flags | $B/gen/onnx.pb-c.h
	@mkdir -p $(@D)
	$(call short,CLANG,$<)$(FUZZ_CC) -fsanitize=fuzzer-no-link,address,undefined -MMD -MP -c -o $@ $<
$B/fuzz-lib/libtscae.a: $(FUZZ_OBJECTS)
	$(call short,AR,$@)rm -f $@ && $(AR) rcs $@ $(FUZZ_OBJECTS)
$(FUZZ): $B/fuzz/%: tests/fuzz/%.c $B/fuzz-lib/libtscae.a
	@mkdir -p $(@D)
	$(call short,CLANG,$<)$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS)
# an hour, divided among the targets; the corpus in $B/corpus grows and is minimized
fuzz-hour: deps-fuzz
	@$(MAKE) --no-print-directory tests fuzz
	CORPUS=$B/corpus SECONDS_EACH=$$((3600 / $(words $(FUZZ)))) B=$B prove -v --exec '' tests/long/fuzz.t
# lines of lib/ that no test and no fuzz run reaches, in build-coverage/coverage.txt. TESTS_COVERED: the tests
TESTS_COVERED = tests/*.t $(patsubst $B/%,build-coverage/%,$(TESTS))
COVERAGE = B=build-coverage CC=clang CFLAGS='-O1 -g -fprofile-instr-generate -fcoverage-mapping'
coverage: deps-fuzz
	@$(MAKE) --no-print-directory $(COVERAGE) tests coverage-fuzz
	@B=build-coverage CORPUS=$(wildcard $(abspath $B/corpus)) tests/coverage.sh build-coverage/coverage.txt \
		$(TESTS_COVERED)
FUZZ_RUN = $(patsubst $B/fuzz/%,$B/fuzz-run/%,$(FUZZ))
coverage-fuzz: $(FUZZ_RUN)
$(FUZZ_RUN): $B/fuzz-run/%: tests/fuzz/%.c $B/libtscae.a
	@mkdir -p $(@D)
	$(call short,CLANG,$<)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

install: all
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin share/man/man1 share/man/man7 \
		share/bash-completion/completions share/zsh/site-functions share/fish/vendor_completions.d)
	install -m 755 $(TOOLS) $(DESTDIR)$(PREFIX)/bin
	install -m 644 man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 man/*.7 $(DESTDIR)$(PREFIX)/share/man/man7
	for t in $(notdir $(TOOLS)); do \
	$B/bin/$$t --completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$t && \
	$B/bin/$$t --completion zsh >$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_$$t && \
	$B/bin/$$t --completion fish >$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$$t.fish || exit 1; done
uninstall:
	cd $(DESTDIR)$(PREFIX) && for t in $(notdir $(TOOLS)); do rm -f bin/$$t share/man/man1/$$t.1 \
		share/bash-completion/completions/$$t share/zsh/site-functions/_$$t \
		share/fish/vendor_completions.d/$$t.fish; done
	rm -f $(patsubst man/%,$(DESTDIR)$(PREFIX)/share/man/man7/%,$(wildcard man/*.7))
clean:
	rm -rf $B
help:
	@echo 'make                 build the tools in $B/bin (all); V=1 prints whole command lines'
	@echo 'make tests           build the tools and the test programs'
	@echo 'make demo            install missing packages, build, pre-train on synthetic images'
	@echo 'make check           install missing packages, build, run the tests; check-built: without installing'
	@echo 'make check-long      run the fuzzers and the long tests; check-tsan: only the tests for data races'
	@echo 'make check-faults    every allocation and every system call of every tool fails once; input cut at'
	@echo '                     every byte; all options at their limits (more than an hour)'
	@echo 'make check-stress RUNS=20    the tests, so many times, beside stress on all processors'
	@echo '                     SUITE="tests/x.t": only some'
	@echo 'make soak MINUTES=60 train, kill, resume, embed, search and score in a loop; memory and disk stay flat'
	@echo 'make check-mpi       run the tests of several ranks; check-slurm: those of pipelines/slurm'
	@echo 'make check-hosts     run those of several hosts and of faults of their network (root; namespaces)'
	@echo 'make check-browser   run exported models and pages of tscae-report in headless Chromium'
	@echo 'make check-portable  other compilers, distributions, processors, C library (hours; ROWS="gcc-12 s390x")'
	@echo 'make check-peers PEERS=FOLDER PYTHON=python3    compare with sources of timm, mae, cocoapi, webdataset'
	@echo 'make lint            run include-what-you-use, clang-tidy and cppcheck (FIX=1 writes the includes)'
	@echo 'make lint-built      the same without installing'
	@echo 'make fuzz            build the fuzz targets, with clang; fuzz-hour: run them for an hour'
	@echo 'make coverage        lines of lib/ that no test and no fuzz run reaches (build-coverage/coverage.txt)'
	@echo '                     coverage-fuzz: only build its fuzz targets, with the settings of coverage'
	@echo 'make bench           run the benchmarks (hours): ratios with their commands'
	@echo '                     SCRIPTS="gemm torch" MODELS=tiny ROUNDS=3: only some'
	@echo '                     bench-built: without installing; bench-tools: only build'
	@echo 'make MPI=1           build tscae-train for several ranks, in build-mpi'
	@echo 'make ONEDNN=1        build with oneDNN, for precision=bf16 (with all other rules, too; or in config.mk)'
	@echo 'make install uninstall PREFIX=$(PREFIX) DESTDIR=    tools, man pages, shell completion'
	@echo 'make clean           remove $B'
	@echo 'make data SET=tiny-imagenet|cifar10|voc2007|voc2012|coco2017|camvid|bccd'
	@echo '                     download, verify and unpack a dataset into data/'
	@echo 'make pretrain DATA=FOLDER MODEL=micro EPOCHS=10 OBJECTIVE=tscae RUN=runs/mine'
	@echo '                     pre-train; a second call resumes'
	@echo 'make probe    DATA=FOLDER RUN=runs/mine    k-NN and linear probe: trained, random, pixels'
	@echo 'make finetune|detect|segment DATA=FOLDER INIT=runs/mine RUN=runs/task'
	@echo '                     train a task from that encoder, score it, draw predictions'
	@echo 'make embed -j 4 RUN=runs/mine SHARDS=FOLDER OUT=features    features of many tar shards'
	@echo '                     (pipelines/slurm: the same under Slurm)'
	@echo 'make results TINY_IMAGENET=folder CAMVID=folder BCCD=folder OUT=folder'
	@echo '                     the comparison of README.md: pre-train once, evaluate everywhere (hours; resumes)'
	@echo 'make reproduce DATA=FOLDER SEEDS="0 1" JOBS=2    compare all methods, write a page of results'
	@echo 'make quality DATA=FOLDER    compare pre-training on degraded images'
	@echo 'make deps            install the libraries (root); INSTALL=no: only print the missing packages'
	@echo '                     For other rules:'
	@echo '                     $(filter-out deps,$(sort $(DEPS)))'

-include $(patsubst %.o,%.d,$(OBJECTS) $(FUZZ_OBJECTS)) $(wildcard $B/tools/*.d $B/tests/*.d $B/tests/bench/*.d)
.SECONDARY:
.PHONY: always all tests $(DEPS) check check-faults check-mpi check-slurm check-hosts check-built check-long \
	check-tsan lint lint-built demo pretrain probe finetune detect segment quality embed data results reproduce \
	check-browser bench bench-tools bench-built fuzz install uninstall clean help check-stress soak fuzz-hour \
	coverage coverage-fuzz check-portable check-peers
