/* evaluation - what is true of a set of images and what was predicted: every reader fills it, every score reads it

   First all truth, then evaluation_seal(), then the predictions, then the scores. */
#ifndef METRICS_EVALUATION_H
#define METRICS_EVALUATION_H

#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "annotation/key.h"
#include "base/mem.h"
#include "dataset/coco_index.h"
#include "metrics/confusion.h"
#include "metrics/iou.h"
#include "metrics/runs.h"

enum { EVALUATION_IGNORE = 128 };	/* beside enum box_flag: COCO's field `ignore`, which counts only on demand */

enum evaluation_part { EVALUATION_CLASSES = 1, EVALUATION_BOXES = 2, EVALUATION_MAPS = 4 };

enum { EVALUATION_TOP = 5 };		/* predicted classes kept of an image, best first */

struct evaluation_image {
	const char *key;
	int64_t id;		/* number in the dataset */
	bool numbered;		/* it has one */
	bool predicted;		/* predictions of it came */
	int height, width;	/* 0: not known */
	double transform[4];	/* from the image as it was decoded to the one that truth speaks of (formats/records.md); all 0: none */
	int class;		/* -1: not known */
	int top[EVALUATION_TOP];	/* predicted classes; -1: one that the truth has not, or no more of them */
	struct runs map;	/* true label of each pixel */
};

struct evaluation_box {
	int image, class;
	struct iou_box box;
	double area;		/* that sizes go by: true boxes as the file says, found ones width x height */
	double score;		/* found ones: finite */
	int64_t id;		/* true ones: number in the dataset, 1 where there is none */
	unsigned flags;		/* true ones: enum box_flag, EVALUATION_IGNORE */
	struct evaluation_mask *mask;	/* what is scored in place of the box; NULL: the box is. From the set's memory */
};

/* The pixels of an object. */
struct evaluation_mask {
	size_t begin, end;	/* where it stands in its file, until mask_read() */
	struct runs runs;	/* labels 0 and 1; its list is the set's memory */
	long area;		/* pixels of label 1 */
};

struct evaluation_boxes {
	struct evaluation_box *list;
	long count, room;
};

struct evaluation {
	struct class_list classes, label_classes;
	bool class_ids;		/* classes.ids come from the dataset */
	struct evaluation_image *images;
	int count, room;
	struct evaluation_boxes truth, found;		/* in the order of the input */
	unsigned true_parts, said_parts;	/* enum evaluation_part: what came at all */
	bool ranked;		/* predictions have a score for each class: top has more than the first */
	struct confusion pixels;	/* of label_classes */
	struct key_index keys;		/* of evaluation_seal() */
	struct evaluation_image **by_id;	/* (count) sorted by evaluation_seal() */
	int *rank;		/* (count) place of each image in the order that decides between equal scores */
	struct arena text;
	struct evaluation_notes {	/* what the rules let through, for warnings */
		long coco[COCO_NOTES];	/* of COCO's truth: enum coco_note */
		long areas;	/* true boxes without `area`: that of the box is taken */
		long flat;	/* true boxes without area: nothing can find them */
		long found_flat;	/* found boxes without area: they find nothing */
		long images;	/* predictions left out: their image is not in the truth (restricted) */
		long classes;	/* boxes left out: their class is not in the truth (restricted) */
		long low;	/* found boxes below the least score asked for */
	} notes;
};

/* What to do where both sides do not fit. */
struct evaluation_rules {
	bool restricted;	/* leave out what one side alone has, and count it */
	double least;		/* leave out found boxes with a lower score; -INFINITY: none */
	bool masks;		/* COCO's masks are scored, not the boxes */
	unsigned parts;		/* enum evaluation_part: what is scored; what else some records have does not matter. 0: all */
};

/* A new image, for which nothing is known yet. The key is copied. */
struct evaluation_image *evaluation_add(struct evaluation *s, const char *key);

/* The truth is complete: sort what evaluation_find() and the scores go by. -1 and err(ERR_DATA): a key or number twice. */
int evaluation_seal(struct evaluation *s);

/* An image by key, by the rule of annotation/key.h. By number: the one with that number. Its index; -1: there is none; -2 and
   err(ERR_DATA): several. */
int evaluation_find(const struct evaluation *s, const char *key);
int evaluation_find_id(const struct evaluation *s, int64_t id);

/* Append a true box, or a found one; area of a true one below 0: not known, that of the box. Counts what is to be noted.
   -1 and err(ERR_DATA): not finite, or a negative side. */
int evaluation_put_truth(struct evaluation *s, const struct evaluation_box *b);
int evaluation_put_detection(struct evaluation *s, const struct evaluation_box *b, const struct evaluation_rules *rules);

/* Indices of boxes sorted by class, then as said, then the order of the input; free() it. Images go by number where all
   have one, else in the order of the truth. */
enum evaluation_order {
	EVALUATION_BY_IMAGE,		/* image */
	EVALUATION_BY_IMAGE_SCORE,	/* image, falling score */
	EVALUATION_BY_SCORE		/* falling score */
};
long *evaluation_sort(const struct evaluation *s, const struct evaluation_boxes *boxes, enum evaluation_order by);

/* Leave out the images without predictions: their true boxes go, `predicted` tells of the rest. */
void evaluation_drop_unpredicted(struct evaluation *s);

void evaluation_free(struct evaluation *s);

#endif
