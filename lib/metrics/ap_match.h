/* ap_match - which found boxes are which true boxes, for every threshold and size at once (COCO) */
#ifndef METRICS_AP_MATCH_H
#define METRICS_AP_MATCH_H

#include "metrics/evaluation.h"

enum {
	AP_MATCH_SIZES = 4,		/* all, small, medium, large */
	AP_MATCH_OVERLAPS = 10,		/* 0.5, 0.55 ... 0.95 */
	AP_MATCH_FOUND = 100		/* best found boxes of an image and class that are looked at */
};

/* A found box; bit size x AP_MATCH_OVERLAPS + overlap. */
struct ap_match {
	double score;
	int place;		/* among those of its image and class, by falling score, from 0 */
	uint64_t hit;		/* it is a true box */
	uint64_t ignored;	/* it neither counts nor punishes */
};

struct ap_matches {
	struct ap_match *list;	/* images in order, in each by falling score */
	long count, room;
	long positive[AP_MATCH_SIZES];	/* true boxes that count */
	double *iou;		/* work space */
	size_t iou_room;
};

/* Append the matches of one image and class: `found` (n indices into s->found by falling score), `truth` (m indices into
   s->truth in the order of the file). compat: enum ap_compat. */
void ap_match_put(struct ap_matches *to, const struct evaluation *s, const long *truth, long m, const long *found, long n, unsigned compat);

/* Empty it; memory is kept. */
void ap_match_reset(struct ap_matches *m);

void ap_match_free(struct ap_matches *m);

#endif
