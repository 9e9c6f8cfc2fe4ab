# embed.mk - features of many shards on one machine: a file each, redone alone, joined at the end
#
#   make embed -j 4 RUN=runs/mine SHARDS=shards OUT=features SIZE=224
#
# SHARDS  a folder of .tar files; OUT/features.tsc has their images' features, shard by shard in the order of their names
# A part appears whole or not at all: after a kill the same command makes what is missing. One thread a shard, -j shards at once.

include $(dir $(lastword $(MAKEFILE_LIST)))common.mk

RUN ?=
SHARDS ?= shards
OUT ?= features
SIZE ?= 224
EMBED ?=
export TSCAE_THREADS = 1

.DEFAULT_GOAL = embed
.PHONY: embed need-run
embed: $(OUT)/features.tsc

parts = $(patsubst $(SHARDS)/%.tar,$(OUT)/%.tsc,$(sort $(wildcard $(SHARDS)/*.tar)))

$(OUT)/features.tsc: $(parts) $(OUT)/parts.txt | need-run
	cat $(parts) >$@.part
	mv $@.part $@
# shards that are gone are gone from the whole, too
$(OUT)/parts.txt: always
	@mkdir -p $(@D); echo $(parts) >$@.part; $(keep_same)
$(OUT)/%.tsc: $(SHARDS)/%.tar | need-run
	@mkdir -p $(@D)
	@rm -f $@.part.*
	tscae-decode --quiet $< | tscae-crop --quiet --mode center --size $(SIZE) | tscae-embed --drop-image --quiet --model $(RUN) $(EMBED) --output $@

need-run:
	@test -n "$(RUN)" || { echo 'say which model: make embed RUN=RUN SHARDS=FOLDER OUT=FOLDER' >&2; exit 2; }
	@test -n "$(parts)" || { echo 'no shards: $(SHARDS)/*.tar' >&2; exit 66; }
