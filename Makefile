# tscae: `make` builds, `make check` tests, `make demo` shows, `make help` lists everything.
# Local settings go into config.mk; a second build stands beside the first: make B=build-asan CFLAGS='-g -O1 -fsanitize=address,undefined'

B = build
PREFIX = /usr/local
CC = cc
CFLAGS = -O3 -g
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wno-missing-field-initializers
-include config.mk

# MessagePack-C's package was msgpack (4), msgpackc (5) and msgpack-c (6)
PKG = pkg-config
MSGPACK = $(firstword $(foreach p,msgpack msgpackc msgpack-c,$(shell $(PKG) --exists $p && echo $p)))
LIBRARIES = $(MSGPACK) libxxhash libjpeg libpng yajl openblas
ALL_CFLAGS = -std=c11 -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L -Ilib -pthread -ffile-prefix-map=$(CURDIR)/= $(WARN) $(shell $(PKG) --cflags $(LIBRARIES)) $(CFLAGS)
ALL_LDFLAGS = -pthread -Wl,--as-needed $(CFLAGS) $(LDFLAGS)
LIBS = $(shell $(PKG) --libs $(LIBRARIES)) -lm

OBJECTS = $(patsubst %.c,$B/%.o,$(wildcard lib/*/*.c))
TOOLS = $(patsubst tools/%.c,$B/bin/%,$(wildcard tools/*.c))
TESTS = $(patsubst tests/%.c,$B/tests/%,$(wildcard tests/*.c))
PAGES = $(wildcard man/*.[157])

all: $(TOOLS)
tests: $(TOOLS) $(TESTS)

$B/libtscae.a: $(OBJECTS)
	rm -f $@ && $(AR) rcs $@ $(OBJECTS)
$B/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$B/bin/%: $B/tools/%.o $B/libtscae.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(TESTS): $B/tests/%: $B/tests/%.o $B/libtscae.a
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

-include $(patsubst %.o,%.d,$(OBJECTS)) $(wildcard $B/tools/*.d $B/tests/*.d)
.SECONDARY:
.PHONY: all tests
