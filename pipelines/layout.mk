# layout.mk - commands that read the images and labels of a dataset
#
# DATA      root of the dataset; LAYOUT is detected from its content if it is not set
# TRAIN_SPLIT, TEST_SPLIT     names of the splits, for layouts with split lists
#
# Defines for a task (pretrain, classify, detect, segment) TASK.train and TASK.test, pipes that end in tscae-decode
# and take its further options, and TASK.label, the filter that attaches labels (empty if decoding attaches them). All
# are empty if the dataset has no labels for the task.

DATA ?=
LAYOUT ?= $(firstword $(if $(wildcard $(DATA)/wnids.txt),tiny-imagenet) $(if $(wildcard $(DATA)/Annotations),voc) \
	$(if $(wildcard $(DATA)/annotations/instances_*.json),coco) $(if $(wildcard $(DATA)/trainannot),camvid) folders)

# image names from a list, so that decoding can shuffle them
listed = tscae-label -q $(1) --split $(2) --names | tscae-decode --files-from -

layouts = tiny-imagenet voc coco camvid folders
ifeq ($(filter $(LAYOUT),$(layouts)),)
$(error LAYOUT=$(LAYOUT) is unknown; use one of $(layouts))
endif

ifeq ($(LAYOUT),tiny-imagenet)
pretrain.train = tscae-decode $(DATA)/train
classify.train = tscae-decode --labels dirs $(DATA)/train
classify.test = tscae-decode --label-table $(DATA)/val/val_annotations.txt $(DATA)/val
endif

# a folder of class folders for each split, or only images
ifeq ($(LAYOUT),folders)
folder.train = $(firstword $(wildcard $(DATA)/train) $(DATA))
folder.test = $(firstword $(wildcard $(DATA)/val $(DATA)/test))
pretrain.train = tscae-decode $(folder.train)
ifneq ($(folder.test),)
classify.train = tscae-decode --labels dirs $(folder.train)
classify.test = tscae-decode --labels dirs $(folder.test)
endif
endif

# PASCAL VOC and datasets of the same layout; without a test list, the validation split is used for the test
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

# tscae-label reads the annotations of one split only: --split must be that of the stream
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
	@test -d "$(DATA)" || { echo "no dataset in '$(DATA)'; use DATA=FOLDER" >&2; exit 2; }
