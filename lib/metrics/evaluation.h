/* evaluation - ground truth and predictions of a dataset: readers fill it, metrics read it

   Order of calls: all ground truth, evaluation_seal(), the predictions, the metrics. */
#ifndef METRICS_EVALUATION_H
#define METRICS_EVALUATION_H

#include "annotation/class_list.h"
#include "annotation/key.h"
#include "base/err.h"
#include "base/mem.h"
#include "dataset/coco_index.h"
#include "metrics/confusion.h"
#include "metrics/iou.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is scored, as bits: classes of images, boxes, segmentation maps. */
enum evaluation_task { EVALUATION_CLASSIFY = 1, EVALUATION_DETECT = 2, EVALUATION_SEGMENT = 4 };

enum { EVALUATION_TOP = 5 };		/* predicted classes kept for an image, best first */

struct evaluation_image {
	const char *key;
	int64_t id;		/* in the dataset */
	bool has_id;
	bool predicted;		/* it has predictions */
	int height, width;	/* in pixels; 0: unknown */
	double transform[4];	/* from the decoded image to the annotated one (formats/records.md); all 0: none */
	int class;		/* ground truth; -1: unknown */
	int top[EVALUATION_TOP]; /* predicted classes; -1: a class that the ground truth lacks, or no further class */
	struct rle segmap;	/* ground-truth class of each pixel */
	struct confusion_class *map_classes; /* (label_classes.count) of its map, in the arena; NULL: not kept */
};

struct evaluation_box {
	int image, class;
	struct iou_box box;
	double area;		/* for the area ranges: of ground truth as in the file, of detections width x height */
	double score;		/* of detections: finite */
	int64_t id;		/* of ground truth: in the dataset, 1 if it has none */
	unsigned flags;		/* of ground truth: enum box_flag */
	struct evaluation_mask *mask; /* scored in place of the box, in the arena of the evaluation; NULL: the box */
};

/* The pixels of an object. */
struct evaluation_mask {
	size_t begin, end;	/* byte range of the object in its file, for results_read_masks() */
	struct rle rle;		/* labels 0 and 1; the runs are in the arena of the evaluation */
	long area;		/* pixels of label 1 */
};

struct evaluation_boxes {
	struct evaluation_box *list;
	long count;
	size_t room;
};

struct evaluation {
	struct class_list classes, label_classes;
	bool class_ids;		/* classes.ids come from the dataset */
	struct evaluation_image *images;
	int count;
	size_t room;
	struct evaluation_boxes gt, detections;		/* in the order of the input */
	unsigned gt_tasks, predicted_tasks;	/* sums of enum evaluation_task: what the inputs contain */
	bool ranked;		/* predictions have a score for each class: top has more than the first */
	struct confusion pixels;	/* of label_classes */
	struct key_index keys;		/* by evaluation_seal() */
	struct evaluation_image **by_id;	/* (count) by evaluation_seal(): sorted by id */
	int *rank; /* (count) by evaluation_seal(): position of each image in the order that breaks ties of scores */
	struct arena text;
	struct evaluation_notes {	/* accepted oddities, for warnings */
		long coco[COCO_NOTES];	/* of COCO ground truth, by enum coco_note */
		int64_t coco_first[COCO_NOTES];	/* 1 + byte of the first such annotation; 0: unknown */
		long no_area;		/* ground-truth boxes without `area`: width x height is used */
		long empty_gt;		/* ground-truth boxes of zero area: no detection matches them */
		long empty_detections;	/* detections of zero area: they match nothing */
		long unmatched_images;	/* predictions dropped (intersect): the ground truth lacks their image */
		long unmatched_classes;	/* detections dropped (intersect): the ground truth lacks their class */
		long low_scores;	/* detections below the score threshold */
	} notes;
};

/* How the inputs are read. */
struct evaluation_rules {
	bool intersect; /* drop and count images and classes that only one input has; otherwise they are errors */
	double score_threshold;	/* drop detections with a lower score; -INFINITY: none */
	bool masks;		/* score COCO masks instead of boxes */
	unsigned tasks; /* sum of enum evaluation_task: what is scored, other fields may be incomplete. 0: all */
	bool keep_images;	/* keep the pixel counts of each image, for intervals */
};

/* A new image without annotations. The key is copied. */
struct evaluation_image *evaluation_add(struct evaluation *s, const char *key);

/* Ground truth is complete: build the indexes for evaluation_find() and the metrics.
   -1 and err(ERR_DATA): a key or an id that occurs twice. */
ERR_CHECK int evaluation_seal(struct evaluation *s);

/* The index of an image by key (rule: annotation/key.h) or by id. -1: not found; -2 and err(ERR_DATA): the key is
   ambiguous. */
int evaluation_find(const struct evaluation *s, const char *key) ERR_CHECK;
int evaluation_find_id(const struct evaluation *s, int64_t id) ERR_CHECK;

/* Append a ground-truth box, or a detection, and count oddities. A negative area of ground truth means unknown: width x
   height. -1 and err(ERR_DATA): a number that is not finite, negative width or height. */
ERR_CHECK int evaluation_put_gt(struct evaluation *s, const struct evaluation_box *b);
ERR_CHECK int evaluation_put_detection(struct evaluation *s, const struct evaluation_box *b,
	const struct evaluation_rules *rules);

/* Count the pixels of the predicted map of an image, which has as many as its ground truth; the maps are those of
   confusion_pixels(). */
void evaluation_count_pixels(struct evaluation *s, struct evaluation_image *image, const uint8_t *predicted,
	const int gt_map[256], const int predicted_map[256], const struct evaluation_rules *rules);

/* Indices of the boxes sorted by class, then by this order, then in the order of the input; free() it. Images are
   ordered by id if all have one, else as in the ground truth. */
enum evaluation_order {
	EVALUATION_BY_IMAGE,		/* image */
	EVALUATION_BY_IMAGE_SCORE,	/* image, falling score */
	EVALUATION_BY_SCORE		/* falling score */
};
long *evaluation_sort(const struct evaluation *s, const struct evaluation_boxes *boxes, enum evaluation_order by);

/* Drop the ground-truth boxes of images without predictions. */
void evaluation_drop_unpredicted(struct evaluation *s);

void evaluation_free(struct evaluation *s);

#endif
