# probe.mk - evaluate the features of a frozen encoder: k-NN and linear probe
#
#   make probe DATA=tiny-imagenet-200 RUN=runs/tiny
#
# Compares the trained encoder, the same encoder with random weights, and the pixels, on the training and test splits
# of the dataset.

include $(dir $(lastword $(MAKEFILE_LIST)))common.mk
include $(dir $(lastword $(MAKEFILE_LIST)))layout.mk

IMAGE ?= 64
RUN ?= runs/mine

.DEFAULT_GOAL = probe
.PHONY: probe
probe: $(RUN)/probe.tsv
	cat $<
$(RUN)/probe.tsv: $(RUN)/trained.tsv $(RUN)/random.tsv $(RUN)/pixels.tsv
	$(join)

$(RUN)/train.tsc $(RUN)/test.tsc: $(RUN)/%.tsc: | need-data
	$(classify.$*) | tscae-crop --mode center --size $(IMAGE) -o $@
$(RUN)/%.trained.tsc: $(RUN)/%.tsc $(RUN)/latest/model.safetensors
	tscae-embed -d -m $(RUN) -o $@ $<
$(RUN)/%.random.tsc: $(RUN)/%.tsc $(RUN)/latest/model.safetensors
	tscae-embed -d -m $(RUN) --init-seed $(SEED) -o $@ $<
$(RUN)/pixels.tsv: $(RUN)/train.tsc $(RUN)/test.tsc
	tscae-probe --pixels --name pixels $^ >$@
$(RUN)/%.tsv: $(RUN)/train.%.tsc $(RUN)/test.%.tsc
	tscae-probe --method both --name $* $^ >$@
