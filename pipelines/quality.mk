# quality.mk - how much an encoder suffers from poor images in pre-training: each objective, each quality, probed on clean images
#
#   make quality DATA=tiny-imagenet-200 OUT=runs/quality DEGRADATIONS='clean jpeg=20 jpeg=5 downup=2+noise=20'
#
# writes OUT/QUALITY.md; a chain is what tscae-degrade takes, its steps joined by +; `clean` is none

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
# settings for small models and sets, as in reproduce.mk
TSCAE ?= base_lr=2e-3 contrast=infonce norm_pix=on w_contrast=0.05 w_global=0.05
MAE ?= base_lr=2e-3 norm_pix=on
train.tscae = $(TSCAE)
train.mae = $(MAE)
title.tscae = TSCAE
title.mae = MAE

run = $(OUT)/$(1)-$(subst =,,$(2))-$(3)
pretrain = make pretrain DATA=$(DATA) MODEL=$(MODEL) IMAGE=$(IMAGE) PATCH=$(PATCH) EPOCHS=$(EPOCHS) SEED=$(3) OBJECTIVE=$(1) DEGRADE=$(filter-out clean,$(2)) RUN=$(call run,$(1),$(2),$(3)) TRAIN='$(train.$(1))'
probe = make probe DATA=$(DATA) IMAGE=$(IMAGE) SEED=$(3) RUN=$(call run,$(1),$(2),$(3))
inside = $(MAKE) -f $(here)$(word 2,$(1)).mk B=$(B) $(wordlist 3,99,$(1))
each = $(foreach o,$(OBJECTIVES),$(foreach c,$(DEGRADATIONS),$(foreach s,$(SEEDS),$(call $(1),$o,$c,$s))))

define rule
$(call run,$(1),$(2),$(3))/probe.tsv: | need-data
	mkdir -p $$(@D)
	+$$(call inside,$(call pretrain,$(1),$(2),$(3))) >$$(@D)/out 2>&1 || { tail $$(@D)/out >&2; exit 1; }
	+$$(call inside,$(call probe,$(1),$(2),$(3))) >>$$(@D)/out 2>&1 || { tail $$(@D)/out >&2; exit 1; }
endef
$(foreach o,$(OBJECTIVES),$(foreach c,$(DEGRADATIONS),$(foreach s,$(SEEDS),$(eval $(call rule,$o,$c,$s)))))

.PHONY: quality
quality: $(OUT)/QUALITY.md
	@cat $<
table = $(call run,$(1),$(2),$(3))/probe.tsv
line = printf '%s\t%s\t%s\ttrained,$(4)/top1\t%s\t%s\n' '$(5), $(title.$(1))' '$(2)' '$(call run,$(1),$(2),$(3))/probe.tsv' 'Pre-trained on images made worse, probed on clean ones (pipelines/quality.mk).' \
	"$(call pretrain,$(1),$(2),$(3)) && $(call probe,$(1),$(2),$(3))" >>$@.part;
linear = $(call line,$(1),$(2),$(3),linear,Linear probe)
knn = $(call line,$(1),$(2),$(3),knn,Nearest neighbors)
$(OUT)/list.tsv: $(call each,table)
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' group label file select protocol command >$@.part
	$(call each,linear)
	$(call each,knn)
	mv $@.part $@
$(OUT)/QUALITY.md: $(OUT)/list.tsv
	printf '# Poor images in pre-training: %s\n\n' '$(notdir $(patsubst %/,%,$(DATA)))' >$@.part
	tscae-report $< >>$@.part
	mv $@.part $@
