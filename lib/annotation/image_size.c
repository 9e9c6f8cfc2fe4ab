/* image_size - height and width of the image of a record: of its pixels, or without pixels the field `size` */
#include "annotation/image_size.h"
#include "base/err.h"
#include "stream/record.h"
#include "stream/tensor.h"

#include <stdint.h>

static const char name[] = "size";

int
image_size_field(const struct record *r, int *height, int *width)
{
	const struct tensor *t;
	const int32_t *size;

	if (!record_get(r, name))
		return 0;
	t = record_tensor(r, name, TENSOR_I32, 1);
	if (!t)
		return -1;
	size = t->data;
	if (t->shape[0] != 2 || size[0] < 1 || size[1] < 1)
		return err(ERR_DATA, "field '%s': not the height and width of an image", name);
	*height = size[0];
	*width = size[1];
	return 1;
}

int
image_size_read(const struct record *r, int *height, int *width)
{
	const struct value *image = record_get(r, "image");

	if (!image || image->kind != VALUE_TENSOR || image->tensor.rank != 3)
		return image_size_field(r, height, width);
	*height = (int)image->tensor.shape[0];
	*width = (int)image->tensor.shape[1];
	return 1;
}

void
image_size_put(struct record *r, int height, int width)
{
	int32_t *size = record_put_tensor(r, name, TENSOR_I32, 1, (long[1]){ 2 });

	size[0] = height;
	size[1] = width;
}

void
image_size_drop(struct record *r)
{
	record_drop(r, name);
}

void
image_size_declare(struct header *h)
{
	header_put_field(h, name, TENSOR_I32, 1, (long[1]){ 2 });
}

void
image_size_undeclare(struct header *h)
{
	header_drop_field(h, name);
}
