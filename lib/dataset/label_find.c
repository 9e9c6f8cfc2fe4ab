/* label_find - which annotation a record's key means

   Images are sorted by the last part of their path up to its first dot. Those that share it with the key are compared
   with it from the end, part by part, as far as both paths go; whoever agrees furthest is meant. */
#include "base/err.h"
#include "base/utf8.h"
#include "dataset/label_part.h"
#include "dataset/listing.h"

#include <stdlib.h>
#include <string.h>

static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Length of the last part without an image's suffix. */
static size_t
stem(const char *part)
{
	return listing_has_image_suffix(part) ? (size_t)(strrchr(part, '.') - part) : strlen(part);
}

static int
compare(const char *a, const char *b)
{
	size_t n = strcspn(a, "."), m = strcspn(b, ".");
	int order = memcmp(a, b, n < m ? n : m);

	return order ? order : (n > m) - (n < m);
}

/* qsort() hands over no context: this thread's images */
static _Thread_local const struct listing_item *sorting;

static int
by_name(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;
	int order = compare(last_part(sorting[x].name), last_part(sorting[y].name));

	return order ? order : (x > y) - (x < y);
}

void
label_part_index(struct label *l)
{
	long i;

	l->order = mem_new(sizeof *l->order * (size_t)(l->images.count + 1));
	for (i = 0; i < l->images.count; i++)
		l->order[i] = i;
	sorting = l->images.items;
	qsort(l->order, (size_t)l->images.count, sizeof *l->order, by_name);
}

/* Parts of the path that agree, from the last on; -1 where two differ before one of the paths ends. The last parts agree
   without their suffixes, or where the key has none, up to the first dot (weaker). */
static long
agreement(const char *name, const char *key)
{
	const char *a = last_part(name), *b = last_part(key);
	size_t n = stem(a), m = stem(b);
	long parts;

	if (n == m && memcmp(a, b, n) == 0)
		parts = 1;
	else if (!strchr(b, '.'))
		parts = 0;
	else
		return -1;
	while (a > name && b > key) {
		const char *c = a - 1, *d = b - 1;

		while (c > name && c[-1] != '/')
			c--;
		while (d > key && d[-1] != '/')
			d--;
		if (a - c != b - d || memcmp(c, d, (size_t)(a - c)) != 0)
			return -1;
		parts += 2;
		a = c;
		b = d;
	}
	return parts;
}

long
label_find(const struct label *l, const char *key)
{
	struct arena a = { 0 };
	const char *wanted = utf8_unescape(&a, key);
	long low = 0, high = l->images.count, best = -1, best_parts = -1, rival = -1;

	while (strncmp(wanted, "./", 2) == 0)
		wanted += 2;
	while (low < high) {
		long middle = low + (high - low) / 2;

		if (compare(last_part(l->images.items[l->order[middle]].name), last_part(wanted)) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < l->images.count; low++) {
		const char *name = l->images.items[l->order[low]].name;
		long parts;

		if (compare(last_part(name), last_part(wanted)) != 0)
			break;
		parts = agreement(name + l->root, wanted);
		if (parts > best_parts) {
			best = l->order[low];
			best_parts = parts;
			rival = -1;
		} else if (parts == best_parts && parts >= 0)
			rival = l->order[low];
	}
	arena_free(&a);
	if (rival < 0)
		return best;
	err(ERR_DATA, "several annotations fit: %s and %s", l->images.items[best].name, l->images.items[rival].name);
	return -2;
}
