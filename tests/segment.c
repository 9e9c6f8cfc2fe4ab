/* segment - resampling and its loss against slow reference code; the loss of a batch; sliding windows */
#include "annotation/segmap.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "codec/image.h"
#include "inference/predict.h"
#include "inference/sliding_window.h"
#include "model/config.h"
#include "model/layer.h"
#include "model/token_sequence.h"
#include "nn/op.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "tap.h"
#include "task/batch.h"
#include "task/segment.h"
#include "task/task.h"
#include "transform/resize.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGE = 32, PATCH = 8, N = 5, CLASSES = 4, PIXELS = IMAGE * IMAGE };

static struct tape tape;
static struct params params;
static struct segment *self;
static struct batch batch;

static struct var *
fill(int n, int h, int w, int c, const char *name)
{
	struct var *v = tape_var(&tape, 4, n, h, w, c, false);
	struct rng r = rng_at(1, 0, "segment", name);
	long i;

	for (i = 0; i < var_count(v); i++)
		v->x[i] = (float)rng_normal(&r);
	return v;
}

/* Element (i, j) of one channel resampled to h x w: PyTorch's area_pixel_compute_source_index and upsample_bilinear2d,
   in double. */
static double
sample(const struct var *x, int n, int c, int i, int j, int h, int w)
{
	const int H = x->shape[1], W = x->shape[2], C = x->shape[3];
	const double s = fmax((double)H / h * (i + 0.5) - 0.5, 0), t = fmax((double)W / w * (j + 0.5) - 0.5, 0);
	const int i0 = (int)s, j0 = (int)t, i1 = i0 + (i0 < H - 1), j1 = j0 + (j0 < W - 1);
	const double a = s - i0, b = t - j0;
	const float *at = x->x + (long)n * H * W * C + c;

#define AT(r, k) ((double)at[((long)(r) * W + (k)) * C])
	return (1 - a) * ((1 - b) * AT(i0, j0) + b * AT(i0, j1)) + a * ((1 - b) * AT(i1, j0) + b * AT(i1, j1));
#undef AT
}

static void
resampling(int H, int W, int h, int w)
{
	struct var *x, *y;
	double worst = 0;
	int n, i, j, c;

	tape_reset(&tape, false, NULL, NULL);
	x = fill(2, H, W, 3, "x");
	y = op_upsample(&tape, x, h, w, NULL);
	for (n = 0; n < 2; n++)
		for (i = 0; i < h; i++)
			for (j = 0; j < w; j++)
				for (c = 0; c < 3; c++)
					worst = fmax(worst,
						fabs(sample(x, n, c, i, j, h, w) -
							(double)y->x[(((long)n * h + i) * w + j) * 3 + c]));
	ok(y->shape[0] == 2 && y->shape[1] == h && y->shape[2] == w && worst < 1e-6,
		"%dx%d resampled bilinearly to %dx%d agrees with a loop (%.1e)", H, W, h, w, worst);
}

/* the example of PyTorch's manual, torch.nn.Upsample(scale_factor=2, mode='bilinear') */
static void
manual(void)
{
	static const float in[] = { 1, 2, 3, 4 };
	static const float want[] = { 1, 1.25f, 1.75f, 2, 1.5f, 1.75f, 2.25f, 2.5f, 2.5f, 2.75f, 3.25f, 3.5f, 3, 3.25f,
		3.75f, 4 };
	struct var *x, *y;

	tape_reset(&tape, false, NULL, NULL);
	x = tape_var(&tape, 4, 1, 2, 2, 1, false);
	memcpy(x->x, in, sizeof in);
	y = op_upsample(&tape, x, 4, 4, NULL);
	ok(memcmp(y->x, want, sizeof want) == 0, "2x2 upsampled to 4x4 gives the values of PyTorch");
}

/* the loss of all logits at once, in double */
static void
loss(int H, int W, int h, int w, int C)
{
	const float scale = 0.01f;
	uint8_t *labels = malloc((size_t)(2 * h * w));
	struct rng r = rng_at(1, 0, "segment", "labels");
	struct var *x, *y;
	double sum = 0, right = 0, correct;
	int n, i, j, c;

	tape_reset(&tape, false, NULL, NULL);
	x = fill(2, H, W, C, "logits");
	for (i = 0; i < 2 * h * w; i++)
		labels[i] = rng_below(&r, 4) ? (uint8_t)rng_below(&r, C) : SEGMAP_IGNORE;
	for (n = 0; n < 2; n++)
		for (i = 0; i < h; i++)
			for (j = 0; j < w; j++) {
				const int label = labels[(n * h + i) * w + j];
				double all = 0, top = -INFINITY;

				if (label == SEGMAP_IGNORE)
					continue;
				for (c = 0; c < C; c++) {
					all += exp(sample(x, n, c, i, j, h, w));
					top = fmax(top, sample(x, n, c, i, j, h, w));
				}
				sum += log(all) - sample(x, n, label, i, j, h, w);
				right += sample(x, n, label, i, j, h, w) == top;
			}
	y = op_segmap_crossentropy(&tape, x, labels, h, w, scale, &correct);
	ok(fabs((double)y->x[0] - scale * sum) < 1e-5 * scale * sum && correct == right,
		"loss of %dx%d logits on %dx%d pixels, %d classes: %g, %g correct", H, W, h, w, C, (double)y->x[0],
		correct);
	free(labels);
}

static void
draw_batch(void)
{
	struct rng r = rng_at(1, 0, "segment", "batch");
	int i;

	for (i = 0; i < 3 * N * PIXELS; i++)
		batch.images[i] = (uint8_t)rng_below(&r, 256);
	for (i = 0; i < N * PIXELS; i++)
		batch.labels[i] = i / PIXELS == 1 || i % 7 == 0 ? SEGMAP_IGNORE : (uint8_t)rng_below(&r, CLASSES);
	batch.N = N;
}

/* loss and gradient of the batch in pieces of that size */
static double
run(int piece, float *grads, double *accuracy)
{
	double sum = 0;
	int first;

	memset(grads, 0, sizeof *grads * params.size);
	*accuracy = 0;
	batch.totals[0] = 0;
	tape_reset(&tape, false, &params, NULL);
	for (first = 0; first < N; first++)
		segment_task.count(self, &tape, &batch, first, batch.totals);
	for (first = 0; first < N; first += piece) {
		struct part_loss out;

		tape_reset(&tape, true, &params, grads);
		segment_task.forward(self, &tape, &batch, first, N - first < piece ? N - first : piece, &out);
		sum += out.loss->x[0];
		*accuracy += out.terms[SEGMENT_ACCURACY];
		var_seed(out.loss, NULL, 1);
		tape_backward(&tape);
	}
	return sum;
}

static double
length(const float *a, const float *b)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < params.size; i++)
		sum += pow((double)a[i] - (b ? (double)b[i] : 0), 2);
	return sqrt(sum);
}

static void
batches(void)
{
	float *whole = params_block(&params), *parts = params_block(&params);
	double a, b, right, same;
	int i;

	draw_batch();
	a = run(N, whole, &right);
	for (i = 1; i < N; i++) {
		b = run(i, parts, &same);
		ok(fabs(a - b) < 1e-6 && fabs(right - same) < 1e-12 &&
				length(whole, parts) < 1e-5 * length(whole, NULL),
			"segmentation in micro-batches of %d: the same loss and gradient (%.1e)", i,
			length(whole, parts) / length(whole, NULL));
	}
	/* an image whose segmentation map is void as a whole: what is in it is of no matter */
	run(1, whole, &right);
	for (i = 0; i < 3 * PIXELS; i++)
		batch.images[3 * PIXELS + i] ^= 0x55;
	b = run(1, parts, &same);
	ok(length(whole, parts) == 0 && right == same && fabs(a - b) < 1e-6,
		"an image of ignored pixels changes neither loss nor gradient");
	/* one label more or less */
	batch.labels[0] = 1;
	ok(run(N, parts, &same) != a, "a label instead of the ignore index changes the loss");
	memset(batch.labels, SEGMAP_IGNORE, N * PIXELS);
	ok(run(2, parts, &same) == 0 && same == 0 && length(parts, NULL) == 0,
		"a batch of ignored pixels has loss 0 and no gradient");
	params_block_free(whole);
	params_block_free(parts);
}

/* Everything at once: sums of whole windows, their mean resampled to the image. */
static void
slow_label(const struct image *from, const struct sliding_window *s, uint8_t *labels)
{
	const size_t floats = (size_t)s->width * (size_t)s->height * CLASSES;
	const int last[2] = { s->width > s->crop ? s->width - s->crop : 0,
		s->height > s->crop ? s->height - s->crop : 0 };
	static const uint8_t mean[3] = { 124, 116, 104 };	/* ImageNet's, 0.485, 0.456, 0.406 of 255 */
	double *sum = mem_array(floats, sizeof *sum);
	int *times = mem_array(floats, sizeof *times), left, top, x, y, c;
	struct arena a = { 0 };
	struct image resized = image_new(&a, s->width, s->height, 3);
	struct tape own = { 0 };
	struct var *map;

	resize(&a, &resized, from, NULL, RESIZE_BICUBIC);
	for (top = 0;; top = top + s->stride < last[1] ? top + s->stride : last[1]) {
		for (left = 0;; left = left + s->stride < last[0] ? left + s->stride : last[0]) {
			struct image window = image_new(&a, s->crop, s->crop, 3);
			struct pos_embed position;
			struct var *logits;

			for (y = 0; y < s->crop; y++)
				for (x = 0; x < 3 * s->crop; x++)
					image_row(&window, y)[x] = top + y < s->height && left + x / 3 < s->width
						? image_row(&resized, top + y)[3 * left + x]
						: mean[x % 3];
			tape_reset(&own, false, &params, NULL);
			pos_embed_open(&position, s->crop / PATCH, s->crop / PATCH, (int)self->config.embed_dim);
			logits = op_upsample(&own,
				segment_logits(self, &own, &position, window.pixels, 1, s->crop, s->crop, NULL),
				s->crop, s->crop, NULL);
			pos_embed_close(&position);
			for (y = 0; y < s->crop && top + y < s->height; y++)
				for (x = 0; x < s->crop && left + x < s->width; x++)
					for (c = 0; c < CLASSES; c++) {
						const size_t at = ((size_t)(top + y) * (size_t)s->width +
							(size_t)(left + x)) *
								CLASSES +
							(size_t)c;

						sum[at] += (double)logits->x[(y * s->crop + x) * CLASSES + c];
						times[at]++;
					}
			if (left == last[0])
				break;
		}
		if (top == last[1])
			break;
	}
	tape_reset(&own, false, NULL, NULL);
	map = tape_var(&own, 4, 1, s->height, s->width, CLASSES, false);
	for (x = 0; x < (int)floats; x++)
		map->x[x] = (float)(sum[x] / times[x]);
	for (y = 0; y < from->height; y++)
		for (x = 0; x < from->width; x++) {
			int best = 0;

			for (c = 1; c < CLASSES; c++)
				if (sample(map, 0, c, y, x, from->height, from->width) >
					sample(map, 0, best, y, x, from->height, from->width))
					best = c;
			labels[y * from->width + x] = (uint8_t)best;
		}
	free(sum);
	free(times);
	arena_free(&a);
	tape_free(&own);
}

/* Compare the classes of an image by sliding windows with those of the slow reference code. */
static void
windows(int width, int height, int to_width, int to_height, int crop, int stride)
{
	const struct sliding_window slide = { to_width, to_height, crop, stride };
	struct arena a = { 0 };
	struct image from = image_new(&a, width, height, 3);
	struct rng r = rng_at(1, width * 1000 + height, "segment", "windows");
	struct predict_context context = { 0 };
	uint8_t *got = arena_get(&a, (size_t)(width * height)), *want = arena_get(&a, (size_t)(width * height));
	int i, differ = 0, kinds[CLASSES] = { 0 };

	for (i = 0; i < 3 * width * height; i++)
		from.pixels[i] = (uint8_t)(rng_below(&r, 64) + 128 * (i / 3 % width > width / 2) +
			64 * (i / 3 / width > height / 3));
	if (sliding_window_segment(self, &context, &params, &from, &slide, got) < 0)
		abort();
	slow_label(&from, &slide, want);
	for (i = 0; i < width * height; i++) {
		differ += got[i] != want[i];
		kinds[want[i]]++;
	}
	/* nearly equal logits may fall either way; nothing else */
	ok(differ <= width * height / 1000,
		"%dx%d at %dx%d in windows of %d with stride %d: %d pixels of %d differ (%d %d %d %d)", width, height,
		to_width, to_height, crop, stride, differ, width * height, kinds[0], kinds[1], kinds[2], kinds[3]);
	predict_context_close(&context);
	arena_free(&a);
}

int
main(void)
{
	struct config c = config_default();
	float *head;
	size_t i;

	manual();
	resampling(3, 4, 6, 8);
	resampling(5, 9, 7, 31);
	resampling(9, 5, 4, 2);
	resampling(1, 1, 5, 3);
	resampling(6, 6, 6, 6);
	loss(3, 4, 12, 16, 4);
	loss(5, 9, 20, 31, 21);
	loss(7, 5, 7, 5, 150);
	c.image = IMAGE;
	c.patch = PATCH;
	c.embed_dim = 24;
	c.depth = c.heads = 2;
	c.fpn_dim = 12;
	c.classes = SEGMAP_IGNORE + 1;
	ok(!segment_task.open(&c, &params) && strstr(err_text(), "segmentation map"),
		"more classes than a segmentation map can hold are refused");
	c.classes = 1;
	ok(!segment_task.open(&c, &params), "a segmentation model of one class is refused");
	c.classes = CLASSES;
	self = segment_task.open(&c, &params);
	params_build(&params);
	params_init(&params, 3);
	head = params.values + params.list[self->head.w].offset;
	/* far apart, so that few pixels lie between two classes */
	for (i = 0; i < params.list[self->head.w].count; i++)
		head[i] *= 4;
	batch_open(&batch, N, &self->config, BATCH_LABELS);
	batches();
	windows(32, 32, 32, 32, 32, 32);
	windows(32, 32, 32, 32, 32, 7);
	windows(75, 51, 75, 51, 32, 20);
	windows(75, 51, 75, 51, 32, 32);
	windows(64, 96, 64, 96, 32, 1 + 15);
	windows(20, 70, 20, 70, 32, 11);
	windows(3, 2, 3, 2, 32, 20);
	windows(75, 51, 40, 27, 32, 20);
	windows(40, 27, 75, 51, 32, 20);
	windows(31, 200, 13, 90, 24, 24);
	windows(90, 33, 300, 110, 40, 23);
	batch_close(&batch);
	segment_task.close(self);
	params_free(&params);
	tape_free(&tape);
	return tap_end();
}
