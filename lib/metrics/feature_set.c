/* feature_set - rows of features with their classes, read from a stream into memory */
#include "metrics/feature_set.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "stream/reader.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* what a stream's class numbers mean */
struct mapping {
	int count;
	int *to;	/* class of the stream -> class of the list */
};

static int
map_classes(struct mapping *m, struct class_list *c, bool grow, const struct header *h)
{
	struct class_list names = { 0 };
	int i;

	if (class_list_require(&names, h, "classes") < 0)
		return -1;
	m->count = names.count;
	m->to = mem_new(sizeof *m->to * (size_t)m->count);
	for (i = 0; i < m->count; i++) {
		m->to[i] = class_list_find(c, names.names[i]);
		if (m->to[i] < 0 && !grow)
			break;
		if (m->to[i] < 0)
			m->to[i] = class_list_add(c, names.names[i], c->count) < 0 ? -1 : c->count - 1;
	}
	if (i < m->count)
		err(ERR_DATA, "class '%s' is in the test features alone", names.names[i]);
	class_list_free(&names);
	return i < m->count ? -1 : 0;
}

/* the features of a record as floats at the end of the set */
static int
add(struct knn_set *s, long *room, const struct mapping *m, bool pixels, const struct record *r)
{
	const char *name = pixels ? "image" : "feature";
	const struct value *v = record_get(r, name), *class = record_get(r, "class");
	struct rng draw;
	long i, d;

	if (!v || v->kind != VALUE_TENSOR || v->tensor.type != (pixels ? TENSOR_U8 : TENSOR_F32))
		return err(ERR_DATA, "no field '%s' of type %s", name, tensor_text(pixels ? TENSOR_U8 : TENSOR_F32));
	if (!class || class->kind != VALUE_INT || class->integer < 0 || class->integer >= m->count)
		return err(ERR_DATA, "no class, or one without a name");
	d = tensor_count(&v->tensor);
	if (s->n == 0)
		s->d = (int)d;
	if (d != s->d)
		return err(ERR_DATA, "%s has %ld values where the records before have %d", name, d, s->d);
	if (s->n == *room) {
		*room = *room ? 2 * *room : 1024;
		s->x = mem_grow(s->x, sizeof *s->x * (size_t)(*room * d));
		s->classes = mem_grow(s->classes, sizeof *s->classes * (size_t)*room);
		s->draws = mem_grow(s->draws, sizeof *s->draws * (size_t)*room);
	}
	for (i = 0; i < d; i++)
		s->x[s->n * d + i] = pixels ? ((const uint8_t *)v->tensor.data)[i] : ((const float *)v->tensor.data)[i];
	for (i = 0; i < d; i++)
		if (!isfinite(s->x[s->n * d + i]))
			return err(ERR_DATA, "value %ld of the feature is not finite", i);
	draw = rng_at(0, 0, "held out", r->key);
	s->draws[s->n] = rng_unit(&draw);
	s->classes[s->n++] = m->to[class->integer];
	return 0;
}

int
feature_set_read(struct knn_set *s, struct class_list *classes, bool grow, bool pixels, const char *path)
{
	struct reader *r = reader_open(path);
	struct record record = { 0 };
	struct mapping m = { 0 };
	long room = 0;
	int got = -1;

	if (!r)
		return -1;
	*s = (struct knn_set){ 0 };
	if (map_classes(&m, classes, grow, reader_header(r)) < 0)
		err_in("%s", path);
	else
		while ((got = reader_next(r, &record)) > 0)
			if (add(s, &room, &m, pixels, &record) < 0) {
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
feature_set_free(struct knn_set *s)
{
	free(s->x);
	free(s->classes);
	free(s->draws);
	*s = (struct knn_set){ 0 };
}
