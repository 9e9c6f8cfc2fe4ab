/* records_predicted - the predictions of a record: classes by score, boxes, segmentation maps */
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "annotation/image_class.h"
#include "annotation/image_size.h"
#include "annotation/segmap.h"
#include "annotation/transform.h"
#include "base/err.h"
#include "base/mem.h"
#include "metrics/evaluation.h"
#include "metrics/iou.h"
#include "metrics/records_internal.h"
#include "stream/record.h"
#include "stream/tensor.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int
records_read_geometry(struct evaluation_image *image, const struct record *r)
{
	if (transform_read(r, image->transform) < 0)
		return -1;
	return image_size_read(r, &image->height, &image->width) < 0 ? -1 : 0;
}

/* -1 for boxes and maps in the coordinates of another crop or size than the ground truth: their scores would be
   meaningless. */
static int
check_geometry(const struct evaluation_image *gt, const struct record *r)
{
	struct evaluation_image predicted = { 0 };

	if (!boxes_has(r, BOXES_PREDICTED) && !segmap_has(r, SEGMAP_PREDICTED))
		return 0;
	if (records_read_geometry(&predicted, r) < 0)
		return -1;
	if (memcmp(predicted.transform, gt->transform, sizeof predicted.transform) != 0)
		return err(ERR_DATA, "the image has another crop or size than in the ground truth; "
			"transform the predictions back with tscae-uncrop");
	if (predicted.height && gt->height && (predicted.height != gt->height || predicted.width != gt->width))
		return err(ERR_DATA, "predictions for an image of %d x %d pixels, but the ground truth has %d x %d",
			predicted.width, predicted.height, gt->width, gt->height);
	return 0;
}

int
records_map_classes(struct records_input *p, const struct header *h)
{
	struct evaluation *s = p->set;
	int i;

	if (class_list_read(&p->predicted_classes, h, CLASS_LIST_PREDICTED, NULL) < 0
		|| class_list_read(&p->predicted_label_classes, h, CLASS_LIST_PREDICTED_SEGMAP, NULL) < 0)
		return -1;
	if (p->predicted_classes.count && s->classes.count
		&& !(p->class_map = class_list_map(&p->predicted_classes, &s->classes, p->rules->intersect)))
		return -1;
	if (p->predicted_label_classes.count && s->label_classes.count &&
		!(p->label_class_map = class_list_map(
			&p->predicted_label_classes, &s->label_classes, p->rules->intersect)))
		return err_in("segmentation maps");
	for (i = 0; i < 256; i++) {
		p->gt_map[i] = i < s->label_classes.count && !s->label_classes.list[i].left_out ? i : -1;
		p->predicted_map[i] = p->label_class_map && i < p->predicted_label_classes.count ? p->label_class_map[i]
			: -1;
	}
	return 0;
}

/* The classes of the ground truth with the highest scores, of equal scores the lower class first; `first`, if not -1,
   precedes all. */
static void
rank_classes(const struct records_input *p, const float *scores, int first, int top[EVALUATION_TOP])
{
	bool *used = mem_new((size_t)p->predicted_classes.count + 1);
	int n = 0, i, best;

	for (; n < EVALUATION_TOP; first = -1) {
		best = first;
		for (i = 0; first < 0 && i < p->predicted_classes.count; i++)
			if (!used[i] && p->class_map[i] >= 0 && (best < 0 || scores[i] > scores[best]))
				best = i;
		if (best < 0)
			break;
		used[best] = true;
		top[n++] = p->class_map[best];
	}
	free(used);
}

static int
take_class(struct records_input *p, struct evaluation_image *image, const struct record *r)
{
	const struct tensor *scores;
	int64_t class = -1;
	int first = -1;
	const int has_class = image_class_read(r, IMAGE_CLASS_PREDICTED, p->predicted_classes.count, &class);
	const int has_scores = has_class < 0 ? -1 : image_class_read_score(r, &p->predicted_classes, &scores);

	if (has_scores < 0)
		return -1;
	if (!has_class && !has_scores)
		return 0;
	if (!p->predicted_classes.count)
		return err(ERR_DATA, "the header has no '%s'", CLASS_LIST_PREDICTED);
	p->predicted_count[0]++;
	if (!p->class_map)
		return 0;
	if (has_class && p->class_map[class] >= 0)
		first = (int)class;
	if (has_scores) {
		rank_classes(p, scores->data, first, image->top);
		p->set->ranked = true;
	} else if (first >= 0)
		image->top[0] = p->class_map[first];
	return 0;
}

static int
take_boxes(struct records_input *p, int image, const struct record *r)
{
	struct boxes from;
	long i;

	if (!boxes_has(r, BOXES_PREDICTED))
		return 0;
	if (!p->predicted_classes.count)
		return err(ERR_DATA, "the header has no '%s'", CLASS_LIST_PREDICTED);
	if (boxes_read(&from, r, BOXES_PREDICTED, BOXES_BOX | BOXES_CLASS | BOXES_SCORE, p->predicted_classes.count) <
		0)
		return -1;
	p->predicted_count[1]++;
	for (i = 0; p->class_map && i < from.count; i++) {
		const float *x = from.box[i];
		struct evaluation_box b = { image, p->class_map[from.class[i]], iou_corners(x[0], x[1], x[2], x[3]), 0,
			from.score[i], 0, 0, NULL };

		if (b.class < 0)
			p->set->notes.unmatched_classes++;
		else if (evaluation_put_detection(p->set, &b, p->rules) < 0)
			return -1;
	}
	return 0;
}

static int
take_segmap(struct records_input *p, struct evaluation_image *image, const struct record *r)
{
	const struct tensor *t;
	const struct rle *map = &image->segmap;

	if (!segmap_has(r, SEGMAP_PREDICTED))
		return 0;
	if (!p->predicted_label_classes.count)
		return err(ERR_DATA, "the header has no '%s'", CLASS_LIST_PREDICTED_SEGMAP);
	if (!(t = segmap_read(r, SEGMAP_PREDICTED, map->height, map->width, p->predicted_label_classes.count)))
		return -1;
	p->predicted_count[2]++;
	if (!p->label_class_map || !map->height)
		return 0;
	evaluation_count_pixels(p->set, image, t->data, p->gt_map, p->predicted_map, p->rules);
	return 0;
}

int
records_take_predictions(struct records_input *p, int image, const struct record *r)
{
	struct evaluation_image *i = &p->set->images[image];

	if (i->predicted)
		return err(ERR_DATA, "image '%s' is predicted twice", i->key);
	i->predicted = true;
	if (check_geometry(i, r) < 0 || take_class(p, i, r) < 0 || take_boxes(p, image, r) < 0)
		return -1;
	return take_segmap(p, i, r);
}
