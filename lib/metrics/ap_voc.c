/* ap_voc - VOC's average precision: 11 points (2007) and area (2010 and later)

   In order of falling score, a detection is compared with the ground-truth box of highest IoU: a true positive if that
   reaches the threshold and is unmatched, ignored if that is difficult, else a false positive. */
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "base/mem.h"
#include "metrics/ap.h"
#include "metrics/evaluation.h"
#include "metrics/iou.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 11 };

struct voc_curve {
	long n;
	double *precision, *recall;
};

/* numpy's arange(0, 1.1, 0.1) */
static double
voc_recall(int i, unsigned compat)
{
	return compat & AP_RECALL ? i / 10.0 : i * 0.1;
}

/* The mean over the recalls of the best precision at that recall or a higher one. */
static double
eleven(const struct voc_curve *c, unsigned compat)
{
	double sum = 0, best;
	long d;
	int i;

	for (i = 0; i < POINTS; i++) {
		best = 0;
		for (d = c->n - 1; d >= 0 && c->recall[d] >= voc_recall(i, compat); d--)
			best = fmax(best, c->precision[d]);
		sum += best / POINTS;
	}
	return sum;
}

/* The area under the precision, made monotone from the right. */
static double
area(const struct voc_curve *c)
{
	double sum = 0, best = 0;
	long d;

	for (d = c->n - 1; d >= 0; d--) {
		best = fmax(best, c->precision[d]);
		sum += (c->recall[d] - (d ? c->recall[d - 1] : 0)) * best;
	}
	return sum;
}

struct voc_matching {
	const struct evaluation *set;
	double iou_threshold;
	unsigned compat;
	const long *gt;	/* sorted by class and image */
	bool *taken;		/* (gt.count) matched */
};

/* The first of the sorted ground truth that is not before this class and image. */
static long
first(const struct voc_matching *j, int class, int rank)
{
	long low = 0, high = j->set->gt.count, middle;

	while (low < high) {
		const struct evaluation_box *b = &j->set->gt.list[j->gt[middle = low + (high - low) / 2]];

		if (b->class < class || (b->class == class && j->set->rank[b->image] < rank))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* 1: true positive, -1: false positive, 0: ignored. */
static int
judge(const struct voc_matching *j, const struct evaluation_box *detections)
{
	double most = -INFINITY, iou;
	long i, best = -1;

	for (i = first(j, detections->class, j->set->rank[detections->image]); i < j->set->gt.count; i++) {
		const struct evaluation_box *b = &j->set->gt.list[j->gt[i]];

		if (b->class != detections->class || b->image != detections->image)
			break;
		iou = iou_voc(&detections->box, &b->box, j->compat & AP_EDGES);
		if (iou > 0 && iou > most) {
			most = iou;
			best = j->gt[i];
		}
	}
	if (best < 0 || !(j->compat & AP_PY ? most > j->iou_threshold : most >= j->iou_threshold))
		return -1;
	if (j->set->gt.list[best].flags & (BOX_DIFFICULT | BOX_CROWD))
		return 0;
	if (j->taken[best])
		return -1;
	j->taken[best] = true;
	return 1;
}

static void
score_class(const struct voc_matching *j, const long *detections, struct ap_voc *out)
{
	struct voc_curve c = { out->detections, mem_array((size_t)out->detections + 1, sizeof *c.precision),
		mem_array((size_t)out->detections + 1, sizeof *c.recall) };
	double hits = 0, misses = 0;
	long d;

	for (d = 0; d < out->detections; d++) {
		int outcome = judge(j, &j->set->detections.list[detections[d]]);

		hits += outcome > 0;
		misses += outcome < 0;
		c.recall[d] = hits / (double)out->gt;
		c.precision[d] = hits + misses > 0 ? hits / (hits + misses) : 0;
	}
	out->eleven = out->gt ? eleven(&c, j->compat) : NAN;
	out->area = out->gt ? area(&c) : NAN;
	free(c.precision);
	free(c.recall);
}

struct ap_voc
ap_voc(const struct evaluation *s, double iou_threshold, unsigned compat, struct ap_voc *classes, int *without)
{
	long *gt = evaluation_sort(s, &s->gt, EVALUATION_BY_IMAGE),
		*detections = evaluation_sort(s, &s->detections, EVALUATION_BY_SCORE), at = 0, i;
	struct voc_matching j = { s, iou_threshold, compat, gt, mem_array((size_t)s->gt.count + 1, sizeof *j.taken) };
	struct ap_voc mean = { 0 };
	int class, count = 0;

	*without = 0;
	memset(classes, 0, sizeof *classes * (size_t)s->classes.count);
	for (i = 0; i < s->gt.count; i++)
		classes[s->gt.list[i].class].gt += !(s->gt.list[i].flags & (BOX_DIFFICULT | BOX_CROWD));
	for (class = 0; class < s->classes.count; at += classes[class++].detections) {
		while (at + classes[class].detections < s->detections.count
			&& s->detections.list[detections[at + classes[class].detections]].class == class)
			classes[class].detections++;
		score_class(&j, detections + at, &classes[class]);
		if (s->classes.list[class].left_out)
			continue;
		mean.gt += classes[class].gt;
		mean.detections += classes[class].detections;
		if (classes[class].gt) {
			mean.eleven += classes[class].eleven;
			mean.area += classes[class].area;
			count++;
		} else
			++*without;
	}
	mean.eleven = count ? mean.eleven / count : NAN;
	mean.area = count ? mean.area / count : NAN;
	free(gt);
	free(detections);
	free(j.taken);
	return mean;
}
