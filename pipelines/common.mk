# common.mk - what every recipe shares: the shell that notices failures, the tools, the seed
#
# A file appears whole (its name is given last), and a failed rule leaves none. Tools are no prerequisites: a rebuilt tool does
# not invalidate a training run.

SHELL = /bin/bash
.SHELLFLAGS = -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

.PHONY: always
quoted = '$(subst ','\'',$(1))'
# recipe of a file, which depends on `always`, that holds a text: written only where the text is another one
hold = @mkdir -p $(@D); printf '%s\n' $(call quoted,$(1)) | cmp -s - $@ || printf '%s\n' $(call quoted,$(1)) >$@
# the same for the command that a folder is made by: no number may stand under a command that is not its own
made_by = @mkdir -p $(@D); test -e $@ || printf '%s\n' $(call quoted,$(1)) >$@; \
	printf '%s\n' $(call quoted,$(1)) | cmp -s - $@ || { { printf '%s: was made by another command: ' $(@D); cat $@; echo 'take another OUT, or remove it'; } >&2; exit 2; }

B ?= build
SEED ?= 0
export PATH := $(abspath $B)/bin:$(PATH)
