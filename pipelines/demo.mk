# demo.mk - the whole way on a synthetic set in a few minutes: pre-train, see the loss fall, score, look
#
#   make demo                  results in runs/demo; again: goes on where it was, or shows the results
#   make demo OBJECTIVE=mae RUN=runs/demo-mae

SHELL = /bin/bash
.SHELLFLAGS = -eu -o pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:

B ?= build
RUN ?= runs/demo
OBJECTIVE ?= tscae
# 4,000 pictures, 18 epochs: 562 steps of 128, about three minutes on two cores
COUNT ?= 5000
EPOCHS ?= 18
SEED ?= 0
# negatives from other pictures spread the features, which nearest neighbours need; weights as tried on this set
TRAIN ?= base_lr=2e-3 contrast=infonce norm_pix=on w_z=0.3 w_g=0.1
export PATH := $(abspath $B)/bin:$(PATH)

# the last recipe line of training: a snapshot alone may be half way
model = $(RUN)/model.done

.PHONY: demo
demo: $(RUN)/loss.tsv $(RUN)/knn.tsv $(RUN)/reconstructions.png
	@echo; echo 'The loss, averaged over stretches of the run ($(RUN)/loss.tsv):'; cut -f 1,4-6,8,10 $(RUN)/loss.tsv | expand -t 10
	@echo; echo 'Accuracy of 20 nearest neighbours on $(RUN)/pictures/val ($(RUN)/knn.tsv):'; cut -f 1,7-10 $(RUN)/knn.tsv | expand -t 12
	@echo; echo 'Pictures, what the teacher saw, what it predicted: $(RUN)/reconstructions.png'

$(RUN)/pictures/.done:
	mkdir -p $(RUN)
	tscae-synth --layout folders --count $(COUNT) --size 40x40 --seed $(SEED) --output $(@D)
	touch $@

$(model): | $(RUN)/pictures/.done
	tscae-decode --shuffle --seed $(SEED) --epochs $(EPOCHS) --start $$(tscae-train --position $(RUN)/model) $(RUN)/pictures/train \
	| tscae-crop --size 32 --scale 0.4,1 --seed $(SEED) \
	| tscae-mask --patch 4 --seed $(SEED) \
	| tscae-train -o $(RUN)/model -c pipelines/conf/micro.conf image=32 patch=4 objective=$(OBJECTIVE) seed=$(SEED) $(TRAIN)
	touch $@

$(RUN)/loss.tsv: $(model)
	tscae-train --report $(RUN)/model >$@

# kNN: the trained encoder, the same one untrained, the pixels alone
$(RUN)/%.tsc: | $(RUN)/pictures/.done
	tscae-decode --quiet --labels dirs $(RUN)/pictures/$* | tscae-crop --quiet --kind center --size 32 --output $@
$(RUN)/%.trained.tsc: $(RUN)/%.tsc $(model)
	tscae-embed --quiet -m $(RUN)/model --output $@ $<
$(RUN)/%.untrained.tsc: $(RUN)/%.tsc $(model)
	tscae-embed --quiet -m $(RUN)/model --init-seed $(SEED) --output $@ $<
$(RUN)/pixels.tsv: $(RUN)/train.tsc $(RUN)/val.tsc
	tscae-probe --quiet --pixels --name pixels $^ >$@
$(RUN)/%.tsv: $(RUN)/train.%.tsc $(RUN)/val.%.tsc
	tscae-probe --quiet --name $* $^ >$@
$(RUN)/knn.tsv: $(RUN)/trained.tsv $(RUN)/untrained.tsv $(RUN)/pixels.tsv
	head -n 1 $< >$@.part
	tail -qn +2 $^ >>$@.part
	mv $@.part $@

$(RUN)/reconstructions.tsc: $(model) | $(RUN)/pictures/.done
	tscae-decode --quiet --labels dirs --shuffle --limit 24 $(RUN)/pictures/val | tscae-crop --quiet --kind center --size 32 \
	| tscae-mask --quiet --patch 4 --seed $(SEED) | tscae-reconstruct --quiet -m $(RUN)/model --output $@
$(RUN)/reconstructions.png: $(RUN)/reconstructions.tsc
	tscae-view --quiet --sheet $@ --columns 3 $<
