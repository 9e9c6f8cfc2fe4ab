# finetune.mk - image classification: an encoder and a linear layer, trained together
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
# a small model, trained for some epochs (formats/method.md, rates for micro)
TRAIN ?= base_lr=$(if $(INIT),8e-3,4e-3)
AUGMENT ?= --scale 0.35,1
PREPARE = tscae-crop --size $(IMAGE) $(AUGMENT) --seed $(SEED)
PREDICT = tscae-crop --mode center --size $(IMAGE) | tscae-classify -m $(RUN)/model

include $(dir $(lastword $(MAKEFILE_LIST)))downstream.mk
