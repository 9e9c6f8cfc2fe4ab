# pretrain.mk - pre-train an encoder on the images of a dataset; a second call resumes
#
#   make pretrain DATA=tiny-imagenet-200 MODEL=micro EPOCHS=100 RUN=runs/tiny
#
# DATA   a folder of images, or a dataset with a layout of layout.mk
# TRAIN  further settings of tscae-train, as in TRAIN='base_lr=1e-3 norm_pix=on'
# CHANNELS, DEPTH  channels and bits of the images, as in CHANNELS=4 DEPTH=16; if they are not RGB of 8 bits, mean and
#        standard deviation are measured first (STATS=yes: always)
# VIEW   options of tscae-augment for the colors that the student sees; empty: those of the teacher
# DEGRADE  operations of tscae-degrade on the input images, joined by +, as in DEGRADE=downup=2+jpeg=10

include $(dir $(lastword $(MAKEFILE_LIST)))common.mk
include $(dir $(lastword $(MAKEFILE_LIST)))layout.mk

MODEL ?= micro
OBJECTIVE ?= tscae
EPOCHS ?= 10
IMAGE ?= 64
PATCH ?= 8
MASK_RATIO ?= 0.75
CHANNELS ?= 3
DEPTH ?= 8
other = $(filter-out 3-8,$(CHANNELS)-$(DEPTH))
STATS ?= $(other)
decode = $(pretrain.train)$(if $(other), --channels $(CHANNELS) --depth $(DEPTH))
VIEW ?= $(if $(filter tscae,$(OBJECTIVE)),$(if $(other),,$(student_colors)))
DEGRADE ?=
comma = ,
RUN ?= runs/$(notdir $(patsubst %/,%,$(DATA)))-$(MODEL)-$(OBJECTIVE)
TRAIN ?=

.DEFAULT_GOAL = pretrain
.PHONY: pretrain
pretrain: $(if $(STATS),$(RUN)/stats.conf) | need-data
	mkdir -p $(RUN)
	$(decode) --shuffle --seed $(SEED) --epochs $(EPOCHS) \
		--start-index $$(tscae-train --resume-index $(RUN)) \
	$(if $(DEGRADE),| tscae-degrade --ops '$(subst +,$(comma),$(DEGRADE))' --seed $(SEED)) \
	| tscae-crop --size $(IMAGE) --seed $(SEED) --threads 2 \
	$(if $(VIEW),| tscae-augment --student-image $(VIEW) --seed $(SEED) --threads 2) \
	| tscae-mask --patch $(PATCH) --mask-ratio $(MASK_RATIO) --seed $(SEED) \
	| tscae-train -o $(RUN) model=$(MODEL) image=$(IMAGE) patch=$(PATCH) mask_ratio=$(MASK_RATIO) \
		objective=$(OBJECTIVE) seed=$(SEED) $(if $(STATS),$$(cat $(RUN)/stats.conf)) $(TRAIN)

# measured once: a run resumes with the same numbers
$(RUN)/stats.conf: | need-data
	mkdir -p $(RUN)
	$(decode) | tscae-crop --mode center --size $(IMAGE) --threads 2 | tscae-stats >$@.part
	mv $@.part $@
