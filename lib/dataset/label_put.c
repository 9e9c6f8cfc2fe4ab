/* label_put - put boxes, segmentation map and size of an image into a record; every repair is counted */
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "annotation/image_size.h"
#include "annotation/segmap.h"
#include "annotation/transform.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/image.h"
#include "dataset/label.h"
#include "dataset/label_internal.h"
#include "stream/reader.h"
#include "stream/record.h"
#include "stream/tensor.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Clip to the image. False: no area is left. */
static bool
clip(struct label_object *b, int width, int height, struct label_notes *notes)
{
	struct label_object c = *b;

	if (!(b->right > b->left) || !(b->bottom > b->top)) {
		notes->count[LABEL_EMPTY]++;
		return false;
	}
	if (!width || !height) {
		/* the size of the image is unknown, but has an upper limit */
		if (!(fmax(fabs(b->left), fabs(b->top)) <= IMAGE_SIZE_MAX
			&& fmax(fabs(b->right), fabs(b->bottom)) <= IMAGE_SIZE_MAX)) {
			notes->count[LABEL_OUTSIDE]++;
			return false;
		}
		return true;
	}
	c.left = fmax(b->left, 0);
	c.top = fmax(b->top, 0);
	c.right = fmin(b->right, width);
	c.bottom = fmin(b->bottom, height);
	if (!(c.right > c.left) || !(c.bottom > c.top)) {
		notes->count[LABEL_OUTSIDE]++;
		return false;
	}
	notes->count[LABEL_CUT] += c.left != b->left || c.top != b->top || c.right != b->right || c.bottom != b->bottom;
	*b = c;
	return true;
}

void
label_put_boxes(struct record *r, struct label_object *boxes, int count, int width, int height, bool areas,
	struct label_notes *notes)
{
	struct boxes to = boxes_new(
		&r->arena, BOXES_BOX | BOXES_CLASS | BOXES_FLAGS | (areas ? BOXES_AREA : 0U), count);
	int i;

	for (i = 0; i < count; i++) {
		struct label_object *b = &boxes[i];
		const long k = to.count;

		b->row = -1;
		if (!clip(b, width, height, notes))
			continue;
		b->row = (int)k;
		memcpy(to.box[k], (float[4]){ (float)b->left, (float)b->top, (float)b->right, (float)b->bottom },
			sizeof to.box[k]);
		to.class[k] = b->class;
		to.flags[k] = (uint8_t)b->flags;
		if (areas)
			to.area[k] = (float)b->area;
		to.count++;
	}
	boxes_write(&to, r, BOXES_GT);
}

/* Compare the size of an image with that of its annotation. 0, LABEL_SKIPPED or -1, both with err(). */
static int
compare_size(const struct label *l, long w, long h, int width, int height, struct label_notes *notes)
{
	const long dw = width ? labs(w - width) : 0, dh = height ? labs(h - height) : 0;

	if (dw == 0 && dh == 0)
		return 0;
	if (dw <= 1 && dh <= 1) {
		notes->count[LABEL_SIZE_OFF]++;
		return 0;
	}
	if (l->options.on_size == LABEL_SIZE_KEEP) {
		notes->count[LABEL_SIZE_OTHER]++;
		return 0;
	}
	if (w == height && h == width)
		err(ERR_DATA,
		    "the image has %ldx%ld pixels, its annotation is for %dx%d: for the image rotated by its EXIF "
		    "orientation? "
			"use --exif apply here and in tscae-decode", w, h, width, height);
	else
		err(ERR_DATA, "the image has %ldx%ld pixels, its annotation is for %dx%d; "
			"annotate images before they are resized, or use --on-size skip or keep", w, h, width, height);
	return l->options.on_size == LABEL_SIZE_SKIP ? LABEL_SKIPPED : -1;
}

int
label_put_size(const struct label *l, struct record *r, int *width, int *height, struct label_notes *notes)
{
	const struct value *image = record_get(r, "image");

	if (transform_has(r))
		return err(ERR_DATA, "the image is cropped or resized, but annotations are for the whole image; "
			"run tscae-label before tscae-crop");
	if (image && image->kind == VALUE_TENSOR && image->tensor.rank == 3) {
		long h = image->tensor.shape[0], w = image->tensor.shape[1];

		const int result = compare_size(l, w, h, *width, *height, notes);

		if (result)
			return result;
		*width = (int)w;
		*height = (int)h;
	} else if (*width && *height)
		image_size_put(r, *height, *width);
	return 0;
}

/* Check that every value is a class or an ignore index; the dataset's ignore index becomes SEGMAP_IGNORE. The image is
   dense. */
static int
check_values(const struct label *l, struct image *p, struct label_notes *notes)
{
	const int count = l->segmap_classes.count;
	const size_t pixels = (size_t)p->width * (size_t)p->height;
	bool known[256], seen[256] = { false }, unlisted = false;
	uint8_t value_map[256];
	size_t i;
	int v;

	for (v = 0; v < 256; v++) {
		bool ignored = v == l->options.ignore_index || (v == SEGMAP_IGNORE && !l->options.binary);
		bool dropped;

		known[v] = ignored || v < count || l->options.binary;
		dropped = !known[v] && l->options.drop_unlisted;
		value_map[v] = ignored || dropped ? SEGMAP_IGNORE : l->options.binary ? v != 0 : (uint8_t)v;
	}
	for (i = 0; i < pixels; i++) {
		unlisted |= !known[p->pixels[i]];
		seen[p->pixels[i]] = true;
		p->pixels[i] = value_map[p->pixels[i]];
	}
	if (segmap_check(p->pixels, p->height, p->width, count) < 0)
		return err(ERR_DATA, "%s; use --unlisted drop to ignore such values", err_text());
	notes->count[LABEL_UNLISTED_MAP] += unlisted;
	for (v = 1; v < SEGMAP_IGNORE && !seen[v]; v++)
		;
	notes->count[LABEL_BINARY] += count == 2 && v == SEGMAP_IGNORE && seen[v] && !l->options.binary;
	return 0;
}

/* A map of two classes in colors, or of 16 bits: all pixels but the black ones are 1. */
static int
read_binary(const void *bytes, size_t size, struct arena *a, struct image *p, struct decode_report *report)
{
	struct decode_options o = decode_defaults;
	struct image wide;
	int x, y, c;

	o.deep = true;
	if (decode_image(bytes, size, &o, a, &wide, report) < 0)
		return -1;
	*p = image_new(a, wide.width, wide.height, 1);
	for (y = 0; y < p->height; y++) {
		const uint16_t *from = (const void *)image_row(&wide, y);

		for (x = 0; x < p->width; x++)
			for (image_row(p, y)[x] = 0, c = 0; c < wide.channels; c++)
				image_row(p, y)[x] |= from[x * wide.channels + c] != 0;
	}
	return 0;
}

static int
read_segmap(const struct label *l, const char *path, struct arena *a, struct image *p, struct label_notes *notes)
{
	struct decode_options o = decode_defaults;
	struct decode_report report;
	size_t size;
	void *bytes = file_read(path, DECODE_MAX_BYTES, &size);
	int result;

	if (!bytes)
		return -1;
	o.indices = true;
	result = decode_image(bytes, size, &o, a, p, &report);
	if (result < 0 && l->options.binary)
		result = read_binary(bytes, size, a, p, &report);
	free(bytes);
	if (result == 0 && report.damage == DECODE_DAMAGED)
		result = err(ERR_DATA, "%s", report.what);
	if (result == 0)
		result = check_values(l, p, notes);
	return result < 0 ? err_in("%s", path) : 0;
}

int
label_put_segmap(const struct label *l, const char *path, struct record *r, int width, int height,
	struct label_notes *notes)
{
	struct arena a = { 0 };
	struct image p, to;
	int result;

	if (!file_exists(path))
		return 0;
	result = read_segmap(l, path, &a, &p, notes);
	if (result == 0 && ((width && p.width != width) || (height && p.height != height)))
		result = err(
			ERR_DATA, "%s: %dx%d pixels, but the image has %dx%d", path, p.width, p.height, width, height);
	if (result == 0 && (size_t)p.width * (size_t)p.height > STREAM_BINARY_MAX)
		result = err(ERR_DATA, "%s: %dx%d pixels exceed the size of a record", path, p.width, p.height);
	if (result == 0) {
		to = image_over(segmap_put(r, SEGMAP_GT, p.height, p.width), p.width, p.height, 1);
		image_copy(&to, &p);
		if (!record_get(r, "image"))
			result = label_put_size(l, r, &p.width, &p.height, notes);
	}
	arena_free(&a);
	return result < 0 ? -1 : 1;
}
