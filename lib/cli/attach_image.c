/* attach_image - put decoded images into records, as field `image` */
#include "cli/attach_image.h"
#include "annotation/boxes.h"
#include "annotation/image_size.h"
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

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The argument of the callbacks. */
struct attach_job {
	const struct attach_image *options;
	struct arena *arenas;	/* one for each thread */
	struct attach_tally { long size_off, cut, pages; } *tallies;	/* one for each thread */
	bool upright;		/* the header says that the annotations are for rotated images */
	char note[160];
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
	struct attach_job *job = arg;
	const struct attach_image *o = job->options;
	const struct value *exif = record_get(&h->extra, "exif");

	job->upright = exif && exif->kind == VALUE_TEXT && strcmp(exif->text, "apply") == 0;
	if (job->upright && !o->options.upright)
		return err(ERR_DATA,
		    "the annotations are for images rotated by their EXIF orientation; use --exif apply");
	header_set_kind(h, "image");
	image_size_undeclare(h);
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

/* Cut boxes to the image. -1 and err(): one is outside of it. */
static int
cut_boxes(struct record *r, const struct decode_report *whole, struct attach_tally *tally)
{
	struct boxes b;
	float before[4];
	long i;

	if (!boxes_has(r, BOXES_GT))
		return 0;
	if (boxes_read(&b, r, BOXES_GT, BOXES_BOX, 0) < 0)
		return -1;
	for (i = 0; i < b.count; i++) {
		memcpy(before, b.box[i], sizeof before);
		if (!boxes_clip(b.box[i], (float)whole->width, (float)whole->height) &&
			(before[0] < before[2] && before[1] < before[3]))
			return err(ERR_DATA, "box %ld is outside of the image of %dx%d pixels%s", i, whole->width,
			    whole->height,
				whole->orientation >= 5 ? "; its EXIF orientation rotates it: if labels were drawn on "
				    "rotated images, use "
				"--exif apply" : "");
		tally->cut += memcmp(before, b.box[i], sizeof before) != 0;
	}
	return 0;
}

/* Check that annotations and image have the same size, but for a pixel; drop the field `size`. */
static int
check_annotations(struct record *r, const struct decode_report *whole, struct attach_tally *tally)
{
	int height = whole->height, width = whole->width;

	if (image_size_field(r, &height, &width) < 0)
		return -1;
	if (labs((long)height - whole->height) > 1 || labs((long)width - whole->width) > 1)
		return err(ERR_DATA, "the image has %dx%d pixels, but the field 'size' of '%s' is for %dx%d%s",
			whole->width, whole->height, r->key, width, height,
			height != whole->width || width != whole->height ? "" :
			"; if labels were drawn on images rotated by their EXIF orientation, use --exif apply");
	tally->size_off += height != whole->height || width != whole->width;
	if (segmap_has(r, SEGMAP_GT) && !segmap_read(r, SEGMAP_GT, whole->height, whole->width, 0))
		return -1;
	image_size_drop(r);
	return cut_boxes(r, whole, tally);
}

/* Whether the annotations of a record may be for the image as its EXIF orientation rotates it: the header says so, or
   their size fits only the rotated image. */
static bool
fits_rotated(const struct attach_job *job, const struct record *r, const struct decode_report *whole)
{
	int height, width;

	return job->upright || (whole->orientation >= 5 && whole->width != whole->height &&
		image_size_field(r, &height, &width) == 1 && height == whole->height && width == whole->width);
}

/* Put a decoded image into the record. FILTER_KEEP, FILTER_REPAIRED or FILTER_PARTIAL and err(), or -1 and err(). */
static int
add_decoded(const struct attach_job *job, struct record *r, const struct image *p,
    const struct decode_report *report, struct arena *a, struct attach_tally *tally)
{
	const struct attach_image *o = job->options;

	if (report->damage == DECODE_DAMAGED) {
		if (o->on_error != ATTACH_IMAGE_KEEP)
			return err(ERR_DATA, "%s", report->what);
		warn("%s: %s (kept)", r->key, report->what);
	}
	if (has_locations(r) && o->options.upright && report->orientation > 1 && !fits_rotated(job, r, report))
		return err(ERR_DATA, "EXIF orientation %d would rotate the image, but not its annotations; use --exif"
			" ignore, or tscae-label --exif apply if they were drawn on the rotated image",
			report->orientation);
	if (check_annotations(r, report, tally) < 0 || attach_image_put(r, p, report, o->size, a) < 0)
		return -1;
	if (report->damage != DECODE_REPAIRED && !report->more)
		return FILTER_KEEP;
	tally->pages += report->more;
	if (report->damage == DECODE_REPAIRED)
		err(ERR_DATA, "%s", report->what);
	else
		err(ERR_DATA, ATTACH_IMAGE_PARTIAL, report->more + 1);
	return report->damage == DECODE_REPAIRED ? FILTER_REPAIRED : FILTER_PARTIAL;
}

static int
add_image(const struct attach_job *job, struct record *r, const char *path, struct arena *a, struct attach_tally *tally)
{
	const struct attach_image *o = job->options;
	struct decode_report report = { 0 };
	struct image p;
	size_t size;
	void *bytes = file_read(path, (size_t)o->max_bytes, &size);
	int result = bytes ? decode_image(bytes, size, &o->options, a, &p, &report) : -1;

	free(bytes);
	if (result == 0)
		result = add_decoded(job, r, &p, &report, a, tally);
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
	result = add_image(job, r, utf8_unescape(a, file->text), a, &job->tallies[worker]);
	if (result >= 0)
		return result;
	return o->on_error == ATTACH_IMAGE_FAIL || err_status() == ERR_OS ? -1 : FILTER_SKIP;
}

/* For the closing line: the annotations that were repaired. */
static const char *
note(void *arg)
{
	struct attach_job *job = arg;
	struct attach_tally sum = { 0, 0, 0 };
	int i, used = 0;

	for (i = 0; i < job->options->threads; i++) {
		sum.size_off += job->tallies[i].size_off;
		sum.cut += job->tallies[i].cut;
		sum.pages += job->tallies[i].pages;
	}
	if (sum.pages)
		used = snprintf(job->note, sizeof job->note, "%ld pages or frames left out", sum.pages);
	if (sum.size_off)
		used += snprintf(job->note + used, sizeof job->note - (size_t)used, "%s%ld sizes off by a pixel",
		    used ? ", " : "", sum.size_off);
	if (sum.cut)
		used += snprintf(job->note + used, sizeof job->note - (size_t)used, "%s%ld boxes clipped to the image",
		    used ? ", " : "", sum.cut);
	return used ? job->note : NULL;
}

int
attach_image_records(const struct attach_image *o, int inputs, char **paths)
{
	struct attach_job job = { o, mem_array((size_t)o->threads, sizeof *job.arenas),
		mem_array((size_t)o->threads, sizeof *job.tallies), false, "" };
	const struct filter f = { .begin = begin, .each = each, .note = note, .arg = &job, .threads = o->threads,
		.output = o->output, .strict = o->strict };
	int i, status = filter(&f, inputs, paths);

	for (i = 0; i < o->threads; i++)
		arena_free(&job.arenas[i]);
	free(job.arenas);
	free(job.tallies);
	return status;
}
