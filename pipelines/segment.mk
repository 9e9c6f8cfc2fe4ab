# segment.mk - semantic segmentation: an encoder, a feature pyramid and a map of classes
#
#   make segment DATA=CamVid INIT=runs/tiny EPOCHS=200 IMAGE=256 RUN=runs/camvid
#   make segment DATA=CamVid INIT=runs/tiny EPOCHS=400 IMAGE=128 SCALE=1.5,3 SHORT=240 RUN=runs/camvid   (40 images: nine minutes of one core)
#
# SHORT   shorter side of an image as the model sees it when it predicts, in sliding windows of IMAGE; 0: as it is

include $(dir $(lastword $(MAKEFILE_LIST)))common.mk
include $(dir $(lastword $(MAKEFILE_LIST)))layout.mk

TASK = segment
.DEFAULT_GOAL = segment
RUN ?= runs/segment
EPOCHS ?= 100
IMAGE ?= 256
PATCH ?= 8
SHORT ?= 0
# a small model on a small set (formats/method.md, Segmentation)
TRAIN ?= batch=8 lr=1e-3
SCALE ?= 0.5,2
PREPARE = tscae-crop --mode jitter --scale $(SCALE) --size $(IMAGE) --seed $(SEED) | tscae-augment --photometric 0.5 --seed $(SEED)
PREDICT = tscae-segment --resize $(SHORT) -m $(RUN)/model

include $(dir $(lastword $(MAKEFILE_LIST)))downstream.mk
