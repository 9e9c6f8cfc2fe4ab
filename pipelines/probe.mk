# probe.mk - what an encoder's features tell without training it: nearest neighbors and a linear layer
#
#   make probe DATA=tiny-imagenet-200 RUN=runs/tiny
#
# The trained encoder, the same encoder untrained, and the pixels alone, on the dataset's own training and test part.

include $(dir $(lastword $(MAKEFILE_LIST)))common.mk
include $(dir $(lastword $(MAKEFILE_LIST)))layout.mk

IMAGE ?= 64
RUN ?= runs/mine

.DEFAULT_GOAL = probe
.PHONY: probe
probe: $(RUN)/probe.tsv
	cat $<
$(RUN)/probe.tsv: $(RUN)/trained.tsv $(RUN)/untrained.tsv $(RUN)/pixels.tsv
	$(join)

$(RUN)/train.tsc $(RUN)/test.tsc: $(RUN)/%.tsc: | need-data
	$(classify.$*) | tscae-crop --mode center --size $(IMAGE) -o $@
$(RUN)/%.trained.tsc: $(RUN)/%.tsc $(RUN)/latest/model.safetensors
	tscae-embed -d -m $(RUN) -o $@ $<
$(RUN)/%.untrained.tsc: $(RUN)/%.tsc $(RUN)/latest/model.safetensors
	tscae-embed -d -m $(RUN) --init-seed $(SEED) -o $@ $<
$(RUN)/pixels.tsv: $(RUN)/train.tsc $(RUN)/test.tsc
	tscae-probe --pixels --name pixels $^ >$@
$(RUN)/%.tsv: $(RUN)/train.%.tsc $(RUN)/test.%.tsc
	tscae-probe --method both --name $* $^ >$@
