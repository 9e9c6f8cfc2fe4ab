# quality.mk - effect of degraded pre-training images: pre-train with each objective and degradation, probe on clean
# images
#
#   make quality DATA=tiny-imagenet-200 OUT=runs/quality DEGRADATIONS='clean jpeg=20 jpeg=5 downup=2+noise=20'
#
# Writes OUT/QUALITY.md. A degradation is a list of operations of tscae-degrade, joined by +; `clean` is none.
# FINETUNE_EPOCHS  also fine-tune on clean images for so many epochs; 0: probes only
# ENCODERS  folder with the encoders of reproduce.mk of the same settings, which are the clean ones

here := $(dir $(lastword $(MAKEFILE_LIST)))
include $(here)common.mk
include $(here)layout.mk
.DEFAULT_GOAL = quality

OUT ?= runs/quality
DEGRADATIONS ?= clean jpeg=20 jpeg=5 downup=2 downup=4 noise=20
OBJECTIVES ?= tscae mae
SEEDS ?= 0
MODEL ?= micro
EPOCHS ?= 30
FINETUNE_EPOCHS ?= 0
ENCODERS ?=
IMAGE ?= 64
PATCH ?= 8
# settings for small models and datasets, as in reproduce.mk
TSCAE ?= base_lr=4e-3 norm_pix=on
MAE ?= base_lr=2e-3 norm_pix=on

# plan/quality.sh prints the plan (one run of a recipe per line) and the list of scores; plan/run.sh does one run of
# the plan
names = $(foreach o,$(OBJECTIVES),$(foreach c,$(subst =,,$(DEGRADATIONS)),$(SEEDS:%=$o-$c-%)))
# the folder of the encoder of a run
encoder = $(if $(and $(ENCODERS),$(findstring -clean-,$1)),$(ENCODERS)/$(subst -clean-,-,$1),$(OUT)/$1)
pretrained = $(foreach n,$(names),$(call encoder,$n)/pretrained)
probes = $(names:%=$(OUT)/%/probe.tsv)
scores = $(if $(filter-out 0,$(FINETUNE_EPOCHS)),$(names:%=$(OUT)/%/classify/score.tsv))
planner = $(call with,DATA OUT ENCODERS DEGRADATIONS OBJECTIVES SEEDS MODEL EPOCHS FINETUNE_EPOCHS IMAGE PATCH TSCAE \
	MAE) $(here)plan/quality.sh

.PHONY: quality
quality: $(OUT)/QUALITY.md
	@cat $<

$(OUT)/plan.tsv $(OUT)/list.tsv: $(OUT)/%.tsv: always | need-data
	@mkdir -p $(@D)
	@$(planner) $* >$@.part
	@$(call keep_same)

$(pretrained) $(probes) $(scores): | $(OUT)/plan.tsv
	+@$(here)plan/run.sh '$(MAKE)' $(OUT)/plan.tsv $@ B=$(B)
	@touch $@
.SECONDEXPANSION:
$(probes): $(OUT)/%/probe.tsv: $$(call encoder,$$*)/pretrained
$(scores): $(OUT)/%/classify/score.tsv: $$(call encoder,$$*)/pretrained

$(OUT)/QUALITY.md: $(OUT)/list.tsv $(probes) $(scores)
	$(planner) page >$@.part
	mv $@.part $@
