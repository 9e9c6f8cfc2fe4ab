# segment.mk - semantic segmentation: an encoder, a feature pyramid and a class for each pixel
#
#   make segment DATA=CamVid INIT=runs/tiny EPOCHS=200 IMAGE=256 RUN=runs/camvid
#   make segment DATA=CamVid INIT=runs/tiny EPOCHS=400 IMAGE=128 SCALE=1.5,3 SHORT=240 RUN=runs/camvid
#
# The second example has 40 images and takes nine minutes on one core.
#
# SHORT   shorter side of the images in prediction, which uses sliding windows of size IMAGE; 0: keep the size

include $(dir $(lastword $(MAKEFILE_LIST)))common.mk
include $(dir $(lastword $(MAKEFILE_LIST)))layout.mk

TASK = segment
.DEFAULT_GOAL = segment
RUN ?= runs/segment
EPOCHS ?= 100
IMAGE ?= 256
PATCH ?= 8
SHORT ?= 0
# for a small model on a small dataset (formats/method.md, Segmentation)
TRAIN ?= batch=8 lr=1e-3
SCALE ?= 0.5,2
PREPARE = tscae-crop --mode jitter --scale $(SCALE) --size $(IMAGE) --seed $(SEED) | \
	tscae-augment --photometric 0.5 --seed $(SEED)
PREDICT = tscae-segment --resize $(SHORT) -m $(RUN)/model

include $(dir $(lastword $(MAKEFILE_LIST)))downstream.mk
