/* record_image - the pixels of a field of a record as an image */
#include "annotation/record_image.h"
#include "stream/tensor.h"

#include <stddef.h>

const struct tensor *
record_image_tensor(const struct record *r, const char *name)
{
	const struct value *v = record_get(r, name);
	const enum tensor_type type = v && v->kind == VALUE_TENSOR &&
	    v->tensor.type == TENSOR_U16 ? TENSOR_U16 : TENSOR_U8;
	const struct tensor *t = record_tensor(r, name, type, 3);

	if (t && (t->shape[0] < 1 || t->shape[1] < 1 || t->shape[2] < 1 || t->shape[2] > IMAGE_CHANNELS_MAX)) {
		err(ERR_DATA, "field '%s': shape (%ld, %ld, %ld) is not that of an image", name, t->shape[0],
		    t->shape[1], t->shape[2]);
		return NULL;
	}
	return t;
}

int
record_image_read(const struct record *r, const char *name, struct image *p)
{
	const struct tensor *t = record_image_tensor(r, name);

	if (!t)
		return -1;
	*p = image_over_deep(t->data, (int)t->shape[1], (int)t->shape[0], (int)t->shape[2],
	    (int)tensor_width(t->type));
	return 0;
}
