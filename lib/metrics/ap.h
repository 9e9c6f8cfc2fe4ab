/* ap - average precision of detections: the twelve numbers of COCO, and the two of VOC

   COCO: Lin et al., Microsoft COCO, ECCV 2014, and pycocotools; VOC: Everingham et al., IJCV 88, 2010, section 4.2, and
   the development kits of 2007 and 2012. Exact definitions: formats/scores.md. */
#ifndef METRICS_AP_H
#define METRICS_AP_H

#include "metrics/evaluation.h"

/* Variants of reference programs, as bits. */
enum ap_compat {
	AP_PY = 1,	/* VOC: the IoU must exceed the threshold (Python port), not only reach it (development kit) */
	AP_EDGES = 2,	/* VOC: widths without the last pixel */
	AP_RECALL = 4,	/* recall thresholds i / 100 and i / 10, not 0.01 i and 0.1 i, in double precision */
	AP_IGNORE = 8,	/* COCO: the field `ignore` of ground truth counts */
	AP_ZERO_ID = 16	/* COCO: a detection that matches an annotation with id 0 is a false positive (pycocotools) */
};

enum {
	AP_NUMBERS = 12,
	AP_MAIN = 3	/* the first of them: over all sizes and detections */
};
extern const char *const ap_names[AP_NUMBERS];	/* "AP", "AP50", ... in the order of COCO */

struct ap_score { double value[AP_NUMBERS]; };	/* 0 .. 1; -1: no ground truth that counts */

/* Scoring has two steps: matching, which is costly, and curves, which may be repeated on resampled images
   (bootstrap.h): `times` (images of the evaluation) is how often each image counts; NULL: once. */

/* COCO's matches of all classes, which borrow the classes of the evaluation; ap_coco_free() it. */
struct ap_coco_matches *ap_coco_match(const struct evaluation *s, unsigned compat);
void ap_coco_free(struct ap_coco_matches *m);

/* The first `count` of COCO's numbers of each class, (classes.count), and their means over the classes that have
   them. */
void ap_coco_score(const struct ap_coco_matches *m, const int *times, int count, struct ap_score *classes,
	struct ap_score *mean);

struct ap_voc {
	long gt;		/* ground-truth boxes that count (not difficult) */
	long detections;
	double eleven; /* 11-point AP (VOC 2007); NaN: no ground truth */
	double area; /* area under the monotone curve (VOC 2010 and later); NaN: no ground truth */
};

/* VOC's matches at this IoU threshold (VOC: 0.5), which borrow the evaluation; ap_voc_free() it. */
struct ap_voc_matches *ap_voc_match(const struct evaluation *s, double iou_threshold, unsigned compat);
void ap_voc_free(struct ap_voc_matches *m);

/* VOC's numbers of each class, (classes.count). Returns the mean over the classes with ground truth, its `gt` and
   `detections` the sums; *without: number of classes that have none. */
struct ap_voc ap_voc_score(const struct ap_voc_matches *m, const int *times, struct ap_voc *classes, int *without);

#endif
