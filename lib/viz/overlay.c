/* overlay - ground truth and predictions over an image, as cells of a contact sheet */
#define _GNU_SOURCE
#include "viz/overlay.h"
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "annotation/image_class.h"
#include "annotation/segmap.h"
#include "stream/tensor.h"
#include "viz/class_color.h"
#include "viz/draw.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPACITY = 150 };	/* of 255: of a segmentation map over its image */
static const double OVERLAP = 0.5;	/* IoU with a box of a higher score from which a box is not drawn */

/* The class names of ground truth and predictions; the members that their boxes must have. */
static const struct { enum class_color_list classes, label_classes; unsigned columns; } kinds[] = {
	{ CLASS_COLOR_GT, CLASS_COLOR_GT_SEGMAP, BOXES_BOX | BOXES_CLASS },
	{ CLASS_COLOR_PREDICTED, CLASS_COLOR_PREDICTED_SEGMAP, BOXES_BOX | BOXES_CLASS | BOXES_SCORE }
};

static struct image
in_color(struct arena *a, const struct image *p)
{
	struct image copy = image_new(a, p->width, p->height, 3);

	draw_image(&copy, 0, 0, p, 1);
	return copy;
}

/* A ground-truth box is dashed; a predicted one has a score and is solid. */
static void
mark(struct sheet *s, struct arena *a, struct class_color t, const float box[4], const double *score,
	struct sheet_mark *m)
{
	char text[96];

	memcpy(m->box, box, sizeof m->box);
	memcpy(m->color, t.color, sizeof m->color);
	m->dashed = !score;
	snprintf(text, sizeof text, score ? "%.80s %.2f" : "%.80s", t.name, score ? *score : 0);
	m->text = arena_text(a, text);
	sheet_legend(s, t.name, t.rank, t.color);
}

static double
area(const float *b)
{
	return (double)(b[2] - b[0]) * (double)(b[3] - b[1]);
}

static double
iou(const float *a, const float *b)
{
	const double width = (double)(fminf(a[2], b[2]) - fmaxf(a[0], b[0])),
		height = (double)(fminf(a[3], b[3]) - fmaxf(a[1], b[1])), both = fmax(width, 0) * fmax(height, 0);

	return both > 0 ? both / (area(a) + area(b) - both) : 0;
}

static int
by_score(const void *a, const void *b, void *scores)
{
	const long i = *(const long *)a, k = *(const long *)b;
	const float x = ((const float *)scores)[i], y = ((const float *)scores)[k];

	return x != y ? (x < y ? 1 : -1) : (i > k) - (i < k);
}

/* The predicted boxes to draw: those of at least `score`, the highest score first, without those that overlap one of
   a higher score, also of another class. Their indices, of room for all, and their number. */
static long
choose(const struct boxes *b, double score, long *chosen)
{
	long i, k, n = 0, count = 0;

	for (i = 0; i < b->count; i++)
		if ((double)b->score[i] >= score)
			chosen[n++] = i;
	qsort_r(chosen, (size_t)n, sizeof *chosen, by_score, b->score);
	for (i = 0; i < n; i++) {
		for (k = 0; k < count && iou(b->box[chosen[i]], b->box[chosen[k]]) < OVERLAP; k++)
			;
		if (k == count)
			chosen[count++] = chosen[i];
	}
	return count;
}

int
overlay_boxes(struct sheet *s, struct arena *a, const struct class_colors *c, const struct record *r,
	const struct image *p, bool predicted, double score, struct image *cell, struct sheet_marks *marks)
{
	const enum boxes_kind kind = predicted ? BOXES_PREDICTED : BOXES_GT;
	struct boxes b;
	long i, *chosen;

	if (!p->pixels || !boxes_has(r, kind))
		return 0;
	if (boxes_read(&b, r, kind, kinds[predicted].columns, c->lists[kinds[predicted].classes].count) < 0)
		return -1;
	*cell = in_color(a, p);
	marks->list = arena_array(a, (size_t)b.count, sizeof *marks->list);
	chosen = arena_array(a, (size_t)b.count, sizeof *chosen);
	marks->count = (int)(predicted ? choose(&b, score, chosen) : b.count);
	for (i = 0; i < marks->count; i++) {
		const long at = predicted ? chosen[i] : i;
		const double x = predicted ? (double)b.score[at] : 1;

		mark(s, a, class_color_of(a, c, kinds[predicted].classes, b.class[at]), b.box[at],
			predicted ? &x : NULL, &marks->list[i]);
	}
	return 0;
}

int
overlay_labels(struct sheet *s, struct arena *a, const struct class_colors *c, const struct record *r,
	const struct image *p, bool predicted, struct image *cell)
{
	const enum segmap_kind kind = predicted ? SEGMAP_PREDICTED : SEGMAP_GT;
	const struct tensor *t;
	struct class_color colors[256] = { 0 };
	int x, y, i;

	if (!p->pixels || !segmap_has(r, kind))
		return 0;
	if (!(t = segmap_read(r, kind, p->height, p->width, c->lists[kinds[predicted].label_classes].count)))
		return -1;
	*cell = in_color(a, p);
	for (y = 0; y < p->height; y++)
		for (x = 0; x < p->width; x++) {
			const uint8_t label = ((const uint8_t *)t->data)[(long)y * p->width + x];

			if (!colors[label].name)
				colors[label] = label == SEGMAP_IGNORE ? class_color_ignore() :
					class_color_of(a, c, kinds[predicted].label_classes, label);
			draw_mix(cell, x, y, 1, 1, colors[label].color, OPACITY);
		}
	for (i = 0; i < 256; i++)
		if (colors[i].name)
			sheet_legend(s, colors[i].name, colors[i].rank, colors[i].color);
	return 0;
}

int
overlay_class(struct arena *a, const struct class_colors *c, const struct record *r, const char **text)
{
	const struct class_list *predicted = &c->lists[CLASS_COLOR_PREDICTED];
	const struct tensor *scores;
	int64_t class = -1, best = -1;
	const int has_class = image_class_read(r, IMAGE_CLASS_GT, c->lists[CLASS_COLOR_GT].count, &class);
	const int has_best = image_class_read(r, IMAGE_CLASS_PREDICTED, predicted->count, &best);
	const char *gt = NULL, *name;
	char line[256], score[16] = "";

	if (has_class < 0 || has_best < 0 || image_class_read_score(r, predicted, &scores) < 0)
		return -1;
	if (has_class)
		gt = class_color_of(a, c, CLASS_COLOR_GT, (long)class).name;
	*text = gt;
	if (!has_best)
		return 0;
	name = class_color_of(a, c, CLASS_COLOR_PREDICTED, (long)best).name;
	if (scores && best >= 0 && best < scores->shape[0])
		snprintf(score, sizeof score, " %.2f", (double)((const float *)scores->data)[best]);
	snprintf(line, sizeof line, "%.100s%spredicted %.100s%s", gt ? gt : "", gt ? ", " : "", name, score);
	*text = arena_text(a, line);
	return 0;
}
