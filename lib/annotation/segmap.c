/* segmap - the segmentation map of an image: the class of each pixel, as a field of a record */
#include "annotation/segmap.h"
#include "base/err.h"
#include "stream/tensor.h"

#include <stddef.h>

static const char *const names[SEGMAP_KINDS] = { "labels", "predicted_labels" };

const char *
segmap_name(enum segmap_kind kind)
{
	return names[kind];
}

bool
segmap_has(const struct record *r, enum segmap_kind kind)
{
	return record_get(r, names[kind]);
}

int
segmap_check(const uint8_t *map, long height, long width, int classes)
{
	long i;

	for (i = 0; i < height * width; i++)
		if (map[i] >= classes && map[i] != SEGMAP_IGNORE)
			return err(ERR_DATA, "class %d at row %ld, column %ld, but there are %d classes", map[i],
				i / width, i % width, classes);
	return 0;
}

const struct tensor *
segmap_read(const struct record *r, enum segmap_kind kind, long height, long width, int classes)
{
	const struct tensor *t = record_tensor(r, names[kind], TENSOR_U8, 2);

	if (!t)
		return NULL;
	if ((height && t->shape[0] != height) || (width && t->shape[1] != width)) {
		err(ERR_DATA, "field '%s': a map of %ldx%ld pixels for an image of %ldx%ld (height x width)",
			names[kind], t->shape[0], t->shape[1], height, width);
		return NULL;
	}
	if (classes && segmap_check(t->data, t->shape[0], t->shape[1], classes) < 0) {
		err_in("field '%s'", names[kind]);
		return NULL;
	}
	return t;
}

uint8_t *
segmap_put(struct record *r, enum segmap_kind kind, long height, long width)
{
	return record_put_tensor(r, names[kind], TENSOR_U8, 2, (long[2]){ height, width });
}

bool
segmap_declared(const struct header *h, enum segmap_kind kind)
{
	return header_field(h, names[kind]);
}

void
segmap_declare(struct header *h, enum segmap_kind kind, long height, long width)
{
	header_put_field(h, names[kind], TENSOR_U8, 2, (long[2]){ height, width });
}

void
segmap_undeclare(struct header *h, enum segmap_kind kind)
{
	header_drop_field(h, names[kind]);
}
