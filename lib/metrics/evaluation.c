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

const char *
evaluation_stem(const char *key, int *size)
{
	const char *slash = strrchr(key, '/'), *dot;

	key = slash ? slash + 1 : key;
	dot = strrchr(key, '.');
	*size = dot && dot > key ? (int)(dot - key) : (int)strlen(key);
	return key;
}

/* a part of a key against another */
static int
compare(const char *a, int n, const char *b, int m)
{
	int order = memcmp(a, b, (size_t)(n < m ? n : m));

	return order ? order : n - m;
}

static int
by_key(const void *a, const void *b)
{
	const struct evaluation_image *const *x = a, *const *y = b;

	return strcmp((*x)->key, (*y)->key);
}

static int
by_stem(const void *a, const void *b)
{
	const struct evaluation_image *const *x = a, *const *y = b;

	int n, m;
	const char *p = evaluation_stem((*x)->key, &n), *q = evaluation_stem((*y)->key, &m);

	return compare(p, n, q, m);
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
	bool all = true;
	int i;

	s->by_key = sorted(s, by_key);
	s->by_stem = sorted(s, by_stem);
	s->by_id = sorted(s, by_id);
	s->rank = mem_new(sizeof *s->rank * (size_t)s->count + 1);
	for (i = 0; i < s->count; i++)
		all = all && s->images[i].numbered;
	for (i = 0; i < s->count; i++)
		s->rank[all ? s->by_id[i] - s->images : i] = i;
	for (i = 1; i < s->count; i++) {
		const struct evaluation_image *a = s->by_id[i - 1], *b = s->by_id[i];

		if (by_key(&s->by_key[i - 1], &s->by_key[i]) == 0)
			return err(ERR_DATA, "image %s is there twice", s->by_key[i]->key);
		if (a->numbered && b->numbered && a->id == b->id)
			return err(ERR_DATA, "two images have the number %" PRId64, a->id);
	}
	return 0;
}

/* The first place in a sorted list that is not below what `below` looks for. */
static int
first(const struct evaluation *s, struct evaluation_image *const *list, bool (*below)(const struct evaluation_image *i, const void *what), const void *what)
{
	int low = 0, high = s->count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (below(list[middle], what))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
key_below(const struct evaluation_image *i, const void *key)
{
	return strcmp(i->key, key) < 0;
}

struct stem { const char *text; int size; };

static int
compare_stem(const struct evaluation_image *i, const struct stem *p)
{
	int n;
	const char *stem = evaluation_stem(i->key, &n);

	return compare(stem, n, p->text, p->size);
}

static bool
stem_below(const struct evaluation_image *i, const void *part)
{
	return compare_stem(i, part) < 0;
}

static bool
id_below(const struct evaluation_image *i, const void *id)
{
	return i->numbered && i->id < *(const int64_t *)id;
}

/* the length of a key before the last of its parts, a slash in front of it left out */
static int
above(const char *key, int size)
{
	while (size > 0 && key[size - 1] != '/')
		size--;
	return size > 0 ? size - 1 : 0;
}

/* Do the folders of two keys agree, from the end, part by part, as far as both go? */
static bool
folders_agree(const char *a, const char *b)
{
	int n = above(a, (int)strlen(a)), m = above(b, (int)strlen(b));

	while (n > 0 && m > 0) {
		const int up = above(a, n), over = above(b, m), from = up ? up + 1 : 0, to = over ? over + 1 : 0;

		if (compare(a + from, n - from, b + to, m - to) != 0)
			return false;
		n = up;
		m = over;
	}
	return true;
}

/* The image whose key has this stem, and folders that agree with those of `key`, as evaluation_find(). */
static int
find_stem(const struct evaluation *s, const struct stem *p, const char *key)
{
	const struct evaluation_image *found = NULL;
	int i;

	for (i = first(s, s->by_stem, stem_below, p); i < s->count && compare_stem(s->by_stem[i], p) == 0; i++) {
		if (!folders_agree(s->by_stem[i]->key, key))
			continue;
		if (found) {
			err(ERR_DATA, "%.*s: this may be image %s or %s of the truth", p->size, p->text, found->key, s->by_stem[i]->key);
			return -2;
		}
		found = s->by_stem[i];
	}
	return found ? (int)(found - s->images) : -1;
}

int
evaluation_find(const struct evaluation *s, const char *key)
{
	int i = first(s, s->by_key, key_below, key);
	const char *slash = strrchr(key, '/');
	struct stem part = { slash ? slash + 1 : key, 0 };

	if (i < s->count && strcmp(s->by_key[i]->key, key) == 0)
		return (int)(s->by_key[i] - s->images);
	/* VOC's files hold stems, and these may have dots */
	part.size = (int)strlen(part.text);
	i = find_stem(s, &part, key);
	if (i != -1)
		return i;
	part.text = evaluation_stem(key, &part.size);
	return find_stem(s, &part, key);
}

int
evaluation_find_id(const struct evaluation *s, int64_t id)
{
	int i = first(s, s->by_id, id_below, &id);

	return i < s->count && s->by_id[i]->numbered && s->by_id[i]->id == id ? (int)(s->by_id[i] - s->images) : -1;
}

void
evaluation_free(struct evaluation *s)
{
	int i;

	for (i = 0; i < s->count; i++)
		runs_free(&s->images[i].map);
	roster_free(&s->classes);
	roster_free(&s->label_classes);
	confusion_close(&s->pixels);
	free(s->images);
	free(s->truth.list);
	free(s->found.list);
	free(s->by_key);
	free(s->by_stem);
	free(s->by_id);
	free(s->rank);
	arena_free(&s->text);
	*s = (struct evaluation){ 0 };
}
