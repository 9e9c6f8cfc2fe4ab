# reproduce.mk - compare the methods on one dataset: pre-train, probe, and train every task that the dataset has
# labels for
#
#   make reproduce DATA=tiny-imagenet-200 OUT=runs/tiny SEEDS='0 1' EPOCHS=30
#   make reproduce DATA=BCCD PRETRAIN_DATA=tiny-imagenet-200 IMAGE=64 OUT=runs/bccd  (pre-trains on another)
#
# Writes OUT/RESULTS.md with tables, commands, figures and contact sheets, and OUT/RESULTS.html, one file with curves
# of the first seed as well; a second call resumes.
# METHODS  tscae, mae, mae-time (MAE for TIME_EPOCHS, about TSCAE's time), none (random weights)
# EPOCHS of pre-training; FINETUNE_EPOCHS, DETECT_EPOCHS, SEGMENT_EPOCHS of the downstream tasks
# FINETUNE, DETECT, SEGMENT  further settings of their recipes, as in SEGMENT='SCALE=1.5,3 SHORT=240'
# ENCODERS  directory of the pre-trained encoders, so that several datasets share them; OUT unless it is set

here := $(dir $(lastword $(MAKEFILE_LIST)))
include $(here)common.mk
include $(here)layout.mk
.DEFAULT_GOAL = reproduce

OUT ?= runs/reproduce
SEEDS ?= 0 1
METHODS ?= tscae mae mae-time none
MODEL ?= micro
EPOCHS ?= 30
# a TSCAE step takes this many MAE steps: make bench SCRIPTS=objective
TIME_RATIO ?= 1.4
# empty: EPOCHS * TIME_RATIO, rounded
TIME_EPOCHS ?=
IMAGE ?= 64
PATCH ?= 8
PRETRAIN_DATA ?= $(DATA)
ENCODERS ?= $(OUT)
# pre-training settings for small models and datasets (formats/method.md, Experiments)
TSCAE ?= base_lr=4e-3 norm_pix=on
MAE ?= base_lr=2e-3 norm_pix=on
FINETUNE_EPOCHS ?= 30
DETECT_EPOCHS ?= 40
SEGMENT_EPOCHS ?= 100
DETECT_IMAGE ?= 208
SEGMENT_IMAGE ?= 208
FINETUNE ?=
DETECT ?=
SEGMENT ?=

# plan/reproduce.sh prints the plan (one run of a recipe per line) and the list of scores; plan/run.sh does one run of
# the plan
tasks = $(foreach t,classify detect segment,$(if $(strip $($t.train)),$t))
trained = $(filter-out none,$(METHODS))
runs = $(foreach m,$(1),$(SEEDS:%=$m-%))
pretrained = $(patsubst %,$(ENCODERS)/%/pretrained,$(call runs,$(trained)))
probes = $(if $(strip $(classify.train)),$(patsubst %,$(OUT)/%/probe.tsv,$(call runs,$(trained))))
scores = $(foreach t,$(tasks),$(patsubst %,$(OUT)/%/$t/score.tsv,$(call runs,$(METHODS))))
planner = $(call with,DATA PRETRAIN_DATA OUT ENCODERS SEEDS METHODS MODEL EPOCHS TIME_EPOCHS TIME_RATIO IMAGE PATCH \
	TSCAE MAE FINETUNE_EPOCHS DETECT_EPOCHS SEGMENT_EPOCHS DETECT_IMAGE SEGMENT_IMAGE FINETUNE DETECT SEGMENT) \
	TASKS='$(tasks)' PROBES='$(if $(probes),yes)' $(here)plan/reproduce.sh

.PHONY: reproduce
reproduce: $(OUT)/RESULTS.md $(OUT)/RESULTS.html
	@cat $<

$(OUT)/plan.tsv $(OUT)/list.tsv: $(OUT)/%.tsv: always | need-data
	@mkdir -p $(@D)
	@$(planner) $* >$@.part
	@$(call keep_same)

$(pretrained) $(probes) $(scores): | $(OUT)/plan.tsv
	+@$(here)plan/run.sh '$(MAKE)' $(OUT)/plan.tsv $@ B=$(B)
	@touch $@
$(probes): $(OUT)/%/probe.tsv: $(ENCODERS)/%/pretrained
.SECONDEXPANSION:
$(scores): $$(filter-out $(ENCODERS)/none-%,$$(patsubst $(OUT)/%,$(ENCODERS)/%,$$(dir $$(@D)))pretrained)

curves = $(foreach m,$(trained),$(OUT)/$m-$(firstword $(SEEDS))/curve.tsv)
$(curves): $(OUT)/%/curve.tsv: $(ENCODERS)/%/pretrained
	@mkdir -p $(@D)
	tscae-train --report $(<D) --rows 200 >$@
$(OUT)/loss.png: $(curves) $(OUT)/list.tsv
	gnuplot -e "files='$(curves)'; names='$(trained)'; what='loss_pixel'; out='$@'" $(here)figures/loss.gp
$(tasks:%=$(OUT)/%.png): $(OUT)/%.png: $(OUT)/list.tsv $(scores)
	$(planner) figure $*

$(OUT)/RESULTS.md: $(OUT)/list.tsv $(probes) $(scores) $(if $(curves),$(OUT)/loss.png) $(tasks:%=$(OUT)/%.png)
	$(planner) page >$@.part
	mv $@.part $@
$(OUT)/RESULTS.html: $(OUT)/list.tsv $(probes) $(scores) $(pretrained)
	$(planner) html >$@.part
	mv $@.part $@
