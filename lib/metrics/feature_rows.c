/* feature_rows - rows of features of unit length with their keys, in memory */
#include "metrics/feature_rows.h"
#include "base/lookup.h"
#include "base/mem.h"
#include "metrics/feature_set.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* True if a row has this key. */
static bool
has_key(const struct feature_rows *f, const struct lookup *keys, uint32_t hash, const char *key)
{
	long at = -1, i;

	while ((i = lookup_next(keys, hash, &at)) >= 0)
		if (strcmp(f->keys[i], key) == 0)
			return true;
	return false;
}

static void
add(struct feature_rows *f, const struct feature_source *s)
{
	const size_t n = (size_t)f->n, d = (size_t)s->d;

	f->d = s->d;
	f->x = mem_room(f->x, &f->x_room, mem_product(n + 1, d), sizeof *f->x);
	f->keys = mem_room(f->keys, &f->key_room, n + 1, sizeof *f->keys);
	f->rows = mem_room(f->rows, &f->row_room, n + 1, sizeof *f->rows);
	memcpy(f->x + n * d, s->x, d * sizeof *f->x);
	f->keys[n] = mem_text(s->key);
	f->rows[n] = s->row;
	f->n++;
}

int
feature_rows_read(struct feature_rows *f, struct feature_source *s, bool unique)
{
	struct feature_set rows;
	struct lookup keys = { 0 };
	int got;

	*f = (struct feature_rows){ 0 };
	while ((got = feature_source_next(s)) > 0) {
		const uint32_t hash = unique ? lookup_bytes(s->key, strlen(s->key)) : 0;

		if (f->n == INT_MAX) {
			got = err(ERR_DATA, "%s: more than %d rows", s->path, INT_MAX);
			break;
		}
		if (unique && has_key(f, &keys, hash, s->key)) {
			feature_left_out_add(&f->repeated, s->key);
			continue;
		}
		if (unique)
			lookup_put(&keys, hash, f->n);
		add(f, s);
	}
	lookup_free(&keys);
	rows = (struct feature_set){ .n = f->n, .d = f->d, .x = f->x };
	feature_set_normalize(&rows, false);
	return got < 0 ? -1 : feature_source_check(s);
}

void
feature_rows_free(struct feature_rows *f)
{
	long i;

	for (i = 0; i < f->n; i++)
		free(f->keys[i]);
	free(f->keys);
	free(f->rows);
	free(f->x);
	feature_left_out_free(&f->repeated);
	*f = (struct feature_rows){ 0 };
}
