# downstream.mk - the way of every task behind pre-training: train from an encoder, predict, score, look
#
# finetune.mk, detect.mk and segment.mk include it and set
#   TASK      classify, detect, segment
#   PREPARE   filters between labeled images and the trainer
#   PREDICT   filters between labeled images and the score, the last one with the model
# and the defaults of
#   INIT      a run or model whose encoder is trained on; empty: MODEL from random weights
#   RUN       what is made: model/, predictions.tsc, score.tsv, sheet.png; again: goes on where it was
#   EPOCHS IMAGE PATCH MODEL SEED   and TRAIN, further settings of tscae-train

INIT ?=
MODEL ?= micro
TRAIN ?=
SHOWN ?= 12
begin = $(if $(INIT),init_from=$(INIT),model=$(MODEL) patch=$(PATCH))

.PHONY: $(TASK)
$(TASK): $(RUN)/score.tsv $(RUN)/sheet.png
	@cat $(RUN)/score.tsv

# the last recipe line of training: a checkpoint alone may be half way
$(RUN)/model.done: part = $(TRAIN_SPLIT)
$(RUN)/model.done: | need-data need-labels
	mkdir -p $(RUN)
	$($(TASK).train) --shuffle --seed $(SEED) --epochs $(EPOCHS) --start-index $$(tscae-train --resume-index $(RUN)/model) \
	| $(if $($(TASK).label),$($(TASK).label) |) $(PREPARE) \
	| tscae-train -o $(RUN)/model task=$(TASK) $(begin) image=$(IMAGE) seed=$(SEED) $(TRAIN)
	touch $@

$(RUN)/predictions.tsc $(RUN)/shown.tsc: part = $(TEST_SPLIT)
$(RUN)/predictions.tsc: $(RUN)/model.done
	$($(TASK).test) | $(if $($(TASK).label),$($(TASK).label) |) $(PREDICT) --drop-image -o $@
$(RUN)/score.tsv: $(RUN)/predictions.tsc
	tscae-eval --task $(TASK) $< >$@
$(RUN)/shown.tsc: $(RUN)/model.done
	$($(TASK).test) --quiet --shuffle --limit $(SHOWN) | $(if $($(TASK).label),$($(TASK).label) |) $(PREDICT) -o $@
$(RUN)/sheet.png: $(RUN)/shown.tsc
	tscae-view --quiet --sheet $@ --columns 3 $<

.PHONY: need-labels
need-labels: | need-data
	@test -n "$(strip $($(TASK).train))" || { echo "$(DATA): a dataset of layout $(LAYOUT) has no labels for this task" >&2; exit 2; }
