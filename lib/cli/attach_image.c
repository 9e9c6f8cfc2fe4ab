/* attach_image - images put into records: as field `image`, and into records that name a file */
#include "cli/attach_image.h"
#include "annotation/boxes.h"
#include "annotation/segmap.h"
#include "base/err.h"
#include "base/file.h"
#include "base/utf8.h"
#include "transform/geometry.h"
#include "transform/resize.h"
#include "stream/reader.h"
#include "cli/die.h"
#include "cli/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct attach_image *self;	/* a filter's callbacks know nothing else */
static struct arena *workers;

int
attach_image_put(struct record *r, const struct image *p, const struct decode_report *whole, long size, struct arena *a)
{
	struct image to = *p;
	long dims[3];

	if (size)
		rect_shorter(whole->width, whole->height, (int)size, &to.width, &to.height);
	dims[0] = to.height;
	dims[1] = to.width;
	dims[2] = to.channels;
	if ((double)to.height * to.width * to.channels > (double)STREAM_BINARY_MAX)
		return err(ERR_DATA, "%dx%d pixels are more than a record holds (64 MiB); see --size", to.width, to.height);
	if (!size && a == &r->arena) {
		record_put(r, "image", (struct value){ .kind = VALUE_TENSOR, .tensor = { TENSOR_U8, 3, { dims[0], dims[1], dims[2] }, p->pixels } });
		return 0;
	}
	to = image_over(record_put_tensor(r, "image", TENSOR_U8, 3, dims), to.width, to.height, to.channels);
	resize(a, &to, p, NULL, RESIZE_BICUBIC);
	return 0;
}

static int
begin(struct header *h)
{
	header_set_kind(h, "image");
	header_drop_field(h, "size");
	header_put_field(h, "image", TENSOR_U8, 3, (long[3]){ 0, 0, self->options.gray ? 1 : 3 });
	record_put_text(&h->extra, "exif", self->exif);
	return 0;
}

/* True if the record has what would no longer be right in an image that is not as the file has it. */
static bool
has_places(const struct record *r)
{
	return boxes_has(r, BOXES_GT) || segmap_has(r, SEGMAP_GT) || record_get(r, "regions");
}

/* Do labels and image belong together? */
static int
check(struct record *r, const struct decode_report *whole)
{
	const struct value *size = record_get(r, "size");

	if (size) {
		const struct tensor *t = record_tensor(r, "size", TENSOR_I32, 1);
		const int32_t *sides;

		if (!t)
			return -1;
		if (t->shape[0] != 2)
			return err(ERR_DATA, "`size` is not height and width");
		sides = t->data;
		if (sides[0] != whole->height || sides[1] != whole->width)
			return err(ERR_DATA, "the image has %dx%d pixels, but `size` of %s is for %dx%d", whole->width, whole->height, r->key, (int)sides[1], (int)sides[0]);
	}
	if (segmap_has(r, SEGMAP_GT) && !segmap_read(r, SEGMAP_GT, whole->height, whole->width, 0))
		return -1;
	record_drop(r, "size");
	return 0;
}

static int
add_image(struct record *r, const char *path, struct arena *a)
{
	struct decode_report report;
	struct image p;
	size_t size;
	void *bytes = file_read(path, (size_t)self->max_bytes, &size);
	int result = bytes ? decode_image(bytes, size, &self->options, a, &p, &report) : -1;

	free(bytes);
	if (result < 0)
		return -1;
	if (report.damage == DECODE_DAMAGED) {
		if (self->on_error != ATTACH_IMAGE_KEEP)
			return err(ERR_DATA, "%s", report.what);
		warn("%s: %s (kept)", r->key, report.what);
	}
	if (has_places(r) && self->options.upright && report.orientation > 1)
		return err(ERR_DATA, "the image would be turned (EXIF orientation %d), its labels would not: --exif ignore", report.orientation);
	return check(r, &report) < 0 || attach_image_put(r, &p, &report, self->size, a) < 0 ? -1 : 0;
}

static int
each(struct record *r, int worker)
{
	struct arena *a = &workers[worker];
	const struct value *file = record_get(r, "file");

	arena_reset(a);
	if (!file || file->kind != VALUE_TEXT)
		return err(ERR_DATA, "there is no text `file` that names an image");
	if (record_get(r, "image"))
		return err(ERR_DATA, "it already has an image");
	if (self->size && has_places(r))
		return err(ERR_USAGE, "--size would leave its boxes and segmentation maps behind; tscae-crop takes them along");
	if (add_image(r, utf8_unescape(a, file->text), a) == 0)
		return FILTER_KEEP;
	return self->on_error == ATTACH_IMAGE_FAIL ? -1 : FILTER_SKIP;
}

int
attach_image_records(const struct attach_image *d, int inputs, char **paths)
{
	const struct filter f = { .begin = begin, .each_on = each, .threads = d->threads, .output = d->output, .strict = d->strict };
	int i, status;

	self = d;
	workers = mem_new(sizeof *workers * (size_t)d->threads);
	status = filter(&f, inputs, paths);
	for (i = 0; i < d->threads; i++)
		arena_free(&workers[i]);
	free(workers);
	return status;
}
