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
# $(call with,NAMES): these variables as the environment of the command that follows
with = $(foreach v,$(1),$v=$(call quoted,$($v)))
# last line of the recipe of a file, which depends on `always`: $@.part becomes $@ only where it differs, so that nothing is made again
keep_same = if cmp -s $@.part $@; then rm $@.part; else mv $@.part $@; fi
# tables with the same first line, joined
join = head -n 1 $< >$@.part; tail -qn +2 $^ >>$@.part; mv $@.part $@

B ?= build
SEED ?= 0
export PATH := $(abspath $B)/bin:$(PATH)
