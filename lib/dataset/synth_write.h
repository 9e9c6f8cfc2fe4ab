/* synth_write - a procedural dataset as files, in the layouts that other programs read */
#ifndef DATASET_SYNTH_WRITE_H
#define DATASET_SYNTH_WRITE_H

#include "dataset/synth.h"

enum synth_write_layout {
	SYNTH_WRITE_VOC,	/* JPEGImages, Annotations, SegmentationClass, SegmentationObject, ImageSets (PASCAL VOC) */
	SYNTH_WRITE_FOLDERS	/* train/CLASS/NUMBER.jpg, val/CLASS/NUMBER.jpg */
};

struct synth_write {
	struct synth synth;
	enum synth_write_layout layout;
	const char *folder;	/* where everything goes */
	int quality;		/* of JPEG, 1 .. 100 */
	double held_out;	/* part of the images for validation */
};

/* Make the directories. -1 and err(ERR_OUTPUT). */
int synth_write_folders(const struct synth_write *w);

/* Draw image `number` and write its files; the scene without its images stays in `out`. Safe side by side,
   each thread with its own arena (which is reset). -1 and err(ERR_OUTPUT). */
int synth_write_image(const struct synth_write *w, long number, struct arena *a, struct synth_scene *out);

/* Write the lists of ImageSets (VOC) once all images are there. present[number * classes + class] is 0 for none of the
   class, 1 for difficult ones only, 2 for others. -1 and err(ERR_OUTPUT). */
int synth_write_lists(const struct synth_write *w, long count, const unsigned char *present);

#endif
