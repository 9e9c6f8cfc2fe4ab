# demo.mk - all steps on a synthetic dataset in a few minutes: pre-train, print the loss, train three tasks, score, draw
#
#   make demo                  results in runs/demo; a second call resumes, or prints the results

here := $(dir $(lastword $(MAKEFILE_LIST)))
include $(here)common.mk
.DEFAULT_GOAL = demo

RUN ?= runs/demo
# 4,000 training images, 18 epochs: 562 steps of 128, about two minutes on two cores; MAE takes a third of that time
COUNT ?= 5000
EPOCHS ?= 18
settings.tscae = base_lr=2e-3 norm_pix=on
# the colors that the student sees
VIEW = --brightness 0.4 --contrast 0.4 --saturation 0.4 --gain 0.12 --gray 0.2
settings.mae = base_lr=2e-3 norm_pix=on
# tasks: classification of the same images; detection and segmentation of scenes with several objects
SCENES ?= 400
FINETUNE_EPOCHS ?= 4
DETECT_EPOCHS ?= 8
SEGMENT_EPOCHS ?= 4

methods = tscae mae scratch
tasks = finetune detect segment
# training makes this file last; a checkpoint alone may be from the middle of a run
model = $(RUN)/tscae.done
sheets = $(foreach t,$(tasks),$(RUN)/tscae-$t/sheet.png)

.PHONY: demo
demo: $(RUN)/loss.tsv $(RUN)/knn.tsv $(RUN)/reconstructions.png $(RUN)/tasks.tsv
	@echo; echo 'Loss, averaged over intervals of the run ($(RUN)/loss.tsv):'
	@cut -f 1,4-6,8,10 $(RUN)/loss.tsv | expand -t 16
	@echo; echo '20-NN accuracy on $(RUN)/images/val ($(RUN)/knn.tsv):'
	@cut -f 1,7-10 $(RUN)/knn.tsv | expand -t 12
	@echo; echo 'Downstream tasks, trained for a few epochs from each encoder ($(RUN)/tasks.tsv):'
	@cut -f 1,2,4 $(RUN)/tasks.tsv | expand -t 30,42
	@echo; echo 'Images, masked images and reconstructions: $(RUN)/reconstructions.png'
	@echo 'Predicted classes, boxes and segmentation maps: $(sheets)'

$(RUN)/images/.done:
	mkdir -p $(RUN)
	tscae-synth --quiet --layout folders --count $(COUNT) --size 40x40 --seed $(SEED) --output $(@D)
	touch $@
$(RUN)/scenes/.done:
	mkdir -p $(RUN)
	tscae-synth --quiet --layout voc --count $(SCENES) --size 64x64 --seed $(SEED) --output $(@D)
	touch $@

$(RUN)/tscae.done $(RUN)/mae.done: $(RUN)/%.done: | $(RUN)/images/.done
	tscae-decode --quiet --shuffle --seed $(SEED) --epochs $(EPOCHS) \
		--start-index $$(tscae-train --resume-index $(RUN)/$*) $(RUN)/images/train \
	| tscae-crop --quiet --size 32 --scale 0.4,1 --seed $(SEED) \
	$(if $(filter tscae,$*),| tscae-augment --quiet --student-image $(VIEW) --seed $(SEED)) \
	| tscae-mask --quiet --patch 4 --seed $(SEED) \
	| tscae-train -o $(RUN)/$* -c pipelines/conf/micro.conf image=32 patch=4 objective=$* seed=$(SEED) \
		$(settings.$*)
	touch $@

$(RUN)/loss.tsv: $(model)
	tscae-train --report $(RUN)/tscae >$@

# k-NN: the trained encoder, the same encoder with random weights, and the pixels
$(RUN)/train.tsc $(RUN)/val.tsc: $(RUN)/%.tsc: | $(RUN)/images/.done
	tscae-decode --quiet --labels dirs $(RUN)/images/$* | tscae-crop --quiet --mode center --size 32 --output $@
$(RUN)/%.trained.tsc: $(RUN)/%.tsc $(model)
	tscae-embed --drop-image --quiet -m $(RUN)/tscae --output $@ $<
$(RUN)/%.random.tsc: $(RUN)/%.tsc $(model)
	tscae-embed --drop-image --quiet -m $(RUN)/tscae --init-seed $(SEED) --output $@ $<
$(RUN)/pixels.tsv: $(RUN)/train.tsc $(RUN)/val.tsc
	tscae-probe --quiet --pixels --name pixels $^ >$@
$(RUN)/trained.tsv $(RUN)/random.tsv: $(RUN)/%.tsv: $(RUN)/train.%.tsc $(RUN)/val.%.tsc
	tscae-probe --quiet --name $* $^ >$@
$(RUN)/knn.tsv: $(RUN)/trained.tsv $(RUN)/random.tsv $(RUN)/pixels.tsv
	$(join)

$(RUN)/reconstructions.tsc: $(model) | $(RUN)/images/.done
	tscae-decode --quiet --labels dirs --shuffle --limit 24 $(RUN)/images/val \
	| tscae-crop --quiet --mode center --size 32 | tscae-mask --quiet --patch 4 --seed $(SEED) \
	| tscae-reconstruct --quiet -m $(RUN)/tscae --output $@
$(RUN)/reconstructions.png: $(RUN)/reconstructions.tsc
	tscae-view --quiet --sheet $@ --columns 3 $<

# each task is a recipe of its own; METHOD-TASK is the run of one task from one encoder
options.finetune = DATA=$(RUN)/images IMAGE=32 EPOCHS=$(FINETUNE_EPOCHS)
options.detect = DATA=$(RUN)/scenes IMAGE=64 SCALE=0.8,1.3 EPOCHS=$(DETECT_EPOCHS) \
	TRAIN='batch=8 lr=2e-3 weight_decay=0.05 fpn_dim=32'
options.segment = DATA=$(RUN)/scenes IMAGE=64 SCALE=0.8,1.5 EPOCHS=$(SEGMENT_EPOCHS) TRAIN='batch=8 lr=2e-3 fpn_dim=32'
method = $(firstword $(subst -, ,$*))
task = $(lastword $(subst -, ,$*))
encoder = $(patsubst %,$(RUN)/%,$(filter-out scratch,$(method)))
scores = $(foreach t,$(tasks),$(methods:%=$(RUN)/%-$t/score.tsv))
.SECONDEXPANSION:
$(scores): $(RUN)/%/score.tsv: $$(addsuffix .done,$$(encoder)) | $(RUN)/images/.done $(RUN)/scenes/.done
	mkdir -p $(@D)
	@echo '$(task): $(method)'
	@+$(MAKE) -s -f $(here)$(task).mk B=$(B) RUN=$(@D) INIT=$(encoder) PATCH=4 SEED=$(SEED) $(options.$(task)) \
		>$(@D)/out 2>&1 || { tail $(@D)/out >&2; exit 1; }

$(RUN)/list.tsv: $(scores)
	RUN=$(RUN) METHODS='$(methods)' $(here)plan/demo.sh list >$@
$(RUN)/tasks.tsv: $(RUN)/list.tsv
	tscae-report --table $< >$@
