# common.mk - shared by all recipes: a shell that stops at failures, the tools, the seed
#
# A file appears under its name only when it is complete; a failed rule leaves no file. Tools are not prerequisites,
# so a rebuilt tool does not invalidate a training run.

SHELL = /bin/bash
.SHELLFLAGS = -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

.PHONY: always
quoted = '$(subst ','\'',$(1))'
# $(call with,NAMES): set these variables in the environment of the next command
with = $(foreach v,$(1),$v=$(call quoted,$($v)))
# last line of the recipe of a file that depends on `always`: $@.part replaces $@ only if it differs, so dependents
# stay up to date
keep_same = if cmp -s $@.part $@; then rm $@.part; else mv $@.part $@; fi
# concatenate tables that have the same first line
join = head -n 1 $< >$@.part; tail -qn +2 $^ >>$@.part; mv $@.part $@

# the colors that the student sees in pre-training: options of tscae-augment --student-image
student_colors = --brightness 0.4 --contrast 0.4 --saturation 0.4 --gain 0.12 --gray 0.2

B ?= build
SEED ?= 0
export PATH := $(abspath $B)/bin:$(PATH)
