# probe.mk - evaluate the features of a frozen encoder: k-NN and linear probe
#
#   make probe DATA=tiny-imagenet-200 RUN=runs/tiny
#
# INIT  run or model with the encoder; RUN unless it is set. Results are in RUN.
# Compares the trained encoder, the same encoder with random weights, and the pixels, on the training and test splits
# of the dataset.

include $(dir $(lastword $(MAKEFILE_LIST)))common.mk
include $(dir $(lastword $(MAKEFILE_LIST)))layout.mk

IMAGE ?= 64
RUN ?= runs/mine
INIT ?= $(RUN)

.DEFAULT_GOAL = probe
.PHONY: probe
probe: $(RUN)/probe.tsv
	cat $<
$(RUN)/probe.tsv: $(RUN)/trained.tsv $(RUN)/random.tsv $(RUN)/pixels.tsv
	$(join)

$(RUN)/train.tsc $(RUN)/test.tsc: $(RUN)/%.tsc: | need-data
	mkdir -p $(RUN)
	$(classify.$*) | tscae-crop --mode center --size $(IMAGE) -o $@
$(RUN)/%.trained.tsc: $(RUN)/%.tsc $(INIT)/latest/model.safetensors
	tscae-embed -d -m $(INIT) -o $@ $<
$(RUN)/%.random.tsc: $(RUN)/%.tsc $(INIT)/latest/model.safetensors
	tscae-embed -d -m $(INIT) --init-seed $(SEED) -o $@ $<
$(RUN)/pixels.tsv: $(RUN)/train.tsc $(RUN)/test.tsc
	tscae-probe --pixels --name pixels $^ >$@
$(RUN)/%.tsv: $(RUN)/train.%.tsc $(RUN)/test.%.tsc
	tscae-probe --method both --name $* $^ >$@
