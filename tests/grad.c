/* grad - every op against finite differences, a row each (see grad.h), and the rules that all ops follow

   Rules: a gradient adds to earlier contributions; memory of a gradient that is not filled is not read; an op used
   twice gives twice the gradient; equal input gives equal bits in any thread; any input may be a parameter, whose
   gradient threads share; the instruction sets agree; NaN passes through. */
#include "grad.h"
#include "grad_ops.h"
#include "kernel/gemm.h"
#include "kernel/kernel.h"
#include "nn/op.h"
#include "nn/parallel.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "tap.h"

#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CHANNELS(n, s, o) { { n }, s, o, false, true }	/* a parameter of n values */

static const struct row rows[] = {
	{ "linear", build_linear, { { { 2, 3, 5 }, 1, 0 }, { { 7, 5 }, 0.5f, 0 }, CHANNELS(7, 1, 0) }, ACT_NONE },
	{ "linear, wide", build_linear, { { { 37, 48 }, 1, 0 }, { { 65, 48 }, 0.2f, 0 }, CHANNELS(65, 1, 0) },
		ACT_NONE },
	{ "linear, constant input", build_linear,
		{ { { 3, 4, 5 }, 1, 0, true }, { { 7, 5 }, 0.5f, 0 }, CHANNELS(7, 1, 0) }, ACT_NONE },
	{ "linear, frozen weight", build_linear,
		{ { { 12, 5 }, 1, 0 }, { { 7, 5 }, 0.5f, 0, true }, CHANNELS(7, 1, 0) }, ACT_GELU },
	{ "linear, 4-d weight", build_linear, { { { 3, 12 }, 1, 0 }, { { 7, 3, 2, 2 }, 0.5f, 0 }, CHANNELS(7, 1, 0) },
		ACT_NONE },
	{ "linear, ReLU", build_linear, { { { 12, 5 }, 0.2f, 0 }, { { 7, 5 }, 0.2f, 0 }, CHANNELS(7, 0.1f, 1.5f) },
		ACT_RELU },
	{ "linear, GELU", build_linear, { { { 12, 5 }, 1, 0 }, { { 37, 5 }, 0.5f, 0 }, CHANNELS(37, 1, 0) }, ACT_GELU },
	{ "linear, GELU, far out", build_linear, { { { 12, 5 }, 1, 0 }, { { 37, 5 }, 0.5f, 0 }, CHANNELS(37, 2, 3) },
		ACT_GELU },
	{ "linear + residual", build_linear_add,
		{ { { 2, 3, 5 }, 1, 0 }, { { 7, 5 }, 0.5f, 0 }, { { 2, 3, 7 }, 1, 0 }, CHANNELS(7, 1, 0) }, 1 },
	{ "linear + residual, no bias", build_linear_add,
		{ { { 2, 3, 5 }, 1, 0 }, { { 7, 5 }, 0.5f, 0 }, { { 2, 3, 7 }, 1, 0 } }, 0 },
	{ "linear + its own input", build_residual_self, { { { 2, 3, 5 }, 1, 0 }, { { 5, 5 }, 0.5f, 0 } }, 0 },
	{ "rows", build_rows, { { { 6, 5 }, 1, 0 }, { { 9, 5 }, 0.5f, 0, false, true }, CHANNELS(9, 1, 0) }, ACT_NONE },
	{ "reshape", build_reshape, { { { 6, 5 }, 1, 0 }, { { 10, 5 }, 0.5f, 0 }, { { 4, 20 }, 0.3f, 0 } }, 0 },
	{ "detach", build_detach, { { { 6, 5 }, 1, 0 }, { { 7, 5 }, 0.5f, 0, true } }, 0 },
	{ "norm", build_norm, { { { 2, 5, 19 }, 1, 0.5f }, CHANNELS(19, 0.3f, 1), CHANNELS(19, 1, 0) }, 0 },
	{ "norm, 96 channels", build_norm, { { { 17, 96 }, 1, 0.5f }, CHANNELS(96, 0.3f, 1), CHANNELS(96, 1, 0) }, 0 },
	{ "norm, constant input", build_norm,
		{ { { 2, 5, 19 }, 1, 0.5f, true }, CHANNELS(19, 0.3f, 1), CHANNELS(19, 1, 0) }, 0 },
	{ "norm of a sum", build_norm,
		{ { { 2, 5, 19 }, 1, 0.5f }, CHANNELS(19, 0.3f, 1), CHANNELS(19, 1, 0), { { 2, 5, 19 }, 1, 0 } }, 1 },
	{ "attention", build_self, { { { 2, 7, 24 }, 1, 0 } }, 0 },
	{ "attention, 32 a head, 18 tokens", build_self, { { { 2, 18, 192 }, 0.5f, 0 } }, BIAS },
	{ "attention, 64 a head, 33 tokens", build_self, { { { 1, 33, 384 }, 0.5f, 0 } }, 0 },
	{ "attention, key bias", build_self, { { { 2, 7, 24 }, 1, 0 } }, BIAS },
	{ "attention, dropout", build_self, { { { 2, 7, 24 }, 1, 0 } }, DROP | BIAS },
	{ "attention, q and k packed", build_apart, { { { 2, 6, 16 }, 1, 0 }, { { 2, 6, 8 }, 1, 0 } }, 0 },
	{ "attention, v constant", build_apart, { { { 2, 6, 16 }, 1, 0 }, { { 2, 6, 8 }, 1, 0, true } }, 0 },
	{ "attention, only v learns", build_apart, { { { 2, 6, 16 }, 1, 0, true }, { { 2, 6, 8 }, 1, 0 } }, BIAS },
	{ "attention, cross", build_cross, { { { 2, 5, 12 }, 1, 0 }, { { 2, 9, 24 }, 1, 0 } }, BIAS },
	{ "attention, cross, 32 a head", build_cross, { { { 2, 49, 96 }, 0.5f, 0 }, { { 2, 18, 192 }, 0.5f, 0 } }, 0 },
	{ "attention, columns left over", build_gap, { { { 2, 5, 16 }, 1, 0 } }, 0 },
	{ "pick", build_pick, { { { 2, 4, 6 }, 1, 0 }, CHANNELS(6, 1, 0), CHANNELS(6, 1, 0) }, 0 },
	{ "pick, shared", build_pick, { { { 2, 4, 6 }, 1, 0 }, CHANNELS(6, 1, 0), CHANNELS(6, 1, 0) }, 1 },
	{ "pick, positions", build_pick, { { { 2, 4, 6 }, 1, 0 }, CHANNELS(6, 1, 0), { { 6 }, 1, 0 } }, 2 },
	{ "pick, shared positions", build_pick, { { { 2, 4, 6 }, 1, 0 }, CHANNELS(6, 1, 0), { { 6 }, 1, 0, true } },
		3 },
	{ "pick, rows constant", build_pick, { { { 2, 4, 6 }, 1, 0, true }, CHANNELS(6, 1, 0), CHANNELS(6, 1, 0) }, 2 },
	{ "pick, tokens only", build_tokens, { CHANNELS(6, 1, 0), CHANNELS(6, 1, 0) }, 0 },
	{ "add", build_add, { { { 3, 7 }, 1, 0 }, { { 3, 7 }, 1, 0 } }, 0 },
	{ "add to itself", build_add, { { { 3, 7 }, 1, 0 } }, 1 },
	{ "sum of losses", build_sum, { { { 3, 7 }, 1, 0 }, { { 3, 7 }, 1, 0 } }, 0 },
	{ "mean over tokens", build_mean, { { { 2, 5, 6 }, 1, 0 } }, 0 },
	{ "dropout", build_dropout, { { { 5, 13 }, 1, 0 } }, 0 },
	{ "drop path", build_drop_path, { { { 5, 2, 7 }, 1, 0 }, { { 5, 2, 7 }, 1, 0 } }, 0 },
	{ "drop path, only the branch learns", build_drop_path, { { { 5, 2, 7 }, 1, 0, true }, { { 5, 2, 7 }, 1, 0 } },
		0 },
	{ "drop path of itself", build_drop_path, { { { 5, 2, 7 }, 1, 0 } }, 1 },
	{ "batchnorm", build_batchnorm, { { { 3, 6, 9 }, 1, 0.5f }, CHANNELS(9, 0.3f, 1), CHANNELS(9, 1, 0) }, 1 },
	{ "batchnorm, no scale", build_batchnorm, { { { 18, 9 }, 1, 0.5f } }, 0 },
	{ "ReLU", build_relu, { { { 5, 37 }, 0.1f, 1.5f } }, 0 },
	{ "GELU", build_gelu, { { { 5, 37 }, 1, 0 } }, 0 },
	{ "conv", build_conv, { { { 2, 3, 4, 5 }, 1, 0 }, { { 6, 3, 3, 5 }, 0.3f, 0 }, CHANNELS(6, 1, 0) }, 0 },
	{ "conv, one column, in pieces", build_conv,
		{ { { 1, 40, 1, 500 }, 1, 0 }, { { 2, 3, 3, 500 }, 0.02f, 0 }, CHANNELS(2, 1, 0) }, 0 },
	{ "conv, constant input", build_conv,
		{ { { 2, 1, 4, 5 }, 1, 0, true }, { { 6, 3, 3, 5 }, 0.3f, 0 }, CHANNELS(6, 1, 0) }, 0 },
	{ "conv, frozen weight", build_conv, { { { 2, 3, 2, 5 }, 1, 0 }, { { 6, 3, 3, 5 }, 0.3f, 0, true } }, 0 },
	{ "shuffle", build_shuffle, { { { 2, 3, 2, 12 }, 1, 0 } }, 0 },
	{ "pool", build_pool, { { { 2, 4, 6, 3 }, 1, 0 } }, 0, 2 },
	{ "pool, odd sides", build_pool, { { { 1, 3, 5, 3 }, 1, 0 } }, 0, 2 },
	{ "window", build_window, { { { 2, 16, 6 }, 1, 0 } }, 2 },
	{ "window, whole rows", build_window, { { { 2, 16, 6 }, 1, 0 } }, 3 },
	{ "unwindow", build_unwindow, { { { 12, 5, 6 }, 1, 0 } }, 2 },
	{ "focal", build_focal, { { { 5, 3 }, 2, 0 } }, 2 },
	{ "focal, gamma 0", build_focal, { { { 5, 3 }, 2, 0 } }, 0 },
	{ "giou", build_giou, { { { 5, 4 }, 0.1f, 0.6f } }, 0 },
	{ "bce", build_bce, { { { 4, 3 }, 2, 0 } }, 0 },
	{ "mse", build_mse, { { { 3, 7 }, 1, 0 } }, 0 },
	{ "mse of a pair", build_mse, { { { 3, 7 }, 1, 0 }, { { 3, 7 }, 1, 0 } }, 1 },
	{ "mse of a pair, one learns", build_mse, { { { 3, 7 }, 1, 0, true }, { { 3, 7 }, 1, 0 } }, 1 },
	{ "crossentropy", build_crossentropy, { { { 5, 9 }, 1, 0 }, { { 5, 9 }, 1, 0 } }, 0 },
	{ "crossentropy, constant target", build_crossentropy, { { { 5, 9 }, 1, 0 }, { { 5, 9 }, 1, 0, true } }, 0 },
	{ "crossentropy, only the target learns", build_crossentropy, { { { 5, 9 }, 1, 0, true }, { { 5, 9 }, 1, 0 } },
		0 },
	{ "label crossentropy", build_label_crossentropy, { { { 5, 9 }, 1, 0 } }, 0 },
	{ "label crossentropy, smoothed and weighted", build_label_crossentropy, { { { 5, 9 }, 1, 0 } }, 1 },
	{ "cosine", build_cosine, { { { 5, 9 }, 1, 0 }, { { 5, 9 }, 1, 0 } }, 0 },
	{ "cosine, one learns", build_cosine, { { { 5, 9 }, 1, 0, true }, { { 5, 9 }, 1, 0 } }, 0 },
	{ "infonce", build_infonce, { { { 4, 3, 9 }, 1, 0 }, { { 4, 3, 9 }, 1, 0 } }, 0 },
	{ "infonce, anchor constant", build_infonce, { { { 4, 3, 9 }, 1, 0, true }, { { 4, 3, 9 }, 1, 0 } }, 0 },
	{ "upsample", build_upsample, { { { 2, 3, 4, 5 }, 1, 0 } }, 6 },
	{ "upsample, down", build_upsample, { { { 1, 5, 9, 3 }, 1, 0 } }, 2 },
	{ "upsample, added", build_upsample, { { { 2, 3, 4, 5 }, 1, 0 }, { { 2, 5, 7, 5 }, 1, 0 } }, 5 },
	{ "upsample of a constant, added", build_upsample, { { { 2, 3, 4, 5 }, 1, 0, true }, { { 2, 5, 7, 5 }, 1, 0 } },
		5 },
	{ "map crossentropy", build_map_crossentropy, { { { 2, 3, 4, 4 }, 1, 0 } }, 0 },
	{ "map crossentropy, 21 classes", build_map_crossentropy, { { { 2, 7, 9, 21 }, 1, 0 } }, 0 },
	{ "block", build_block,
		{ { { 2, 5, 6 }, 1, 0 }, { { 2, 5, 6 }, 1, 0 }, { { 9, 6 }, 0.4f, 0, false, true },
			{ { 6, 9 }, 0.4f, 0, false, true }, CHANNELS(6, 0.3f, 1) },
		0 },
	{ "block, recomputed", build_block,
		{ { { 2, 5, 6 }, 1, 0 }, { { 2, 5, 6 }, 1, 0 }, { { 9, 6 }, 0.4f, 0, false, true },
			{ { 6, 9 }, 0.4f, 0, false, true }, CHANNELS(6, 0.3f, 1) },
		1 },
};

enum { ROWS = sizeof rows / sizeof *rows };

static const struct row wrong = { "wrong", build_wrong, { { { 3, 7 }, 1, 0 } }, 0 };

/* the gradients with dx not fresh, not the caller's, or filled twice, against those of the plain run */
static void
law_of_use(const struct row *row, const struct run *plain)
{
	struct run r;

	run_open(&r, row);
	r.prefilled = true;
	run_value(&r, true);
	ok(difference(&r, plain, 1, 1) < 1e-6, "%s: backward adds to an earlier gradient", row->name);
	r.prefilled = false;
	r.through = true;
	run_value(&r, true);
	ok(difference(&r, plain, 1, 0) < 1e-6, "%s: the same gradient if the inputs are results of ops", row->name);
	r.twice = true;
	run_value(&r, true);
	ok(difference(&r, plain, 2, 0) < 2e-6, "%s: used twice gives twice the gradient (%.1e)", row->name,
		difference(&r, plain, 2, 0));
	run_close(&r);
}

static void *
run_again(void *arg)
{
	run_value(arg, true);
	return NULL;
}

static void
law_of_bits(const struct row *row, const struct run *plain)
{
	struct run r[3];
	pthread_t thread[3];
	int equal = 1;

	for (int i = 0; i < 3; i++) {
		run_open(&r[i], row);
		if (pthread_create(&thread[i], NULL, run_again, &r[i]))
			abort();
	}
	for (int i = 0; i < 3; i++) {
		pthread_join(thread[i], NULL);
		equal &= memcmp(r[i].y, plain->y, (size_t)plain->results * sizeof(float)) == 0;
		for (int j = 0; j < INPUTS && r[i].n[j]; j++)
			equal &= memcmp(r[i].g[j], plain->g[j], (size_t)plain->n[j] * sizeof(float)) == 0;
		run_close(&r[i]);
	}
	ok(equal, "%s: the same bits in three threads at once", row->name);
}

/* A row with parameters for inputs, as one of several tapes that add to one block of gradients. */
struct sharer {
	const struct row *row;
	const struct params *params;
	float *grads;
	struct ticket_lock *lock;	/* NULL: no other tape runs now */
	int ticket;
	bool recorded;		/* every input that learns was recorded as used */
};

static void *
share_run(void *arg)
{
	struct sharer *s = arg;
	struct tape t = { 0 };
	struct var *x[INPUTS] = { 0 }, *y;

	tape_reset(&t, true, s->params, s->grads);
	if (s->lock)
		tape_share_grads(&t, s->lock, s->ticket);
	for (int i = 0; i < s->params->count; i++)
		x[i] = tape_param(&t, i);
	y = s->row->build(&t, x, s->row);
	s->recorded = true;
	for (int i = 0; s->lock && i < s->params->count; i++)
		s->recorded &= (t.uses_left[i] > 0) == (x[i]->dx != NULL);
	var_seed(y, NULL, 1 / (float)(s->ticket + 3));
	if (s->lock)
		tape_release_unused(&t);
	tape_backward(&t);
	tape_free(&t);
	return NULL;
}

/* every op records the parameters that it adds to, and threads add in the order of their tickets */
static void
law_of_sharing(const struct row *row, const struct run *plain)
{
	enum { TICKETS = 4 };
	struct params p = { 0 };
	struct ticket_lock lock;
	struct sharer s[TICKETS];
	pthread_t thread[TICKETS];
	float *shared, *alone;
	bool recorded = true;

	for (int i = 0; i < INPUTS && plain->n[i]; i++) {
		const struct input *in = &row->in[i];

		params_add(
			&p, INIT_ZERO, rank_of(in), in->shape[0], in->shape[1], in->shape[2], in->shape[3], "x%d", i);
		p.list[i].frozen = in->constant;
	}
	params_build(&p);
	for (int i = 0; i < p.count; i++)
		memcpy(p.values + p.list[i].offset, plain->x[i], p.list[i].count * sizeof(float));
	ticket_lock_open(&lock, &p);
	shared = params_block(&p);
	alone = params_block(&p);
	for (int k = 0; k < TICKETS; k++) {
		s[k] = (struct sharer){ row, &p, alone, NULL, k, false };
		share_run(&s[k]);
	}
	for (int k = 0; k < TICKETS; k++) {
		s[k] = (struct sharer){ row, &p, shared, &lock, k, false };
		if (pthread_create(&thread[k], NULL, share_run, &s[k]))
			abort();
	}
	for (int k = 0; k < TICKETS; k++) {
		pthread_join(thread[k], NULL);
		recorded &= s[k].recorded;
	}
	ok(recorded, "%s: records every parameter that it adds to", row->name);
	ok(memcmp(shared, alone, p.size * sizeof(float)) == 0, "%s: threads that share a gradient add in order",
		row->name);
	ticket_lock_close(&lock);
	params_block_free(shared);
	params_block_free(alone);
	params_free(&p);
}

static void
law_of_sets(const struct row *row, const struct run *plain)
{
	static const char *const sets[] = { "baseline", "avx2", "avx512" };
	const char *native = kernel_isa();
	struct run r;
	double worst = 0;

	run_open(&r, row);
	for (int i = 0; i < 3; i++)
		if (kernel_use(sets[i]) == 0) {
			run_value(&r, true);
			worst = worse(worst, difference(&r, plain, 1, 0));
		}
	run_close(&r);
	kernel_use(native);
	ok(worst < 1e-5, "%s: all instruction sets agree (%.1e)", row->name, worst);
}

static bool
any_nan(const float *x, long n)
{
	for (long i = 0; i < n; i++)
		if (isnan(x[i]))
			return true;
	return false;
}

/* a NaN in any input gives a NaN in the result */
static void
law_of_nan(const struct row *row)
{
	int good = 1;
	struct run r;

	for (int i = 0; i < INPUTS && row->in[i].shape[0]; i++) {
		run_open(&r, row);
		for (long j = 0; j < r.n[i]; j++)
			r.x[i][j] = j % 3 ? r.x[i][j] : NAN;
		run_value(&r, true);
		good &= any_nan(r.y, r.results);
		run_close(&r);
	}
	ok(good, "%s: NaN in the input gives NaN in the output", row->name);
}

int
main(void)
{
	diag("%s, kernels %s", gemm_version(), kernel_isa());
	for (int i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		double e = gradient_error(row);
		struct run plain;

		ok(e < tolerance * (row->looser != 0 ? row->looser : 1),
			"%s: the gradient agrees with finite differences (%.1e)", row->name, e);
		run_open(&plain, row);
		run_value(&plain, true);
		law_of_use(row, &plain);
		law_of_bits(row, &plain);
		law_of_sharing(row, &plain);
		law_of_sets(row, &plain);
		law_of_nan(row);
		run_close(&plain);
	}
	ok(gradient_error(&wrong) > tolerance, "the check detects a gradient with an error of 1 %% (%.1e)",
		gradient_error(&wrong));
	return tap_end();
}
