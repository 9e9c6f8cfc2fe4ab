/* ap - COCO's twelve numbers

   By falling score over all images: recall = hits / true boxes, precision = hits / (hits + misses), made monotone
   from the right, read at 101 recalls. AP = its mean; AR = the last recall, mean over the overlaps. */
#include "metrics/ap.h"
#include "metrics/ap_match.h"

#include <float.h>
#include <stdlib.h>

enum { RECALLS = 101, ALL = -1 };

const char *const ap_names[AP_NUMBERS] = { "AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl" };

static const struct row {
	bool recall;
	int overlap;		/* ALL: mean over them */
	int size;
	int found;		/* boxes looked at in each image and class */
} rows[AP_NUMBERS] = {
	{ false, ALL, 0, 100 }, { false, 0, 0, 100 }, { false, 5, 0, 100 }, { false, ALL, 1, 100 }, { false, ALL, 2, 100 }, { false, ALL, 3, 100 },
	{ true, ALL, 0, 1 }, { true, ALL, 0, 10 }, { true, ALL, 0, 100 }, { true, ALL, 1, 100 }, { true, ALL, 2, 100 }, { true, ALL, 3, 100 }
};

/* numpy's linspace(0, 1, 101) */
static double
recall_at(int i, unsigned compat)
{
	return compat & AP_RECALL ? i / 100.0 : i == RECALLS - 1 ? 1 : i * 0.01;
}

static int
by_score(const void *a, const void *b)
{
	const struct ap_match *const *x = a, *const *y = b;

	if ((*x)->score != (*y)->score)
		return (*x)->score > (*y)->score ? -1 : 1;
	return *x < *y ? -1 : 1;
}

/* One curve: `list` by falling score; precision and recall have room for all of it. Returns its points. */
static long
draw(const struct ap_match *const *list, long n, long positive, int size, int overlap, int found, double *precision, double *recall)
{
	const uint64_t bit = UINT64_C(1) << (size * AP_MATCH_OVERLAPS + overlap);
	long i, points = 0;
	double hits = 0, misses = 0;

	for (i = 0; i < n; i++) {
		if (list[i]->place >= found)
			continue;
		if (!(list[i]->ignored & bit)) {
			hits += (list[i]->hit & bit) != 0;
			misses += !(list[i]->hit & bit);
		}
		recall[points] = hits / (double)positive;
		precision[points++] = hits / (misses + hits + DBL_EPSILON);
	}
	for (i = points - 1; i > 0; i--)
		if (precision[i] > precision[i - 1])
			precision[i - 1] = precision[i];
	return points;
}

static double
mean_precision(const double *precision, const double *recall, long points, unsigned compat)
{
	double sum = 0;
	long at = 0;
	int i;

	for (i = 0; i < RECALLS; i++) {
		while (at < points && recall[at] < recall_at(i, compat))
			at++;
		if (at == points)
			break;
		sum += precision[at];
	}
	return sum / RECALLS;
}

static double
number(const struct row *r, const struct ap_matches *m, const struct ap_match *const *list, unsigned compat, double *precision, double *recall)
{
	int t = r->overlap == ALL ? 0 : r->overlap, end = r->overlap == ALL ? AP_MATCH_OVERLAPS : t + 1, count = end - t;
	double sum = 0;

	if (m->positive[r->size] == 0)
		return -1;
	for (; t < end; t++) {
		long points = draw(list, m->count, m->positive[r->size], r->size, t, r->found, precision, recall);

		if (r->recall)
			sum += points ? recall[points - 1] : 0;
		else
			sum += mean_precision(precision, recall, points, compat);
	}
	return sum / count;
}

static void
score(const struct ap_matches *m, unsigned compat, struct ap_score *out)
{
	size_t n = (size_t)m->count + 1;
	const struct ap_match **list = mem_new(sizeof *list * n);
	double *precision = mem_new(sizeof *precision * n), *recall = mem_new(sizeof *recall * n);
	long i;

	for (i = 0; i < m->count; i++)
		list[i] = &m->list[i];
	qsort(list, (size_t)m->count, sizeof *list, by_score);
	for (i = 0; i < AP_NUMBERS; i++)
		out->value[i] = number(&rows[i], m, list, compat, precision, recall);
	free(list);
	free(precision);
	free(recall);
}

/* How many boxes of a sorted list, from `at` on, are of this class and of the image of this rank. */
static long
span(const struct evaluation *s, const struct evaluation_boxes *boxes, const long *list, long at, int class, int rank)
{
	long end = at;

	while (end < boxes->count && boxes->list[list[end]].class == class && s->rank[boxes->list[list[end]].image] == rank)
		end++;
	return end - at;
}

/* The image that comes next in a list, of this class; INT_MAX where there is none. */
static int
next_rank(const struct evaluation *s, const struct evaluation_boxes *boxes, const long *list, long at, int class)
{
	return at < boxes->count && boxes->list[list[at]].class == class ? s->rank[boxes->list[list[at]].image] : INT32_MAX;
}

void
ap_coco(const struct evaluation *s, unsigned compat, struct ap_score *classes, struct ap_score *mean)
{
	long *truth = evaluation_sort(s, &s->truth, EVALUATION_BY_IMAGE), *found = evaluation_sort(s, &s->found, EVALUATION_BY_IMAGE_SCORE), t = 0, f = 0, n, m;
	struct ap_matches matches = { 0 };
	int class, rank, other, i, count[AP_NUMBERS] = { 0 };

	*mean = (struct ap_score){ { 0 } };
	for (class = 0; class < s->classes.count; class++) {
		ap_match_reset(&matches);
		for (;;) {
			rank = next_rank(s, &s->truth, truth, t, class);
			other = next_rank(s, &s->found, found, f, class);
			rank = rank < other ? rank : other;
			if (rank == INT32_MAX)
				break;
			n = span(s, &s->truth, truth, t, class, rank);
			m = span(s, &s->found, found, f, class, rank);
			ap_match_put(&matches, s, truth + t, n, found + f, m, compat);
			t += n;
			f += m;
		}
		score(&matches, compat, &classes[class]);
		for (i = 0; i < AP_NUMBERS; i++)
			if (classes[class].value[i] > -1 && !s->classes.left_out[class]) {
				mean->value[i] += classes[class].value[i];
				count[i]++;
			}
	}
	for (i = 0; i < AP_NUMBERS; i++)
		mean->value[i] = count[i] ? mean->value[i] / count[i] : -1;
	ap_match_free(&matches);
	free(truth);
	free(found);
}
