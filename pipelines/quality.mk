# quality.mk - effect of degraded pre-training images: pre-train with each objective and degradation, probe on clean
# images
#
#   make quality DATA=tiny-imagenet-200 OUT=runs/quality DEGRADATIONS='clean jpeg=20 jpeg=5 downup=2+noise=20'
#
# Writes OUT/QUALITY.md. A degradation is a list of operations of tscae-degrade, joined by +; `clean` is none.

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
IMAGE ?= 64
PATCH ?= 8
# settings for small models and datasets, as in reproduce.mk
TSCAE ?= base_lr=4e-3 norm_pix=on
MAE ?= base_lr=2e-3 norm_pix=on

# plan/quality.sh prints the plan (one run of a recipe per line) and the list of scores; plan/run.sh does one run of
# the plan
pretrained = $(foreach o,$(OBJECTIVES),$(foreach c,$(subst =,,$(DEGRADATIONS)),$(SEEDS:%=$(OUT)/$o-$c-%/pretrained)))
probes = $(pretrained:%/pretrained=%/probe.tsv)
planner = $(call with,DATA OUT DEGRADATIONS OBJECTIVES SEEDS MODEL EPOCHS IMAGE PATCH TSCAE MAE) $(here)plan/quality.sh

.PHONY: quality
quality: $(OUT)/QUALITY.md
	@cat $<

$(OUT)/plan.tsv $(OUT)/list.tsv: $(OUT)/%.tsv: always | need-data
	@mkdir -p $(@D)
	@$(planner) $* >$@.part
	@$(call keep_same)

$(pretrained) $(probes): | $(OUT)/plan.tsv
	+@$(here)plan/run.sh '$(MAKE)' $(OUT)/plan.tsv $@ B=$(B)
	@touch $@
$(probes): %/probe.tsv: %/pretrained

$(OUT)/QUALITY.md: $(OUT)/list.tsv $(probes)
	$(planner) page >$@.part
	mv $@.part $@
