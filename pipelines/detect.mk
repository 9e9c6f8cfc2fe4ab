# detect.mk - object detection: an encoder, a feature pyramid and an anchor-free head
#
#   make detect DATA=VOCdevkit/VOC2007 INIT=runs/coco EPOCHS=100 IMAGE=512 RUN=runs/voc-detector
#
# LONG   longer side of the images in prediction; in training it is multiplied by a random number from SCALE

include $(dir $(lastword $(MAKEFILE_LIST)))common.mk
include $(dir $(lastword $(MAKEFILE_LIST)))layout.mk

TASK = detect
.DEFAULT_GOAL = detect
RUN ?= runs/detect
EPOCHS ?= 40
IMAGE ?= 208
PATCH ?= 8
LONG ?= $(IMAGE)
# for a small model on a small dataset (formats/method.md, Detection)
TRAIN ?= batch=4 lr=$(if $(INIT),1e-3,5e-4) weight_decay=0.05
SCALE ?= 0.6,1.4
PREPARE = tscae-crop --mode jitter --scale $(SCALE) --size $(IMAGE) --seed $(SEED)
PREDICT = tscae-detect --size $(LONG) -m $(RUN)/model

include $(dir $(lastword $(MAKEFILE_LIST)))downstream.mk
