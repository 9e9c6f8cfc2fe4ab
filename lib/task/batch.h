/* batch - the images of one step, decoded from records into one place */
#ifndef TASK_BATCH_H
#define TASK_BATCH_H

#include "annotation/boxes.h"
#include "model/layer.h"
#include "stream/record.h"

#include <stdint.h>

/* What a task wants of a record besides its image. */
enum batch_needs {
	BATCH_MASKS = 1,	/* `mask` */
	BATCH_CLASS = 2,	/* `class` */
	BATCH_BOXES = 4,	/* `boxes`, `box_class`, `box_flags` (absent: all 0) */
	BATCH_LABELS = 8	/* `labels`, a segmentation map of the image's size */
};

enum { BATCH_TOTALS = 2 };	/* numbers that task->count adds up */
struct batch {
	int N;			/* images in it; on all ranks together where a run has several */
	int size;		/* room for, here */
	int S;			/* image side: images are square here */
	int P;			/* patches an image */
	uint8_t *images;	/* (N, S, S, 3) */
	int hidden;		/* M: patches hidden from the teacher, the same in every image; 0: no masks */
	uint8_t *masks;		/* (N, P) 1 = hidden from the teacher; NULL where the task needs none */
	int classes;		/* C: every class, of an image, box or pixel, is below it */
	int *class;		/* (N); NULL where the task needs none */
	struct boxes *boxes;	/* (N) with class and flags; NULL where the task needs none */
	uint8_t *labels;	/* (N, S, S), SEGMAP_IGNORE: counts nowhere; NULL where the task needs none */
	char (*keys)[NOISE_KEY_SIZE];	/* (N), of a long one the end: for messages and per-record random numbers */
	long epoch;		/* of the last record */
	long step;		/* optimizer step, from 0: for random numbers that belong to the step */
	uint64_t seed;
	double totals[BATCH_TOTALS];	/* task->count of all images, on all ranks together */
	const int *groups;	/* images that no number of ranks takes apart: group g is groups[g] .. groups[g+1]-1; NULL: all are one */
	struct arena arena;	/* of the boxes */
};

/* Room for `size` images of side S with P patches each, `hidden` of them masked (config_masked(); 0 for tasks
   without masks), and for what else of the record is needed: a sum of enum batch_needs. `classes`: 0 where none are. */
void batch_open(struct batch *b, int size, int S, int P, int hidden, unsigned needs, int classes);

/* Append a record's `image` (u8 S S 3) and what else is needed: `mask` (u8, P elements, each 0 or 1), `class` (0 .. C-1),
   `boxes` with `box_class` (0 .. C-1) and `box_flags` (absent: all 0), `labels` (u1 S S, 0 .. C-1 or SEGMAP_IGNORE), as
   boxes_read() and segmap_read() check them. Boxes are cut to the image; those without area after that are left out. -1 and err(ERR_DATA) if
   something is missing, of another size or out of range, or if another number of patches is hidden than the model was
   made for; record_blame() adds the place. */
int batch_put(struct batch *b, const struct record *r);

/* The group of image i: its first image, and how many they are. */
int batch_group(const struct batch *b, int i, int *count);

/* The same, as image `slot` (below size); N is the caller's to set. */
int batch_put_at(struct batch *b, int slot, const struct record *r);

void batch_reset(struct batch *b);
void batch_close(struct batch *b);

#endif
