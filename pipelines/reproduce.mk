# reproduce.mk - compare the methods on one dataset: pre-train, probe, and train every task that the dataset has
# labels for
#
#   make reproduce DATA=tiny-imagenet-200 OUT=runs/tiny SEEDS='0 1' EPOCHS=30
#   make reproduce DATA=BCCD PRETRAIN_DATA=tiny-imagenet-200 IMAGE=64 OUT=runs/bccd  (pre-trains on another)
#
# Writes OUT/RESULTS.md with tables, commands, figures and contact sheets; a second call resumes.
# METHODS  tscae, mae, mae-time (MAE for TIME_RATIO times the epochs, about TSCAE's time), none (random weights)
# EPOCHS of pre-training; FINETUNE_EPOCHS, DETECT_EPOCHS, SEGMENT_EPOCHS of the downstream tasks

here := $(dir $(lastword $(MAKEFILE_LIST)))
include $(here)common.mk
include $(here)layout.mk
.DEFAULT_GOAL = reproduce

OUT ?= runs/reproduce
SEEDS ?= 0 1
METHODS ?= tscae mae mae-time none
MODEL ?= micro
EPOCHS ?= 30
TIME_RATIO ?= 3
IMAGE ?= 64
PATCH ?= 8
PRETRAIN_DATA ?= $(DATA)
# pre-training settings for small models and datasets (formats/method.md, Experiments)
TSCAE ?= base_lr=2e-3 norm_pix=on
MAE ?= base_lr=2e-3 norm_pix=on
FINETUNE_EPOCHS ?= 30
DETECT_EPOCHS ?= 40
SEGMENT_EPOCHS ?= 100
DETECT_IMAGE ?= 208
SEGMENT_IMAGE ?= 208

# plan/reproduce.sh prints the plan (one run of a recipe per line) and the list of scores; plan/run.sh does one run of
# the plan
tasks = $(foreach t,classify detect segment,$(if $(strip $($t.train)),$t))
trained = $(filter-out none,$(METHODS))
runs = $(foreach m,$(1),$(SEEDS:%=$(OUT)/$m-%))
pretrained = $(addsuffix /pretrained,$(call runs,$(trained)))
probes = $(if $(strip $(classify.train)),$(pretrained:%/pretrained=%/probe.tsv))
scores = $(foreach t,$(tasks),$(addsuffix /$t/score.tsv,$(call runs,$(METHODS))))
planner = $(call with,DATA PRETRAIN_DATA OUT SEEDS METHODS MODEL EPOCHS TIME_RATIO IMAGE PATCH TSCAE MAE \
	FINETUNE_EPOCHS DETECT_EPOCHS SEGMENT_EPOCHS DETECT_IMAGE SEGMENT_IMAGE) \
	TASKS='$(tasks)' PROBES='$(if $(probes),yes)' $(here)plan/reproduce.sh

.PHONY: reproduce
reproduce: $(OUT)/RESULTS.md
	@cat $<

$(OUT)/plan.tsv $(OUT)/list.tsv: $(OUT)/%.tsv: always | need-data
	@mkdir -p $(@D)
	@$(planner) $* >$@.part
	@$(call keep_same)

$(pretrained) $(probes) $(scores): | $(OUT)/plan.tsv
	+@$(here)plan/run.sh '$(MAKE)' $(OUT)/plan.tsv $@ B=$(B)
	@touch $@
$(probes): %/probe.tsv: %/pretrained
.SECONDEXPANSION:
$(scores): $$(filter-out $(OUT)/none-%,$$(dir $$(@D))pretrained)

curves = $(foreach m,$(trained),$(OUT)/$m-$(firstword $(SEEDS))/curve.tsv)
$(curves): %/curve.tsv: %/pretrained
	tscae-train --report $(@D) --rows 200 >$@
$(OUT)/loss.png: $(curves) $(OUT)/list.tsv
	gnuplot -e "files='$(curves)'; names='$(trained)'; what='loss_pixel'; out='$@'" $(here)figures/loss.gp
$(tasks:%=$(OUT)/%.png): $(OUT)/%.png: $(OUT)/list.tsv $(scores)
	$(planner) figure $*

$(OUT)/RESULTS.md: $(OUT)/list.tsv $(probes) $(scores) $(if $(curves),$(OUT)/loss.png) $(tasks:%=$(OUT)/%.png)
	$(planner) page >$@.part
	mv $@.part $@
