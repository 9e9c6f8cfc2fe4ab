/* key - find the image of a key: one rule for records, annotations, predictions and lists of names

   Tables by whole path, by stem (last part without suffix) and by head (last part up to its first dot) yield the
   candidates. */
#include "annotation/key.h"
#include "base/err.h"
#include "base/mem.h"
#include "codec/decode.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const char *
key_plain(const char *path)
{
	while (strncmp(path, "./", 2) == 0 && path[2])
		path += 2;
	return path;
}

const char *
key_stem(const char *key, int *size)
{
	const char *part = last_part(key);

	*size = (int)(decode_has_suffix(part) ? strrchr(part, '.') - part : (long)strlen(part));
	return part;
}

/* As key_slashes(), for two backslashes where they are escaped. */
static const char *
take_slashes(struct arena *a, const char *path, bool escaped)
{
	const char *backslash = escaped ? "\\\\" : "\\", *next = strstr(path, backslash);
	char *copy, *to;

	if (!next)
		return NULL;
	to = copy = arena_text(a, path);
	for (; next; next = strstr(path, backslash)) {
		to = (char *)memcpy(to, path, (size_t)(next - path)) + (next - path);
		*to++ = '/';
		path = next + strlen(backslash);
	}
	memcpy(to, path, strlen(path) + 1);
	return key_plain(copy);
}

const char *
key_slashes(struct arena *a, const char *path)
{
	return take_slashes(a, path, false);
}

/* Index a name that has backslashes, with slashes for them. */
static void
add_windows(struct key_index *k, const char *name)
{
	/* the folder that keys may omit is that of a file system */
	const char *slashes = take_slashes(&k->text, name + k->root, k->escaped);

	if (!slashes)
		return;
	if (!k->windows) {
		k->windows = mem_new(sizeof *k->windows);
		k->windows->escaped = k->escaped;
	}
	k->of_windows = mem_room(k->of_windows, &k->windows_room, (size_t)k->windows->count + 1,
		sizeof *k->of_windows);
	k->of_windows[k->windows->count] = k->count;
	key_add(k->windows, slashes);
}

void
key_add(struct key_index *k, const char *name)
{
	const char *part;
	int n, head;

	add_windows(k, name);
	k->names = mem_room(k->names, &k->room, (size_t)k->count + 1, sizeof *k->names);
	k->names[k->count] = name;
	lookup_put(&k->by_path, lookup_bytes(name, strlen(name)), k->count);
	if (k->root)
		lookup_put(&k->by_path, lookup_bytes(name + k->root, strlen(name + k->root)), k->count);
	part = key_stem(name, &n);
	head = (int)strcspn(part, ".");
	lookup_put(&k->by_stem, lookup_bytes(part, (size_t)n), k->count);
	/* a head that equals the stem is found by the table of stems */
	if (head != n)
		lookup_put(&k->by_head, lookup_bytes(part, (size_t)head), k->count);
	k->count++;
}

/* True if the folders of two paths are equal, part by part from the end, as far as both have any. a, b: their last
   parts. */
static bool
folders_agree(const char *name, const char *a, const char *key, const char *b)
{
	while (a > name && b > key) {
		const char *c = a - 1, *d = b - 1;

		while (c > name && c[-1] != '/')
			c--;
		while (d > key && d[-1] != '/')
			d--;
		if (a - c != b - d || memcmp(c, d, (size_t)(a - c)) != 0)
			return false;
		a = c;
		b = d;
	}
	return true;
}

/* How last parts are compared; in order of precedence. */
enum { EQUAL, STEM, HEAD, WAYS };

static bool
parts_agree(const char *a, const char *b, int way)
{
	int n, m;

	if (way == EQUAL)
		return strcmp(a, b) == 0;
	key_stem(a, &n);
	key_stem(b, &m);
	if (way == HEAD)
		n = (int)strcspn(a, ".");
	return n == m && memcmp(a, b, (size_t)n) == 0;
}

static long
several(const struct key_index *k, const char *key, long i, long j)
{
	err(ERR_DATA, "'%s' is ambiguous: '%s' or '%s'", key, k->names[i < j ? i : j], k->names[i < j ? j : i]);
	return -2;
}

static long
find_agreeing(const struct key_index *k, const char *key, int way)
{
	const struct lookup *table = way == HEAD ? &k->by_head : &k->by_stem;
	const char *part, *name;
	long at = -1, i, found = -1;
	uint32_t hash;
	int n;

	part = key_stem(key, &n);
	hash = lookup_bytes(part, (size_t)n);
	while ((i = lookup_next(table, hash, &at)) >= 0) {
		name = k->names[i] + k->root;
		if (!parts_agree(last_part(name), part, way) || !folders_agree(name, last_part(name), key, part))
			continue;
		if (found >= 0)
			return several(k, key, i, found);
		found = i;
	}
	return found;
}

/* As key_find(), of names and key as they stand. */
static long
find(const struct key_index *k, const char *key)
{
	const char *part;
	uint32_t hash;
	long at = -1, i, found = -1;
	int way;

	key = key_plain(key);
	part = last_part(key);
	hash = lookup_bytes(key, strlen(key));
	while ((i = lookup_next(&k->by_path, hash, &at)) >= 0)
		if (i != found && (strcmp(k->names[i], key) == 0 || strcmp(k->names[i] + k->root, key) == 0)) {
			if (found >= 0)
				return several(k, key, i, found);
			found = i;
		}
	for (way = EQUAL; way < WAYS && found == -1 && *part; way++)
		if (way != HEAD || !strchr(part, '.'))
			found = find_agreeing(k, key, way);
	return found;
}

long
key_find(const struct key_index *k, const char *key)
{
	struct arena a = { 0 };
	const char *slashes;
	long i = find(k, key);

	if (i != -1 || (!k->windows && !strchr(key, '\\')))
		return i;
	slashes = take_slashes(&a, key, k->escaped);
	if (slashes)
		i = find(k, slashes);
	if (i == -1 && k->windows) {
		i = find(k->windows, slashes ? slashes : key);
		i = i < 0 ? i : k->of_windows[i];
	}
	arena_free(&a);
	return i;
}

void
key_free(struct key_index *k)
{
	if (k->windows)
		key_free(k->windows);
	free(k->windows);
	free(k->of_windows);
	arena_free(&k->text);
	free(k->names);
	lookup_free(&k->by_path);
	lookup_free(&k->by_stem);
	lookup_free(&k->by_head);
	*k = (struct key_index){ 0 };
}
