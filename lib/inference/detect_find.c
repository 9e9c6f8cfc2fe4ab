/* detections_find - objects in images: what a trained detector says of one (detect.h) */
#include "task/detect.h"
#include "annotation/boxes.h"

#include <math.h>
#include <string.h>

/* candidates of a level before boxes are compared: enough for any image, and comparing stays quick (FCOS: 1000) */
enum { CANDIDATES = 1000 };

static float
sigmoid(float x)
{
	return 1 / (1 + expf(-x));
}

/* The box that a place sees, cut to the image. False where nothing is left of it. */
static bool
place_box(const struct target_assign_level *level, int place, const float *log_distance, int height, int width, float box[4])
{
	const float x = ((float)(place % level->columns) + 0.5f) * level->stride, y = ((float)(place / level->columns) + 0.5f) * level->stride;
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

/* All that a level says above the score; at most CANDIDATES, the best. */
static int
collect(const struct target_assign_level *level, struct tape *t, const struct fcos_out *y, float score, int height, int width, struct detection **out)
{
	const int places = level->rows * level->columns, classes = var_width(y->class);
	const float *center = y->center->x, *logit = y->class->x;
	struct detection *list;
	long i, n = (long)places * classes;
	int count = 0;

	/* sqrt(sigmoid(a) sigmoid(b)) >= score: the logits alone tell most that are below */
	for (i = 0; i < n; i++)
		count += sigmoid(logit[i]) >= score * score;
	list = tape_keep(t, sizeof *list * (size_t)(count ? count : 1));
	for (i = 0, count = 0; i < n; i++) {
		const int place = (int)(i / classes);
		const float p = sigmoid(logit[i]);
		struct detection *to = &list[count];

		if (!(p >= score * score))
			continue;
		to->score = sqrtf(p * sigmoid(center[place]));
		to->class = (int)(i % classes);
		count += to->score >= score && place_box(level, place, y->box->x + (long)FCOS_EDGES * place, height, width, to->box);
	}
	detections_sort(list, count);
	*out = list;
	return count < CANDIDATES ? count : CANDIDATES;
}

int
detections_find(const struct detect *self, struct tape *t, const struct pos_embed *position, const uint8_t *image, int H, int W, int height, int width, const struct detections_options *o, struct detection *out)
{
	const struct target_assign places = target_assign_points(position->rows, position->columns, self->encoder.p);
	struct detection *all = tape_keep(t, sizeof *all * FPN_LEVELS * CANDIDATES), *list;
	struct var *map = fpn_map(t, encoder_features(&self->encoder, t, position, image, 1, H, W, self->encoder.depth, NULL), position->rows, position->columns);
	int l, n, count = 0;

	for (l = 0; l < FPN_LEVELS; l++) {
		const struct arena_mark m = arena_mark(&t->arena);
		const struct fcos_out y = fcos_forward(&self->head, t, l, fpn_level(&self->fpn, t, map, l));

		n = collect(&places.level[l], t, &y, o->score, height, width, &list);
		memcpy(all + count, list, sizeof *all * (size_t)n);
		count += n;
		arena_release(&t->arena, m);
	}
	count = detections_suppress(all, count, o->overlap, o->most);
	memcpy(out, all, sizeof *out * (size_t)count);
	return count;
}
