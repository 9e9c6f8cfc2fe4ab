/* synth_write - write a synthetic dataset as files, in layouts that other programs read */
#ifndef DATASET_SYNTH_WRITE_H
#define DATASET_SYNTH_WRITE_H

#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "dataset/synth.h"

/* voc: JPEGImages, Annotations, SegmentationClass, SegmentationObject, ImageSets (PASCAL VOC)
   folders: train/CLASS/NUMBER.jpg, val/CLASS/NUMBER.jpg */
#define SYNTH_WRITE_LAYOUTS(X) X(SYNTH_WRITE_VOC, "voc") X(SYNTH_WRITE_FOLDERS, "folders")
enum synth_write_layout { SYNTH_WRITE_LAYOUTS(OPT_CONSTANT) };

struct synth_write {
	struct synth synth;
	enum synth_write_layout layout;
	const char *folder;	/* of the dataset */
	int quality;		/* of JPEG, 1 .. 100 */
	double held_out;	/* fraction of the images in the validation split */
};

/* Make the directories. -1 and err(ERR_OUTPUT). */
int synth_write_folders(const struct synth_write *w) ERR_CHECK;

/* Draw image `number` and write its files; `out` has its objects. Threads may call it at the same time, each with its
   own arena, which is reset first. -1 and err(ERR_OUTPUT). */
int synth_write_image(const struct synth_write *w, long number, struct arena *a, struct synth_scene *out) ERR_CHECK;

/* Write the lists of ImageSets (VOC). present[number * classes + class] is 0: no object of the class in the image, 1:
   only difficult ones, 2: others. -1 and err(ERR_OUTPUT). */
int synth_write_lists(const struct synth_write *w, long count, const unsigned char *present) ERR_CHECK;

#endif
