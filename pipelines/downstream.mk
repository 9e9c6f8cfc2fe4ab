# downstream.mk - the steps of every downstream task: train from an encoder, predict, score, draw
#
# finetune.mk, detect.mk and segment.mk include it and set
#   TASK      classify, detect, segment
#   PREPARE   filters from labeled images to the trainer
#   PREDICT   filters from labeled images to the score; the last one applies the model
# and the defaults of
#   INIT      run or model with the initial encoder; empty: MODEL with random weights
#   RUN       output: model/, predictions.tsc, score.tsv, sheet.png; a second call resumes
#   EPOCHS IMAGE PATCH MODEL SEED   and TRAIN, further settings of tscae-train

INIT ?=
MODEL ?= micro
TRAIN ?=
SHOWN ?= 12
begin = $(if $(INIT),init_from=$(INIT),model=$(MODEL) patch=$(PATCH))

.PHONY: $(TASK)
$(TASK): $(RUN)/score.tsv $(RUN)/sheet.png
	@cat $(RUN)/score.tsv

# training makes this file last; a checkpoint alone may be from the middle of a run
$(RUN)/model.done: part = $(TRAIN_SPLIT)
$(RUN)/model.done: | need-data need-labels
	mkdir -p $(RUN)
	$($(TASK).train) --shuffle --seed $(SEED) --epochs $(EPOCHS) \
		--start-index $$(tscae-train --resume-index $(RUN)/model) \
	| $(if $($(TASK).label),$($(TASK).label) |) $(PREPARE) \
	| tscae-train -o $(RUN)/model task=$(TASK) $(begin) image=$(IMAGE) seed=$(SEED) $(TRAIN)
	touch $@

$(RUN)/predictions.tsc $(RUN)/shown.tsc: part = $(TEST_SPLIT)
$(RUN)/predictions.tsc: $(RUN)/model.done
	$($(TASK).test) | $(if $($(TASK).label),$($(TASK).label) |) $(PREDICT) --drop-image -o $@
$(RUN)/score.tsv: $(RUN)/predictions.tsc
	tscae-eval --task $(TASK) --bootstrap 200 $< >$@
$(RUN)/shown.tsc: $(RUN)/model.done
	$($(TASK).test) --quiet --shuffle --limit $(SHOWN) | $(if $($(TASK).label),$($(TASK).label) |) $(PREDICT) -o $@
$(RUN)/sheet.png: $(RUN)/shown.tsc
	tscae-view --quiet --sheet $@ --columns 3 $<

.PHONY: need-labels
need-labels: | need-data
	@test -n "$(strip $($(TASK).train))" || \
		{ echo "$(DATA): a dataset of layout $(LAYOUT) has no labels for this task" >&2; exit 2; }
