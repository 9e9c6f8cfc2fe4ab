/* grad - every op against finite differences, a row each (see grad.h), and the laws that all ops obey

   Laws: gradients add to what is there; a fresh gradient is not read; an op used twice gives twice the
   gradient; equal input gives equal bits in any thread; the instruction sets agree; NaN passes through. */
#include "grad.h"

#include <stdint.h>

#define CHANNELS(n, s, o) { { n }, s, o, false, true }	/* a parameter of n values */

enum { DROP = 1, BIAS = 2 };

static struct var *
build_linear(struct tape *t, struct var **x, const struct row *row)
{
	return op_linear(t, x[0], x[1], x[2], (enum act)row->option);
}

static struct var *
build_linear_add(struct tape *t, struct var **x, const struct row *row)
{
	return op_linear_add(t, x[0], x[1], row->option ? x[3] : NULL, x[2]);
}

static struct var *
build_residual_self(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_linear_add(t, x[0], x[1], NULL, x[0]);
}

static struct var *
build_rows(struct tape *t, struct var **x, const struct row *row)
{
	return op_linear(t, x[0], op_rows(t, x[1], 2, 4), op_rows(t, x[2], 2, 4), (enum act)row->option);
}

static struct var *
build_reshape(struct tape *t, struct var **x, const struct row *row)
{
	struct var *flat = op_reshape(t, op_linear(t, x[0], x[1], NULL, ACT_NONE), 2, 3, 20, 0, 0);

	(void)row;
	return op_linear(t, flat, x[2], NULL, ACT_NONE);
}

/* the product's second factor is the first one, stopped: the weight must be a constant for the gradient */
static struct var *
build_detach(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_linear(t, x[0], op_detach(t, x[1]), NULL, ACT_NONE);
}

static struct var *
build_norm(struct tape *t, struct var **x, const struct row *row)
{
	struct var *sum, *y;

	if (!row->option)
		return op_norm(t, x[0], x[1], x[2], 1e-6f);
	y = op_norm_add(t, x[0], x[3], x[1], x[2], 1e-5f, &sum);
	return op_add(t, y, sum);
}

static struct rng *
some_rng(void)
{
	static _Thread_local struct rng rng[8];

	for (int i = 0; i < 8; i++)
		rng[i] = rng_at(7, i, "drop", "");
	return rng;
}

static const float folded[40] = { 0, 2.4849066f /* ln 12 */, 0, 0, -1, 0.5f };

static struct var *
attention(struct tape *t, struct part q, struct part k, struct part v, int D, int H, int option)
{
	return op_attention(t, q, k, v, D, H, option & BIAS ? folded : NULL, option & DROP ? 0.3f : 0, option & DROP ? some_rng() : NULL);
}

static struct var *
build_self(struct tape *t, struct var **x, const struct row *row)
{
	int D = var_width(x[0]) / 3;

	return attention(t, (struct part){ x[0], 0 }, (struct part){ x[0], D }, (struct part){ x[0], 2 * D }, D, 2, row->option);
}

/* q and k packed, v apart, as where positions are added to the first two */
static struct var *
build_apart(struct tape *t, struct var **x, const struct row *row)
{
	int D = var_width(x[1]);

	return attention(t, (struct part){ x[0], 0 }, (struct part){ x[0], D }, (struct part){ x[1], 0 }, D, 2, row->option);
}

static struct var *
build_cross(struct tape *t, struct var **x, const struct row *row)
{
	int D = var_width(x[0]);

	return attention(t, (struct part){ x[0], 0 }, (struct part){ x[1], D }, (struct part){ x[1], 0 }, D, 3, row->option);
}

/* columns that no part covers: their gradient is zero */
static struct var *
build_gap(struct tape *t, struct var **x, const struct row *row)
{
	int D = var_width(x[0]) / 4;

	return attention(t, (struct part){ x[0], 0 }, (struct part){ x[0], 3 * D }, (struct part){ x[0], D }, D, 1, row->option);
}

static struct var *
build_pick(struct tape *t, struct var **x, const struct row *row)
{
	static const int index[2][5] = { { 0, -1, 2, -2, 0 }, { 3, 1, -1, -1, 0 } }, place[2][5] = { { -1, 0, 1, -1, 2 }, { 2, 2, -1, 0, 1 } };
	static const float positions[3][6] = { { 1, 2, 3, 4, 5, 6 }, { -1, 0.5f }, { 0, 0, 0, 3 } };
	struct pick p = { index[0], place[0], row->option & 1, row->option & 2 ? positions[0] : NULL, &x[1], 2 };

	return op_pick(t, x[0], 2, 5, 6, &p);
}

static struct var *
build_tokens(struct tape *t, struct var **x, const struct row *row)
{
	static const int index[3] = { -2, -1, -1 };
	struct pick p = { index, NULL, true, NULL, x, 2 };

	(void)row;
	return op_pick(t, NULL, 2, 3, 6, &p);
}

static struct var *
build_add(struct tape *t, struct var **x, const struct row *row)
{
	return op_add(t, x[0], row->option ? x[0] : x[1]);
}

static struct var *
build_sum(struct tape *t, struct var **x, const struct row *row)
{
	struct var *loss[] = { op_mse(t, x[0], folded, 0.1f), op_mse_pair(t, x[0], x[1], 0.05f), NULL };
	const float weight[] = { 0.5f, 2, -0.25f };

	(void)row;
	loss[2] = loss[0];
	return op_sum(t, 3, loss, weight);
}

static struct var *
build_mean(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_mean_tokens(t, x[0], 1, 3);
}

static struct var *
build_dropout(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_dropout(t, x[0], 0.4f, some_rng());
}

static struct var *
build_batchnorm(struct tape *t, struct var **x, const struct row *row)
{
	struct var *y = op_batchnorm(t, x[0], row->option ? x[1] : NULL, row->option ? x[2] : NULL, 1e-5f);

	return row->option ? y : op_add(t, y, x[0]);
}

static struct var *
build_relu(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_relu(t, x[0]);
}

static struct var *
build_mse(struct tape *t, struct var **x, const struct row *row)
{
	return row->option ? op_mse_pair(t, x[0], x[1], 0.1f) : op_mse(t, x[0], folded, 0.1f);
}

static struct var *
build_crossentropy(struct tape *t, struct var **x, const struct row *row)
{
	double entropy;

	(void)row;
	return op_crossentropy(t, x[0], x[1], 0.2f, &entropy);
}

static struct var *
build_cosine(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_cosine(t, x[0], x[1], 0.2f);
}

static struct var *
build_infonce(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_infonce(t, x[0], x[1], 0.3f, 0.2f);
}

/* an MLP with its residual, on the tape or through op_recompute */
static struct var *
block(struct tape *t, struct var *const *x, const void *arg)
{
	struct var *const *w = arg;
	struct var *h = op_linear(t, op_norm(t, x[0], w[2], w[2], 1e-6f), w[0], NULL, ACT_GELU);

	return op_linear_add(t, h, w[1], NULL, op_add(t, x[0], x[1]));
}

static struct var *
build_block(struct tape *t, struct var **x, const struct row *row)
{
	struct var **w = tape_keep(t, 3 * sizeof *w);

	memcpy(w, x + 2, 3 * sizeof *w);
	return row->option ? op_recompute(t, block, 2, x, w) : block(t, x, w);
}

/* what the test must catch: y = 1.01 x to the one way, x to the other */
static void
wrong_back(void *op)
{
	struct var **v = op;

	var_seed(v[0], v[1]->dx, 1.01f);
}

static struct var *
build_wrong(struct tape *t, struct var **x, const struct row *row)
{
	struct var **v = tape_keep(t, 2 * sizeof *v);

	(void)row;
	v[0] = x[0];
	v[1] = tape_wrap(t, x[0]->x, NULL, 2, 3, 7, 0, 0);
	v[1]->dx = t->on ? tape_keep(t, 21 * sizeof(float)) : NULL;
	tape_push(t, wrong_back, v, v[1]);
	return v[1];
}

static const struct row rows[] = {
	{ "linear", build_linear, { { { 2, 3, 5 }, 1, 0 }, { { 7, 5 }, 0.5f, 0 }, CHANNELS(7, 1, 0) }, ACT_NONE },
	{ "linear, wide", build_linear, { { { 37, 48 }, 1, 0 }, { { 65, 48 }, 0.2f, 0 }, CHANNELS(65, 1, 0) }, ACT_NONE },
	{ "linear, constant input", build_linear, { { { 3, 4, 5 }, 1, 0, true }, { { 7, 5 }, 0.5f, 0 }, CHANNELS(7, 1, 0) }, ACT_NONE },
	{ "linear, frozen weight", build_linear, { { { 12, 5 }, 1, 0 }, { { 7, 5 }, 0.5f, 0, true }, CHANNELS(7, 1, 0) }, ACT_GELU },
	{ "linear, 4-d weight", build_linear, { { { 3, 12 }, 1, 0 }, { { 7, 3, 2, 2 }, 0.5f, 0 }, CHANNELS(7, 1, 0) }, ACT_NONE },
	{ "linear, ReLU", build_linear, { { { 12, 5 }, 0.2f, 0 }, { { 7, 5 }, 0.2f, 0 }, CHANNELS(7, 0.1f, 1.5f) }, ACT_RELU },
	{ "linear, GELU", build_linear, { { { 12, 5 }, 1, 0 }, { { 37, 5 }, 0.5f, 0 }, CHANNELS(37, 1, 0) }, ACT_GELU },
	{ "linear, GELU, far out", build_linear, { { { 12, 5 }, 1, 0 }, { { 37, 5 }, 0.5f, 0 }, CHANNELS(37, 2, 3) }, ACT_GELU },
	{ "linear + residual", build_linear_add, { { { 2, 3, 5 }, 1, 0 }, { { 7, 5 }, 0.5f, 0 }, { { 2, 3, 7 }, 1, 0 }, CHANNELS(7, 1, 0) }, 1 },
	{ "linear + residual, no bias", build_linear_add, { { { 2, 3, 5 }, 1, 0 }, { { 7, 5 }, 0.5f, 0 }, { { 2, 3, 7 }, 1, 0 } }, 0 },
	{ "linear + its own input", build_residual_self, { { { 2, 3, 5 }, 1, 0 }, { { 5, 5 }, 0.5f, 0 } }, 0 },
	{ "rows", build_rows, { { { 6, 5 }, 1, 0 }, { { 9, 5 }, 0.5f, 0, false, true }, CHANNELS(9, 1, 0) }, ACT_NONE },
	{ "reshape", build_reshape, { { { 6, 5 }, 1, 0 }, { { 10, 5 }, 0.5f, 0 }, { { 4, 20 }, 0.3f, 0 } }, 0 },
	{ "detach", build_detach, { { { 6, 5 }, 1, 0 }, { { 7, 5 }, 0.5f, 0, true } }, 0 },
	{ "norm", build_norm, { { { 2, 5, 19 }, 1, 0.5f }, CHANNELS(19, 0.3f, 1), CHANNELS(19, 1, 0) }, 0 },
	{ "norm, 96 channels", build_norm, { { { 17, 96 }, 1, 0.5f }, CHANNELS(96, 0.3f, 1), CHANNELS(96, 1, 0) }, 0 },
	{ "norm, constant input", build_norm, { { { 2, 5, 19 }, 1, 0.5f, true }, CHANNELS(19, 0.3f, 1), CHANNELS(19, 1, 0) }, 0 },
	{ "norm of a sum", build_norm, { { { 2, 5, 19 }, 1, 0.5f }, CHANNELS(19, 0.3f, 1), CHANNELS(19, 1, 0), { { 2, 5, 19 }, 1, 0 } }, 1 },
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
	{ "pick, shared positions", build_pick, { { { 2, 4, 6 }, 1, 0 }, CHANNELS(6, 1, 0), { { 6 }, 1, 0, true } }, 3 },
	{ "pick, rows constant", build_pick, { { { 2, 4, 6 }, 1, 0, true }, CHANNELS(6, 1, 0), CHANNELS(6, 1, 0) }, 2 },
	{ "pick, tokens only", build_tokens, { CHANNELS(6, 1, 0), CHANNELS(6, 1, 0) }, 0 },
	{ "add", build_add, { { { 3, 7 }, 1, 0 }, { { 3, 7 }, 1, 0 } }, 0 },
	{ "add to itself", build_add, { { { 3, 7 }, 1, 0 } }, 1 },
	{ "sum of losses", build_sum, { { { 3, 7 }, 1, 0 }, { { 3, 7 }, 1, 0 } }, 0 },
	{ "mean over tokens", build_mean, { { { 2, 5, 6 }, 1, 0 } }, 0 },
	{ "dropout", build_dropout, { { { 5, 13 }, 1, 0 } }, 0 },
	{ "batchnorm", build_batchnorm, { { { 3, 6, 9 }, 1, 0.5f }, CHANNELS(9, 0.3f, 1), CHANNELS(9, 1, 0) }, 1 },
	{ "batchnorm, no scale", build_batchnorm, { { { 18, 9 }, 1, 0.5f } }, 0 },
	{ "ReLU", build_relu, { { { 5, 37 }, 0.1f, 1.5f } }, 0 },
	{ "mse", build_mse, { { { 3, 7 }, 1, 0 } }, 0 },
	{ "mse of a pair", build_mse, { { { 3, 7 }, 1, 0 }, { { 3, 7 }, 1, 0 } }, 1 },
	{ "mse of a pair, one learns", build_mse, { { { 3, 7 }, 1, 0, true }, { { 3, 7 }, 1, 0 } }, 1 },
	{ "crossentropy", build_crossentropy, { { { 5, 9 }, 1, 0 }, { { 5, 9 }, 1, 0 } }, 0 },
	{ "crossentropy, constant target", build_crossentropy, { { { 5, 9 }, 1, 0 }, { { 5, 9 }, 1, 0, true } }, 0 },
	{ "crossentropy, only the target learns", build_crossentropy, { { { 5, 9 }, 1, 0, true }, { { 5, 9 }, 1, 0 } }, 0 },
	{ "cosine", build_cosine, { { { 5, 9 }, 1, 0 }, { { 5, 9 }, 1, 0 } }, 0 },
	{ "cosine, one learns", build_cosine, { { { 5, 9 }, 1, 0, true }, { { 5, 9 }, 1, 0 } }, 0 },
	{ "infonce", build_infonce, { { { 4, 3, 9 }, 1, 0 }, { { 4, 3, 9 }, 1, 0 } }, 0 },
	{ "infonce, anchor constant", build_infonce, { { { 4, 3, 9 }, 1, 0, true }, { { 4, 3, 9 }, 1, 0 } }, 0 },
	{ "block", build_block, { { { 2, 5, 6 }, 1, 0 }, { { 2, 5, 6 }, 1, 0 }, { { 9, 6 }, 0.4f, 0, false, true }, { { 6, 9 }, 0.4f, 0, false, true }, CHANNELS(6, 0.3f, 1) }, 0 },
	{ "block, recomputed", build_block, { { { 2, 5, 6 }, 1, 0 }, { { 2, 5, 6 }, 1, 0 }, { { 9, 6 }, 0.4f, 0, false, true }, { { 6, 9 }, 0.4f, 0, false, true }, CHANNELS(6, 0.3f, 1) }, 1 },
};

enum { ROWS = sizeof rows / sizeof *rows };

static const struct row wrong = { "wrong", build_wrong, { { { 3, 7 }, 1, 0 } }, 0 };

/* the gradients where dx is not fresh, not the caller's, or filled twice, against the plain run's */
static void
law_of_use(const struct row *row, const struct run *plain)
{
	struct run r;

	run_open(&r, row);
	r.prefilled = true;
	run_value(&r, true);
	ok(difference(&r, plain, 1, 1) < 1e-6, "%s: adds to a gradient that is there", row->name);
	r.prefilled = false;
	r.through = true;
	run_value(&r, true);
	ok(difference(&r, plain, 1, 0) < 1e-6, "%s: the same where inputs are results", row->name);
	r.twice = true;
	run_value(&r, true);
	ok(difference(&r, plain, 2, 0) < 2e-6, "%s: used twice, twice the gradient (%.1e)", row->name, difference(&r, plain, 2, 0));
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
	ok(equal, "%s: equal bits in three threads at once", row->name);
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
	ok(worst < 1e-5, "%s: instruction sets agree (%.1e)", row->name, worst);
}

static bool
any_nan(const float *x, long n)
{
	for (long i = 0; i < n; i++)
		if (isnan(x[i]))
			return true;
	return false;
}

/* a NaN in any input is in the result */
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
	ok(good, "%s: NaN comes out", row->name);
}

int
main(void)
{
	gemm_open();
	diag("%s, kernels %s", gemm_version(), kernel_isa());
	for (int i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		double e = gradient_error(row);
		struct run plain;

		ok(e < tolerance * (row->looser != 0 ? row->looser : 1), "%s: gradient (%.1e)", row->name, e);
		run_open(&plain, row);
		run_value(&plain, true);
		law_of_use(row, &plain);
		law_of_bits(row, &plain);
		law_of_sets(row, &plain);
		law_of_nan(row);
		run_close(&plain);
	}
	ok(gradient_error(&wrong) > tolerance, "a gradient that is 1 %% wrong is caught (%.1e)", gradient_error(&wrong));
	return tap_end();
}
