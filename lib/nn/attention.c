/* attention - softmax(q k' / sqrt(d) + key_bias) v per image and head, d = D/H

   q (N, L, .), k and v (N, K, .) are D columns of wider variables; head h has columns h*d .. h*d+d-1 of each.
   p = softmax(s), y = p v. Backward: dv = p' dy; dp = dy v'; ds = p * (dp - <dp, p>) / sqrt(d);
   dq = ds k; dk = ds' q. The weights of all heads are kept for backward. */
#include "base/mem.h"
#include "base/rng.h"
#include "kernel/gemm.h"
#include "kernel/kernel.h"
#include "nn/op.h"
#include "nn/parallel.h"
#include "nn/tape.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

struct attention_op {
	struct tape *t;
	struct part q, k, v;
	struct var *y;
	int N, L, K, D, H;
	float *p;		/* (N, H, L, stride) weights */
	int stride;		/* of the rows of p: K, or kernel_head_stride() if in_cache */
	bool in_cache;		/* kernel_head computes the heads, not gemm */
	float *factor;		/* dropout factors, laid out as p: 0 or 1 / (1 - drop); NULL: no dropout */
};

/* row stride of a part, and the start of image n, head h of it in x or dx */
static int
stride(struct part a)
{
	return var_width(a.v);
}

static float *
head(struct part a, float *base, int n, int column)
{
	return base + ((long)n * a.v->shape[1]) * stride(a) + a.column + column;
}

/* p (rows, K) = softmax(q k' * scale + bias) of one image and head, for the queries from row `from` on */
static void
weights(struct part q, struct part k, int n, int column, int d, int from, int rows, const float *key_bias, float *p)
{
	int K = k.v->shape[1];

	gemm(false, true, rows, K, d, 1, head(q, q.v->x, n, column) + (long)from * stride(q), stride(q),
	    head(k, k.v->x, n, column), stride(k), 0, p, K);
	kernel_softmax(rows, K, K, p, 1 / sqrtf((float)d), key_bias);
}

static void
multiply(long n, const float *a, const float *b, float *y)
{
	for (long i = 0; i < n; i++)
		y[i] = a[i] * b[i];
}

static void
head_back(struct attention_op *a, int n, int h, const float beta[3], float *dp, float *dropped)
{
	int L = a->L, K = a->K, d = a->D / a->H, c = h * d;
	long at = ((long)n * a->H + h) * L * K;
	const float *p = a->p + at, *used = p;
	const float *dy = a->y->dx + (long)n * L * a->D + c;

	if (a->factor) {
		multiply((long)L * K, p, a->factor + at, dropped);
		used = dropped;
	}
	if (a->v.v->dx)
		gemm(true, false, K, d, L, 1, used, K, dy, a->D, beta[2], head(a->v, a->v.v->dx, n, c), stride(a->v));
	if (!a->q.v->dx && !a->k.v->dx)
		return;
	gemm(false, true, L, K, d, 1, dy, a->D, head(a->v, a->v.v->x, n, c), stride(a->v), 0, dp, K);
	if (a->factor)
		multiply((long)L * K, dp, a->factor + at, dp);
	kernel_softmax_back(L, K, K, p, dp, 1 / sqrtf((float)d));
	if (a->q.v->dx)
		gemm(false, false, L, d, K, 1, dp, K, head(a->k, a->k.v->x, n, c), stride(a->k), beta[0],
		    head(a->q, a->q.v->dx, n, c), stride(a->q));
	if (a->k.v->dx)
		gemm(true, false, K, d, L, 1, dp, K, head(a->q, a->q.v->x, n, c), stride(a->q), beta[1],
		    head(a->k, a->k.v->dx, n, c), stride(a->k));
}

/* beta of the gradient of each part: parts that together cover a variable not filled yet overwrite it, others add to
   zeros */
static void
betas(const struct attention_op *a, float beta[3])
{
	struct part part[3] = { a->q, a->k, a->v };
	bool fresh[3];

	for (int i = 0; i < 3; i++) {
		int covered = 0;

		for (int j = 0; j < 3; j++)
			covered += part[j].v == part[i].v ? a->D : 0;
		fresh[i] = part[i].v->dx && !part[i].v->filled && covered == stride(part[i]);
	}
	for (int i = 0; i < 3; i++) {
		beta[i] = fresh[i] ? 0 : 1;
		if (fresh[i])
			var_beta(part[i].v);
		else if (part[i].v->dx)
			var_zero(part[i].v);
	}
}

/* kernel_head's description of image n, head h; backward where beta is given */
static struct kernel_head
describe(const struct attention_op *a, int n, int h, const float *beta)
{
	int d = a->D / a->H, c = h * d;
	float *y = beta ? a->y->dx : a->y->x;
	struct kernel_head k = { a->L, a->K, d, stride(a->q), stride(a->k), stride(a->v), a->D,
	    head(a->q, a->q.v->x, n, c), head(a->k, a->k.v->x, n, c), head(a->v, a->v.v->x, n, c),
	    y + (long)n * a->L * a->D + c, NULL, NULL, NULL, { 0 } };

	if (!beta)
		return k;
	k.dq = a->q.v->dx ? head(a->q, a->q.v->dx, n, c) : NULL;
	k.dk = a->k.v->dx ? head(a->k, a->k.v->dx, n, c) : NULL;
	k.dv = a->v.v->dx ? head(a->v, a->v.v->dx, n, c) : NULL;
	for (int i = 0; i < 3; i++)
		k.add[i] = beta[i] != 0;
	return k;
}

static void
back_in_cache(const struct attention_op *a, const float beta[3], float *work)
{
	int d = a->D / a->H, products = (a->v.v->dx ? 1 : 0) + (a->q.v->dx || a->k.v->dx ? 1 : 0) + (a->q.v->dx ? 1
	    : 0) + (a->k.v->dx ? 1 : 0);

	for (int i = 0; i < a->N * a->H; i++) {
		struct kernel_head k = describe(a, i / a->H, i % a->H, beta);

		kernel_head_back(&k, 1 / sqrtf((float)d), a->p + (long)i * a->L * a->stride, work);
	}
	gemm_count(2.0 * products * a->N * a->H * a->L * a->K * d);
}

static void
back(void *op)
{
	struct attention_op *a = op;
	const size_t count = mem_product((size_t)(a->L + a->D / a->H), (size_t)a->stride);
	struct arena_mark m;
	float *dp, *dropped, beta[3];

	/* memory of gradients that this op fills first outlives the op: take it before the mark */
	betas(a, beta);
	m = arena_mark(&a->t->arena);
	dp = tape_array(a->t, count, sizeof *dp);
	dropped = a->factor ? tape_array(a->t, count, sizeof *dropped) : NULL;
	if (a->in_cache)
		back_in_cache(a, beta, dp);
	for (int n = 0; n < a->N && !a->in_cache; n++)
		for (int h = 0; h < a->H; h++)
			head_back(a, n, h, beta, dp, dropped);
	arena_release(&a->t->arena, m);
}

/* Parts of one variable must not overlap: their gradients are written, not added. */
static void
check_parts(struct part a, struct part b, int D)
{
	int gap = a.column - b.column;

	var_check(a.v != b.v || gap >= D || -gap >= D, "attention, overlapping parts", a.v, NULL, NULL);
}

static void
check_shapes(struct part q, struct part k, struct part v, int D, int H)
{
	var_check(D % H == 0 && q.v->rank == 3 && k.v->rank == 3 && v.v->rank == 3, "attention", q.v, k.v, v.v);
	var_check(q.column + D <= stride(q) && k.column + D <= stride(k) && v.column + D <= stride(v),
	    "attention, columns", q.v, k.v, v.v);
	var_check(q.v->shape[0] == k.v->shape[0] && k.v->shape[0] == v.v->shape[0] && k.v->shape[1] == v.v->shape[1],
	    "attention", q.v, k.v, v.v);
}

/* Rows of p that are computed at once. If the weights are not kept, pieces of the rows use the same p in turn: memory
   grows with K, not with L K. */
static int
piece_rows(const struct attention_op *a, bool keep)
{
	enum {
		PIECE = 240,	/* a multiple of the kernels' row blocks, so that the result is bit-identical */
		SCORES = 1 << 22	/* 16 MB: gemm computes smaller heads at once */
	};

	if (keep || a->L < PIECE || (!a->in_cache && (long)a->L * a->K <= SCORES))
		return a->L;
	return PIECE;
}

/* the two products and the softmax of every head, by gemm; p holds all heads if they are kept, else a piece of one */
static void
forward_by_gemm(const struct attention_op *a, const float *key_bias, bool keep, float drop, const struct rng *rng,
	float *dropped)
{
	const int d = a->D / a->H, piece = piece_rows(a, keep), pieces = (a->L + piece - 1) / piece;
	struct rng r = { 0 };

	for (long i = 0; i < (long)a->N * a->H * pieces; i++) {
		const int n = (int)(i / pieces / a->H), c = (int)(i / pieces % a->H) * d;
		const int from = (int)(i % pieces) * piece;
		const int rows = a->L - from < piece ? a->L - from : piece;
		const long count = (long)rows * a->K, at = keep ? i * count : 0;
		float *p = a->p + at, *factor = a->factor ? a->factor + at : NULL;

		weights(a->q, a->k, n, c, d, from, rows, key_bias, p);
		if (factor && c == 0 && from == 0)
			r = rng[n];
		if (factor) {
			for (long j = 0; j < count; j++)
				factor[j] = rng_unit(&r) < (double)drop ? 0 : 1 / (1 - drop);
			multiply(count, p, factor, dropped);
		}
		gemm(false, false, rows, d, a->K, 1, factor ? dropped : p, a->K, head(a->v, a->v.v->x, n, c),
		    stride(a->v), 0, a->y->x + ((long)n * a->L + from) * a->D + c, a->D);
	}
}

struct heads {
	const struct attention_op *a;
	const float *key_bias;
	bool keep;
	float *p, *work;	/* one for each worker: weights that are not kept, scratch memory of kernel_head */
	size_t p_size, work_size;
};

static void
heads_in_cache(void *arg, int from, int to, int worker)
{
	const struct heads *s = arg;
	const struct attention_op *a = s->a;
	const int d = a->D / a->H, piece = piece_rows(a, s->keep);

	for (long i = from; i < to; i++) {
		struct kernel_head k = describe(a, (int)(i / a->H), (int)(i % a->H), NULL);
		float *p = s->keep ? a->p + i * a->L * a->stride : s->p + (size_t)worker * s->p_size;

		for (int l = 0; l < a->L; l += piece, k.q += piece * k.ldq, k.y += piece * k.ldy) {
			k.L = a->L - l < piece ? a->L - l : piece;
			kernel_head(&k, 1 / sqrtf((float)d), s->key_bias, p, s->work + (size_t)worker * s->work_size);
		}
	}
}

static void
forward_in_cache(const struct attention_op *a, const float *key_bias, bool keep)
{
	const int d = a->D / a->H, workers = keep ? 1 : parallel_for_workers(a->t->team);
	struct heads s = { .a = a, .key_bias = key_bias, .keep = keep, .p = a->p };

	s.p_size = (size_t)piece_rows(a, keep) * (size_t)a->stride;
	s.work_size = (size_t)d * (size_t)a->stride;
	s.work = tape_array(a->t, mem_product((size_t)workers, s.work_size), sizeof(float));
	parallel_for(keep ? NULL : a->t->team, a->N * a->H, 1, heads_in_cache, &s);
	gemm_count(4.0 * a->N * a->H * a->L * a->K * d);
}

struct var *
op_attention(struct tape *t, struct part q, struct part k, struct part v, int D, int H, const float *key_bias,
	float drop, const struct rng *rng)
{
	int N = q.v->shape[0], L = q.v->shape[1], K = k.v->shape[1];
	bool grad = var_needs_grad(q.v, k.v, v.v), keep = grad && t->on;
	struct attention_op *a = tape_keep(t, sizeof *a);
	struct var *y = tape_var(t, 3, N, L, D, 0, grad);
	size_t count;

	check_shapes(q, k, v, D, H);
	check_parts(q, k, D);
	check_parts(q, v, D);
	check_parts(k, v, D);
	*a = (struct attention_op){ .t = t, .q = q, .k = k, .v = v, .y = y, .N = N, .L = L, .K = K, .D = D, .H = H };
	a->stride = drop > 0 ? 0 : kernel_head_stride(K, D / H);
	a->in_cache = a->stride > 0;
	if (!a->in_cache)
		a->stride = K;
	/* the weights of all heads, or of one head for each worker */
	count = mem_product(keep ? mem_product((size_t)N, (size_t)H)
		: (size_t)(a->in_cache ? parallel_for_workers(t->team) : 1),
	    mem_product((size_t)piece_rows(a, keep), (size_t)a->stride));
	a->p = tape_array(t, count, sizeof *a->p);
	if (a->in_cache)
		forward_in_cache(a, key_bias, keep);
	else {
		a->factor = drop > 0 ? tape_array(t, count, sizeof *a->factor) : NULL;
		forward_by_gemm(a, key_bias, keep, drop, rng,
		    drop > 0 ? tape_array(t, mem_product((size_t)piece_rows(a, keep), (size_t)K), sizeof(float))
		    : NULL);
	}
	tape_push(t, back, a, y, TAPE_INPUTS(q.v, k.v, v.v));
	return y;
}

void
op_attention_weights(struct part q, struct part k, int D, int H, const float *key_bias, float *out)
{
	int N = q.v->shape[0], L = q.v->shape[1], K = k.v->shape[1];

	check_shapes(q, k, k, D, H);
	for (int i = 0; i < N * H; i++)
		weights(q, k, i / H, i % H * (D / H), D / H, 0, L, key_bias, out + (long)i * L * K);
}
