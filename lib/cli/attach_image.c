/* attach_image - put decoded images into records, as field `image` */
#include "cli/attach_image.h"
#include "annotation/boxes.h"
#include "annotation/segmap.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/die.h"
#include "cli/filter.h"
#include "stream/reader.h"
#include "stream/tensor.h"
#include "transform/geometry.h"
#include "transform/resize.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The argument of the callbacks. */
struct attach_job {
	const struct attach_image *options;
	struct arena *arenas;	/* one for each thread */
};

int
attach_image_options(struct attach_image *o)
{
	if (o->depth != 8 && o->depth != 16)
		return err(ERR_USAGE, "--depth is 8 or 16, not %ld", o->depth);
	if (o->options.gray && o->channels == 3)
		o->channels = 1;
	if (o->options.gray && o->channels != 1)
		return err(ERR_USAGE, "--gray is one channel, not %ld", o->channels);
	o->options.gray = o->channels == 1;
	o->options.channels = o->channels == 1 || o->channels == 3 ? 0 : (int)o->channels;
	o->options.deep = o->depth == 16;
	return 0;
}

void
attach_image_field(const struct attach_image *o, struct header *h)
{
	header_put_field(h, "image", o->depth == 16 ? TENSOR_U16 : TENSOR_U8, 3, (long[3]){ 0, 0, o->channels });
}

int
attach_image_put(struct record *r, const struct image *p, const struct decode_report *whole, long size, struct arena *a)
{
	const enum tensor_type type = p->bytes == 2 ? TENSOR_U16 : TENSOR_U8;
	struct image to = *p;
	long dims[3];

	if (size)
		rect_shorter(whole->width, whole->height, (int)size, &to.width, &to.height);
	dims[0] = to.height;
	dims[1] = to.width;
	dims[2] = to.channels;
	if ((double)to.height * to.width * to.channels * to.bytes > (double)STREAM_BINARY_MAX)
		return err(ERR_DATA, "an image of %dx%d pixels is larger than a record can hold (64 MiB); use --size",
			to.width, to.height);
	if (!size && a == &r->arena) {
		record_put(r, "image", (struct value){
			.kind = VALUE_TENSOR, .tensor = { type, 3, { dims[0], dims[1], dims[2] }, p->pixels }
		});
		return 0;
	}
	to = image_over_deep(record_put_tensor(r, "image", type, 3, dims), to.width, to.height, to.channels, to.bytes);
	resize(a, &to, p, NULL, RESIZE_BICUBIC);
	return 0;
}

static int
begin(void *arg, struct header *h)
{
	const struct attach_image *o = ((const struct attach_job *)arg)->options;

	header_set_kind(h, "image");
	header_drop_field(h, "size");
	attach_image_field(o, h);
	record_put_text(&h->extra, "exif", o->exif);
	return 0;
}

/* True if the record has annotations with coordinates, which fit only the image as it is in its file. */
static bool
has_locations(const struct record *r)
{
	return boxes_has(r, BOXES_GT) || segmap_has(r, SEGMAP_GT) || record_get(r, "regions");
}

/* Check that annotations and image have the same size; drop the field `size`. */
static int
check_annotations(struct record *r, const struct decode_report *whole)
{
	const struct value *size = record_get(r, "size");

	if (size) {
		const struct tensor *t = record_tensor(r, "size", TENSOR_I32, 1);
		const int32_t *height_width;

		if (!t)
			return -1;
		if (t->shape[0] != 2)
			return err(ERR_DATA, "the field 'size' does not have two elements, height and width");
		height_width = t->data;
		if (height_width[0] != whole->height || height_width[1] != whole->width)
			return err(ERR_DATA, "the image has %dx%d pixels, but the field 'size' of %s is for %dx%d",
				whole->width, whole->height, r->key, (int)height_width[1], (int)height_width[0]);
	}
	if (segmap_has(r, SEGMAP_GT) && !segmap_read(r, SEGMAP_GT, whole->height, whole->width, 0))
		return -1;
	record_drop(r, "size");
	return 0;
}

/* Put a decoded image into the record. FILTER_KEEP, FILTER_MENDED or FILTER_PARTIAL and err(), or -1 and err(). */
static int
add_decoded(const struct attach_image *o, struct record *r, const struct image *p,
    const struct decode_report *report, struct arena *a)
{
	if (report->damage == DECODE_DAMAGED) {
		if (o->on_error != ATTACH_IMAGE_KEEP)
			return err(ERR_DATA, "%s", report->what);
		warn("%s: %s (kept)", r->key, report->what);
	}
	if (has_locations(r) && o->options.upright && report->orientation > 1)
		return err(ERR_DATA,
			"EXIF orientation %d would rotate the image, but not its annotations; use --exif ignore",
			report->orientation);
	if (check_annotations(r, report) < 0 || attach_image_put(r, p, report, o->size, a) < 0)
		return -1;
	if (report->damage != DECODE_MENDED && !report->more)
		return FILTER_KEEP;
	err(ERR_DATA, "%s", report->damage == DECODE_MENDED ? report->what : ATTACH_IMAGE_PARTIAL);
	return report->damage == DECODE_MENDED ? FILTER_MENDED : FILTER_PARTIAL;
}

static int
add_image(const struct attach_image *o, struct record *r, const char *path, struct arena *a)
{
	struct decode_report report = { 0 };
	struct image p;
	size_t size;
	void *bytes = file_read(path, (size_t)o->max_bytes, &size);
	int result = bytes ? decode_image(bytes, size, &o->options, a, &p, &report) : -1;

	free(bytes);
	if (result == 0)
		result = add_decoded(o, r, &p, &report, a);
	if (a->held > ATTACH_IMAGE_ARENA_KEPT)
		arena_free(a);
	decode_budget_put(o->options.budget, report.memory);
	return result;
}

static int
each(void *arg, struct record *r, int worker)
{
	const struct attach_job *job = arg;
	const struct attach_image *o = job->options;
	struct arena *a = &job->arenas[worker];
	const struct value *file = record_get(r, "file");
	int result;

	arena_reset(a);
	if (!file || file->kind != VALUE_TEXT)
		return err(ERR_DATA, "no field 'file' with the name of an image");
	if (record_get(r, "image"))
		return err(ERR_DATA, "the record already has an image");
	if (o->size && has_locations(r))
		return err(ERR_USAGE, "--size does not resize boxes and segmentation maps; use tscae-crop");
	result = add_image(o, r, utf8_unescape(a, file->text), a);
	if (result >= 0)
		return result;
	return o->on_error == ATTACH_IMAGE_FAIL ? -1 : FILTER_SKIP;
}

int
attach_image_records(const struct attach_image *o, int inputs, char **paths)
{
	struct attach_job job = { o, mem_array((size_t)o->threads, sizeof *job.arenas) };
	const struct filter f = { .begin = begin, .each = each, .arg = &job, .threads = o->threads,
		.output = o->output, .strict = o->strict };
	int i, status = filter(&f, inputs, paths);

	for (i = 0; i < o->threads; i++)
		arena_free(&job.arenas[i]);
	free(job.arenas);
	return status;
}
