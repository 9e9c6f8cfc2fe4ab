/* keys - the keys of the objects that are open, to find one that comes twice */
#include "json/keys.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static void *
room(void *list, size_t *have, size_t need, size_t width)
{
	if (need <= *have)
		return list;
	*have = need * 2;
	return mem_grow(list, *have * width);
}

void
keys_open(struct keys *k)
{
	k->levels = room(k->levels, &k->level_room, k->depth + 1, sizeof *k->levels);
	k->levels[k->depth++] = (struct keys_level){ k->count, k->used };
}

void
keys_put(struct keys *k, const char *key, size_t size, size_t offset)
{
	k->list = room(k->list, &k->list_room, k->count + 1, sizeof *k->list);
	k->text = room(k->text, &k->room, k->used + size + 1, 1);
	memcpy(k->text + k->used, key, size);
	k->list[k->count++] = (struct keys_entry){ k->used, size, offset };
	k->used += size;
}

/* qsort() hands over no context: this thread's texts */
static _Thread_local const char *sorting;

static int
compare(const void *a, const void *b)
{
	const struct keys_entry *x = a, *y = b;
	size_t n = x->size < y->size ? x->size : y->size;
	int order = memcmp(sorting + x->start, sorting + y->start, n);

	return order ? order : (x->size > y->size) - (x->size < y->size);
}

int
keys_close(struct keys *k)
{
	struct keys_level level = k->levels[--k->depth];
	struct keys_entry *list = k->list + level.count;
	size_t i, n = k->count - level.count;

	k->count = level.count;
	k->used = level.used;
	if (n < 2)
		return 0;
	sorting = k->text;
	qsort(list, n, sizeof *list, compare);
	for (i = 1; i < n; i++)
		if (compare(&list[i - 1], &list[i]) == 0) {
			size_t later = list[i - 1].offset > list[i].offset ? list[i - 1].offset : list[i].offset;

			return err(ERR_DATA, "byte %zu: the key \"%.*s\" comes twice", later,
				(int)(list[i].size < 200 ? list[i].size : 200), k->text + list[i].start);
		}
	return 0;
}

void
keys_free(struct keys *k)
{
	free(k->text);
	free(k->list);
	free(k->levels);
	*k = (struct keys){ 0 };
}
