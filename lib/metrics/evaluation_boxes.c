/* evaluation_boxes - the boxes of a set: what may be put in, and in which order they are scored */
#include "base/err.h"
#include "metrics/evaluation.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static void
append(struct evaluation_boxes *to, const struct evaluation_box *b)
{
	if (to->count == to->room)
		to->list = mem_grow(to->list, sizeof *to->list * (size_t)(to->room = to->room ? 2 * to->room : 1024));
	to->list[to->count++] = *b;
}

static int
check(const struct evaluation *s, const struct evaluation_box *b)
{
	assert(b->image >= 0 && b->image < s->count && b->class >= 0 && b->class < s->classes.count);
	if (!iou_sound(&b->box))
		return err(ERR_DATA, "a box from %g %g to %g %g: not numbers, or the end before the beginning", b->box.left, b->box.top, b->box.right, b->box.bottom);
	return 0;
}

static bool
flat(const struct evaluation_box *b)
{
	return !(b->box.width > 0 && b->box.height > 0);
}

int
evaluation_put_truth(struct evaluation *s, const struct evaluation_box *b)
{
	struct evaluation_box box = *b;

	if (check(s, b) < 0)
		return -1;
	s->true_parts |= EVALUATION_BOXES;
	s->notes.flat += flat(b);
	if (!(box.area >= 0)) {
		s->notes.areas++;
		box.area = box.box.width * box.box.height;
	}
	append(&s->truth, &box);
	return 0;
}

int
evaluation_put_detection(struct evaluation *s, const struct evaluation_box *b, const struct evaluation_rules *rules)
{
	struct evaluation_box box = *b;

	if (!isfinite(b->score))
		return err(ERR_DATA, "the score of a box is not a finite number");
	if (check(s, b) < 0)
		return -1;
	if (b->score < rules->least) {
		s->notes.low++;
		return 0;
	}
	s->notes.found_flat += !b->mask && flat(b);
	box.area = box.box.width * box.box.height;
	append(&s->found, &box);
	return 0;
}

/* What a box is sorted by. */
struct key { int class, rank; double score; long index; };

static int
order(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

long *
evaluation_sort(const struct evaluation *s, const struct evaluation_boxes *boxes, enum evaluation_order by)
{
	struct key *keys = mem_new(sizeof *keys * (size_t)boxes->count + 1);
	long *list = mem_new(sizeof *list * (size_t)boxes->count + 1), i;

	for (i = 0; i < boxes->count; i++) {
		const struct evaluation_box *b = &boxes->list[i];

		keys[i] = (struct key){ b->class, by == EVALUATION_BY_SCORE ? 0 : s->rank[b->image], by == EVALUATION_BY_IMAGE ? 0 : b->score, i };
	}
	qsort(keys, (size_t)boxes->count, sizeof *keys, order);
	for (i = 0; i < boxes->count; i++)
		list[i] = keys[i].index;
	free(keys);
	return list;
}

void
evaluation_drop_unpredicted(struct evaluation *s)
{
	long i, kept = 0;

	for (i = 0; i < s->truth.count; i++)
		if (s->images[s->truth.list[i].image].predicted)
			s->truth.list[kept++] = s->truth.list[i];
	s->truth.count = kept;
}
