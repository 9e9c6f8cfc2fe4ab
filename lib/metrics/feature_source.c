/* feature_source - features, one row after another, from streams and .npy files */
#include "metrics/feature_source.h"
#include "base/file.h"
#include "base/mem.h"
#include "metrics/feature_set.h"
#include "stream/reader.h"
#include "stream/tensor.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
close_input(struct feature_source *s)
{
	reader_close(s->reader);
	npy_reader_close(&s->array);
	if (s->keys)
		fclose(s->keys);
	free(s->values);
	s->reader = NULL;
	s->keys = NULL;
	s->values = NULL;
}

/* The keys of a .npy file, if it has a file of keys. */
static int
open_keys(struct feature_source *s)
{
	char *path = mem_format("%s.keys", s->path);
	int result = 0;

	s->keys = fopen(path, "r");
	if (!s->keys && errno != ENOENT)
		result = err(file_status(errno), "%s: %s", path, strerror(errno));
	free(path);
	return result;
}

int
feature_source_has_keys(const char *path)
{
	const int is = npy_reader_is(path);
	char *keys;
	int has;

	if (is <= 0)
		return is < 0 ? -1 : 1;
	keys = mem_format("%s.keys", path);
	has = access(keys, F_OK) == 0;
	if (!has && errno != ENOENT)
		has = err(file_status(errno), "%s: %s", keys, strerror(errno));
	free(keys);
	return has;
}

static int
open_input(struct feature_source *s)
{
	int is;

	s->path = *s->paths++;
	s->left--;
	if ((is = npy_reader_is(s->path)) < 0)
		return -1;
	if (is) {
		if (npy_reader_open(&s->array, s->path) < 0)
			return -1;
		s->values = mem_array((size_t)s->array.width, sizeof *s->values);
		return open_keys(s);
	}
	s->reader = reader_open(s->path);
	return s->reader ? 0 : -1;
}

int
feature_source_open(struct feature_source *s, char *const *paths, int n)
{
	*s = (struct feature_source){ .paths = paths, .left = n, .row = -1 };
	return open_input(s);
}

static int
next_record(struct feature_source *s)
{
	int got = reader_next(s->reader, &s->read);
	const struct tensor *t;

	if (got <= 0)
		return got;
	t = feature_set_row(&s->read, false, s->d);
	if (!t)
		return record_blame(&s->read, s->path);
	s->x = t->data;
	s->d = (int)tensor_count(t);
	s->key = s->read.key;
	s->record = &s->read;
	return 1;
}

/* The key of the current row of the array; after the last row there must be none. */
static int
next_key(struct feature_source *s, bool end)
{
	ssize_t length;

	if (!s->keys) {
		snprintf(s->number, sizeof s->number, "%ld", s->row + 1);
		s->key = s->number;
		return 0;
	}
	length = getline(&s->line, &s->line_room, s->keys);
	if (length < 0 && !feof(s->keys))
		return err(file_status(errno), "%s.keys: %s", s->path, strerror(errno));
	if ((length < 0) != end)
		return err(ERR_DATA, "%s.keys: %s keys than the array has rows (%ld)", s->path,
			end ? "more" : "fewer", s->array.rows);
	if (end)
		return 0;
	if (s->line[length - 1] == '\n')
		s->line[--length] = 0;
	if (strlen(s->line) != (size_t)length)
		return err(ERR_DATA, "%s.keys: line %ld: a zero byte in a key", s->path, s->array.next);
	s->key = s->line;
	return 0;
}

static int
next_row(struct feature_source *s)
{
	const struct npy_reader *n = &s->array;
	int got = npy_reader_next(&s->array, s->values);
	long i;

	if (got < 0 || next_key(s, got == 0) < 0)
		return -1;
	if (got == 0)
		return 0;
	if (s->d && s->d != n->width)
		return err(ERR_DATA, "%s: rows have %ld values, those of earlier inputs have %d", s->path, n->width,
			s->d);
	for (i = 0; i < n->width; i++)
		if (!isfinite(s->values[i]))
			return err(ERR_DATA, "%s: row %ld (%s): value %ld is not finite", s->path, n->next - 1, s->key,
				i);
	s->x = s->values;
	s->d = (int)n->width;
	s->record = NULL;
	return 1;
}

static bool
is_zero(const float *x, int d)
{
	int i;

	for (i = 0; i < d && x[i] == 0; i++)
		;
	return i == d;
}

int
feature_source_next(struct feature_source *s)
{
	int got;

	for (;;) {
		got = s->reader ? next_record(s) : next_row(s);
		s->row += got > 0;
		if (got < 0 || (got > 0 && !is_zero(s->x, s->d)))
			return got;
		if (got > 0)
			feature_left_out_add(&s->zeros, s->key);
		else if (s->left == 0)
			return 0;
		else {
			close_input(s);
			if (open_input(s) < 0)
				return -1;
		}
	}
}

int
feature_source_check(const struct feature_source *s)
{
	if (s->row < 0)
		return err(ERR_DATA, "%s: no records", s->path);
	if (s->zeros.count > s->row)
		return err(ERR_DATA, "%s: all features are zeros", s->path);
	return 0;
}

void
feature_left_out_add(struct feature_left_out *l, const char *key)
{
	if (l->count++ == 0)
		l->first = mem_text(key);
}

void
feature_left_out_free(struct feature_left_out *l)
{
	free(l->first);
	*l = (struct feature_left_out){ 0 };
}

void
feature_source_close(struct feature_source *s)
{
	close_input(s);
	record_free(&s->read);
	feature_left_out_free(&s->zeros);
	free(s->line);
	*s = (struct feature_source){ 0 };
}
