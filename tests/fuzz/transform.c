/* transform - fuzz: any boxes and segmentation map, any geometry; the result lies inside the image, and chains of
   tscae-degrade are read */
#include "annotation/transform.h"
#include "base/rng.h"
#include "stream/tensor.h"
#include "transform/degrade.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next byte, 0 after the end. */
static int
next(const uint8_t **data, size_t *size)
{
	if (*size == 0)
		return 0;
	(*size)--;
	return *(*data)++;
}

static struct geometry
place(const uint8_t **data, size_t *size, int width, int height, struct transform *to)
{
	struct rng r = rng_at((uint64_t)next(data, size), 0, "", "");
	const double scale[2] = { 0.001 + next(data, size) / 256.0, 1 },
		ratio[2] = { 0.01 + next(data, size) / 64.0, 5 };
	struct geometry p;

	to->width = 1 + next(data, size);
	to->height = 1 + next(data, size);
	to->visible = next(data, size) / 255.0;
	switch (next(data, size) % 4) {
	case 0: p = geometry_resized_crop(rect_random(&r, width, height, scale, ratio), to->width, to->height); break;
	case 1: p = geometry_center_crop(width, height, 0, to->width, to->height); break;
	case 2: p = geometry_fit(NULL, width, height, 1, to->width, to->height); break;
	default: p = geometry_fit(&r, width, height, 10 * scale[0], to->width, to->height);
	}
	p.flip = next(data, size) & 1;
	return p;
}

static void
check(const struct record *r, const struct geometry *p, const struct transform *to)
{
	const struct tensor *boxes = record_tensor(r, "boxes", TENSOR_F32, 2),
			    *labels = record_tensor(r, "labels", TENSOR_U8, 2);
	const struct rect seen = geometry_visible(p);
	const float *b = boxes->data;
	long i;

	for (i = 0; i < boxes->shape[0]; i++, b += 4)
		if (!(b[0] >= 0 && b[1] >= 0 && b[2] >= b[0] && b[3] >= b[1] && b[2] <= (float)to->width &&
			b[3] <= (float)to->height))
			abort();
	if (labels->shape[0] != to->height || labels->shape[1] != to->width ||
		record_tensor(r, "box_class", TENSOR_I32, 1)->shape[0] != boxes->shape[0])
		abort();
	if (seen.left < 0 || seen.top < 0 || seen.width < 0 || seen.height < 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct record r;
	struct degrade chain;
	char text[256];
	const size_t length = size < sizeof text ? size : sizeof text - 1;
	int width, height;
	long count;
	struct transform to;
	struct geometry p;

	memcpy(text, data, length);
	text[length] = 0;
	(void)degrade_read(&chain, text);
	record_reset(&r);
	record_set_key(&r, "k");
	width = 1 + next(&data, &size) * 3;
	height = 1 + next(&data, &size) * 3;
	p = place(&data, &size, width, height, &to);
	count = (long)(size / 16);
	memcpy(record_put_tensor(&r, "boxes", TENSOR_F32, 2, (long[2]){ count, 4 }), data, 16 * (size_t)count);
	memset(record_put_tensor(&r, "box_class", TENSOR_I32, 1, &count), 1, 4 * (size_t)count);
	memset(record_put_tensor(&r, "box_flags", TENSOR_U8, 1, &count), width & 3, (size_t)count);
	memset(record_put_tensor(&r, "labels", TENSOR_U8, 2, (long[2]){ height, width }), 3,
		(size_t)width * (size_t)height);
	if (transform_record(&to, &r, &p, width, height) == 0)
		check(&r, &p, &to);
	return 0;
}
