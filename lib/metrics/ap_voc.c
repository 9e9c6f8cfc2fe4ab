/* ap_voc - VOC's average precision: 11 points (2007) and area (2010 and later)

   In order of falling score, a detection is compared with the ground-truth box of highest IoU: a true positive if that
   reaches the threshold and is unmatched, ignored if that is difficult, else a false positive. */
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "base/mem.h"
#include "metrics/ap.h"
#include "metrics/ap_internal.h"
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

enum outcome { FALSE_POSITIVE = -1, IGNORED, TRUE_POSITIVE };

struct ap_voc_matches {
	const struct evaluation *set;
	unsigned compat;
	long *detections;		/* all, sorted by class and falling score */
	signed char *outcomes;		/* enum outcome of each, in that order */
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

static enum outcome
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
		return FALSE_POSITIVE;
	if (j->set->gt.list[best].flags & (BOX_DIFFICULT | BOX_CROWD))
		return IGNORED;
	if (j->taken[best])
		return FALSE_POSITIVE;
	j->taken[best] = true;
	return TRUE_POSITIVE;
}

struct ap_voc_matches *
ap_voc_match(const struct evaluation *s, double iou_threshold, unsigned compat)
{
	struct ap_voc_matches *m = mem_new(sizeof *m);
	long *gt = evaluation_sort(s, &s->gt, EVALUATION_BY_IMAGE), i;
	struct voc_matching j = { s, iou_threshold, compat, gt, mem_array((size_t)s->gt.count + 1, sizeof *j.taken) };

	*m = (struct ap_voc_matches){ s, compat, evaluation_sort(s, &s->detections, EVALUATION_BY_SCORE),
		mem_array((size_t)s->detections.count + 1, sizeof *m->outcomes) };
	for (i = 0; i < s->detections.count; i++)
		m->outcomes[i] = (signed char)judge(&j, &s->detections.list[m->detections[i]]);
	free(gt);
	free(j.taken);
	return m;
}

void
ap_voc_free(struct ap_voc_matches *m)
{
	free(m->detections);
	free(m->outcomes);
	free(m);
}

/* The score of a class whose detections begin at `at`. */
static void
score_class(const struct ap_voc_matches *m, const int *times, long at, struct ap_voc *out)
{
	struct voc_curve c = { 0, mem_array((size_t)out->detections + 1, sizeof *c.precision),
		mem_array((size_t)out->detections + 1, sizeof *c.recall) };
	double hits = 0, misses = 0;
	long d;

	for (d = at; d < at + out->detections; d++) {
		const int n = ap_times(times, m->set->detections.list[m->detections[d]].image);

		if (n == 0)
			continue;
		hits += m->outcomes[d] == TRUE_POSITIVE ? n : 0;
		misses += m->outcomes[d] == FALSE_POSITIVE ? n : 0;
		c.recall[c.n] = hits / (double)out->gt;
		c.precision[c.n++] = hits + misses > 0 ? hits / (hits + misses) : 0;
	}
	out->eleven = out->gt ? eleven(&c, m->compat) : NAN;
	out->area = out->gt ? area(&c) : NAN;
	free(c.precision);
	free(c.recall);
}

struct ap_voc
ap_voc_score(const struct ap_voc_matches *m, const int *times, struct ap_voc *classes, int *without)
{
	const struct evaluation *s = m->set;
	struct ap_voc mean = { 0 };
	long at = 0, i;
	int class, count = 0;

	*without = 0;
	memset(classes, 0, sizeof *classes * (size_t)s->classes.count);
	for (i = 0; i < s->gt.count; i++) {
		const struct evaluation_box *b = &s->gt.list[i];

		if (!(b->flags & (BOX_DIFFICULT | BOX_CROWD)))
			classes[b->class].gt += ap_times(times, b->image);
	}
	for (class = 0; class < s->classes.count; at += classes[class++].detections) {
		while (at + classes[class].detections < s->detections.count
			&& s->detections.list[m->detections[at + classes[class].detections]].class == class)
			classes[class].detections++;
		score_class(m, times, at, &classes[class]);
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
	return mean;
}
