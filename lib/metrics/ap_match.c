/* ap_match - which found boxes are which true boxes (COCO)

   By falling score, each found box takes the true box of highest overlap that is still free: the later one of equals,
   one that counts before one that is ignored; crowds are never used up. */
#include "metrics/ap_match.h"
#include "metrics/ap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Both ends belong to the range: a box of 32 x 32 is small and medium. */
static const double sizes[AP_MATCH_SIZES][2] = { { 0, 1e5 * 1e5 }, { 0, 32 * 32 }, { 32 * 32, 96 * 96 }, { 96 * 96, 1e5 * 1e5 } };

/* numpy's linspace(0.5, 0.95, 10), below 1 as the program asks */
static double
overlap(int t)
{
	const double step = (0.95 - 0.5) / (AP_MATCH_OVERLAPS - 1);

	return t == AP_MATCH_OVERLAPS - 1 ? 0.95 : t * step + 0.5;
}

static bool
outside(double area, int size)
{
	return area < sizes[size][0] || area > sizes[size][1];
}

/* The true boxes of one image and class at one size, those that count first. */
struct order {
	long m;
	long *at;		/* (m) index into the list of truth */
	bool *ignored, *crowd;	/* (m) in this order */
	bool *taken;		/* (m) */
};

static void
arrange(struct order *o, const struct evaluation *s, const long *truth, int size, unsigned compat)
{
	const unsigned without = BOX_DIFFICULT | BOX_CROWD | (compat & AP_IGNORE ? (unsigned)EVALUATION_IGNORE : 0);
	long i, n = 0;
	int pass;

	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < o->m; i++) {
			const struct evaluation_box *b = &s->truth.list[truth[i]];
			bool ignored = b->flags & without || outside(b->area, size);

			if (ignored != (pass == 1))
				continue;
			o->at[n] = i;
			o->ignored[n] = ignored;
			o->crowd[n++] = b->flags & BOX_CROWD;
		}
}

/* The place in the order of the true box that this found one takes, -1 for none. */
static long
best(const struct order *o, const double *iou, double least)
{
	long g, match = -1;

	for (g = 0; g < o->m; g++) {
		if (o->taken[g] && !o->crowd[g])
			continue;
		if (match >= 0 && !o->ignored[match] && o->ignored[g])
			break;
		if (iou[o->at[g]] < least)
			continue;
		least = iou[o->at[g]];
		match = g;
	}
	return match;
}

static void
match(struct ap_match *found, long n, struct order *o, const struct evaluation *s, const long *truth, const double *iou, const double *areas, int size, unsigned compat)
{
	long d, g;
	int t;

	for (t = 0; t < AP_MATCH_OVERLAPS; t++) {
		const uint64_t bit = UINT64_C(1) << (size * AP_MATCH_OVERLAPS + t);

		memset(o->taken, 0, sizeof *o->taken * (size_t)o->m);
		for (d = 0; d < n; d++) {
			g = best(o, iou + d * o->m, overlap(t));
			if (g >= 0) {
				o->taken[g] = true;
				if (o->ignored[g])
					found[d].ignored |= bit;
			}
			if (g >= 0 && !(compat & AP_ZERO_ID && s->truth.list[truth[o->at[g]]].id == 0))
				found[d].hit |= bit;
			else if (outside(areas[d], size))
				found[d].ignored |= bit;
		}
	}
}

/* The overlap, of masks where there are such. */
static double
common(const struct evaluation_box *found, const struct evaluation_box *truth)
{
	bool crowd = truth->flags & BOX_CROWD;
	long both;

	if (!found->mask || !truth->mask)
		return iou_coco(&found->box, &truth->box, crowd);
	both = runs_common(&found->mask->runs, &truth->mask->runs);
	return both ? (double)both / (double)(crowd ? found->mask->area : found->mask->area + truth->mask->area - both) : 0;
}

void
ap_match_put(struct ap_matches *to, const struct evaluation *s, const long *truth, long m, const long *found, long n, unsigned compat)
{
	struct order o = { .m = m };
	struct ap_match *list;
	double areas[AP_MATCH_FOUND];
	long d, g;
	int size;

	n = n < AP_MATCH_FOUND ? n : AP_MATCH_FOUND;
	while (to->count + n > to->room)
		to->list = mem_grow(to->list, sizeof *to->list * (size_t)(to->room = to->room ? 2 * to->room : 1024));
	if (to->iou_room < (size_t)(m * n))
		to->iou = mem_grow(to->iou, sizeof *to->iou * (to->iou_room = 2 * (size_t)(m * n)));
	list = to->list ? to->list + to->count : NULL;
	for (d = 0; d < n; d++) {
		const struct evaluation_box *b = &s->found.list[found[d]];

		list[d] = (struct ap_match){ .score = b->score, .place = (int)d };
		areas[d] = b->area;
		for (g = 0; g < m; g++)
			to->iou[d * m + g] = common(b, &s->truth.list[truth[g]]);
	}
	o.at = mem_new(sizeof *o.at * (size_t)m + 3 * (size_t)m + 1);
	o.ignored = (bool *)(o.at + m);
	o.crowd = o.ignored + m;
	o.taken = o.crowd + m;
	for (size = 0; size < AP_MATCH_SIZES; size++) {
		arrange(&o, s, truth, size, compat);
		for (g = 0; g < m; g++)
			to->positive[size] += !o.ignored[g];
		match(list, n, &o, s, truth, to->iou, areas, size, compat);
	}
	free(o.at);
	to->count += n;
}

void
ap_match_reset(struct ap_matches *m)
{
	m->count = 0;
	memset(m->positive, 0, sizeof m->positive);
}

void
ap_match_free(struct ap_matches *m)
{
	free(m->list);
	free(m->iou);
	*m = (struct ap_matches){ 0 };
}
