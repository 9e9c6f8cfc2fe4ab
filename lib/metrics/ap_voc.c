/* ap_voc - VOC's average precision: 11 points (2007) and area (2010 and later)

   By falling score, a found box is judged by the true box it overlaps most: a hit if that is far enough and still free,
   nothing if that is difficult, else a miss. */
#include "metrics/ap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 11 };

struct curve {
	long n;
	double *precision, *recall;
};

/* numpy's arange(0, 1.1, 0.1) */
static double
recall_at(int i, unsigned compat)
{
	return compat & AP_RECALL ? i / 10.0 : i * 0.1;
}

/* mean over the recalls of the best precision at that recall or beyond */
static double
eleven(const struct curve *c, unsigned compat)
{
	double sum = 0, best;
	long d;
	int i;

	for (i = 0; i < POINTS; i++) {
		best = 0;
		for (d = c->n - 1; d >= 0 && c->recall[d] >= recall_at(i, compat); d--)
			best = fmax(best, c->precision[d]);
		sum += best / POINTS;
	}
	return sum;
}

/* area under the precision, made monotone from the right */
static double
area(const struct curve *c)
{
	double sum = 0, best = 0;
	long d;

	for (d = c->n - 1; d >= 0; d--) {
		best = fmax(best, c->precision[d]);
		sum += (c->recall[d] - (d ? c->recall[d - 1] : 0)) * best;
	}
	return sum;
}

struct job {
	const struct evaluation *set;
	double overlap;
	unsigned compat;
	const long *truth;	/* sorted by class and image */
	bool *taken;		/* by index of truth */
};

/* First of the sorted truth that is not before this class and image. */
static long
first(const struct job *j, int class, int rank)
{
	long low = 0, high = j->set->truth.count, middle;

	while (low < high) {
		const struct evaluation_box *b = &j->set->truth.list[j->truth[middle = low + (high - low) / 2]];

		if (b->class < class || (b->class == class && j->set->rank[b->image] < rank))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* 1: a hit, -1: a miss, 0: neither */
static int
judge(const struct job *j, const struct evaluation_box *found)
{
	double most = -INFINITY, iou;
	long i, best = -1;

	for (i = first(j, found->class, j->set->rank[found->image]); i < j->set->truth.count; i++) {
		const struct evaluation_box *b = &j->set->truth.list[j->truth[i]];

		if (b->class != found->class || b->image != found->image)
			break;
		iou = iou_voc(&found->box, &b->box, j->compat & AP_EDGES);
		if (iou > 0 && iou > most) {
			most = iou;
			best = j->truth[i];
		}
	}
	if (best < 0 || !(j->compat & AP_PY ? most > j->overlap : most >= j->overlap))
		return -1;
	if (j->set->truth.list[best].flags & (BOX_DIFFICULT | BOX_CROWD))
		return 0;
	if (j->taken[best])
		return -1;
	j->taken[best] = true;
	return 1;
}

static void
score(const struct job *j, const long *found, struct ap_voc *out)
{
	struct curve c = { out->found, mem_new(sizeof *c.precision * (size_t)out->found + 1), mem_new(sizeof *c.recall * (size_t)out->found + 1) };
	double hits = 0, misses = 0;
	long d;

	for (d = 0; d < out->found; d++) {
		int verdict = judge(j, &j->set->found.list[found[d]]);

		hits += verdict > 0;
		misses += verdict < 0;
		c.recall[d] = hits / (double)out->truth;
		c.precision[d] = hits + misses > 0 ? hits / (hits + misses) : 0;
	}
	out->eleven = out->truth ? eleven(&c, j->compat) : NAN;
	out->area = out->truth ? area(&c) : NAN;
	free(c.precision);
	free(c.recall);
}

struct ap_voc
ap_voc(const struct evaluation *s, double overlap, unsigned compat, struct ap_voc *classes, int *without)
{
	long *truth = evaluation_sort(s, &s->truth, EVALUATION_BY_IMAGE), *found = evaluation_sort(s, &s->found, EVALUATION_BY_SCORE), at = 0, i;
	struct job j = { s, overlap, compat, truth, mem_new(sizeof *j.taken * (size_t)s->truth.count + 1) };
	struct ap_voc mean = { 0 };
	int class, count = 0;

	*without = 0;
	memset(classes, 0, sizeof *classes * (size_t)s->classes.count);
	for (i = 0; i < s->truth.count; i++)
		classes[s->truth.list[i].class].truth += !(s->truth.list[i].flags & (BOX_DIFFICULT | BOX_CROWD));
	for (class = 0; class < s->classes.count; at += classes[class++].found) {
		while (at + classes[class].found < s->found.count && s->found.list[found[at + classes[class].found]].class == class)
			classes[class].found++;
		score(&j, found + at, &classes[class]);
		if (s->classes.left_out[class])
			continue;
		mean.truth += classes[class].truth;
		mean.found += classes[class].found;
		if (classes[class].truth) {
			mean.eleven += classes[class].eleven;
			mean.area += classes[class].area;
			count++;
		} else
			++*without;
	}
	mean.eleven = count ? mean.eleven / count : NAN;
	mean.area = count ? mean.area / count : NAN;
	free(truth);
	free(found);
	free(j.taken);
	return mean;
}
