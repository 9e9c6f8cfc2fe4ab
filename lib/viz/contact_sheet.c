/* contact_sheet - the cells of a contact sheet from a record's fields

   A map of patches (mask, attention) has the size of the image: pixel (x, y) has the value of its patch. Each
   attention map is colored from its minimum (dark) to its maximum (light). */
#include "viz/contact_sheet.h"
#include "base/err.h"
#include "base/mem.h"
#include "codec/image.h"
#include "stream/tensor.h"
#include "viz/draw.h"
#include "viz/overlay.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
	IMAGE, STUDENT_IMAGE, MASK, MASKED, PREDICTION, BOXES, PREDICTED_BOXES, LABELS, PREDICTED_LABELS,
	    MEAN_ATTENTION,
	HEADS,
	HEADS_MAX = 64
};
enum { MASK_OPACITY = 210 };	/* of 255: masked patches stay faintly visible */
static const uint8_t gray[3] = { 128, 128, 128 };

void
contact_sheet_begin(struct sheet *s)
{
	static const char *const titles[HEADS] = {
		"image", "student image", "mask", "masked image", "predicted image", "ground-truth boxes", "detections",
		"ground-truth map", "predicted map", "mean attention"
	};
	static char heads[HEADS_MAX][20];
	int i;

	for (i = 0; i < HEADS; i++)
		s->titles[i] = titles[i];
	for (i = 0; i < HEADS_MAX; i++) {
		snprintf(heads[i], sizeof heads[i], "head %d", i + 1);
		s->titles[HEADS + i] = heads[i];
	}
}

int
contact_sheet_image(struct arena *a, const struct record *r, const char *name, struct image *p)
{
	struct image whole;
	int x, y, c;

	if (!record_get(r, name))
		return 0;
	if (image_read(r, name, &whole) < 0)
		return -1;
	if (whole.bytes == 1 && (whole.channels == 1 || whole.channels == 3)) {
		*p = whole;
		return 0;
	}
	*p = image_new(a, whole.width, whole.height, whole.channels < 3 ? 1 : 3);
	for (y = 0; y < p->height; y++)
		for (x = 0; x < p->width; x++)
			for (c = 0; c < p->channels; c++) {
				const int at = x * whole.channels + c;

				image_row(p, y)[x * p->channels + c] = whole.bytes == 1 ? image_row(&whole, y)[at] :
					(uint8_t)(((const uint16_t *)(const void *)image_row(&whole, y))[at] >> 8);
			}
	return 0;
}

/* The image with gray over its masked patches. */
static int
cover_masked(struct arena *a, const struct record *r, const struct image *p, struct image *covered)
{
	const struct tensor *t;
	int x, y;

	if (!p->pixels || !record_get(r, "mask"))
		return 0;
	t = record_tensor(r, "mask", TENSOR_U8, 2);
	if (!t)
		return -1;
	*covered = image_new(a, p->width, p->height, 3);
	draw_image(covered, 0, 0, p, 1);
	for (y = 0; y < p->height; y++)
		for (x = 0; x < p->width; x++) {
			long row = y * t->shape[0] / p->height, column = x * t->shape[1] / p->width;

			if (t->shape[0] > 0 && t->shape[1] > 0 &&
				((const uint8_t *)t->data)[row * t->shape[1] + column])
				draw_mix(covered, x, y, 1, 1, gray, MASK_OPACITY);
		}
	return 0;
}

/* A map of rows x columns values as colors, of the size of `like` if that has pixels. */
static struct image
heat(struct arena *a, const double *map, long rows, long columns, const struct image *like)
{
	struct image p = image_new(
		a, like->pixels ? like->width : (int)columns, like->pixels ? like->height : (int)rows, 3);
	double min = INFINITY, max = -INFINITY;
	int x, y;

	for (long i = 0; i < rows * columns; i++) {
		if (!isfinite(map[i]))
			continue;
		min = fmin(min, map[i]);
		max = fmax(max, map[i]);
	}
	for (y = 0; y < p.height; y++)
		for (x = 0; x < p.width; x++) {
			double value = map[y * rows / p.height * columns + x * columns / p.width];

			draw_heat(isfinite(value) && max > min ? (value - min) / (max - min) : 0,
				image_row(&p, y) + 3 * x);
		}
	return p;
}

static int
attention(struct arena *a, const struct record *r, struct image *cells, bool heads)
{
	const struct tensor *t;
	double *mean, *one;
	long h, i, size;

	if (!record_get(r, "attention"))
		return 0;
	t = record_tensor(r, "attention", TENSOR_F32, 3);
	if (!t)
		return -1;
	size = t->shape[1] * t->shape[2];
	if (t->shape[0] < 1 || t->shape[0] > HEADS_MAX || size < 1)
		return err(ERR_DATA, "field 'attention': %ld heads of %ld x %ld patches cannot be drawn", t->shape[0],
			t->shape[1], t->shape[2]);
	mean = arena_get(a, sizeof *mean * (size_t)size);
	one = arena_get(a, sizeof *one * (size_t)size);
	memset(mean, 0, sizeof *mean * (size_t)size);
	for (h = 0; h < t->shape[0]; h++) {
		for (i = 0; i < size; i++) {
			one[i] = (double)((const float *)t->data)[h * size + i];
			mean[i] += one[i] / (double)t->shape[0];
		}
		if (heads)
			cells[HEADS + h] = heat(a, one, t->shape[1], t->shape[2], &cells[IMAGE]);
	}
	cells[MEAN_ATTENTION] = heat(a, mean, t->shape[1], t->shape[2], &cells[IMAGE]);
	return 0;
}

int
contact_sheet_add(struct sheet *s, const struct header *h, const struct record *r, bool heads, double score)
{
	struct image cells[SHEET_CELLS_MAX] = { 0 };
	const struct image *p = &cells[IMAGE];
	struct sheet_marks marks[SHEET_CELLS_MAX] = { 0 };
	struct arena work = { 0 };
	int result = -1;

	if (contact_sheet_image(&work, r, "image", &cells[IMAGE]) == 0 &&
	    contact_sheet_image(&work, r, "student_image", &cells[STUDENT_IMAGE]) == 0 &&
	    contact_sheet_image(&work, r, "masked", &cells[MASKED]) == 0 &&
	    contact_sheet_image(&work, r, "prediction", &cells[PREDICTION]) == 0 &&
	    cover_masked(&work, r, p, &cells[MASK]) == 0 && attention(&work, r, cells, heads) == 0 &&
	    overlay_boxes(s, &work, h, r, p, false, score, &cells[BOXES], &marks[BOXES]) == 0 &&
	    overlay_boxes(s, &work, h, r, p, true, score, &cells[PREDICTED_BOXES], &marks[PREDICTED_BOXES]) == 0 &&
	    overlay_labels(s, &work, h, r, p, false, &cells[LABELS]) == 0 &&
	    overlay_labels(s, &work, h, r, p, true, &cells[PREDICTED_LABELS]) == 0)
		result = sheet_add(s, cells, marks, overlay_class(&work, h, r), r->key);
	arena_free(&work);
	return result;
}
