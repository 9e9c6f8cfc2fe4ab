# embed.mk - features of many shards on one machine: one file per shard, concatenated at the end
#
#   make embed -j 4 RUN=runs/mine SHARDS=shards OUT=features SIZE=224
#
# SHARDS  a folder of .tar files; OUT/features.tsc has the features of their images, shard by shard in the order of
#         the names
# A part appears whole or not at all; after a kill the same command makes the missing parts. One thread per shard, -j
# shards at once.

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
# a shard that was removed is also removed from features.tsc
$(OUT)/parts.txt: always
	@mkdir -p $(@D); echo $(parts) >$@.part; $(keep_same)
$(OUT)/%.tsc: $(SHARDS)/%.tar | need-run
	@mkdir -p $(@D)
	@rm -f $@.part.*
	tscae-decode --quiet $< | tscae-crop --quiet --mode center --size $(SIZE) \
	| tscae-embed --drop-image --quiet --model $(RUN) $(EMBED) --output $@

need-run:
	@test -n "$(RUN)" || { echo 'RUN is not set; use make embed RUN=RUN SHARDS=FOLDER OUT=FOLDER' >&2; exit 2; }
	@test -n "$(parts)" || { echo "no shards match '$(SHARDS)/*.tar'; use SHARDS=FOLDER" >&2; exit 66; }
