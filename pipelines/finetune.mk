# finetune.mk - image classification: train an encoder and a linear layer together
#
#   make finetune DATA=tiny-imagenet-200 INIT=runs/tiny EPOCHS=50 RUN=runs/tiny-finetuned

include $(dir $(lastword $(MAKEFILE_LIST)))common.mk
include $(dir $(lastword $(MAKEFILE_LIST)))layout.mk

TASK = classify
.DEFAULT_GOAL = classify
RUN ?= runs/classify
EPOCHS ?= 50
IMAGE ?= 64
PATCH ?= 8
# for a small model that trains for a few epochs (formats/method.md, Classification)
TRAIN ?= base_lr=$(if $(INIT),8e-3,4e-3)
AUGMENT ?= --scale 0.35,1
PREPARE = tscae-crop --size $(IMAGE) $(AUGMENT) --seed $(SEED)
PREDICT = tscae-crop --mode center --size $(IMAGE) | tscae-classify -m $(RUN)/model

include $(dir $(lastword $(MAKEFILE_LIST)))downstream.mk
