/* contact_sheet - the cells of a contact sheet from a record's fields

   A map of patches (mask, attention, components) has the size of the image: pixel (x, y) has the value of its patch,
   without interpolation. Each attention map is colored from its minimum (dark) to its maximum (light) and blended with
   the image in gray, so that hues mean attention only. */
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
	    COMPONENTS, MEAN_ATTENTION,
	HEADS,
	HEADS_MAX = 64
};
enum {
	MASK_OPACITY = 210,	/* of 255: masked patches stay faintly visible */
	ATTENTION_OPACITY = 170,
	LEGEND_RANK = 256	/* of components: after all classes */
};
static const uint8_t gray[3] = { 128, 128, 128 };

void
contact_sheet_begin(struct contact_sheet *sheet)
{
	static const char *const titles[HEADS] = {
		"image", "student image", "mask", "masked image", "predicted image", "ground-truth boxes", "detections",
		"ground-truth map", "predicted map", "PCA of patches", "mean attention"
	};
	static char heads[HEADS_MAX][20];
	int i;

	for (i = 0; i < HEADS; i++)
		sheet->sheet.titles[i] = titles[i];
	for (i = 0; i < HEADS_MAX; i++) {
		snprintf(heads[i], sizeof heads[i], "head %d", i + 1);
		sheet->sheet.titles[HEADS + i] = heads[i];
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

/* An image of 3 channels for a map of rows x columns patches: of the size of `like` if that has pixels. */
static struct image
new_map(struct arena *a, const struct image *like, long rows, long columns)
{
	return image_new(a, like->pixels ? like->width : (int)columns, like->pixels ? like->height : (int)rows, 3);
}

/* The index of the patch of pixel (x, y). */
static long
patch_at(const struct image *p, int x, int y, long rows, long columns)
{
	return y * rows / p->height * columns + x * columns / p->width;
}

/* A map of rows x columns values as colors, over the image `like` in gray if that has pixels. */
static struct image
heat(struct arena *a, const double *map, long rows, long columns, const struct image *like)
{
	const struct image p = new_map(a, like, rows, columns);
	const struct image gray_image = like->channels == 3 ? image_gray(a, like) : *like;
	const int opacity = like->pixels ? ATTENTION_OPACITY : 255;
	double min = INFINITY, max = -INFINITY;
	uint8_t color[3];
	int x, y;

	for (long i = 0; i < rows * columns; i++) {
		if (!isfinite(map[i]))
			continue;
		min = fmin(min, map[i]);
		max = fmax(max, map[i]);
	}
	draw_fill(&p, 0, 0, p.width, p.height, gray);
	if (like->pixels)
		draw_image(&p, 0, 0, &gray_image, 1);
	for (y = 0; y < p.height; y++)
		for (x = 0; x < p.width; x++) {
			const double value = map[patch_at(&p, x, y, rows, columns)];

			draw_heat(isfinite(value) && max > min ? (value - min) / (max - min) : 0, color);
			draw_mix(&p, x, y, 1, 1, color, opacity);
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
	mean = arena_array(a, (size_t)size, sizeof *mean);
	one = arena_array(a, (size_t)size, sizeof *one);
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

/* The rows and columns of the patches of a record: those of its attention, or of square patches of its image. */
static int
patch_grid(const struct record *r, const struct image *p, long patches, long *rows, long *columns)
{
	const struct tensor *t = record_get(r, "attention") ? record_tensor(r, "attention", TENSOR_F32, 3) : NULL;
	long size;

	if (patches < 1)
		return err(ERR_DATA, "field 'feature' has no patches");
	if (t && t->shape[1] * t->shape[2] == patches) {
		*rows = t->shape[1];
		*columns = t->shape[2];
		return 0;
	}
	if (!p->pixels)
		return err(ERR_DATA, "no field 'image', which has the rows and columns of the patches; compute the "
			"features without --drop-image");
	size = lround(sqrt((double)p->width * p->height / (double)patches));
	*rows = p->height / (size ? size : 1);
	*columns = p->width / (size ? size : 1);
	if (*rows * size != p->height || *columns * size != p->width || *rows * *columns != patches)
		return err(ERR_DATA, "field 'feature': %ld patches are not the square patches of an image of %d x %d",
			patches, p->width, p->height);
	return 0;
}

/* Add the patch features to the components; the cell is painted when all are known. */
static int
add_components(struct contact_sheet *c, struct arena *a, const struct record *r, struct image *cells)
{
	const struct value *v = record_get(r, "feature");
	const struct tensor *t;
	long rows = 0, columns = 0;

	if (!c->pca)
		return 0;
	if (!v || (v->kind == VALUE_TENSOR && v->tensor.rank == 1))
		return err(ERR_DATA, "%s; --pca needs those of tscae-embed --pool patches",
			v ? "field 'feature' is the feature of an image, not of its patches" : "no patch features");
	t = record_tensor(r, "feature", TENSOR_F32, 2);
	if (!t || patch_grid(r, &cells[IMAGE], t->shape[0], &rows, &columns) < 0 ||
	    pca_add(&c->components, t, rows, columns) < 0)
		return -1;
	cells[COMPONENTS] = new_map(a, &cells[IMAGE], rows, columns);
	draw_fill(&cells[COMPONENTS], 0, 0, cells[COMPONENTS].width, cells[COMPONENTS].height, gray);
	return 0;
}

int
contact_sheet_add(struct contact_sheet *c, const struct class_colors *colors, const struct record *r)
{
	struct sheet *s = &c->sheet;
	struct image cells[SHEET_CELLS_MAX] = { 0 };
	const struct image *p = &cells[IMAGE];
	struct sheet_marks marks[SHEET_CELLS_MAX] = { 0 };
	struct arena work = { 0 };
	const char *caption;
	int result = -1;

	if (contact_sheet_image(&work, r, "image", &cells[IMAGE]) == 0 &&
	    contact_sheet_image(&work, r, "student_image", &cells[STUDENT_IMAGE]) == 0 &&
	    contact_sheet_image(&work, r, "masked", &cells[MASKED]) == 0 &&
	    contact_sheet_image(&work, r, "prediction", &cells[PREDICTION]) == 0 &&
	    cover_masked(&work, r, p, &cells[MASK]) == 0 && attention(&work, r, cells, c->heads) == 0 &&
	    overlay_boxes(s, &work, colors, r, p, false, c->score, &cells[BOXES], &marks[BOXES]) == 0 &&
	    overlay_boxes(s, &work, colors, r, p, true, c->score, &cells[PREDICTED_BOXES],
		&marks[PREDICTED_BOXES]) == 0 &&
	    overlay_labels(s, &work, colors, r, p, false, &cells[LABELS]) == 0 &&
	    overlay_labels(s, &work, colors, r, p, true, &cells[PREDICTED_LABELS]) == 0 &&
	    add_components(c, &work, r, cells) == 0 && overlay_class(&work, colors, r, &caption) == 0)
		result = sheet_add(s, cells, marks, caption, r->key);
	arena_free(&work);
	return result;
}

/* Paint the cells of the components, and name their colors in the legend. */
static void
paint_components(struct contact_sheet *c)
{
	static const uint8_t colors[PCA_COLORS][3] = { { 255, 0, 0 }, { 0, 255, 0 }, { 0, 0, 255 } };
	const struct pca *p = &c->components;
	char text[60];
	int i, x, y;

	for (i = 0; i < p->count; i++) {
		const struct pca_image *from = &p->images[i];
		const struct image *to = sheet_cell(&c->sheet, i, COMPONENTS);

		for (y = 0; y < to->height; y++)
			for (x = 0; x < to->width; x++)
				memcpy(image_row(to, y) + 3 * x,
					from->colors[patch_at(to, x, y, from->rows, from->columns)], 3);
	}
	for (i = 0; i < PCA_COLORS && i < p->components; i++) {
		snprintf(text, sizeof text, "component %d: %.1f %% of the variance", i + 1, 100 * p->variance[i]);
		sheet_legend(&c->sheet, text, LEGEND_RANK + i, colors[i]);
	}
}

int
contact_sheet_draw(struct contact_sheet *c, struct arena *a, struct image *drawn)
{
	if (c->components.count) {
		pca_fit(&c->components);
		paint_components(c);
	}
	return sheet_draw(&c->sheet, a, drawn);
}

void
contact_sheet_free(struct contact_sheet *c)
{
	sheet_free(&c->sheet);
	pca_free(&c->components);
}
