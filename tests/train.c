/* train - AdamW, schedule, reduction and engine, on a toy task that couples its batch; the log */
#include "base/file.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/rng.h"
#include "model/config.h"
#include "nn/op.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "tap.h"
#include "task/batch.h"
#include "task/task.h"
#include "train/comm.h"
#include "train/engine.h"
#include "train/grad_shards.h"
#include "train/log.h"
#include "train/moment8.h"
#include "train/optimizer.h"
#include "train/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The toy: rows of pixels through two layers; a local loss against the pixels, and a batch loss with batch norm,
   which no part of the batch can compute alone. */
enum { N = 22, SIDE = 4, IN = SIDE * SIDE * 3, D = 20 };

static struct { int w1, b1, w2, predictor, gamma, beta, unused; bool coupled; } toy;

static void *
toy_open(const struct config *c, struct params *p)
{
	(void)c;
	toy.w1 = params_add(p, INIT_XAVIER, 2, D, IN, 0, 0, "w1");
	toy.b1 = params_add(p, INIT_ZERO, 1, D, 0, 0, 0, "b1");
	toy.w2 = params_add(p, INIT_XAVIER, 2, IN, D, 0, 0, "w2");
	toy.predictor = params_add(p, INIT_XAVIER, 2, D, D, 0, 0, "predictor");
	toy.gamma = params_add(p, INIT_ONE, 1, D, 0, 0, 0, "gamma");
	toy.beta = params_add(p, INIT_ZERO, 1, D, 0, 0, 0, "beta");
	/* larger than a piece of the reduction, so that its borders are met */
	toy.unused = params_add(p, INIT_TOKEN, 2, 300, 200, 0, 0, "unused");
	return &toy;
}

static void
toy_forward(void *self, struct tape *t, const struct batch *b, int first, int n, struct part_loss *out)
{
	float *pixels = tape_array(t, (size_t)(n * IN), sizeof *pixels);
	struct var *x, *hidden, *y;
	int i;

	(void)self;
	for (i = 0; i < n * IN; i++)
		pixels[i] = (float)b->images[first * IN + i] / 255;
	x = tape_wrap(t, pixels, NULL, 2, n, IN, 0, 0);
	hidden = op_linear(t, x, tape_param(t, toy.w1), tape_param(t, toy.b1), ACT_GELU);
	y = op_linear(t, hidden, tape_param(t, toy.w2), NULL, ACT_NONE);
	out->loss = op_mse(t, y, pixels, 1.0f / (float)(b->N * IN));
	out->terms[0] = out->loss->x[0];
	out->coupled_count = toy.coupled;
	out->coupled[0] = hidden;
}

static void
toy_batch_loss(void *self, struct tape *t, const struct batch *b, struct var *const *inputs, struct part_loss *out)
{
	struct var *h = op_linear(t, inputs[0], tape_param(t, toy.predictor), NULL, ACT_NONE);

	(void)self;
	h = op_batchnorm(t, h, tape_param(t, toy.gamma), tape_param(t, toy.beta), 1e-5f);
	out->loss = op_cosine(t, h, op_detach(t, inputs[0]), 1.0f / (float)b->N);
	out->terms[1] = out->loss->x[0];
}

static void
toy_close(void *self)
{
	(void)self;
}

static const char *const terms[] = { "local", "batch", NULL };
static const struct task toy_task = { .name = "toy",
	.terms = terms,
	.open = toy_open,
	.forward = toy_forward,
	.batch_loss = toy_batch_loss,
	.close = toy_close };

struct run {
	struct params p;
	struct outcome first, last;
	float *grads;		/* of the first step */
	enum engine_mode mode;
	size_t held[6], allocated[6];
};

static void
fill(struct batch *b)
{
	struct rng r = rng_at(7, 0, "toy", "");
	int i;

	batch_open(b, N, &(struct config){ .image = SIDE, .patch = SIDE, .channels = 3, .bits = 8 }, 0);
	for (i = 0; i < N * IN; i++)
		b->images[i] = (uint8_t)rng_below(&r, 256);
	b->N = N;
}

/* Some steps from the same start; everything that must not change the result is an argument. */
static struct run
train(int threads, int count, int micro, long memory, bool coupled)
{
	enum { STEPS = 6 };
	struct run r = { 0 };
	struct adamw a = { .beta1 = 0.9, .beta2 = 0.95, .eps = 1e-8, .decay = 0.05 };
	struct grad_shards shards;
	struct engine e = { .task = &toy_task, .params = &r.p, .shards = &shards, .memory = memory };
	struct batch b;
	int step;

	toy.coupled = coupled;
	toy_open(NULL, &r.p);
	params_build(&r.p);
	params_init(&r.p, 1);
	adamw_open(&a, &r.p);
	fill(&b);
	e.pool = pool_new(threads);
	grad_shards_open(&shards, NULL, N, count, micro);
	engine_open(&e);
	for (step = 0; step < STEPS; step++) {
		b.step = step;
		engine_run(&e, &b, &r.last);
		if (step == 0) {
			r.first = r.last;
			r.grads = params_block(&r.p);
			memcpy(r.grads, e.grads, sizeof *r.grads * r.p.size);
		}
		adamw_update(&a, &r.p, e.grads, adamw_scale(r.last.norm, 0.5), 1e-2);
		r.held[step] = engine_held(&e);
		r.allocated[step] = mallinfo2().uordblks;
	}
	r.mode = e.mode;
	engine_close(&e);
	grad_shards_close(&shards);
	pool_free(e.pool);
	adamw_close(&a);
	batch_close(&b);
	return r;
}

static void
end(struct run *r)
{
	params_block_free(r->grads);
	params_free(&r->p);
}

static bool
same(const struct run *a, const struct run *b)
{
	return memcmp(a->p.values, b->p.values, sizeof(float) * a->p.size) == 0 && a->last.loss == b->last.loss &&
		a->last.norm == b->last.norm;
}

static double
distance(const float *a, const float *b, size_t n)
{
	double d = 0, s = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		d += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
		s += (double)b[i] * b[i];
	}
	return sqrt(d / s);
}

static void
test_engine(bool coupled)
{
	const char *kind = coupled ? "coupled" : "single";
	struct run one = train(1, 4, 3, 0, coupled), other;
	int threads;

	ok(one.mode == (coupled ? ENGINE_KEEP : ENGINE_SINGLE), "%s: the engine selects the expected mode", kind);
	ok(one.last.loss < one.first.loss, "%s: six steps lower the loss: %g to %g", kind, one.first.loss,
		one.last.loss);
	ok(fabs(one.first.loss - one.first.terms[0] - one.first.terms[1]) < 1e-12, "%s: terms add up to the loss",
		kind);
	ok(one.first.flops > 6.0 * N * 2 * IN * D * 0.8, "%s: floating-point operations are counted: %g", kind,
		one.first.flops);
	for (threads = 2; threads <= 8; threads++) {
		other = train(threads, 4, 3, 0, coupled);
		ok(same(&one, &other), "%s: %d threads give the same bits as one", kind, threads);
		end(&other);
	}
	other = train(3, 4, 3, 1, coupled);
	ok(other.mode == (coupled ? ENGINE_REPEAT : ENGINE_SINGLE) && same(&one, &other),
		"%s: a repeated forward pass gives the same bits as kept activations", kind);
	ok(!coupled || other.held[5] < one.held[5], "%s: a repeated forward pass holds no more memory: %zu, %zu bytes",
		kind, other.held[5], one.held[5]);
	end(&other);
	other = train(1, 1, N, 0, coupled);
	ok(distance(one.grads, other.grads, one.p.size) < 1e-6, "%s: 8 micro-batches give the gradient of one: %.1e",
		kind, distance(one.grads, other.grads, one.p.size));
	ok(fabs(one.first.loss - other.first.loss) < 1e-6, "%s: 8 micro-batches give the loss of one", kind);
	end(&other);
	other = train(2, N, 7, 0, coupled);
	ok(distance(one.grads, other.grads, one.p.size) < 1e-6,
		"%s: a gradient shard for each image gives the same gradient", kind);
	end(&other);
	ok(one.held[0] == one.held[1] && one.held[1] == one.held[5] && one.allocated[1] == one.allocated[5],
		"%s: no memory is allocated after the first step", kind);
	end(&one);
}

/* Two shards of three micro-batches each, taken by two threads in the order of `workers`: are they those of
   `expect`? */
static bool
taken(bool single, const char *workers, const int expect[6])
{
	struct params none = { 0 };
	struct grad_shards s;
	struct work_queue q;
	bool good = true;
	int i;

	grad_shards_open(&s, NULL, 6, 2, 1);
	work_queue_open(&q, &s, single, &none, 2);
	work_queue_restart(&q);
	for (i = 0; i < 6; i++)
		good = work_queue_take(&q, workers[i] - '0') == expect[i] && good;
	for (i = 0; i < 6; i++)
		good = work_queue_find(&q, i) == (single ? 0 : i / 3) && good;
	work_queue_close(&q);
	grad_shards_close(&s);
	return good;
}

static void
test_work_queue(void)
{
	ok(taken(false, "010101", (int[]){ 0, 3, 1, 4, 2, 5 }), "work queue: threads begin with different shards");
	ok(taken(false, "000000", (int[]){ 0, 1, 2, 3, 4, 5 }),
		"work queue: a single thread continues with the next shard");
	ok(taken(false, "100000", (int[]){ 3, 0, 1, 2, 4, 5 }),
		"work queue: a thread without work takes from the longest list");
	ok(taken(true, "011001", (int[]){ 0, 1, 2, 3, 4, 5 }), "work queue: a single gradient block has a single list");
}

/* the formula of adamw.h in double, beside the code */
static void
test_adamw(void)
{
	const double b1 = 0.9, b2 = 0.95, eps = 1e-8, decay = 0.1, lr = 0.01, scale = 0.5;
	struct adamw a = { .beta1 = b1, .beta2 = b2, .eps = eps, .decay = decay }, pieces = a;
	struct params p = { 0 };
	double w[40], m[40] = { 0 }, v[40] = { 0 }, worst = 0;
	float *g, *copy;
	int t, i, matrix = params_add(&p, INIT_XAVIER, 2, 4, 10, 0, 0, "matrix"),
		vector = params_add(&p, INIT_TOKEN, 1, 20, 0, 0, 0, "vector"),
		frozen = params_add(&p, INIT_TOKEN, 1, 20, 0, 0, 0, "frozen");
	struct rng r = rng_at(1, 0, "gradient", "");
	const float *x, *y, *z;

	p.list[frozen].frozen = true;
	params_build(&p);
	params_init(&p, 3);
	adamw_open(&a, &p);
	adamw_open(&pieces, &p);
	g = params_block(&p);
	copy = params_block(&p);
	x = p.values + p.list[matrix].offset;
	y = p.values + p.list[vector].offset;
	z = p.values + p.list[frozen].offset;
	memcpy(copy, p.values, sizeof *copy * p.size);
	for (i = 0; i < 40; i++)
		w[i] = x[i];
	for (t = 1; t <= 20; t++) {
		for (i = 0; i < (int)p.size; i++)
			g[i] = (float)rng_normal(&r);
		for (i = 0; i < 40; i++) {
			double d = scale * g[p.list[matrix].offset + (size_t)i];

			m[i] = b1 * m[i] + (1 - b1) * d;
			v[i] = b2 * v[i] + (1 - b2) * d * d;
			w[i] -= lr * (decay * w[i] + m[i] / (1 - pow(b1, t)) / (sqrt(v[i] / (1 - pow(b2, t))) + eps));
		}
		adamw_update(&a, &p, g, scale, lr);
	}
	for (i = 0; i < 40; i++)
		worst = fmax(worst, fabs(w[i] - x[i]));
	ok(worst < 1e-6 && a.updates == 20, "AdamW: 20 updates of a matrix agree with the formula: %.1e", worst);
	ok(memcmp(z, copy + (z - p.values), sizeof *z * 20) == 0, "AdamW: a frozen parameter does not change");

	/* without gradient, only what decays moves */
	memcpy(copy, p.values, sizeof *copy * p.size);
	memset(g, 0, sizeof *g * p.size);
	memset(a.m, 0, sizeof *g * p.size);
	memset(a.v, 0, sizeof *g * p.size);
	adamw_update(&a, &p, g, 1, lr);
	ok(x[0] == (float)(1 - lr * decay) * copy[p.list[matrix].offset] && y[0] == copy[p.list[vector].offset],
		"AdamW: weight decay applies to matrices, not to vectors");

	/* the same update in ranges that cut parameters */
	for (i = 0; i < (int)p.size; i++)
		g[i] = (float)rng_normal(&r);
	memcpy(pieces.m, a.m, sizeof *g * p.size);
	memcpy(pieces.v, a.v, sizeof *g * p.size);
	memcpy(copy, p.values, sizeof *copy * p.size);
	adamw_update(&a, &p, g, 1, lr);
	for (i = 0; i < (int)p.size; i++) {
		float whole = p.values[i];

		p.values[i] = copy[i];
		copy[i] = whole;
	}
	for (i = 0; i < (int)p.size; i += 16)
		adamw_range(&pieces, &p, g, 1, lr, a.updates, (size_t)i, (size_t)i + 16);
	ok(memcmp(p.values, copy, sizeof *copy * p.size) == 0 && memcmp(a.v, pieces.v, sizeof *copy * p.size) == 0,
		"AdamW: updates by ranges give the same bits");
	ok(adamw_scale(6, 3) == 0.5 && adamw_scale(2, 3) == 1 && adamw_scale(2, 0) == 1,
		"gradient clipping scales only gradients above the limit");
	params_block_free(g);
	params_block_free(copy);
	adamw_close(&a);
	adamw_close(&pieces);
	params_free(&p);
}

/* Every number of a block comes back as the nearest level, relative to the largest; levels by their definition. */
static void
test_moment8(void)
{
	enum { COUNT = 300 };
	struct params p = { 0 };
	struct moment8 m;
	struct rng r = rng_at(2, 0, "moment", "");
	float x[COUNT], y[COUNT], again[COUNT];
	int sign, i, wrong_zero = 0, coarse = 0, changed = 0;

	params_add(&p, INIT_ZERO, 1, 20, 0, 0, 0, "short");
	params_add(&p, INIT_ZERO, 1, COUNT, 0, 0, 0, "long");
	params_build(&p);
	ok(moment8_blocks(&p.list[1]) == 2 && moment8_block(&p, 1) >= 1 &&
		moment8_block(&p, 2) >= moment8_block(&p, 1) + 2,
		"moments in 8 bits: blocks of two parameters do not overlap");
	for (sign = 0; sign < 2; sign++) {
		moment8_open(&m, &p, sign);
		moment8_read(&m, p.list[1].offset, moment8_block(&p, 1), MOMENT8_BLOCK, y);
		for (i = 0; i < MOMENT8_BLOCK; i++)
			wrong_zero += y[i] != 0;
		for (i = 0; i < COUNT; i++) {
			x[i] = (float)pow(10, -8 * rng_unit(&r));
			x[i] = i % MOMENT8_BLOCK == 0 ? 3 : x[i] * (sign && rng_unit(&r) < 0.5 ? -3 : 3);
		}
		for (i = 0; i < COUNT; i += MOMENT8_BLOCK) {
			const size_t at = p.list[1].offset + (size_t)i;
			const size_t block = moment8_block(&p, 1) + (size_t)i / MOMENT8_BLOCK;
			const int n = COUNT - i < MOMENT8_BLOCK ? COUNT - i : MOMENT8_BLOCK;

			moment8_write(&m, at, block, n, x + i);
			moment8_read(&m, at, block, n, y + i);
			moment8_write(&m, at, block, n, y + i);
			moment8_read(&m, at, block, n, again + i);
		}
		for (i = 0; i < COUNT; i++) {
			/* 2^6 or 2^7 parts of 0.1 .. 1, half as many in each decade below */
			const double size = fabs(x[i]) / 3, decade = floor(log10(size)) + 1,
				part = 0.9 * pow(10, decade) / (pow(2, 6 + decade) * (sign ? 1 : 2));

			if (size > 1e-6)
				coarse += fabs(y[i] - x[i]) / 3 > 0.55 * part;
			wrong_zero += !sign && y[i] == 0;
			changed += fabsf(again[i] - y[i]) > 1e-6f * fabsf(y[i]);
		}
		moment8_close(&m);
	}
	ok(coarse == 0, "moments in 8 bits: numbers above 1e-6 of the largest keep their decade's precision: %d do not",
		coarse);
	ok(wrong_zero == 0, "moments in 8 bits: they begin at 0, and a second moment above 0 stays above 0");
	ok(changed == 0, "moments in 8 bits: a second rounding changes nothing");
	params_free(&p);
}

/* Ranges of any size update each block once. */
static void
test_adamw_8bit(void)
{
	struct adamw a = { .beta1 = 0.9, .beta2 = 0.95, .eps = 1e-8, .decay = 0.1, .moments = MOMENTS_8BIT }, b = a;
	struct params p = { 0 }, q = { 0 };
	struct params *both[2] = { &p, &q };
	struct rng r = rng_at(4, 0, "gradient", "");
	double far = 0, moved = 0;
	float *g, *start;
	int t, i;

	for (i = 0; i < 2; i++) {
		params_add(both[i], INIT_XAVIER, 2, 30, 40, 0, 0, "matrix");
		params_add(both[i], INIT_TOKEN, 1, 20, 0, 0, 0, "vector");
		params_build(both[i]);
		params_init(both[i], 3);
	}
	adamw_open(&a, &p);
	adamw_open(&b, &q);
	g = params_block(&p);
	start = params_block(&p);
	memcpy(start, p.values, p.size * sizeof *start);
	for (t = 1; t <= 50; t++) {
		for (i = 0; i < (int)p.size; i++)
			g[i] = (float)((0.2 + rng_normal(&r)) * pow(10, -(i % 4)));
		adamw_update(&a, &p, g, 1, 1e-3);
		for (i = 0; i < (int)p.size; i += 100)
			adamw_range(&b, &q, g, 1, 1e-3, t, (size_t)i, (size_t)(i + 100));
	}
	ok(memcmp(p.values, q.values, p.size * sizeof *g) == 0, "AdamW, moments in 8 bits: ranges give the same bits");
	adamw_close(&b);
	b = (struct adamw){ .beta1 = 0.9, .beta2 = 0.95, .eps = 1e-8, .decay = 0.1 };
	params_init(&q, 3);
	r = rng_at(4, 0, "gradient", "");
	adamw_open(&b, &q);
	for (t = 1; t <= 50; t++) {
		for (i = 0; i < (int)p.size; i++)
			g[i] = (float)((0.2 + rng_normal(&r)) * pow(10, -(i % 4)));
		adamw_update(&b, &q, g, 1, 1e-3);
	}
	for (i = 0; i < (int)p.size; i++) {
		far += fabs(p.values[i] - q.values[i]);
		moved += fabs(q.values[i] - start[i]);
	}
	ok(far < 0.1 * moved, "AdamW, moments in 8 bits: after 50 updates %.1f %% of the way from those in 32 bits",
		100 * far / moved);
	params_block_free(g);
	params_block_free(start);
	adamw_close(&a);
	adamw_close(&b);
	params_free(&p);
	params_free(&q);
}

static void
test_schedule(void)
{
	struct schedule s = { .peak = 1, .least = 0.1, .warmup = 10, .steps = 110 };

	ok(schedule_lr(&s, 0) == 0.1 && schedule_lr(&s, 9) == 1, "schedule: warm-up is linear from the first step on");
	ok(schedule_lr(&s, 10) == 1 && fabs(schedule_lr(&s, 60) - 0.55) < 1e-12,
		"schedule: the cosine starts at the peak and passes the middle");
	ok(schedule_lr(&s, 109) > 0.1 && schedule_lr(&s, 109) < 0.101 && schedule_lr(&s, 110) == 0.1,
		"schedule: the cosine ends at the minimum");
	s.warmup = 0;
	ok(schedule_lr(&s, 0) == 1, "schedule: without warm-up the first step has the peak");
}

/* the order of comm.h, for one element: what is q apart in turn, then by halves */
static float
in_order(const float *x, int count)
{
	float sums[8];
	int q = 1, v, apart;

	while (count % (2 * q) == 0)
		q *= 2;
	for (v = 0; v < q; v++) {
		int k;

		for (sums[v] = x[v], k = v + q; k < count; k += q)
			sums[v] += x[k];
	}
	for (apart = q / 2; apart > 0; apart /= 2)
		for (v = 0; v < apart; v++)
			sums[v] += sums[v + apart];
	return sums[0];
}

static void
test_sum(void)
{
	enum { SIZE = 3 * COMM_PIECE + 48, BLOCKS = 8 };
	static const int counts[] = { 1, 2, 3, 4, 6, 7, 8 };
	struct pool *pool = pool_new(3);
	float *blocks[BLOCKS], *expect = mem_array(SIZE, sizeof *expect), x[BLOCKS];
	double *partials = mem_array(comm_partials(SIZE), sizeof *partials), square, norm[2];
	size_t c;
	int block, i, round, wrong = 0, far = 0;

	for (block = 0; block < BLOCKS; block++)
		blocks[block] = mem_array(SIZE, sizeof **blocks);
	for (c = 0; c < sizeof counts / sizeof *counts; c++) {
		for (round = 0; round < 2; round++) {
			struct rng r = rng_at(2, 0, "sum", "");

			for (block = 0; block < BLOCKS; block++)
				for (i = 0; i < SIZE; i++)
					blocks[block][i] = (float)rng_normal(&r);
			for (i = 0, square = 0; i < SIZE; i++) {
				for (block = 0; block < counts[c]; block++)
					x[block] = blocks[block][i];
				expect[i] = in_order(x, counts[c]);
				square += (double)expect[i] * expect[i];
			}
			norm[round] = comm_allreduce(NULL, round ? NULL : pool, blocks, counts[c], SIZE, partials);
			wrong += memcmp(blocks[0], expect, sizeof *expect * SIZE) != 0;
		}
		wrong += norm[0] != norm[1];
		far += fabs(norm[0] - sqrt(square)) > 1e-9 * norm[0];
	}
	ok(wrong == 0, "all-reduce: sums of 1 to 8 blocks have the fixed order, with and without a pool");
	ok(far == 0, "all-reduce: the norm has the fixed order");
	blocks[0][SIZE - 1] = NAN;
	ok(!isfinite(comm_allreduce(NULL, NULL, blocks, 1, SIZE, partials)),
		"all-reduce: a NaN in any element makes the norm NaN");
	for (block = 0; block < BLOCKS; block++)
		free(blocks[block]);
	free(expect);
	free(partials);
	pool_free(pool);
}

/* The nearest number of 8 bits, ties to even. */
static float
nearest_bf16(float x)
{
	int e;
	const double m = frexp(x, &e);

	return (float)ldexp(rint(ldexp(m, 8)), e - 8);
}

static void
test_sum_bf16(void)
{
	enum { SIZE = 3000, FROM = 7 };
	static float x[3][SIZE], before[3][SIZE];
	const struct comm c = { .bf16 = true };
	struct rng r = rng_at(3, 0, "sum", "");
	int block, i, wrong = 0;

	for (block = 0; block < 3; block++)
		for (i = 0; i < SIZE; i++)
			before[block][i] = x[block][i] = (float)rng_normal(&r);
	comm_add_blocks(&c, (float *[]){ x[0], x[1], x[2] }, 3, FROM, SIZE - FROM);
	for (i = 0; i < SIZE; i++) {
		float sum = nearest_bf16(before[0][i]);

		for (block = 1; block < 3; block++)
			sum = nearest_bf16(sum + nearest_bf16(before[block][i]));
		wrong += x[0][i] != (i < FROM ? before[0][i] : sum);
	}
	ok(wrong == 0, "all-reduce in bf16: blocks and sums are rounded");
	x[0][FROM] = NAN;
	comm_add_blocks(&c, (float *[]){ x[0] }, 1, 0, SIZE);
	ok(isnan(x[0][FROM]), "all-reduce in bf16: NaN stays NaN");
}

static void
test_settings(void)
{
	struct config c = config_default();
	struct settings s = settings_default();

	ok(config_complete(&c) == 0 && settings_complete(&s, &c, task_find("pretrain"), 1000) == 0 &&
			s.batch == 128 && s.steps == 7 &&
			s.lr == 5e-4 * 128 / 256 && s.grad_clip == 3,
		"settings: defaults of a micro model");
	ok(s.micro_batch == 16, "settings: micro_batch is 16 for images of 34 rows");
	s = settings_default();
	ok(settings_complete(&s, &c, task_find("pretrain"), 100) == 0 && s.batch == 100 && s.steps == 1,
		"settings: a stream shorter than a batch is one batch");
	s = settings_default();
	ok(settings_complete(&s, &c, task_find("pretrain"), 0) < 0,
		"settings: a stream of unknown length without steps is refused");
	s = settings_default();
	c.preset = 1;
	ok(settings_complete(&s, &c, task_find("pretrain"), 1000) == 0 && s.batch == 22 && s.grad_clip == 0 &&
			s.base_lr == 1e-3,
		"settings: defaults of preset=paper");
	c.preset = 0;
	s = settings_default();
	s.init_from = "model";
	ok(settings_complete(&s, &c, task_find("classify"), 1000) == 0 && s.beta2 == 0.999 && s.layer_decay == 0.75 &&
			s.base_lr == 4e-3,
		"settings: defaults of fine-tuning a micro model");
	s = settings_default();
	ok(settings_complete(&s, &c, task_find("classify"), 1000) == 0 && s.layer_decay == 1,
		"settings: no layer decay with random init");
	s = settings_default();
	s.weight_decay = s.warmup_ratio = s.beta2 = s.layer_decay = 0;
	c.model = SIZE_BASE;
	ok(settings_complete(&s, &c, task_find("classify"), 1000) == 0 && s.weight_decay == 0 && s.warmup_ratio == 0 &&
			s.beta2 == 0 && s.layer_decay == 0 && s.base_lr == 1e-3,
		"settings: an explicit 0 stays; base_lr of a base model");
	ok(settings_matter("batch") && settings_matter("grad_shards") && settings_matter("embed_dim") &&
			!settings_matter("keep_checkpoints"),
		"settings_matter() is true for the settings that change the weights");
}

static char log_run[] = "/tmp/tscae-log-XXXXXX", log_elsewhere[64];
static int log_warnings;

static int
open_elsewhere(const char *path, int flags, mode_t mode)
{
	(void)path;
	return open(log_elsewhere, flags, mode);
}

static ssize_t
write_a_byte(int fd, const void *bytes, size_t size)
{
	static int calls;

	errno = ENOSPC;
	return size > 0 && calls++ == 0 ? write(fd, bytes, 1) : -1;
}

static void
count_warning(void *arg, const char *format, ...)
{
	(void)arg, (void)format;
	log_warnings++;
}

/* The log opens, but cannot be read: its file is missing where file_read() looks. */
static void
test_log(void)
{
	static const char line[] = "{\"step\":1}\n";
	const struct file_calls good = file_calls;
	struct log l;
	size_t size = 0;
	char *text;

	if (!mkdtemp(log_run)) {
		ok(0, "a temporary directory");
		return;
	}
	snprintf(log_elsewhere, sizeof log_elsewhere, "%s/elsewhere", log_run);
	ok(file_save(log_elsewhere, line, sizeof line - 1, false) == 0, "a log is written");
	file_calls.open = open_elsewhere;
	log_open(&l, log_run, 1, count_warning, NULL);
	file_calls.write = write_a_byte;
	log_begin(&l, 2);
	log_write(&l);
	log_close(&l);
	file_calls = good;
	text = file_read(log_elsewhere, 0, &size);
	ok(text && size == sizeof line - 1 && memcmp(text, line, size) == 0 && log_warnings == 1,
		"a log that cannot be read loses no line when one cannot be written; one warning (%zu bytes, %d)", size,
		log_warnings);
	free(text);
	ok(file_remove(log_run) == 0, "the directory is removed");
}

int
main(void)
{
	test_log();
	test_work_queue();
	test_adamw();
	test_moment8();
	test_adamw_8bit();
	test_schedule();
	test_sum();
	test_sum_bf16();
	test_settings();
	test_engine(true);
	test_engine(false);
	return tap_end();
}
