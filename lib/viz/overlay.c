/* overlay - ground truth and predictions over an image, as cells of a contact sheet */
#include "viz/overlay.h"
#include "base/err.h"
#include "stream/tensor.h"
#include "viz/class_color.h"
#include "viz/draw.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { COVER = 150, VOID = 255 };	/* of 255: a segmentation map over its image, which still shows */

/* the fields of ground truth and of predictions */
static const struct { const char *boxes, *class, *score, *classes, *labels, *label_classes; } fields[2] = {
	{ "boxes", "box_class", NULL, "classes", "labels", "label_classes" },
	{ "predicted_boxes", "predicted_box_class", "predicted_box_score", "predicted_classes", "predicted_labels", "predicted_label_classes" }
};

static struct image
in_color(struct arena *a, const struct image *p)
{
	struct image copy = image_new(a, p->width, p->height, 3);

	draw_image(&copy, 0, 0, p, 1);
	return copy;
}

/* A ground-truth box is dashed, a predicted one has a score and is solid. */
static void
mark(struct sheet *s, struct arena *a, struct class_color t, const float box[4], const double *score, struct sheet_mark *m)
{
	char text[96];

	memcpy(m->box, box, sizeof m->box);
	memcpy(m->color, t.color, sizeof m->color);
	m->dashed = !score;
	snprintf(text, sizeof text, score ? "%.80s %.2f" : "%.80s", t.name, score ? *score : 0);
	m->text = arena_text(a, text);
	sheet_legend(s, t.name, t.rank, t.color);
}

int
overlay_boxes(struct sheet *s, struct arena *a, const struct header *h, const struct record *r, const struct image *p, bool predicted, double score, struct image *cell, struct sheet_marks *marks)
{
	const struct tensor *boxes, *class, *scores = NULL;
	long i;

	if (!p->pixels || !record_get(r, fields[predicted].boxes))
		return 0;
	boxes = record_tensor(r, fields[predicted].boxes, TENSOR_F32, 2);
	class = boxes ? record_tensor(r, fields[predicted].class, TENSOR_I32, 1) : NULL;
	if (!class || (predicted && !(scores = record_tensor(r, fields[predicted].score, TENSOR_F32, 1))))
		return -1;
	if (boxes->shape[1] != 4 || class->shape[0] != boxes->shape[0] || (scores && scores->shape[0] != boxes->shape[0]))
		return err(ERR_DATA, "fields %s and %s do not belong together", fields[predicted].boxes, fields[predicted].class);
	*cell = in_color(a, p);
	marks->list = arena_get(a, sizeof *marks->list * (size_t)boxes->shape[0]);
	for (i = 0; i < boxes->shape[0]; i++) {
		const float *box = (const float *)boxes->data + 4 * i;
		const double x = scores ? (double)((const float *)scores->data)[i] : 1;

		if (!isfinite(box[0]) || !isfinite(box[1]) || !isfinite(box[2]) || !isfinite(box[3]) || !isfinite(x))
			return err(ERR_DATA, "field %s: box %ld or its score is not of finite numbers", fields[predicted].boxes, i);
		if (box[2] < box[0] || box[3] < box[1])
			return err(ERR_DATA, "field %s: box %ld ends before it begins", fields[predicted].boxes, i);
		if (x >= score)
			mark(s, a, class_color_of(a, h, fields[predicted].classes, ((const int32_t *)class->data)[i]), box, scores ? &x : NULL, &marks->list[marks->count++]);
	}
	return 0;
}

int
overlay_labels(struct sheet *s, struct arena *a, const struct header *h, const struct record *r, const struct image *p, bool predicted, struct image *cell)
{
	const struct tensor *t;
	struct class_color colors[256] = { 0 };
	int x, y, i;

	if (!p->pixels || !record_get(r, fields[predicted].labels))
		return 0;
	t = record_tensor(r, fields[predicted].labels, TENSOR_U8, 2);
	if (!t)
		return -1;
	if (t->shape[0] != p->height || t->shape[1] != p->width)
		return err(ERR_DATA, "field %s: a segmentation map of %ldx%ld beside an image of %dx%d", fields[predicted].labels, t->shape[0], t->shape[1], p->height, p->width);
	*cell = in_color(a, p);
	for (y = 0; y < p->height; y++)
		for (x = 0; x < p->width; x++) {
			const uint8_t label = ((const uint8_t *)t->data)[(long)y * p->width + x];

			if (!colors[label].name)
				colors[label] = label == VOID ? class_color_ignore() : class_color_of(a, h, fields[predicted].label_classes, label);
			draw_mix(cell, x, y, 1, 1, colors[label].color, COVER);
		}
	for (i = 0; i < 256; i++)
		if (colors[i].name)
			sheet_legend(s, colors[i].name, colors[i].rank, colors[i].color);
	return 0;
}

const char *
overlay_class(struct arena *a, const struct header *h, const struct record *r)
{
	const struct value *class = record_get(r, "class"), *predicted = record_get(r, "predicted_class");
	const struct value *scores = record_get(r, "class_score");
	const char *truth = NULL, *name;
	char text[256], score[16] = "";

	if (class && class->kind == VALUE_INT)
		truth = class_color_of(a, h, "classes", (long)class->integer).name;
	if (!predicted || predicted->kind != VALUE_INT)
		return truth;
	name = class_color_of(a, h, "predicted_classes", (long)predicted->integer).name;
	if (scores && scores->kind == VALUE_TENSOR && scores->tensor.type == TENSOR_F32 && scores->tensor.rank == 1 &&
	    predicted->integer >= 0 && predicted->integer < scores->tensor.shape[0])
		snprintf(score, sizeof score, " %.2f", (double)((const float *)scores->tensor.data)[predicted->integer]);
	snprintf(text, sizeof text, "%.100s%spredicted %.100s%s", truth ? truth : "", truth ? ", " : "", name, score);
	return arena_text(a, text);
}
