/* batch - the images of one step and their annotations, decoded from records; mixup and cutmix

   mixup: w a + (1 - w) b, w from Beta(alpha, alpha) (Zhang et al., ICLR 2018). cutmix: a rectangle of b pasted into a,
   of the fraction 1 - w of the area, w from Beta(alpha, alpha), at a random location, clipped at the borders; w is then
   the fraction of a that remains (Yun et al., ICCV 2019). The target is the class of a with weight w, that of b with
   weight 1 - w. */
#ifndef TASK_BATCH_H
#define TASK_BATCH_H

#include "base/err.h"
#include "base/mem.h"
#include "model/config.h"
#include "model/layer.h"
#include "stream/record.h"
#include "transform/patch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fields of a record that a task needs besides the image. */
enum batch_needs {
	BATCH_MASKS = 1,	/* `mask` */
	BATCH_CLASS = 2,	/* `class` */
	BATCH_BOXES = 4,	/* `boxes`, `box_class`, `box_flags` (absent: all 0) */
	BATCH_LABELS = 8,	/* `labels`, a segmentation map of the image's size */
	BATCH_STUDENT_IMAGE = 16	/* `student_image`, of the image's size: what the student sees in its place */
};

enum { BATCH_TOTALS = 2 };	/* numbers that task->count adds up */
struct batch {
	int N;			/* number of images, of all ranks together if a run has several */
	int size;		/* capacity, of this rank */
	int S;			/* image size in pixels: images are square here */
	int grid;		/* patches in a row, and in a column, of an image */
	int P;			/* patches of an image */
	struct patch_pixels pixels;	/* channels C and bytes of a sample */
	size_t image_bytes;	/* of an image */
	uint8_t *images;	/* (N, S, S, C); of 16 bits: uint16_t */
	uint8_t *student_images;	/* the same; NULL if the task needs none */
	int masked;		/* M: patches masked from the teacher, the same in every image; 0: no masks */
	uint8_t *masks;		/* (N, P) 1 = masked from the teacher; NULL if the task needs none */
	int classes;		/* C: number of classes of images, boxes or pixels */
	int *class;		/* (N); NULL if the task needs none */
	struct boxes *boxes;	/* (N); NULL where the task needs none */
	uint8_t *labels;	/* (N, S, S), SEGMAP_IGNORE: counts nowhere; NULL where the task needs none */
	char (*keys)[NOISE_KEY_SIZE];	/* (N), the end of a long key: for messages and random numbers of a record */
	long epoch;		/* of the last record */
	long step;		/* optimizer step, from 0: for random numbers of a step */
	uint64_t seed;
	double totals[BATCH_TOTALS];	/* sum of task->count over the images of all ranks */
	const int *groups;	/* images that stay on one rank: group g is groups[g] .. groups[g+1]-1; NULL: one */
	struct arena arena;	/* of the boxes */
};

/* Allocate `size` images as the completed configuration describes them, and the other fields that are needed: a sum of
   enum batch_needs. */
void batch_open(struct batch *b, int size, const struct config *c, unsigned needs);

/* Append a record's `image` (u8 or u16 S S C) and what else is needed: `student_image` (of the same shape), `mask` (u8
   grid grid, 0 or 1), `class` (0 .. C-1), `boxes` (f4 K 4; finite) with `box_class` (i4 K, 0 .. C-1) and
   `box_flags` (u1 K), `labels` (u1 S S, 0 .. C-1 or SEGMAP_IGNORE). Boxes are clipped to the image; boxes without area
   are dropped. -1 and err(ERR_DATA) if something is missing, of another size or out of range, or if the number of
   masked patches is not that of the model; record_blame() adds the key of the record. */
int batch_put(struct batch *b, const struct record *r) ERR_CHECK;

/* batch_put() as image `slot` (below size); the caller sets N. */
int batch_put_at(struct batch *b, int slot, const struct record *r) ERR_CHECK;

void batch_reset(struct batch *b);
void batch_close(struct batch *b);

struct mix {
	int partner;		/* b: another image of its group (batch.groups) */
	float weight;		/* w */
	bool paste;		/* cutmix */
	int top, left, bottom, right;	/* the rectangle, ends outside */
};

/* Draw how image i is mixed: a function of (seed, step, key) and of the images of its group, not of the micro-batches.
   Both alphas 0: not mixed (weight 1); both above 0: one of the two, with equal probability. */
struct mix mix_draw(const struct batch *b, int i, double mixup, double cutmix);

/* Mix image i that way into out, of b->image_bytes. */
void mix_image(const struct batch *b, int i, const struct mix *m, uint8_t *out);

#endif
