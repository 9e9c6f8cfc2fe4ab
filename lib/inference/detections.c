/* detections - the objects that a trained detector finds in an image: boxes with class and score, after non-maximum
   suppression */
#include "inference/detections.h"
#include "annotation/boxes.h"
#include "base/mem.h"
#include "model/encoder.h"
#include "model/fcos.h"
#include "model/fpn.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* candidates of a level before suppression: enough for any image, and suppression stays fast (FCOS: 1000) */
enum { CANDIDATES = 1000 };

static int
compare(const void *va, const void *vb)
{
	const struct detection *a = va, *b = vb;
	int i;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	for (i = 0; i < 4; i++)
		if (a->box[i] != b->box[i])
			return a->box[i] < b->box[i] ? -1 : 1;
	return 0;
}

void
detections_sort(struct detection *list, int count)
{
	qsort(list, (size_t)count, sizeof *list, compare);
}

int
detections_suppress(struct detection *list, int count, float iou_threshold, int max_detections)
{
	int i, k, kept = 0;

	detections_sort(list, count);
	for (i = 0; i < count && kept < max_detections; i++) {
		bool duplicate = false;

		for (k = 0; k < kept && !duplicate; k++)
			duplicate = list[k].class == list[i].class && boxes_iou(list[k].box,
			    list[i].box) > iou_threshold;
		if (!duplicate)
			list[kept++] = list[i];
	}
	return kept;
}

static float
sigmoid(float x)
{
	return 1 / (1 + expf(-x));
}

/* The box that a point of the level predicts, clipped to the image. False where nothing is left of it. */
static bool
predicted_box(const struct target_assign_level *level, int point, const float *log_distance, int height, int width,
	float box[4])
{
	const float x = ((float)(point % level->columns) + 0.5f) * level->stride;
	const float y = ((float)(point / level->columns) + 0.5f) * level->stride;
	float d[FCOS_EDGES];
	int i;

	for (i = 0; i < FCOS_EDGES; i++)
		d[i] = level->stride * expf(fminf(log_distance[i], GIOU_MOST));
	box[0] = x - d[0];
	box[1] = y - d[1];
	box[2] = x + d[2];
	box[3] = y + d[3];
	return boxes_clip(box, (float)width, (float)height);
}

/* The boxes of a level whose score is at least the threshold: the best CANDIDATES of them. */
static int
collect(const struct target_assign_level *level, struct tape *t, const struct fcos_out *y, float threshold, int height,
	int width, struct detection **out)
{
	const int points = level->rows * level->columns, classes = var_width(y->class);
	const float *center = y->center->x, *logit = y->class->x;
	struct detection *list;
	long i, n = (long)points * classes;
	int count = 0;

	/* sqrt(sigmoid(a) sigmoid(b)) >= threshold: the class logits alone rule out most boxes */
	for (i = 0; i < n; i++)
		count += sigmoid(logit[i]) >= threshold * threshold;
	list = tape_array(t, (size_t)(count ? count : 1), sizeof *list);
	for (i = 0, count = 0; i < n; i++) {
		const int point = (int)(i / classes);
		const float p = sigmoid(logit[i]);
		struct detection *to = &list[count];

		if (!(p >= threshold * threshold))
			continue;
		to->score = sqrtf(p * sigmoid(center[point]));
		to->class = (int)(i % classes);
		count += to->score >= threshold && predicted_box(level, point, y->box->x + (long)FCOS_EDGES * point,
		    height, width, to->box);
	}
	detections_sort(list, count);
	*out = list;
	return count < CANDIDATES ? count : CANDIDATES;
}

int
detections_find(const struct detect *self, struct tape *t, const struct pos_embed *position, const uint8_t *image,
	int H, int W, int height, int width, const struct detections_options *o, struct detection *out)
{
	const struct encoder *e = &self->encoder;
	const struct target_assign points = target_assign_points(position->rows, position->columns, e->p);
	struct detection *all = tape_array(t, CANDIDATES, FPN_LEVELS * sizeof *all), *list;
	struct var *features = encoder_features(e, t, position, image, 1, H, W, e->depth, NULL);
	struct var *map = fpn_map(t, features, position->rows, position->columns);
	int l, n, count = 0;

	for (l = 0; l < FPN_LEVELS; l++) {
		const struct arena_mark m = arena_mark(&t->arena);
		const struct fcos_out y = fcos_forward(&self->head, t, l, fpn_level(&self->fpn, t, map, l));

		if (var_check_finite("the class logits", var_count(y.class), y.class->x) < 0 ||
		    var_check_finite("the centerness", var_count(y.center), y.center->x) < 0 ||
		    var_check_finite("the boxes", var_count(y.box), y.box->x) < 0)
			return -1;
		n = collect(&points.level[l], t, &y, o->score_threshold, height, width, &list);
		memcpy(all + count, list, sizeof *all * (size_t)n);
		count += n;
		arena_release(&t->arena, m);
	}
	count = detections_suppress(all, count, o->iou_threshold, o->max_detections);
	memcpy(out, all, sizeof *out * (size_t)count);
	return count;
}
