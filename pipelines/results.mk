# results.mk - the comparison of README.md: TSCAE against MAE of equal epochs, MAE of equal time and random weights
#
#   make results TINY_IMAGENET=data/tiny-imagenet-200 CAMVID=data/CamVid BCCD=data/BCCD OUT=runs/results
#
# Pre-trains on Tiny-ImageNet once for each method and seed, evaluates the encoders there, trains the dense tasks of the
# other datasets from them, and repeats pre-training on degraded images. Datasets that are not given are left out. It
# takes many hours; a second call resumes where the first one stopped, to the byte.

include $(dir $(lastword $(MAKEFILE_LIST)))common.mk
.DEFAULT_GOAL = results

OUT ?= runs/results
SEEDS ?= 0 1 2
METHODS ?= tscae mae mae-time none
MODEL ?= micro
EPOCHS ?= 30
TINY_IMAGENET ?=
CAMVID ?=
BCCD ?=
VOC ?=
COCO ?=
# resolution, noise and compression of poor images
DEGRADATIONS ?= clean jpeg=10 downup=2 noise=20

here := $(dir $(lastword $(filter %results.mk,$(MAKEFILE_LIST))))
common = PRETRAIN_DATA=$(TINY_IMAGENET) ENCODERS=$(OUT)/tiny-imagenet SEEDS='$(SEEDS)' METHODS='$(METHODS)' \
	MODEL=$(MODEL) EPOCHS=$(EPOCHS) B=$(B)
tiny-imagenet = DATA=$(TINY_IMAGENET) FINETUNE_EPOCHS=10
camvid = DATA=$(CAMVID) SEGMENT_EPOCHS=150 SEGMENT_IMAGE=128 SEGMENT='SCALE=1.5,3 SHORT=240'
bccd = DATA=$(BCCD) DETECT_EPOCHS=15 DETECT_IMAGE=128
voc = DATA=$(VOC) DETECT_EPOCHS=40 SEGMENT_EPOCHS=40
coco = DATA=$(COCO) DETECT_EPOCHS=40 SEGMENT_EPOCHS=40
parts = tiny-imagenet $(if $(CAMVID),camvid) $(if $(BCCD),bccd) $(if $(VOC),voc) $(if $(COCO),coco)

.PHONY: results need-tiny-imagenet $(parts) quality
results: $(parts) quality
need-tiny-imagenet:
	@test -e '$(TINY_IMAGENET)/wnids.txt' || \
		{ echo 'TINY_IMAGENET=FOLDER: the dataset to pre-train on' >&2; exit 2; }
$(parts): need-tiny-imagenet
	+@$(MAKE) -f $(here)reproduce.mk OUT=$(OUT)/$@ $($@) $(common)
# the first part makes the encoders that the others share
$(filter-out tiny-imagenet,$(parts)) quality: tiny-imagenet
quality: need-tiny-imagenet
	+@$(MAKE) -f $(here)quality.mk DATA=$(TINY_IMAGENET) OUT=$(OUT)/quality DEGRADATIONS='$(DEGRADATIONS)' \
		SEEDS='$(SEEDS)' MODEL=$(MODEL) EPOCHS=$(EPOCHS) FINETUNE_EPOCHS=10 ENCODERS=$(OUT)/tiny-imagenet B=$(B)
