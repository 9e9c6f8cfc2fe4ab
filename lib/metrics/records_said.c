/* records_said - predictions of a record: classes by probability, boxes, segmentation maps */
#include "annotation/boxes.h"
#include "annotation/segmap.h"
#include "base/err.h"
#include "metrics/records_part.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void
records_part_place(struct evaluation_image *image, const struct record *r)
{
	const struct value *size = record_get(r, "size"), *pixels = record_get(r, "image"), *way = record_get(r, "transform");

	if (size && size->kind == VALUE_TENSOR && size->tensor.type == TENSOR_I32 && tensor_count(&size->tensor) == 2) {
		image->height = ((const int32_t *)size->tensor.data)[0];
		image->width = ((const int32_t *)size->tensor.data)[1];
	} else if (pixels && pixels->kind == VALUE_TENSOR && pixels->tensor.rank == 3) {
		image->height = (int)pixels->tensor.shape[0];
		image->width = (int)pixels->tensor.shape[1];
	}
	if (way && way->kind == VALUE_TENSOR && way->tensor.type == TENSOR_F64 && tensor_count(&way->tensor) == 4)
		memcpy(image->transform, way->tensor.data, sizeof image->transform);
}

/* Boxes and maps of another image than the true one, cropped or resized, would be scored as if they were bad. */
static int
check_place(const struct evaluation_image *truth, const struct record *r)
{
	struct evaluation_image said = { 0 };

	if (!boxes_has(r, BOXES_PREDICTED) && !segmap_has(r, SEGMAP_PREDICTED))
		return 0;
	records_part_place(&said, r);
	if (memcmp(said.transform, truth->transform, sizeof said.transform) != 0)
		return err(ERR_DATA, "predictions for an image that was cropped or resized in another way than the true one (tscae-uncrop brings them back)");
	if (said.height && truth->height && (said.height != truth->height || said.width != truth->width))
		return err(ERR_DATA, "predictions for an image of %d x %d pixels, the true one has %d x %d", said.width, said.height, truth->width, truth->height);
	return 0;
}

int
records_part_begin(struct records_part *p, const struct header *h)
{
	struct evaluation *s = p->set;
	int i;

	if (class_list_read(&p->said, h, "predicted_classes", NULL) < 0 || class_list_read(&p->said_labels, h, "predicted_label_classes", NULL) < 0)
		return -1;
	if (p->said.count && s->classes.count && !(p->to = class_list_map(&p->said, &s->classes, p->rules->restricted)))
		return -1;
	if (p->said_labels.count && s->label_classes.count && !(p->to_labels = class_list_map(&p->said_labels, &s->label_classes, p->rules->restricted)))
		return err_in("segmentation maps");
	for (i = 0; i < 256; i++) {
		p->truth_map[i] = i < s->label_classes.count && !s->label_classes.left_out[i] ? i : -1;
		p->said_map[i] = p->to_labels && i < p->said_labels.count ? p->to_labels[i] : -1;
	}
	return 0;
}

/* The highest scores of classes that the truth has, equal ones by lower number; `first`, if there is one, before all. */
static void
rank(const struct records_part *p, const float *scores, int first, int top[EVALUATION_TOP])
{
	bool *used = mem_new((size_t)p->said.count + 1);
	int n = 0, i, best;

	for (; n < EVALUATION_TOP; first = -1) {
		best = first;
		for (i = 0; first < 0 && i < p->said.count; i++)
			if (!used[i] && p->to[i] >= 0 && (best < 0 || scores[i] > scores[best]))
				best = i;
		if (best < 0)
			break;
		used[best] = true;
		top[n++] = p->to[best];
	}
	free(used);
}

static int
take_class(struct records_part *p, struct evaluation_image *image, const struct record *r)
{
	const struct value *v = record_get(r, "predicted_class");
	const float *scores = NULL;
	int first = -1, i;

	if (!v && !record_get(r, "class_score"))
		return 0;
	if (!p->said.count)
		return err(ERR_DATA, "the header has no 'predicted_classes'");
	if (v && (v->kind != VALUE_INT || v->integer < 0 || v->integer >= p->said.count))
		return err(ERR_DATA, "field 'predicted_class' is not a number from 0 to %d", p->said.count - 1);
	if (record_get(r, "class_score")) {
		const struct tensor *t = record_tensor(r, "class_score", TENSOR_F32, 1);

		if (!t)
			return -1;
		if (t->shape[0] != p->said.count)
			return err(ERR_DATA, "field 'class_score' has %ld rows, but there are %d classes", t->shape[0], p->said.count);
		for (i = 0, scores = t->data; i < p->said.count; i++)
			if (!isfinite(scores[i]))
				return err(ERR_DATA, "field 'class_score': the score of class '%s' is not a finite number", p->said.names[i]);
	}
	p->said_count[0]++;
	if (!p->to)
		return 0;
	if (v && p->to[v->integer] >= 0)
		first = (int)v->integer;
	if (scores) {
		rank(p, scores, first, image->top);
		p->set->ranked = true;
	} else if (first >= 0)
		image->top[0] = p->to[first];
	return 0;
}

static int
take_boxes(struct records_part *p, int image, const struct record *r)
{
	struct boxes from;
	long i;

	if (!boxes_has(r, BOXES_PREDICTED))
		return 0;
	if (!p->said.count)
		return err(ERR_DATA, "the header has no 'predicted_classes'");
	if (boxes_read(&from, r, BOXES_PREDICTED, BOXES_BOX | BOXES_CLASS | BOXES_SCORE, p->said.count) < 0)
		return -1;
	p->said_count[1]++;
	for (i = 0; p->to && i < from.count; i++) {
		const float *x = from.box[i];
		struct evaluation_box b = { image, p->to[from.class[i]], iou_corners(x[0], x[1], x[2], x[3]), 0, from.score[i], 0, 0 };

		if (b.class < 0)
			p->set->notes.classes++;
		else if (evaluation_put_detection(p->set, &b, p->rules) < 0)
			return -1;
	}
	return 0;
}

static int
take_map(struct records_part *p, const struct evaluation_image *image, const struct record *r)
{
	const struct tensor *t;
	const struct runs *map = &image->map;
	long bad;

	if (!segmap_has(r, SEGMAP_PREDICTED))
		return 0;
	if (!p->said_labels.count)
		return err(ERR_DATA, "the header has no 'predicted_label_classes'");
	if (!(t = segmap_read(r, SEGMAP_PREDICTED, map->height, map->width, p->said_labels.count)))
		return -1;
	p->said_count[2]++;
	if (!p->to_labels || !map->height)
		return 0;
	bad = confusion_pixels(&p->set->pixels, map, t->data, p->truth_map, p->said_map, p->said_labels.count);
	assert(bad < 0);
	(void)bad;
	return 0;
}

int
records_part_said(struct records_part *p, int image, const struct record *r)
{
	struct evaluation_image *i = &p->set->images[image];

	if (i->predicted)
		return err(ERR_DATA, "image %s is predicted twice", i->key);
	i->predicted = true;
	if (check_place(i, r) < 0 || take_class(p, i, r) < 0 || take_boxes(p, image, r) < 0)
		return -1;
	return take_map(p, i, r);
}
