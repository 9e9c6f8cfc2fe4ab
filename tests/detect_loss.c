/* detect_loss - loss and score of a detector from its logits, in double, point by point, as in formats/method.md */
#include "annotation/boxes.h"
#include "base/rng.h"
#include "inference/detections.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/fcos.h"
#include "model/fpn.h"
#include "model/layer.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "tap.h"
#include "task/batch.h"
#include "task/detect.h"
#include "task/task.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { IMAGE = 64, PATCH = 8, N = 3, CLASSES = 3, BOXES = 12, PLACES_MAX = 4096 };

static float box[BOXES][4];
static int class[BOXES];
static uint8_t flags[BOXES];

static double
sigmoid(double x)
{
	return 1 / (1 + exp(-x));
}

/* 1 - GIoU of two boxes given by their distances left, top, right, bottom from one point */
static double
apart(const double a[4], const double b[4])
{
	const double I = (fmin(a[0], b[0]) + fmin(a[2], b[2])) * (fmin(a[1], b[1]) + fmin(a[3], b[3]));
	const double U = (a[0] + a[2]) * (a[1] + a[3]) + (b[0] + b[2]) * (b[1] + b[3]) - I;
	const double E = (fmax(a[0], b[0]) + fmax(a[2], b[2])) * (fmax(a[1], b[1]) + fmax(a[3], b[3]));

	return 1 - (I / U - (E - U) / E);
}

/* Sums over all points: terms before division, and their divisors. */
static void slow(const struct detect *self, const struct batch *b, const struct fcos_out out[FPN_LEVELS],
	double sums[3], double *positives, double *centerness, double *best)
{
	static int which[PLACES_MAX];
	int i, l, at, c, k;

	for (i = 0; i < N; i++) {
		target_assign_boxes(&self->points, &b->boxes[i], which);
		for (l = 0; l < FPN_LEVELS; l++) {
			const struct target_assign_level *level = &self->points.level[l];

			for (at = 0; at < level->rows * level->columns; at++) {
				const int found = which[level->first + at], row = i * level->rows * level->columns + at;
				const float *z = out[l].class->x + row * CLASSES, *d = out[l].box->x + row * 4;
				const double center = out[l].center->x[row];

				for (c = 0; c < CLASSES; c++) {
					const double p = sigmoid(z[c]);
					const bool positive = found >= 0 && b->boxes[i].class[found] == c;

					*best = fmax(*best, i == 0 ? sqrt(p * sigmoid(center)) : 0);
					if (found != TARGET_ASSIGN_IGNORE)
						sums[0] -= positive ? 0.25 * pow(1 - p, 2) * log(p)
							: 0.75 * pow(p, 2) * log(1 - p);
				}
				if (found >= 0) {
					const double x = (at % level->columns + 0.5) * level->stride,
						y = (at / level->columns + 0.5) * level->stride;
					const float *t = b->boxes[i].box[found];
					const double to[4] = { (x - t[0]) / level->stride, (y - t[1]) / level->stride,
						(t[2] - x) / level->stride, (t[3] - y) / level->stride };
					const double w = sqrt(fmin(to[0], to[2]) / fmax(to[0], to[2]) *
						fmin(to[1], to[3]) / fmax(to[1], to[3]));
					double predicted[4];

					for (k = 0; k < 4; k++)
						predicted[k] = exp(d[k]);
					sums[1] += w * apart(predicted, to);
					sums[2] -= w * log(sigmoid(center)) + (1 - w) * log(1 - sigmoid(center));
					*positives += 1;
					*centerness += w;
				}
			}
		}
	}
}

static void
draw(struct batch *b)
{
	struct rng r = rng_at(7, 0, "boxes", "");
	int i, k;

	for (i = 0; i < BOXES; i++) {
		const double w = 4 + 40 * rng_unit(&r), h = 4 + 40 * rng_unit(&r), x = (IMAGE - w) * rng_unit(&r),
			y = (IMAGE - h) * rng_unit(&r);
		const double corners[4] = { x, y, x + w, y + h };

		for (k = 0; k < 4; k++)
			box[i][k] = (float)corners[k];
		class[i] = (int)rng_below(&r, CLASSES);
		flags[i] = i % 5 == 4 ? BOX_DIFFICULT : 0;
	}
	/* other boxes in each image, none in the last */
	for (i = 0; i < N; i++)
		b->boxes[i] = i < N - 1
			? (struct boxes){ .count = BOXES / (i + 1), .box = box, .class = class, .flags = flags }
			: (struct boxes){ 0 };
	for (k = 0; k < N * 3 * IMAGE * IMAGE; k++)
		b->images[k] = (uint8_t)rng_below(&r, 256);
}

int
main(void)
{
	struct config config = config_default();
	struct params params = { 0 };
	struct batch b = { 0 };
	struct tape t = { 0 };
	struct part_loss out;
	struct fcos_out y[FPN_LEVELS];
	struct var *levels[FPN_LEVELS], *x;
	static struct detection found[PLACES_MAX];
	double sums[3] = { 0 }, positives = 0, centerness = 0, best = 0, want[3];
	struct detect *self;
	int i, l, side = IMAGE / PATCH;

	config.image = IMAGE;
	config.patch = PATCH;
	config.embed_dim = 24;
	config.depth = 4;
	config.drop_path = 0.3;
	config.heads = 2;
	config.classes = CLASSES;
	config.fpn_dim = 16;
	self = detect_task.open(&config, &params);
	params_build(&params);
	params_init(&params, 3);
	batch_open(&b, N, &self->config, BATCH_BOXES);
	b.N = N;
	draw(&b);
	for (i = 0; i < N; i++) {
		tape_reset(&t, false, &params, NULL);
		detect_task.count(self, &t, &b, i, b.totals);
	}
	tape_reset(&t, false, &params, NULL);
	detect_task.forward(self, &t, &b, 0, N, &out);
	x = encoder_train(&self->encoder, &t, &self->position, b.images, N, IMAGE, IMAGE, NULL);
	fpn_forward(&self->fpn, &t, x, side, side, levels);
	for (l = 0; l < FPN_LEVELS; l++)
		y[l] = fcos_forward(&self->head, &t, l, levels[l]);
	slow(self, &b, y, sums, &positives, &centerness, &best);
	want[0] = sums[0] / positives;
	want[1] = sums[1] / centerness;
	want[2] = sums[2] / positives;
	ok(positives > 20 && centerness < positives, "the batch has positive points: %g, of total centerness %g",
		positives, centerness);
	for (i = 0; i < 3; i++)
		ok(fabs(out.terms[i] / want[i] - 1) < 1e-5, "%s: %.7f, reference %.7f", detect_task.terms[i],
			out.terms[i], want[i]);
	ok(fabs((double)out.loss->x[0] / (want[0] + want[1] + want[2]) - 1) < 1e-5,
		"the detection loss is the sum of its terms");
	tape_reset(&t, false, &params, NULL);
	l = detections_find(self, &t, &self->position, b.images, IMAGE, IMAGE, IMAGE, IMAGE,
		&(struct detections_options){ 0, 1, PLACES_MAX }, found);
	ok(l > 0 && fabs((double)found[0].score / best - 1) < 1e-5,
		"the best score, %.6f, is the square root of class probability times centerness",
		(double)found[0].score);
	/* while training, block i of n is left out with i / (n - 1) of drop_path */
	tape_reset(&t, true, &params, NULL);
	for (i = 0; i < 4; i++) {
		const struct block_drop *d = encoder_drop_path(
			&self->encoder, &t, i, 1, &(struct noise){ 1, 0, (const char(*)[NOISE_KEY_SIZE])b.keys });

		ok(fabs((d ? (double)d->p : 0) - 0.3 * i / 3) < 1e-6,
			"drop path: block %d is dropped with probability %.2f", i, d ? (double)d->p : 0);
	}
	l = 0;
	for (b.step = 0; b.step < 4; b.step++) {
		const double alone = (double)out.loss->x[0];

		tape_reset(&t, true, &params, NULL);
		detect_task.forward(self, &t, &b, 0, N, &out);
		l += b.step > 0 && fabs((double)out.loss->x[0] - alone) > 1e-6;
	}
	ok(l > 0, "drop path: another step drops other blocks");
	tape_free(&t);
	batch_close(&b);
	detect_task.close(self);
	params_free(&params);
	return tap_end();
}
