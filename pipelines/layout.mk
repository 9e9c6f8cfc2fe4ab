# layout.mk - where a dataset keeps its images and labels
#
# DATA      root of the dataset; its LAYOUT is found by what is in it, or said
# TRAIN_SPLIT, TEST_SPLIT     names of the parts, where the layout has lists of them
#
# Gives for a task (pretrain, classify, detect, segment) TASK.train and TASK.test, pipes that end in tscae-decode and take its further
# options, and TASK.label, the filter that attaches labels (empty where decoding does so). Empty: this dataset has nothing for it.

DATA ?=
LAYOUT ?= $(firstword $(if $(wildcard $(DATA)/wnids.txt),tiny-imagenet) $(if $(wildcard $(DATA)/Annotations),voc) \
	$(if $(wildcard $(DATA)/annotations/instances_*.json),coco) $(if $(wildcard $(DATA)/trainannot),camvid) folders)

# names from a list, so that decoding can shuffle them
listed = tscae-label -q $(1) --split $(2) --names | tscae-decode --files-from -

layouts = tiny-imagenet voc coco camvid folders
ifeq ($(filter $(LAYOUT),$(layouts)),)
$(error LAYOUT=$(LAYOUT): one of $(layouts))
endif

ifeq ($(LAYOUT),tiny-imagenet)
pretrain.train = tscae-decode $(DATA)/train
classify.train = tscae-decode --labels dirs $(DATA)/train
classify.test = tscae-decode --label-table $(DATA)/val/val_annotations.txt $(DATA)/val
endif

# a folder of class folders for each part, or just images
ifeq ($(LAYOUT),folders)
folder.train = $(firstword $(wildcard $(DATA)/train) $(DATA))
folder.test = $(firstword $(wildcard $(DATA)/val $(DATA)/test))
pretrain.train = tscae-decode $(folder.train)
ifneq ($(folder.test),)
classify.train = tscae-decode --labels dirs $(folder.train)
classify.test = tscae-decode --labels dirs $(folder.test)
endif
endif

# PASCAL VOC and what is made like it: the test part has annotations, or the validation part is taken
ifeq ($(LAYOUT),voc)
TRAIN_SPLIT ?= train
TEST_SPLIT ?= $(if $(wildcard $(DATA)/ImageSets/Main/test.txt),test,val)
boxes = -l voc -f $(DATA)
maps = -l voc -f $(DATA) --segmaps
pretrain.train = $(call listed,$(boxes),$(TRAIN_SPLIT))
detect.train = $(call listed,$(boxes),$(TRAIN_SPLIT))
detect.test = $(call listed,$(boxes),$(TEST_SPLIT))
detect.label = tscae-label $(boxes)
ifneq ($(wildcard $(DATA)/SegmentationClass),)
segment.train = $(call listed,$(maps),$(TRAIN_SPLIT))
segment.test = $(call listed,$(maps),$(TEST_SPLIT))
segment.label = tscae-label $(maps)
endif
endif

# a filter knows the images of one part only: --split is the part of the stream that passes
ifeq ($(LAYOUT),coco)
TRAIN_SPLIT ?= train2017
TEST_SPLIT ?= val2017
boxes = -l coco -f $(DATA)
pretrain.train = tscae-decode $(firstword $(wildcard $(DATA)/train2017 $(DATA)/images/train2017))
detect.train = $(call listed,$(boxes),$(TRAIN_SPLIT))
detect.test = $(call listed,$(boxes),$(TEST_SPLIT))
detect.label = tscae-label $(boxes) --split $(part)
segment.train = $(detect.train)
segment.test = $(detect.test)
segment.label = tscae-label $(boxes) --segmaps --split $(part)
endif

ifeq ($(LAYOUT),camvid)
TRAIN_SPLIT ?= train
TEST_SPLIT ?= $(firstword $(if $(wildcard $(DATA)/testannot),test) val)
maps = -l pairs -f $(DATA) --classes camvid --ignore-index 11 --segmaps
pretrain.train = tscae-decode $(DATA)/train
segment.train = $(call listed,$(maps),$(TRAIN_SPLIT))
segment.test = $(call listed,$(maps),$(TEST_SPLIT))
segment.label = tscae-label $(maps) --split $(part)
endif

.PHONY: need-data
need-data:
	@test -d "$(DATA)" || { echo "say where the dataset is: DATA=FOLDER" >&2; exit 2; }
