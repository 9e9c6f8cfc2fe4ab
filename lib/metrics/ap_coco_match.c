/* ap_coco_match - the detections that are true positives, for each IoU threshold and area range of COCO

   For each image, class, area range and IoU threshold: in order of falling score, each detection takes the unmatched
   ground-truth box of highest IoU. Of equal IoU the later box wins; boxes that count are preferred to ignored ones;
   crowds stay available. */
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "base/mem.h"
#include "metrics/ap.h"
#include "metrics/ap_internal.h"
#include "metrics/evaluation.h"
#include "metrics/iou.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DETECTIONS_MAX = 100 };	/* detections of an image and class that are scored, best first */

/* Both ends belong to the range: a box of 32 x 32 is small and medium. */
static const double area_ranges[AP_SIZES][2] = { { 0, 1e5 * 1e5 }, { 0, 32 * 32 }, { 32 * 32, 96 * 96 },
	{ 96 * 96, 1e5 * 1e5 } };

/* numpy's linspace(0.5, 0.95, 10), exact at the ends */
static double
iou_threshold(int t)
{
	const double step = (0.95 - 0.5) / (AP_THRESHOLDS - 1);

	return t == AP_THRESHOLDS - 1 ? 0.95 : t * step + 0.5;
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

	for (t = 0; t < AP_THRESHOLDS; t++) {
		const uint64_t bit = UINT64_C(1) << (size * AP_THRESHOLDS + t);

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

/* IoU of each detection with each ground-truth box, kept between images. */
struct iou_table {
	double *iou;
	size_t room;
};

/* Append the matches of one image and class: `detections` (n indices by falling score), `gt` (m indices in the order of
   the file). compat: enum ap_compat. */
static void
match_image(struct ap_matches *to, const struct evaluation *s, const long *gt, long m, const long *detections, long n,
	struct iou_table *table, unsigned compat)
{
	struct gt_order o = { .m = m };
	struct ap_gt *counts;
	struct ap_match *list;
	double areas[DETECTIONS_MAX];
	const int image = m ? s->gt.list[gt[0]].image : s->detections.list[detections[0]].image;
	long d, g;
	int size;

	n = n < DETECTIONS_MAX ? n : DETECTIONS_MAX;
	to->list = mem_room(to->list, &to->room, (size_t)to->count + (size_t)n, sizeof *to->list);
	to->gt = mem_room(to->gt, &to->gt_room, (size_t)to->images + 1, sizeof *to->gt);
	table->iou = mem_room(table->iou, &table->room, mem_product((size_t)m, (size_t)n), sizeof *table->iou);
	list = to->list ? to->list + to->count : NULL;
	for (d = 0; d < n; d++) {
		const struct evaluation_box *b = &s->detections.list[detections[d]];

		list[d] = (struct ap_match){ .score = b->score, .rank = (int)d, .image = image };
		areas[d] = b->area;
		for (g = 0; g < m; g++)
			table->iou[d * m + g] = mask_or_box_iou(b, &s->gt.list[gt[g]]);
	}
	o.at = mem_array((size_t)m + 1, sizeof *o.at);
	o.ignored = mem_array((size_t)m + 1, 3 * sizeof *o.ignored);
	o.crowd = o.ignored + m;
	o.taken = o.crowd + m;
	counts = &to->gt[to->images++];
	*counts = (struct ap_gt){ .image = image };
	for (size = 0; size < AP_SIZES; size++) {
		arrange(&o, s, gt, size, compat);
		for (g = 0; g < m; g++)
			counts->count[size] += !o.ignored[g];
		match_all(list, n, &o, s, gt, table->iou, areas, size, compat);
	}
	free(o.at);
	free(o.ignored);
	to->count += n;
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

/* Falling score; equal scores in the order of the images. */
static int
by_score(const void *a, const void *b)
{
	const struct ap_match *const *x = a, *const *y = b;

	if ((*x)->score != (*y)->score)
		return (*x)->score > (*y)->score ? -1 : 1;
	return *x < *y ? -1 : 1;
}

static void
sort_matches(struct ap_matches *m)
{
	long i;

	m->sorted = mem_array((size_t)m->count + 1, sizeof *m->sorted);
	for (i = 0; i < m->count; i++)
		m->sorted[i] = &m->list[i];
	qsort(m->sorted, (size_t)m->count, sizeof *m->sorted, by_score);
}

struct ap_coco_matches *
ap_coco_match(const struct evaluation *s, unsigned compat)
{
	struct ap_coco_matches *all = mem_new(sizeof *all);
	long *gt = evaluation_sort(s, &s->gt, EVALUATION_BY_IMAGE),
		*detections = evaluation_sort(s, &s->detections, EVALUATION_BY_IMAGE_SCORE), t = 0, f = 0, n, m;
	struct iou_table table = { 0 };
	int class, rank, other;

	*all = (struct ap_coco_matches){ &s->classes, mem_array((size_t)s->classes.count + 1, sizeof *all->classes),
		compat };
	for (class = 0; class < s->classes.count; class++) {
		for (;;) {
			rank = next_rank(s, &s->gt, gt, t, class);
			other = next_rank(s, &s->detections, detections, f, class);
			rank = rank < other ? rank : other;
			if (rank == INT32_MAX)
				break;
			n = span(s, &s->gt, gt, t, class, rank);
			m = span(s, &s->detections, detections, f, class, rank);
			match_image(&all->classes[class], s, gt + t, n, detections + f, m, &table, compat);
			t += n;
			f += m;
		}
		sort_matches(&all->classes[class]);
	}
	free(table.iou);
	free(gt);
	free(detections);
	return all;
}

void
ap_coco_free(struct ap_coco_matches *m)
{
	int i;

	for (i = 0; i < m->names->count; i++) {
		free(m->classes[i].list);
		free(m->classes[i].sorted);
		free(m->classes[i].gt);
	}
	free(m->classes);
	free(m);
}
