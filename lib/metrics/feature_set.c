/* feature_set - features in memory: with their classes, or with their keys */
#include "metrics/feature_set.h"
#include "annotation/class_list.h"
#include "annotation/image_class.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/rng.h"
#include "stream/reader.h"
#include "stream/record.h"
#include "stream/tensor.h"

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The classes of a stream in the list of classes. */
struct class_map {
	int count;
	int *to;	/* class of the stream -> class of the list */
};

static int
map_classes(struct class_map *m, struct class_list *c, bool grow, const struct header *h)
{
	struct class_list names = { 0 };
	int i;

	if (class_list_require(&names, h, CLASS_LIST_GT) < 0)
		return -1;
	m->count = names.count;
	m->to = mem_array((size_t)m->count, sizeof *m->to);
	for (i = 0; i < m->count; i++) {
		m->to[i] = class_list_find(c, names.list[i].name);
		if (m->to[i] < 0 && !grow)
			break;
		if (m->to[i] < 0)
			m->to[i] = class_list_add(c, names.list[i].name, c->count) < 0 ? -1 : c->count - 1;
	}
	if (i < m->count)
		err(ERR_DATA, "class '%s' of the test features is not in the training features", names.list[i].name);
	class_list_free(&names);
	return i < m->count ? -1 : 0;
}

const struct tensor *
feature_set_row(const struct record *r, bool pixels, int width)
{
	const char *name = pixels ? "image" : "feature";
	const struct value *v = record_get(r, name);
	const bool deep = pixels && v && v->kind == VALUE_TENSOR && v->tensor.type == TENSOR_U16;
	const enum tensor_type type = deep ? TENSOR_U16 : pixels ? TENSOR_U8 : TENSOR_F32;
	long i, d;

	if (!v || v->kind != VALUE_TENSOR || v->tensor.type != type || tensor_count(&v->tensor) == 0) {
		err(ERR_DATA, "no field '%s' of type %s", name, tensor_text(type));
		return NULL;
	}
	d = tensor_count(&v->tensor);
	if (width && d != width) {
		err(ERR_DATA, "field '%s' has %ld values, those of earlier records have %d", name, d, width);
		return NULL;
	}
	for (i = 0; !pixels && i < d; i++)
		if (!isfinite(((const float *)v->tensor.data)[i])) {
			err(ERR_DATA, "field '%s': value %ld is not finite", name, i);
			return NULL;
		}
	return &v->tensor;
}

/* Append the features of a record as floats. */
static int
add_record(struct feature_set *s, const struct class_map *m, bool pixels, const struct record *r)
{
	const struct tensor *t = feature_set_row(r, pixels, s->d);
	struct rng draw;
	int64_t class;
	long i, d;

	if (!t || image_class_require(r, m->count, &class) < 0)
		return -1;
	d = tensor_count(t);
	s->d = (int)d;
	s->x = mem_room(s->x, &s->x_room, mem_product((size_t)s->n + 1, (size_t)d), sizeof *s->x);
	s->labels = mem_room(s->labels, &s->label_room, (size_t)s->n + 1, sizeof *s->labels);
	for (i = 0; i < d; i++)
		s->x[s->n * d + i] = (float)tensor_element(t, i);
	draw = rng_at(0, 0, "held out", r->key);
	s->labels[s->n++] = (struct feature_label){ m->to[class], rng_unit(&draw) };
	return 0;
}

int
feature_set_read(struct feature_set *s, struct class_list *classes, bool grow, bool pixels, const char *path)
{
	struct reader *r = reader_open(path);
	struct record record = { 0 };
	struct class_map m = { 0 };
	int got = -1;

	if (!r)
		return -1;
	*s = (struct feature_set){ 0 };
	if (map_classes(&m, classes, grow, reader_header(r)) < 0)
		reader_blame(r);
	else
		while ((got = reader_next(r, &record)) > 0)
			if (add_record(s, &m, pixels, &record) < 0) {
				got = record_blame(&record, path);
				break;
			}
	if (got == 0 && s->n == 0)
		got = err(ERR_DATA, "%s: no records", path);
	record_free(&record);
	reader_close(r);
	free(m.to);
	if (got < 0)
		feature_set_free(s);
	return got;
}

void
feature_set_free(struct feature_set *s)
{
	free(s->x);
	free(s->labels);
	*s = (struct feature_set){ 0 };
}

void
feature_set_normalize(struct feature_set *s, bool center)
{
	long i;
	int j;

	for (i = 0; i < s->n; i++) {
		float *x = s->x + i * s->d;
		double mean = 0, square = 0;

		for (j = 0; j < s->d && center; j++)
			mean += x[j] / (double)s->d;
		for (j = 0; j < s->d; j++) {
			x[j] = (float)(x[j] - mean);
			square += (double)x[j] * x[j];
		}
		for (j = 0; j < s->d && square > 0; j++)
			x[j] = (float)(x[j] / sqrt(square));
	}
}

struct split_draw { double draw; long row; };

static int
by_draw(const void *a, const void *b)
{
	const struct split_draw *x = a, *y = b;

	return x->draw != y->draw ? (x->draw > y->draw) - (x->draw < y->draw) : (x->row > y->row) - (x->row < y->row);
}

static int
by_row(const void *a, const void *b)
{
	return (*(const long *)a > *(const long *)b) - (*(const long *)a < *(const long *)b);
}

void
feature_set_split(const struct feature_set *s, long val_count, long *rows)
{
	const long n = s->n;
	struct split_draw *order = mem_array((size_t)n, sizeof *order);
	long i;

	for (i = 0; i < n; i++)
		order[i] = (struct split_draw){ s->labels[i].draw, i };
	qsort(order, (size_t)n, sizeof *order, by_draw);
	for (i = 0; i < n; i++)
		rows[i] = order[(i + val_count) % n].row;
	qsort(rows, (size_t)(n - val_count), sizeof *rows, by_row);
	free(order);
}

/* True if a row has this key. */
static bool
has_key(const struct feature_rows *f, const struct lookup *keys, uint32_t hash, const char *key)
{
	long at = -1, i;

	while ((i = lookup_next(keys, hash, &at)) >= 0)
		if (strcmp(f->list[i].key, key) == 0)
			return true;
	return false;
}

static void
add(struct feature_rows *f, const struct feature_source *s)
{
	const size_t n = (size_t)f->n, d = (size_t)s->d;

	f->d = s->d;
	f->x = mem_room(f->x, &f->x_room, mem_product(n + 1, d), sizeof *f->x);
	f->list = mem_room(f->list, &f->room, n + 1, sizeof *f->list);
	memcpy(f->x + n * d, s->x, d * sizeof *f->x);
	f->list[n] = (struct feature_row){ mem_text(s->key), s->row };
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
		free(f->list[i].key);
	free(f->list);
	free(f->x);
	feature_left_out_free(&f->repeated);
	*f = (struct feature_rows){ 0 };
}
