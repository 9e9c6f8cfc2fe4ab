/* evaluation - what is true of a set of images and what was predicted */
#include "metrics/evaluation.h"
#include "base/err.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct evaluation_image *
evaluation_add(struct evaluation *s, const char *key)
{
	struct evaluation_image *i;

	if (s->count == s->room)
		s->images = mem_grow(s->images, sizeof *s->images * (size_t)(s->room = s->room ? 2 * s->room : 256));
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

/* those without a number last */
static int
by_id(const void *a, const void *b)
{
	const struct evaluation_image *x = *(const struct evaluation_image *const *)a, *y = *(const struct evaluation_image *const *)b;

	if (x->numbered != y->numbered)
		return x->numbered ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static struct evaluation_image **
sorted(struct evaluation *s, int (*order)(const void *, const void *))
{
	struct evaluation_image **list = mem_new(sizeof *list * (size_t)s->count + 1);
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
	s->rank = mem_new(sizeof *s->rank * (size_t)s->count + 1);
	for (i = 0; i < s->count; i++)
		all = all && s->images[i].numbered;
	for (i = 0; i < s->count; i++)
		s->rank[all ? s->by_id[i] - s->images : i] = i;
	for (i = 0; i < s->count; i++)
		key_add(&s->keys, s->images[i].key);
	for (i = 1; i < s->count && result == 0; i++) {
		const struct evaluation_image *a = s->by_id[i - 1], *b = s->by_id[i];

		if (by_key(&by_name[i - 1], &by_name[i]) == 0)
			result = err(ERR_DATA, "image %s is there twice", by_name[i]->key);
		else if (a->numbered && b->numbered && a->id == b->id)
			result = err(ERR_DATA, "two images have the number %" PRId64, a->id);
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
		if (s->by_id[middle]->numbered && s->by_id[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->count && s->by_id[low]->numbered && s->by_id[low]->id == id ? (int)(s->by_id[low] - s->images) : -1;
}

void
evaluation_free(struct evaluation *s)
{
	int i;

	for (i = 0; i < s->count; i++)
		runs_free(&s->images[i].map);
	class_list_free(&s->classes);
	class_list_free(&s->label_classes);
	confusion_close(&s->pixels);
	free(s->images);
	free(s->truth.list);
	free(s->found.list);
	key_free(&s->keys);
	free(s->by_id);
	free(s->rank);
	arena_free(&s->text);
	*s = (struct evaluation){ 0 };
}
