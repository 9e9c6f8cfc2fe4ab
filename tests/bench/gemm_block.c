/* gemm_block - time of each op of a transformer block, forward and backward, in one thread

   For each model: a few blocks over about 400 rows, the time of every op, and the speed of sgemm alone with the same
   layer shapes in the same run. Speed: operations of the products (2 per multiply-add) per second of all ops. The
   ratios are those of the best step to the best sgemm, so that a busy machine disturbs them less. */
#define _POSIX_C_SOURCE 200809L
#include "base/mem.h"
#include "gemm_peak.h"
#include "kernel/gemm.h"
#include "kernel/kernel.h"
#include "nn/op.h"
#include "nn/params.h"
#include "nn/tape.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS_MAX = 12, OPS = 7, NODES = BLOCKS_MAX * OPS + 1, BLOCK_PARAMS = 12 };

static const struct model {
	const char *name;
	int D, H, L, N, blocks;	/* N images of L tokens in a micro-batch */
} models[] = {
{ "micro, teacher", 96, 3, 18, 22, 6 },
	{ "micro, student", 96, 3, 50, 8, 6 },
	{ "tiny, student", 192, 3, 50, 8, 12 },
	{ "tiny, all tokens", 192, 3, 65, 6, 12 },
	{ "small", 384, 6, 148, 3, 4 },
	{ "base, teacher", 768, 12, 51, 8, 2 },
	{ "base, student", 768, 12, 149, 3, 2 },
};

static const char *const names[OPS] = { "norm1", "qkv", "attention", "proj + x", "norm2", "fc1 GELU", "fc2 + x" };

struct times {
	double forward[OPS], backward[OPS];
	struct tape_node *node[NODES];	/* the node that each op pushed, in order */
	int count;
	double last;
};

/* Add the time since the last call to op k. */
static struct var *
took(struct times *s, struct tape *t, int k, struct var *y)
{
	double at = seconds();

	s->forward[k] += at - s->last;
	s->last = at;
	s->node[s->count++] = t->last;
	return y;
}

static struct var *
block(struct tape *t, struct var *x, const struct model *m, int first, struct times *s)
{
	int D = m->D;
	struct var *p[BLOCK_PARAMS], *y;

	for (int i = 0; i < BLOCK_PARAMS; i++)
		p[i] = tape_param(t, first + i);
	y = took(s, t, 0, op_norm(t, x, p[0], p[1], 1e-6f));
	y = took(s, t, 1, op_linear(t, y, p[2], p[3], ACT_NONE));
	y = took(s, t, 2,
		op_attention(t, (struct part){ y, 0 }, (struct part){ y, D }, (struct part){ y, 2 * D }, D, m->H, NULL,
			0, NULL));
	x = took(s, t, 3, op_linear_add(t, y, p[4], p[5], x));
	y = took(s, t, 4, op_norm(t, x, p[6], p[7], 1e-6f));
	y = took(s, t, 5, op_linear(t, y, p[8], p[9], ACT_GELU));
	return took(s, t, 6, op_linear_add(t, y, p[10], p[11], x));
}

static void
declare(struct params *p, int D, int number)
{
	static const struct { const char *name; int rows, columns; enum init init; } list[BLOCK_PARAMS] = {
		{ "norm1.weight", 1, 0, INIT_ONE }, { "norm1.bias", 1, 0, INIT_ZERO },
		{ "qkv.weight", 3, 1, INIT_XAVIER }, { "qkv.bias", 3, 0, INIT_ZERO },
		{ "proj.weight", 1, 1, INIT_XAVIER }, { "proj.bias", 1, 0, INIT_ZERO },
		{ "norm2.weight", 1, 0, INIT_ONE }, { "norm2.bias", 1, 0, INIT_ZERO },
		{ "fc1.weight", 4, 1, INIT_XAVIER }, { "fc1.bias", 4, 0, INIT_ZERO },
		{ "fc2.weight", 1, 4, INIT_XAVIER }, { "fc2.bias", 1, 0, INIT_ZERO },
	};

	for (int i = 0; i < BLOCK_PARAMS; i++)
		params_add(p, list[i].init, list[i].columns ? 2 : 1, list[i].rows * D, list[i].columns * D, 0, 0,
			"%d.%s", number, list[i].name);
}

/* One forward and backward pass; returns seconds. */
static double step(struct tape *t, const struct params *p, float *grads, const struct model *m, float *input,
	float *seed, struct times *s)
{
	double start = seconds();
	struct var *x, *y;

	tape_reset(t, true, p, grads);
	s->count = 0;
	s->last = seconds();
	x = tape_wrap(t, input, NULL, 3, m->N, m->L, m->D, 0);
	y = tape_var(t, 3, m->N, m->L, m->D, 0, true);
	memcpy(y->x, x->x, (size_t)var_count(x) * sizeof(float));
	for (int b = 0; b < m->blocks; b++)
		y = block(t, y, m, b * BLOCK_PARAMS, s);
	var_seed(y, seed, 1);
	s->last = seconds();
	for (int i = s->count - 1; i >= 0; i--) {
		double at;

		t->last = s->node[i];
		t->last->before = NULL;	/* one node at a time */
		tape_backward(t);
		at = seconds();
		s->backward[i % OPS] += at - s->last;
		s->last = at;
	}
	return seconds() - start;
}

/* GFLOP/s of sgemm alone over the four layers, forward, dx and dw */
static double
bare(const struct model *m, float *a, float *b, float *c)
{
	static const int sizes[4][2] = { { 1, 3 }, { 1, 1 }, { 1, 4 }, { 4, 1 } };
	int R = m->N * m->L, times = 1 + (int)(3e9 / (72.0 * R * m->D * m->D));
	double best = 1e30;

	for (int repeat = 0; repeat < 3; repeat++) {
		double start = seconds();

		for (int i = 0; i < times; i++)
			for (int l = 0; l < 4; l++) {
				int I = sizes[l][0] * m->D, O = sizes[l][1] * m->D;

				gemm(false, true, R, O, I, 1, a, I, b, I, 1, c, O);
				gemm(false, false, R, I, O, 1, a, O, b, I, 0, c, I);
				gemm(true, false, O, I, R, 1, a, O, b, I, 1, c, I);
			}
		if (seconds() - start < best)
			best = seconds() - start;
	}
	gemm_flops();
	return 72.0 * R * m->D * m->D * times / best * 1e-9;
}

static void
measure(const struct model *m, double *top)
{
	struct params p = { 0 };
	struct tape t = { 0 };
	struct times s;
	long n = (long)m->N * m->L * m->D;
	float *grads, *room = mem_new((size_t)n * 12 * sizeof(float) + 48 * (size_t)m->D * (size_t)m->D);
	double best = 1e30, total = 0, flops, alone;
	int steps;

	for (int b = 0; b < m->blocks; b++)
		declare(&p, m->D, b);
	params_build(&p);
	params_init(&p, 1);
	grads = params_block(&p);
	for (long i = 0; i < n; i++)
		room[i] = (float)((double)(i * 7919 % 1009) / 504.5 - 1);
	for (int i = 0; i < 3; i++)
		step(&t, &p, grads, m, room, room, &s);
	memset(&s, 0, sizeof s);
	gemm_flops();
	for (steps = 0; steps < 10 || total < 1; steps++) {
		double e = step(&t, &p, grads, m, room, room, &s);

		total += e;
		best = e < best ? e : best;
	}
	flops = gemm_flops() / steps;
	/* other processes can only lower it: keep the maximum */
	*top = peak() > *top ? peak() : *top;
	alone = bare(m, room + 4 * n, room, room + 8 * n);
	printf("%-16s D %d, %d x %d tokens, %d blocks: %.1f GFLOP/s (best %.1f), sgemm alone %.1f; fraction of sgemm "
		"%.2f, of the peak %.2f\n",
		m->name, m->D, m->N, m->L, m->blocks, flops * steps / total * 1e-9, flops / best * 1e-9, alone,
		flops / best * 1e-9 / alone, *top > 0 ? flops / best * 1e-9 / *top : 0);
	for (int k = 0; k < OPS; k++)
		printf("    %-10s forward %5.1f %%  backward %5.1f %%\n", names[k], 100 * s.forward[k] / total,
			100 * s.backward[k] / total);
	params_block_free(grads);
	params_free(&p);
	tape_free(&t);
	free(room);
}

int
main(int argc, char **argv)
{
	double top;

	top = peak();
	printf("%s, kernels %s, FMA peak of a core %.1f GFLOP/s\n", gemm_version(), kernel_isa(), top);
	for (size_t i = 0; i < sizeof models / sizeof *models; i++)
		if (argc < 2 || strstr(models[i].name, argv[1]))
			measure(&models[i], &top);
	return 0;
}
