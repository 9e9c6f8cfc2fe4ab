# reproduce.mk - the whole comparison on one dataset: pre-train, probe, and train every task that it has labels for
#
#   make reproduce DATA=tiny-imagenet-200 OUT=runs/tiny SEEDS='0 1' EPOCHS=30
#   make reproduce DATA=BCCD PRETRAIN_DATA=tiny-imagenet-200 IMAGE=64 OUT=runs/bccd      (images of another set, labels of this one)
#
# writes OUT/RESULTS.md with tables, commands, figures and contact sheets; again: goes on where it was.
# METHODS  tscae, mae, mae-time (MAE for TIME_RATIO times the epochs, about TSCAE's time), none (random weights)
# EPOCHS of pre-training; FINETUNE_EPOCHS, DETECT_EPOCHS, SEGMENT_EPOCHS of the tasks

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
# settings of pre-training for small models and sets (formats/method.md, Trials)
TSCAE ?= base_lr=2e-3 contrast=infonce norm_pix=on w_contrast=0.05 w_global=0.05
MAE ?= base_lr=2e-3 norm_pix=on
FINETUNE_EPOCHS ?= 30
DETECT_EPOCHS ?= 40
SEGMENT_EPOCHS ?= 100
DETECT_IMAGE ?= 208
SEGMENT_IMAGE ?= 208

# what a name on the page stands for
settings.tscae = OBJECTIVE=tscae EPOCHS=$(EPOCHS) TRAIN='$(TSCAE)'
settings.mae = OBJECTIVE=mae EPOCHS=$(EPOCHS) TRAIN='$(MAE)'
settings.mae-time = OBJECTIVE=mae EPOCHS=$(shell echo $$(($(EPOCHS) * $(TIME_RATIO)))) TRAIN='$(MAE)'
title.tscae = TSCAE
title.mae = MAE
title.mae-time = MAE, $(TIME_RATIO) times the epochs
title.none = from scratch

trained = $(filter-out none,$(METHODS))
tasks = $(foreach t,classify detect segment,$(if $(strip $($t.train)),$t))
recipe.classify = finetune
recipe.detect = detect
recipe.segment = segment
epochs.classify = $(FINETUNE_EPOCHS)
epochs.detect = $(DETECT_EPOCHS)
epochs.segment = $(SEGMENT_EPOCHS)
image.classify = $(IMAGE)
image.detect = $(DETECT_IMAGE)
image.segment = $(SEGMENT_IMAGE)
group.classify = Classification, top-1
group.detect = Detection, VOC AP at 0.5
group.segment = Segmentation, mean IoU
select.classify = top1/value
select.detect = VOC/value
select.segment = mIoU/value

# $(call pretrain,METHOD,SEED) and $(call task,TASK,METHOD,SEED): the commands, as they are run and, from images to score, as they stand on the page
run = $(OUT)/$(1)-$(2)
pretrain = make pretrain DATA=$(PRETRAIN_DATA) MODEL=$(MODEL) IMAGE=$(IMAGE) PATCH=$(PATCH) SEED=$(2) RUN=$(call run,$(1),$(2)) $(settings.$(1))
probe = make probe DATA=$(DATA) IMAGE=$(IMAGE) SEED=$(2) RUN=$(call run,$(1),$(2))
task = make $(recipe.$(1)) DATA=$(DATA) INIT=$(if $(filter none,$(2)),,$(call run,$(2),$(3))) MODEL=$(MODEL) IMAGE=$(image.$(1)) PATCH=$(PATCH) EPOCHS=$(epochs.$(1)) SEED=$(3) RUN=$(call run,$(2),$(3))/$(1)
whole = $(if $(filter none,$(2)),,$(call pretrain,$(2),$(3)) && )$(call task,$(1),$(2),$(3))
# the same by the recipe itself
inside = $(MAKE) -f $(here)$(word 2,$(1)).mk B=$(B) $(wordlist 3,99,$(1))

pretrained = $(foreach m,$(trained),$(foreach s,$(SEEDS),$(call run,$m,$s)/pretrained))
probes = $(if $(strip $(classify.train)),$(foreach m,$(trained),$(foreach s,$(SEEDS),$(call run,$m,$s)/probe.tsv)))
scores = $(foreach t,$(tasks),$(foreach m,$(METHODS),$(foreach s,$(SEEDS),$(call run,$m,$s)/$t/score.tsv)))

.PHONY: reproduce
reproduce: $(OUT)/RESULTS.md
	@cat $<

define rules_of_seed
$(call run,$(1),$(2))/command: always
	$$(call made_by,$$(call pretrain,$(1),$(2)))
$(call run,$(1),$(2))/pretrained: | need-data $(call run,$(1),$(2))/command
	mkdir -p $$(@D)
	+$$(call inside,$(call pretrain,$(1),$(2))) >$$(@D)/pretrain.out 2>&1 || { tail $$(@D)/pretrain.out >&2; exit 1; }
	touch $$@
$(call run,$(1),$(2))/probe.tsv: $(call run,$(1),$(2))/pretrained
	+$$(call inside,$(call probe,$(1),$(2))) >$$(@D)/probe.out 2>&1 || { tail $$(@D)/probe.out >&2; exit 1; }
$(call run,$(1),$(2))/curve.tsv: $(call run,$(1),$(2))/pretrained
	tscae-train --report $$(@D) --rows 200 >$$@
endef
define rules_of_task
$(call run,$(2),$(3))/$(1)/command: always
	$$(call made_by,$$(call task,$(1),$(2),$(3)))
$(call run,$(2),$(3))/$(1)/score.tsv: $(if $(filter none,$(2)),,$(call run,$(2),$(3))/pretrained) | need-data $(call run,$(2),$(3))/$(1)/command
	mkdir -p $$(@D)
	+$$(call inside,$(call task,$(1),$(2),$(3))) >$$(@D)/out 2>&1 || { tail $$(@D)/out >&2; exit 1; }
endef
$(foreach m,$(trained),$(foreach s,$(SEEDS),$(eval $(call rules_of_seed,$m,$s))))
$(foreach t,$(tasks),$(foreach m,$(METHODS),$(foreach s,$(SEEDS),$(eval $(call rules_of_task,$t,$m,$s)))))

# the list of runs; a line is: group, label, file, select, protocol, command
comma = ,
line = printf '%s\t%s\t%s\t%s\t%s\t%s\n' $(call quoted,$(1)) $(call quoted,$(2)) $(3) $(4) $(call quoted,$(5)) $(call quoted,$(6)) >>$@.part
probe_line = $(call line,$(3),$(title.$(1)),$(call run,$(1),$(2))/probe.tsv,trained$(comma)$(4)/top1,$(5),$(call pretrain,$(1),$(2)) && $(call probe,$(1),$(2)))
$(OUT)/runs.txt: always
	$(call hold,$(METHODS); $(SEEDS))
$(OUT)/list.tsv: $(probes) $(scores) $(OUT)/runs.txt
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' group label file select protocol command >$@.part
	$(if $(probes),$(foreach m,$(trained),$(foreach s,$(SEEDS),$(call probe_line,$m,$s,Linear probe$(comma) top-1,linear,One linear layer on frozen features (tscae-probe).);)))
	$(if $(probes),$(foreach m,$(trained),$(foreach s,$(SEEDS),$(call probe_line,$m,$s,Nearest neighbors$(comma) top-1,knn,20 neighbors$(comma) nothing is trained (tscae-probe).);)))
	$(foreach t,$(tasks),$(foreach m,$(METHODS),$(foreach s,$(SEEDS),$(call line,$(group.$t),$(title.$m),$(call run,$m,$s)/$t/score.tsv,$(select.$t),All weights trained for $(epochs.$t) epochs (pipelines/$(recipe.$t).mk).,$(call whole,$t,$m,$s));)))
	mv $@.part $@

curves = $(foreach m,$(trained),$(call run,$m,$(firstword $(SEEDS)))/curve.tsv)
$(OUT)/loss.png: $(curves)
	gnuplot -e "files='$(curves)'; names='$(trained)'; what='loss_pixel'; out='$@'" $(here)figures/loss.gp
$(foreach t,$(tasks),$(OUT)/$t.png): $(OUT)/%.png: $(OUT)/list.tsv
	tscae-report --table --group '$(group.$*)' $< >$(OUT)/$*.tsv
	gnuplot -e "file='$(OUT)/$*.tsv'; what='$(group.$*)'; out='$@'" $(here)figures/bars.gp

first = $(firstword $(METHODS))-$(firstword $(SEEDS))
$(OUT)/RESULTS.md: $(OUT)/list.tsv $(if $(curves),$(OUT)/loss.png) $(foreach t,$(tasks),$(OUT)/$t.png)
	printf '# Results on %s\n\nModel %s, %s pixels, patch %s; pre-trained for %s epochs on %s; seeds %s.\n\n' '$(notdir $(patsubst %/,%,$(DATA)))' '$(MODEL)' '$(IMAGE)' '$(PATCH)' '$(EPOCHS)' '$(notdir $(patsubst %/,%,$(PRETRAIN_DATA)))' '$(SEEDS)' >$@.part
	tscae-report $< >>$@.part
	printf '## Figures\n\n%s\n%s\n' '$(if $(curves),![prediction loss](loss.png))' '$(foreach t,$(tasks),![$(group.$t)]($t.png))' >>$@.part
	$(foreach t,$(tasks),printf '\n![%s, %s](%s)\n' '$(group.$t)' '$(title.$(firstword $(METHODS)))' '$(first)/$t/sheet.png' >>$@.part;)
	mv $@.part $@
