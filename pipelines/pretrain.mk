# pretrain.mk - pre-train an encoder on a folder of pictures, then measure its features; again to resume
#
#   make pretrain DATA=tiny-imagenet-200 MODEL=micro EPOCHS=100 RUN=runs/tiny
#   make probe    DATA=tiny-imagenet-200 RUN=runs/tiny
#
# DATA   a folder of pictures, or of Tiny-ImageNet (train/WNID/images, val/val_annotations.txt), COCO (train2017), classes (train/CLASS, val/CLASS)
# TRAIN  further settings of tscae-train, as in TRAIN='base_lr=1e-3 norm_pix=on'

SHELL = /bin/bash
.SHELLFLAGS = -eu -o pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:

B ?= build
DATA ?=
MODEL ?= micro
OBJECTIVE ?= tscae
EPOCHS ?= 10
IMAGE ?= 64
PATCH ?= 8
RATIO ?= 0.75
SEED ?= 0
RUN ?= runs/$(notdir $(patsubst %/,%,$(DATA)))-$(MODEL)-$(OBJECTIVE)
TRAIN ?=
export PATH := $(abspath $B)/bin:$(PATH)

# where each layout keeps its pictures: the first that exists
train = $(firstword $(wildcard $(DATA)/train $(DATA)/train2017 $(DATA)/images/train2017 $(DATA)/JPEGImages) $(DATA))
test = $(firstword $(wildcard $(DATA)/val $(DATA)/test))
labels = $(if $(wildcard $(test)/val_annotations.txt),--label-table $(test)/val_annotations.txt,--labels dirs)

.PHONY: pretrain probe need-data
pretrain: | need-data
	mkdir -p $(RUN)
	tscae-decode --shuffle --seed $(SEED) --epochs $(EPOCHS) --start $$(tscae-train --position $(RUN)) $(train) \
	| tscae-crop --size $(IMAGE) --seed $(SEED) --threads 2 \
	| tscae-mask --patch $(PATCH) --ratio $(RATIO) --seed $(SEED) \
	| tscae-train -o $(RUN) model=$(MODEL) image=$(IMAGE) patch=$(PATCH) ratio=$(RATIO) objective=$(OBJECTIVE) seed=$(SEED) $(TRAIN)

# accuracy of k nearest neighbours: the trained encoder, the same encoder untrained, and pixels alone
probe: $(RUN)/knn.tsv
	cat $<
$(RUN)/knn.tsv: $(RUN)/trained.tsv $(RUN)/untrained.tsv $(RUN)/pixels.tsv
	head -n 1 $< >$@.part
	tail -qn +2 $^ >>$@.part
	mv $@.part $@
$(RUN)/train.tsc: | need-data
	tscae-decode --labels dirs $(train) | tscae-crop --kind center --size $(IMAGE) -o $@
$(RUN)/test.tsc: | need-data
	tscae-decode $(labels) $(test) | tscae-crop --kind center --size $(IMAGE) -o $@
$(RUN)/%.trained.tsc: $(RUN)/%.tsc $(RUN)/latest/model.safetensors
	tscae-embed -m $(RUN) -o $@ $<
$(RUN)/%.untrained.tsc: $(RUN)/%.tsc $(RUN)/latest/model.safetensors
	tscae-embed -m $(RUN) --init-seed $(SEED) -o $@ $<
$(RUN)/pixels.tsv: $(RUN)/train.tsc $(RUN)/test.tsc
	tscae-probe --pixels --name pixels $^ >$@
$(RUN)/%.tsv: $(RUN)/train.%.tsc $(RUN)/test.%.tsc
	tscae-probe --name $* $^ >$@

need-data:
	@test -n "$(DATA)" || { echo 'say where the pictures are: make pretrain DATA=FOLDER' >&2; exit 2; }
