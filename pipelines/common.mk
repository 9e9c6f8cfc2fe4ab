# common.mk - what every recipe shares: the shell that notices failures, the tools, the seed
#
# A file appears whole (its name is given last), and a failed rule leaves none. Tools are no prerequisites: a rebuilt tool does
# not invalidate a training run.

SHELL = /bin/bash
.SHELLFLAGS = -eu -o pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-print-directory

B ?= build
SEED ?= 0
export PATH := $(abspath $B)/bin:$(PATH)
