/* ap - average precision of found boxes: COCO's twelve numbers, and VOC's two

   COCO: Lin et al., Microsoft COCO, ECCV 2014, and the rules of its programs; VOC: Everingham et al., IJCV 88, 2010,
   section 4.2, and the development kits of 2007 and 2012. Exact definitions: formats/scores.md. */
#ifndef METRICS_AP_H
#define METRICS_AP_H

#include "metrics/evaluation.h"

/* Where reference programs differ, and which way to go: a sum. */
enum ap_compat {
	AP_PY = 1,	/* VOC: an overlap must be over the threshold (Python port), not at least it (development kit) */
	AP_EDGES = 2,	/* VOC: widths without the last pixel */
	AP_RECALL = 4,	/* recall thresholds i / 100 and i / 10, not 0.01 i and 0.1 i, in double precision */
	AP_IGNORE = 8,	/* COCO: the field `ignore` of true boxes counts */
	AP_ZERO_ID = 16	/* COCO: a find of a true box with number 0 counts as a miss (pycocotools) */
};

enum { AP_NUMBERS = 12 };
extern const char *const ap_names[AP_NUMBERS];	/* "AP", "AP50", ... in COCO's order */

struct ap_score { double value[AP_NUMBERS]; };	/* -1: no true box that counts */

/* COCO's numbers of each class, (classes.count), and their means over the classes that have them. */
void ap_coco(const struct evaluation *s, unsigned compat, struct ap_score *classes, struct ap_score *mean);

struct ap_voc {
	long truth;		/* true boxes that count (not difficult) */
	long found;		/* found boxes */
	double eleven, area;	/* 11-point AP (VOC 2007), area under the monotone curve (2010 and later); NaN: no truth */
};

/* VOC's numbers of each class, (classes.count), at this least overlap (VOC's is 0.5). Returns the mean over the classes with
   truth, its `truth` and `found` the sums; *without: how many classes had none. */
struct ap_voc ap_voc(const struct evaluation *s, double overlap, unsigned compat, struct ap_voc *classes, int *without);

#endif
