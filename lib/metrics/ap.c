/* ap - COCO average precision

   Matching, for each image, class, area range and IoU threshold: in order of falling score, each detection takes the
   unmatched ground-truth box of highest IoU. Of equal IoU the later box wins; boxes that count are preferred to ignored
   ones; crowds stay available.

   Curve, over all images in order of falling score: recall = TP / ground truth, precision = TP / (TP + FP), made
   monotone from the right and read at 101 recalls. AP is the mean of these; AR is the final recall, averaged over the
   thresholds. */
#include "metrics/ap.h"
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "base/mem.h"
#include "metrics/iou.h"

#include <float.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	SIZES = 4,		/* area ranges: all, small, medium, large */
	THRESHOLDS = 10,	/* IoU 0.5, 0.55 ... 0.95 */
	DETECTIONS_MAX = 100,	/* detections of an image and class that are scored, best first */
	RECALL_POINTS = 101,
	ALL = -1
};

/* A detection. Bit size * THRESHOLDS + threshold of its masks. */
struct ap_match {
	double score;
	int rank;		/* among those of its image and class, by falling score, from 0 */
	uint64_t hit;		/* true positive */
	uint64_t ignored;	/* neither a true nor a false positive */
};

struct ap_matches {
	struct ap_match *list;	/* by image, in each by falling score */
	long count;
	size_t room;
	long positive[SIZES];	/* ground-truth boxes that count */
	double *iou;		/* work space */
	size_t iou_room;
};

/* Both ends belong to the range: a box of 32 x 32 is small and medium. */
static const double area_ranges[SIZES][2] = { { 0, 1e5 * 1e5 }, { 0, 32 * 32 }, { 32 * 32, 96 * 96 },
	{ 96 * 96, 1e5 * 1e5 } };

/* numpy's linspace(0.5, 0.95, 10), exact at the ends */
static double
iou_threshold(int t)
{
	const double step = (0.95 - 0.5) / (THRESHOLDS - 1);

	return t == THRESHOLDS - 1 ? 0.95 : t * step + 0.5;
}

static bool
outside(double area, int size)
{
	return area < area_ranges[size][0] || area > area_ranges[size][1];
}

/* The ground-truth boxes of one image, class and area range, those that count first. */
struct gt_order {
	long m;
	long *at;		/* (m) index into the ground-truth boxes of the image */
	bool *ignored, *crowd;	/* (m) in this order */
	bool *taken;		/* (m) */
};

static void
arrange(struct gt_order *o, const struct evaluation *s, const long *gt, int size, unsigned compat)
{
	const unsigned without = BOX_DIFFICULT | BOX_CROWD | (compat & AP_IGNORE ? BOX_IGNORE : 0U);
	long i, n = 0;
	int pass;

	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < o->m; i++) {
			const struct evaluation_box *b = &s->gt.list[gt[i]];
			bool ignored = b->flags & without || outside(b->area, size);

			if (ignored != (pass == 1))
				continue;
			o->at[n] = i;
			o->ignored[n] = ignored;
			o->crowd[n++] = b->flags & BOX_CROWD;
		}
}

/* The position in the order of the ground-truth box that a detection matches; -1: none. */
static long
best_match(const struct gt_order *o, const double *iou, double threshold)
{
	long g, match = -1;

	for (g = 0; g < o->m; g++) {
		if (o->taken[g] && !o->crowd[g])
			continue;
		if (match >= 0 && !o->ignored[match] && o->ignored[g])
			break;
		if (iou[o->at[g]] < threshold)
			continue;
		threshold = iou[o->at[g]];
		match = g;
	}
	return match;
}

static void
match_all(struct ap_match *detections, long n, struct gt_order *o, const struct evaluation *s, const long *gt,
	const double *iou, const double *areas, int size, unsigned compat)
{
	long d, g;
	int t;

	for (t = 0; t < THRESHOLDS; t++) {
		const uint64_t bit = UINT64_C(1) << (size * THRESHOLDS + t);

		memset(o->taken, 0, sizeof *o->taken * (size_t)o->m);
		for (d = 0; d < n; d++) {
			g = best_match(o, iou + d * o->m, iou_threshold(t));
			if (g >= 0) {
				o->taken[g] = true;
				if (o->ignored[g])
					detections[d].ignored |= bit;
			}
			if (g >= 0 && !(compat & AP_ZERO_ID && s->gt.list[gt[o->at[g]]].id == 0))
				detections[d].hit |= bit;
			else if (outside(areas[d], size))
				detections[d].ignored |= bit;
		}
	}
}

/* IoU of the masks, if both have one, else of the boxes. */
static double
mask_or_box_iou(const struct evaluation_box *detection, const struct evaluation_box *gt)
{
	bool crowd = gt->flags & BOX_CROWD;
	long both, all;

	if (!detection->mask || !gt->mask)
		return iou_coco(&detection->box, &gt->box, crowd);
	both = rle_intersection(&detection->mask->rle, &gt->mask->rle);
	all = crowd ? detection->mask->area : detection->mask->area + gt->mask->area - both;
	return both ? (double)both / (double)all : 0;
}

/* Append the matches of one image and class: `detections` (n indices by falling score), `gt` (m indices in the order of
   the file). compat: enum ap_compat. */
static void
match_image(struct ap_matches *to, const struct evaluation *s, const long *gt, long m, const long *detections, long n,
	unsigned compat)
{
	struct gt_order o = { .m = m };
	struct ap_match *list;
	double areas[DETECTIONS_MAX];
	long d, g;
	int size;

	n = n < DETECTIONS_MAX ? n : DETECTIONS_MAX;
	to->list = mem_room(to->list, &to->room, (size_t)to->count + (size_t)n, sizeof *to->list);
	to->iou = mem_room(to->iou, &to->iou_room, mem_product((size_t)m, (size_t)n), sizeof *to->iou);
	list = to->list ? to->list + to->count : NULL;
	for (d = 0; d < n; d++) {
		const struct evaluation_box *b = &s->detections.list[detections[d]];

		list[d] = (struct ap_match){ .score = b->score, .rank = (int)d };
		areas[d] = b->area;
		for (g = 0; g < m; g++)
			to->iou[d * m + g] = mask_or_box_iou(b, &s->gt.list[gt[g]]);
	}
	o.at = mem_array((size_t)m + 1, sizeof *o.at);
	o.ignored = mem_array((size_t)m + 1, 3 * sizeof *o.ignored);
	o.crowd = o.ignored + m;
	o.taken = o.crowd + m;
	for (size = 0; size < SIZES; size++) {
		arrange(&o, s, gt, size, compat);
		for (g = 0; g < m; g++)
			to->positive[size] += !o.ignored[g];
		match_all(list, n, &o, s, gt, to->iou, areas, size, compat);
	}
	free(o.at);
	free(o.ignored);
	to->count += n;
}

/* Empty it; the memory is kept. */
static void
matches_reset(struct ap_matches *m)
{
	m->count = 0;
	memset(m->positive, 0, sizeof m->positive);
}

static void
matches_free(struct ap_matches *m)
{
	free(m->list);
	free(m->iou);
	*m = (struct ap_matches){ 0 };
}

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

static int
by_score(const void *a, const void *b)
{
	const struct ap_match *const *x = a, *const *y = b;

	if ((*x)->score != (*y)->score)
		return (*x)->score > (*y)->score ? -1 : 1;
	return *x < *y ? -1 : 1;
}

/* The precision-recall curve: `list` by falling score; precision and recall have room for all of it. Returns its
   points. */
static long
build_curve(const struct ap_match *const *list, long n, long positive, int size, int threshold, int max_detections,
	double *precision, double *recall)
{
	const uint64_t bit = UINT64_C(1) << (size * THRESHOLDS + threshold);
	long i, points = 0;
	double hits = 0, misses = 0;

	for (i = 0; i < n; i++) {
		if (list[i]->rank >= max_detections)
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

	for (i = 0; i < RECALL_POINTS; i++) {
		while (at < points && recall[at] < recall_at(i, compat))
			at++;
		if (at == points)
			break;
		sum += precision[at];
	}
	return sum / RECALL_POINTS;
}

static double
score_number(const struct ap_number *r, const struct ap_matches *m, const struct ap_match *const *list, unsigned compat,
	double *precision, double *recall)
{
	int t = r->threshold == ALL ? 0 : r->threshold, end = r->threshold == ALL ? THRESHOLDS : t + 1, count = end - t;
	double sum = 0;

	if (m->positive[r->size] == 0)
		return -1;
	for (; t < end; t++) {
		long points = build_curve(
			list, m->count, m->positive[r->size], r->size, t, r->max_detections, precision, recall);

		if (r->recall)
			sum += points ? recall[points - 1] : 0;
		else
			sum += mean_precision(precision, recall, points, compat);
	}
	return sum / count;
}

static void
score_class(const struct ap_matches *m, unsigned compat, struct ap_score *out)
{
	size_t n = (size_t)m->count + 1;
	const struct ap_match **list = mem_array(n, sizeof *list);
	double *precision = mem_array(n, sizeof *precision), *recall = mem_array(n, sizeof *recall);
	long i;

	for (i = 0; i < m->count; i++)
		list[i] = &m->list[i];
	qsort(list, (size_t)m->count, sizeof *list, by_score);
	for (i = 0; i < AP_NUMBERS; i++)
		out->value[i] = score_number(&numbers[i], m, list, compat, precision, recall);
	free(list);
	free(precision);
	free(recall);
}

/* The number of boxes of a sorted list, from `at` on, of this class and the image of this rank. */
static long
span(const struct evaluation *s, const struct evaluation_boxes *boxes, const long *list, long at, int class, int rank)
{
	long end = at;

	while (end < boxes->count && boxes->list[list[end]].class == class &&
		s->rank[boxes->list[list[end]].image] == rank)
		end++;
	return end - at;
}

/* The rank of the next image of this class in a sorted list; INT32_MAX: none. */
static int
next_rank(const struct evaluation *s, const struct evaluation_boxes *boxes, const long *list, long at, int class)
{
	return at < boxes->count && boxes->list[list[at]].class == class ? s->rank[boxes->list[list[at]].image]
		: INT32_MAX;
}

void
ap_coco(const struct evaluation *s, unsigned compat, struct ap_score *classes, struct ap_score *mean)
{
	long *gt = evaluation_sort(s, &s->gt, EVALUATION_BY_IMAGE),
		*detections = evaluation_sort(s, &s->detections, EVALUATION_BY_IMAGE_SCORE), t = 0, f = 0, n, m;
	struct ap_matches matches = { 0 };
	int class, rank, other, i, count[AP_NUMBERS] = { 0 };

	*mean = (struct ap_score){ { 0 } };
	for (class = 0; class < s->classes.count; class++) {
		matches_reset(&matches);
		for (;;) {
			rank = next_rank(s, &s->gt, gt, t, class);
			other = next_rank(s, &s->detections, detections, f, class);
			rank = rank < other ? rank : other;
			if (rank == INT32_MAX)
				break;
			n = span(s, &s->gt, gt, t, class, rank);
			m = span(s, &s->detections, detections, f, class, rank);
			match_image(&matches, s, gt + t, n, detections + f, m, compat);
			t += n;
			f += m;
		}
		score_class(&matches, compat, &classes[class]);
		for (i = 0; i < AP_NUMBERS; i++)
			if (classes[class].value[i] > -1 && !s->classes.list[class].left_out) {
				mean->value[i] += classes[class].value[i];
				count[i]++;
			}
	}
	for (i = 0; i < AP_NUMBERS; i++)
		mean->value[i] = count[i] ? mean->value[i] / count[i] : -1;
	matches_free(&matches);
	free(gt);
	free(detections);
}
