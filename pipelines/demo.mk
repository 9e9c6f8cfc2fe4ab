# demo.mk - all steps on a synthetic dataset: pre-train, print the loss, train three tasks, score, draw
#
#   make demo                  results in runs/demo; a second call resumes, or prints the results
#   make demo TIME=30          train for three times as long as by default
#
# The plan comes first: plan/demo.sh measures the speed of this machine in a few steps and chooses the epochs so that
# two cores with AVX2 need about TIME minutes. The plan is kept in runs/demo/plan.mk: the same plan gives the same
# bytes.

here := $(dir $(lastword $(MAKEFILE_LIST)))
include $(here)common.mk
.DEFAULT_GOAL = demo

RUN ?= runs/demo
TIME ?= 10
COUNT ?= 5000
# TSCAE has the defaults but the learning rate, which is for short runs of a small model; so has MAE
settings = base_lr=2e-3 norm_pix=on
VIEW = $(student_colors)
# tasks: classification of the same images; detection and segmentation of scenes with several objects
SCENES ?= 400

methods = tscae mae scratch
tasks = finetune detect segment
# training makes this file last; a checkpoint alone may be from the middle of a run
model = $(RUN)/tscae.done
sheets = $(foreach t,$(tasks),$(RUN)/tscae-$t/sheet.png)
planner = $(call with,RUN TIME VIEW settings) METHODS='$(methods)' TASKS='$(tasks)' $(here)plan/demo.sh
# $(call part,NAME): print that this part of the plan begins
part = @$(planner) begin $(1)

# the epochs of the plan: EPOCHS, FINETUNE_EPOCHS, DETECT_EPOCHS, SEGMENT_EPOCHS
-include $(RUN)/plan.mk
ifneq ($(filter-out $(TIME),$(TIME_OF_PLAN)),)
$(error $(RUN) was planned for TIME=$(TIME_OF_PLAN): use that, or another RUN, or remove $(RUN))
endif

.PHONY: demo first
demo: first $(RUN)/tasks.tsv
	@echo; echo 'Linear probe, and downstream tasks trained for a few epochs from each encoder ($(RUN)/tasks.tsv):'
	@cut -f 1,2,4,5,6 $(RUN)/tasks.tsv | expand -t 30,42,54,66
	@echo; echo 'Images, masked images and reconstructions: $(RUN)/reconstructions.png'
	@echo 'Predicted classes, boxes and segmentation maps: $(sheets)'
# the main job: a trained encoder against random init and raw pixels
first: $(RUN)/loss.tsv $(RUN)/probe.tsv $(RUN)/reconstructions.png
	@echo; echo 'Loss, averaged over intervals of the run ($(RUN)/loss.tsv):'
	@cut -f 1,4,5,8,10 $(RUN)/loss.tsv | expand -t 20
	@echo; echo 'k-NN and linear probe on $(RUN)/images/val ($(RUN)/probe.tsv):'
	@cut -f 1,2,7-10 $(RUN)/probe.tsv | expand -t 12
	@echo

$(RUN)/images/.done:
	mkdir -p $(RUN)
	tscae-synth --quiet --layout folders --count $(COUNT) --size 72x72 --seed $(SEED) --output $(@D)
	touch $@
$(RUN)/scenes/.done:
	mkdir -p $(RUN)
	tscae-synth --quiet --layout voc --count $(SCENES) --size 64x64 --seed $(SEED) --output $(@D)
	touch $@
$(RUN)/plan.mk: | $(RUN)/images/.done
	@$(planner) plan >$@.part
	@mv $@.part $@

# $(call pretrain,OBJECTIVE,EPOCHS,START): records with masks on standard output
pretrain = tscae-decode --quiet --shuffle --seed $(SEED) --epochs $(2) --start-index $(3) $(RUN)/images/train \
	| tscae-crop --quiet --size 64 --scale 0.4,1 --seed $(SEED) \
	$(if $(filter tscae,$(1)),| tscae-augment --quiet --student-image $(VIEW) --seed $(SEED)) \
	| tscae-mask --quiet --patch 8 --seed $(SEED)

$(RUN)/tscae.done $(RUN)/mae.done: $(RUN)/%.done: $(RUN)/plan.mk | $(RUN)/images/.done
	$(call part,$*)
	@$(call pretrain,$*,$(EPOCHS),$$(tscae-train --resume-index $(RUN)/$*)) \
	| tscae-train -o $(RUN)/$* -c pipelines/conf/micro.conf image=64 patch=8 objective=$* seed=$(SEED) $(settings)
	@touch $@

$(RUN)/loss.tsv: $(model)
	@tscae-train --report $(RUN)/tscae >$@

# k-NN and linear probe: the trained encoder, MAE's, the same encoder with random weights, and the pixels
$(RUN)/train.tsc $(RUN)/val.tsc: $(RUN)/%.tsc: | $(RUN)/images/.done
	@tscae-decode --quiet --labels dirs $(RUN)/images/$* | tscae-crop --quiet --mode center --size 64 --output $@
$(RUN)/%.trained.tsc: $(RUN)/%.tsc $(model)
	@tscae-embed --drop-image --quiet -m $(RUN)/tscae --output $@ $<
$(RUN)/%.random.tsc: $(RUN)/%.tsc $(model)
	@tscae-embed --drop-image --quiet -m $(RUN)/tscae --init-seed $(SEED) --output $@ $<
$(RUN)/%.mae.tsc: $(RUN)/%.tsc $(RUN)/mae.done
	@tscae-embed --drop-image --quiet -m $(RUN)/mae --output $@ $<
$(RUN)/pixels.tsv: $(RUN)/train.tsc $(RUN)/val.tsc
	@tscae-probe --quiet --pixels --name pixels $^ >$@
$(RUN)/trained.tsv $(RUN)/random.tsv $(RUN)/mae.tsv: $(RUN)/%.tsv: $(RUN)/train.%.tsc $(RUN)/val.%.tsc
	@tscae-probe --quiet --method both --name $* $^ >$@
$(RUN)/probe.tsv: $(RUN)/trained.tsv $(RUN)/random.tsv $(RUN)/pixels.tsv
	@$(join)

$(RUN)/reconstructions.tsc: $(model) | $(RUN)/images/.done
	@tscae-decode --quiet --labels dirs --shuffle --limit 24 $(RUN)/images/val \
	| tscae-crop --quiet --mode center --size 64 | tscae-mask --quiet --patch 8 --seed $(SEED) \
	| tscae-reconstruct --quiet -m $(RUN)/tscae --output $@
$(RUN)/reconstructions.png: $(RUN)/reconstructions.tsc
	@tscae-view --quiet --sheet $@ --columns 3 $<

# each task is a recipe of its own; METHOD-TASK is the run of one task from one encoder. The order is that of the plan.
options.finetune = DATA=$(RUN)/images IMAGE=64 EPOCHS=$(FINETUNE_EPOCHS)
options.detect = DATA=$(RUN)/scenes IMAGE=64 SCALE=0.8,1.3 EPOCHS=$(DETECT_EPOCHS) \
	TRAIN='batch=8 lr=2e-3 weight_decay=0.05 fpn_dim=32'
options.segment = DATA=$(RUN)/scenes IMAGE=64 SCALE=0.8,1.5 EPOCHS=$(SEGMENT_EPOCHS) TRAIN='batch=8 lr=2e-3 fpn_dim=32'
method = $(firstword $(subst -, ,$*))
task = $(lastword $(subst -, ,$*))
encoder = $(patsubst %,$(RUN)/%,$(filter-out scratch,$(method)))
scores = $(foreach t,$(tasks),$(methods:%=$(RUN)/%-$t/score.tsv))
.SECONDEXPANSION:
$(scores): $(RUN)/%/score.tsv: $$(addsuffix .done,$$(encoder)) $(RUN)/plan.mk | first $(RUN)/mae.done \
	$(RUN)/images/.done $(RUN)/scenes/.done
	@mkdir -p $(@D)
	$(call part,$*)
	@+$(MAKE) -s -f $(here)$(task).mk B=$(B) RUN=$(@D) INIT=$(encoder) PATCH=8 SEED=$(SEED) $(options.$(task)) \
		>$(@D)/out 2>&1 || { tail $(@D)/out >&2; exit 1; }

$(RUN)/list.tsv: $(scores) $(RUN)/trained.tsv $(RUN)/mae.tsv $(RUN)/random.tsv
	@$(planner) list >$@
$(RUN)/tasks.tsv: $(RUN)/list.tsv
	@tscae-report --table $< >$@
