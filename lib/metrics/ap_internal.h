/* ap_internal - shared by the files of ap.h: COCO's matches of one class, and how often an image counts */
#ifndef METRICS_AP_INTERNAL_H
#define METRICS_AP_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

struct class_list;

enum {
	AP_SIZES = 4,		/* area ranges: all, small, medium, large */
	AP_THRESHOLDS = 10	/* IoU 0.5, 0.55 ... 0.95 */
};

/* A detection. Bit size * AP_THRESHOLDS + threshold of its masks. */
struct ap_match {
	double score;
	int rank;		/* among those of its image and class, by falling score, from 0 */
	int image;
	uint64_t hit;		/* true positive */
	uint64_t ignored;	/* neither a true nor a false positive */
};

/* The ground-truth boxes of an image that count, by area range. */
struct ap_gt {
	int image;
	long count[AP_SIZES];
};

struct ap_matches {
	struct ap_match *list;	/* by image, in each by falling score */
	const struct ap_match **sorted;	/* (count) all by falling score */
	long count;
	size_t room;
	struct ap_gt *gt;	/* (images) those with a box or a detection of this class */
	long images;
	size_t gt_room;
};

/* How often an image counts; `times` as in ap.h. */
static inline int
ap_times(const int *times, int image)
{
	return times ? times[image] : 1;
}

struct ap_coco_matches {
	const struct class_list *names;	/* borrowed */
	struct ap_matches *classes;	/* (names->count) */
	unsigned compat;
};

#endif
