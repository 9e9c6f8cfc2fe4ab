/* yolo_config - the file data.yaml of a YOLO dataset: splits and class names (the only user of libyaml) */
#ifndef DATASET_YOLO_CONFIG_H
#define DATASET_YOLO_CONFIG_H

#include "base/err.h"
#include "base/mem.h"

enum yolo_config_split { YOLO_CONFIG_TRAIN, YOLO_CONFIG_VAL, YOLO_CONFIG_TEST, YOLO_CONFIG_SPLITS };

struct yolo_config {
	const char *path;	/* folder of the dataset, as in the file; NULL: not given */
	/* folders of images, or lists of names */
	struct { const char **list; long count; } splits[YOLO_CONFIG_SPLITS];
	const char **names;	/* (count) class names, none empty */
	long count;
	long keypoints;		/* numbers of a label after its box, by `kpt_shape`; 0: not given */
};

/* Read the file; texts come from the arena. -1 and err(): ERR_INPUT; ERR_DATA with the line: not YAML, values of
   another form, a key twice, a class without name, another number of names than `nc`. Other keys are not read. */
int yolo_config_read(struct yolo_config *c, const char *path, struct arena *a) ERR_CHECK;

/* Write a file with these class names (valid UTF-8), numbered from 0, whose splits train and val are the folder
   `images` beside it. -1 and err(ERR_OUTPUT). */
int yolo_config_write(const char *path, const char *const *names, long count) ERR_CHECK;

/* The rest of a path after its last folder `images`, which has the label file labels/REST.txt beside it; NULL: no such
   folder. */
const char *yolo_config_image(const char *path);

/* The split of a name (train, val, valid, validation, test); -1: another name. */
int yolo_config_split(const char *name);

#endif
