/* ap_coco - COCO average precision

   Curve of a class, over all images in order of falling score: recall = TP / ground truth, precision = TP / (TP + FP),
   made monotone from the right and read at 101 recalls. AP is the mean of these; AR is the final recall, averaged over
   the thresholds. */
#include "annotation/class_list.h"
#include "base/mem.h"
#include "metrics/ap.h"
#include "metrics/ap_internal.h"

#include <float.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { RECALL_POINTS = 101, ALL = -1 };

const char *const ap_names[AP_NUMBERS] = { "AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs",
	"ARm", "ARl" };

static const struct ap_number {
	bool recall;
	int threshold;		/* index of the IoU threshold; ALL: mean over all */
	int size;
	int max_detections;		/* detections of each image and class that are used */
} numbers[AP_NUMBERS] = {
	{ false, ALL, 0, 100 }, { false, 0, 0, 100 }, { false, 5, 0, 100 },
	{ false, ALL, 1, 100 }, { false, ALL, 2, 100 }, { false, ALL, 3, 100 },
	{ true, ALL, 0, 1 }, { true, ALL, 0, 10 }, { true, ALL, 0, 100 },
	{ true, ALL, 1, 100 }, { true, ALL, 2, 100 }, { true, ALL, 3, 100 }
};

/* numpy's linspace(0, 1, 101) */
static double
recall_at(int i, unsigned compat)
{
	return compat & AP_RECALL ? i / 100.0 : i == RECALL_POINTS - 1 ? 1 : i * 0.01;
}

/* A curve and what it is computed from. */
struct curve {
	const struct ap_matches *matches;
	const int *times;		/* how often each image counts; NULL: once */
	double *precision, *recall;	/* (matches->count) */
	long points;
};

/* The ground-truth boxes that count. */
static long
positives(const struct ap_matches *m, const int *times, int size)
{
	long i, n = 0;

	for (i = 0; i < m->images; i++)
		n += (long)ap_times(times, m->gt[i].image) * m->gt[i].count[size];
	return n;
}

static void
build_curve(struct curve *c, long positive, int size, int threshold, int max_detections)
{
	const uint64_t bit = UINT64_C(1) << (size * AP_THRESHOLDS + threshold);
	long i;
	double hits = 0, misses = 0;

	c->points = 0;
	for (i = 0; i < c->matches->count; i++) {
		const struct ap_match *d = c->matches->sorted[i];
		const int times = ap_times(c->times, d->image);

		if (d->rank >= max_detections || times == 0)
			continue;
		if (!(d->ignored & bit))
			*(d->hit & bit ? &hits : &misses) += times;
		c->recall[c->points] = hits / (double)positive;
		c->precision[c->points++] = hits / (misses + hits + DBL_EPSILON);
	}
	for (i = c->points - 1; i > 0; i--)
		if (c->precision[i] > c->precision[i - 1])
			c->precision[i - 1] = c->precision[i];
}

static double
mean_precision(const struct curve *c, unsigned compat)
{
	double sum = 0;
	long at = 0;
	int i;

	for (i = 0; i < RECALL_POINTS; i++) {
		while (at < c->points && c->recall[at] < recall_at(i, compat))
			at++;
		if (at == c->points)
			break;
		sum += c->precision[at];
	}
	return sum / RECALL_POINTS;
}

static double
score_number(const struct ap_number *r, struct curve *c, unsigned compat)
{
	int t = r->threshold == ALL ? 0 : r->threshold, end = r->threshold == ALL ? AP_THRESHOLDS : t + 1;
	const int count = end - t;
	const long positive = positives(c->matches, c->times, r->size);
	double sum = 0;

	if (positive == 0)
		return -1;
	for (; t < end; t++) {
		build_curve(c, positive, r->size, t, r->max_detections);
		if (r->recall)
			sum += c->points ? c->recall[c->points - 1] : 0;
		else
			sum += mean_precision(c, compat);
	}
	return sum / count;
}

void
ap_coco_score(const struct ap_coco_matches *m, const int *times, int count, struct ap_score *classes,
	struct ap_score *mean)
{
	int class, i, defined[AP_NUMBERS] = { 0 };

	*mean = (struct ap_score){ { 0 } };
	for (class = 0; class < m->names->count; class++) {
		const size_t n = (size_t)m->classes[class].count + 1;
		struct curve c = { &m->classes[class], times, mem_array(n, sizeof *c.precision),
			mem_array(n, sizeof *c.recall), 0 };

		for (i = 0; i < count; i++) {
			double x = classes[class].value[i] = score_number(&numbers[i], &c, m->compat);

			if (x > -1 && !m->names->list[class].left_out) {
				mean->value[i] += x;
				defined[i]++;
			}
		}
		free(c.precision);
		free(c.recall);
	}
	for (i = 0; i < count; i++)
		mean->value[i] = defined[i] ? mean->value[i] / defined[i] : -1;
}
