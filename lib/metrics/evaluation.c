/* evaluation - ground truth and predictions of a dataset */
#include "metrics/evaluation.h"
#include "base/err.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct evaluation_image *
evaluation_add(struct evaluation *s, const char *key)
{
	struct evaluation_image *i;

	s->images = mem_room(s->images, &s->room, (size_t)s->count + 1, sizeof *s->images);
	i = &s->images[s->count++];
	*i = (struct evaluation_image){ .key = arena_text(&s->text, key), .class = -1 };
	memset(i->top, -1, sizeof i->top);
	return i;
}

static int
by_key(const void *a, const void *b)
{
	const struct evaluation_image *const *x = a, *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

/* Images without an id come last. */
static int
by_id(const void *a, const void *b)
{
	const struct evaluation_image *x = *(const struct evaluation_image *const *)a,
		*y = *(const struct evaluation_image *const *)b;

	if (x->has_id != y->has_id)
		return x->has_id ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static struct evaluation_image **
sorted(struct evaluation *s, int (*order)(const void *, const void *))
{
	struct evaluation_image **list = mem_array((size_t)s->count + 1, sizeof *list);
	int i;

	for (i = 0; i < s->count; i++)
		list[i] = &s->images[i];
	qsort(list, (size_t)s->count, sizeof *list, order);
	return list;
}

int
evaluation_seal(struct evaluation *s)
{
	struct evaluation_image **by_name = sorted(s, by_key);
	bool all = true;
	int i, result = 0;

	s->by_id = sorted(s, by_id);
	s->rank = mem_array((size_t)s->count + 1, sizeof *s->rank);
	for (i = 0; i < s->count; i++)
		all = all && s->images[i].has_id;
	for (i = 0; i < s->count; i++)
		s->rank[all ? s->by_id[i] - s->images : i] = i;
	s->keys.escaped = true;
	for (i = 0; i < s->count; i++)
		key_add(&s->keys, s->images[i].key);
	for (i = 1; i < s->count && result == 0; i++) {
		const struct evaluation_image *a = s->by_id[i - 1], *b = s->by_id[i];

		if (by_key(&by_name[i - 1], &by_name[i]) == 0)
			result = err(ERR_DATA, "image '%s' occurs twice", by_name[i]->key);
		else if (a->has_id && b->has_id && a->id == b->id)
			result = err(ERR_DATA, "two images have the id %" PRId64, a->id);
	}
	free(by_name);
	return result;
}

int
evaluation_find(const struct evaluation *s, const char *key)
{
	return (int)key_find(&s->keys, key);
}

int
evaluation_find_id(const struct evaluation *s, int64_t id)
{
	int low = 0, high = s->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (s->by_id[middle]->has_id && s->by_id[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->count && s->by_id[low]->has_id && s->by_id[low]->id == id ? (int)(s->by_id[low] - s->images)
		: -1;
}

void
evaluation_free(struct evaluation *s)
{
	int i;

	for (i = 0; i < s->count; i++)
		rle_free(&s->images[i].segmap);
	class_list_free(&s->classes);
	class_list_free(&s->label_classes);
	confusion_close(&s->pixels);
	free(s->images);
	free(s->gt.list);
	free(s->detections.list);
	key_free(&s->keys);
	free(s->by_id);
	free(s->rank);
	arena_free(&s->text);
	*s = (struct evaluation){ 0 };
}

void
evaluation_count_pixels(struct evaluation *s, struct evaluation_image *image, const uint8_t *predicted,
	const int gt_map[256], const int predicted_map[256], const struct evaluation_rules *rules)
{
	/* the counts of the image: those of all images so far, minus those before it */
	const int n = rules->keep_images ? s->pixels.classes : 0;
	struct confusion_class *kept = n ? arena_array(&s->text, (size_t)n, sizeof *kept) : NULL;
	int i;

	for (i = 0; i < n; i++)
		kept[i] = confusion_of(&s->pixels, i);
	confusion_pixels(&s->pixels, &image->segmap, predicted, gt_map, predicted_map);
	for (i = 0; i < n; i++) {
		const struct confusion_class all = confusion_of(&s->pixels, i);

		kept[i].correct = all.correct - kept[i].correct;
		kept[i].gt = all.gt - kept[i].gt;
		kept[i].predicted = all.predicted - kept[i].predicted;
	}
	image->map_classes = kept;
}

static void
append(struct evaluation_boxes *to, const struct evaluation_box *b)
{
	to->list = mem_room(to->list, &to->room, (size_t)to->count + 1, sizeof *to->list);
	to->list[to->count++] = *b;
}

static int
check_box(const struct evaluation *s, const struct evaluation_box *b)
{
	assert(b->image >= 0 && b->image < s->count && b->class >= 0 && b->class < s->classes.count);
	if (!iou_is_valid(&b->box))
		return err(ERR_DATA, "box %g %g %g %g: a coordinate is not finite, or the width or height is negative",
			b->box.left, b->box.top, b->box.right, b->box.bottom);
	return 0;
}

static bool
is_empty(const struct evaluation_box *b)
{
	return !(b->box.width > 0 && b->box.height > 0);
}

int
evaluation_put_gt(struct evaluation *s, const struct evaluation_box *b)
{
	struct evaluation_box box = *b;

	if (check_box(s, b) < 0)
		return -1;
	s->gt_tasks |= EVALUATION_DETECT;
	s->notes.empty_gt += is_empty(b);
	if (!(box.area >= 0)) {
		s->notes.no_area++;
		box.area = box.box.width * box.box.height;
	}
	append(&s->gt, &box);
	return 0;
}

int
evaluation_put_detection(struct evaluation *s, const struct evaluation_box *b, const struct evaluation_rules *rules)
{
	struct evaluation_box box = *b;

	if (!isfinite(b->score))
		return err(ERR_DATA, "the score of a box is not finite");
	if (check_box(s, b) < 0)
		return -1;
	if (b->score < rules->score_threshold) {
		s->notes.low_scores++;
		return 0;
	}
	s->notes.empty_detections += !b->mask && is_empty(b);
	box.area = box.box.width * box.box.height;
	append(&s->detections, &box);
	return 0;
}

/* The sort key of a box. */
struct sort_key { int class, rank; double score; long index; };

static int
compare_keys(const void *a, const void *b)
{
	const struct sort_key *x = a, *y = b;

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
	struct sort_key *keys = mem_array((size_t)boxes->count + 1, sizeof *keys);
	long *list = mem_array((size_t)boxes->count + 1, sizeof *list), i;

	for (i = 0; i < boxes->count; i++) {
		const struct evaluation_box *b = &boxes->list[i];

		keys[i] = (struct sort_key){ b->class, by == EVALUATION_BY_SCORE ? 0 : s->rank[b->image],
			by == EVALUATION_BY_IMAGE ? 0 : b->score, i };
	}
	qsort(keys, (size_t)boxes->count, sizeof *keys, compare_keys);
	for (i = 0; i < boxes->count; i++)
		list[i] = keys[i].index;
	free(keys);
	return list;
}

void
evaluation_drop_unpredicted(struct evaluation *s)
{
	long i, kept = 0;

	for (i = 0; i < s->gt.count; i++)
		if (s->images[s->gt.list[i].image].predicted)
			s->gt.list[kept++] = s->gt.list[i];
	s->gt.count = kept;
}
