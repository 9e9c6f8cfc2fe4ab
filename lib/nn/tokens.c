/* tokens - sequences of tokens: built from rows, partitioned into windows, averaged */
#include "kernel/kernel.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* pick - build a sequence from rows of x, tokens and constant positions

   y[n, l] = (i >= 0 ? x[n, i] : tokens[-1-i]) + positions[p], i = index, p = position; p < 0: nothing is added.
   Backward: dx[n, i] += dy[n, l]; dtokens[-1-i] += dy[n, l]. */

struct pick_op {
	struct var *x, *y;
	struct pick p;
};

static void
back(void *op)
{
	struct pick_op *a = op;
	struct var *x = a->x, *y = a->y;
	int N = y->shape[0], L = y->shape[1], D = y->shape[2];

	if (x && x->dx)
		var_zero(x);
	for (int i = 0; i < a->p.token_count; i++)
		if (a->p.tokens[i]->dx)
			var_zero(a->p.tokens[i]);
	for (long r = 0; r < (long)N * L; r++) {
		int i = a->p.index[a->p.shared ? r % L : r];
		float *to = i < 0 ? a->p.tokens[-1 - i]->dx : x->dx ? x->dx + (r / L * x->shape[1] + i) * D : NULL;

		if (to)
			kernel_axpy(D, 1, y->dx + r * D, to);
	}
}

static bool
needs_grad(const struct var *x, const struct pick *p)
{
	bool grad = x && x->dx;

	for (int i = 0; i < p->token_count; i++)
		grad |= p->tokens[i]->dx != NULL;
	return grad;
}

struct var *
op_pick(struct tape *t, struct var *x, int N, int L, int D, const struct pick *p)
{
	struct pick_op *a = tape_keep(t, sizeof *a);
	struct var *y = tape_var(t, 3, N, L, D, 0, needs_grad(x, p)),
	    **inputs = tape_array(t, (size_t)(1 + p->token_count), sizeof *inputs);

	var_check(!x || (x->rank == 3 && x->shape[0] == N && x->shape[2] == D), "pick", x, y, NULL);
	inputs[0] = x;
	for (int i = 0; i < p->token_count; i++) {
		var_check(var_count(p->tokens[i]) == D, "pick, token", p->tokens[i], y, NULL);
		inputs[1 + i] = p->tokens[i];
	}
	*a = (struct pick_op){ x, y, *p };
	a->p.tokens = inputs + 1;
	for (long r = 0; r < (long)N * L; r++) {
		long at = p->shared ? r % L : r;
		int i = p->index[at], position = p->positions ? p->position[at] : -1;
		const float *from;

		assert(i >= 0 ? x && i < x->shape[1] : -1 - i < p->token_count);
		from = i < 0 ? p->tokens[-1 - i]->x : x->x + (r / L * x->shape[1] + i) * D;
		kernel_add_rows(1, D, from, position < 0 ? NULL : p->positions + (long)position * D, y->x + r * D);
	}
	tape_push(t, back, a, a->y, 1 + p->token_count, inputs);
	return y;
}

/* window - window attention: the tokens of an image partitioned into square windows, each with the class token, and
   merged

   x (N, 1 + R C, D), class token first, on a grid of R x C; windows of w x w from the upper left corner, row by row. If
   R or C is not a multiple of w, the last window is moved inwards: windows overlap there and are not padded. The merge
   takes each token from the first window that holds it; the class token is the mean over the windows. */

struct window_op {
	struct var *x, *y;
	int *index;	/* the row in x of each row of y of an image (op_unwindow: of each row but the first) */
	int count;	/* windows of an image */
	int rows;	/* of index */
};

/* start of window k along a dimension of n tokens */
static int
begin(int k, int n, int w)
{
	return k * w + w > n ? n - w : k * w;
}

int
op_window_count(int R, int C, int w)
{
	return ((R + w - 1) / w) * ((C + w - 1) / w);
}

void
op_window_split(int R, int C, int w, int *tokens)
{
	const int across = (C + w - 1) / w, count = op_window_count(R, C, w);
	int k, r, c;

	for (k = 0; k < count; k++) {
		*tokens++ = 0;
		for (r = 0; r < w; r++)
			for (c = 0; c < w; c++)
				*tokens++ = 1 + (begin(k / across, R, w) + r) * C + begin(k % across, C, w) + c;
	}
}

void
op_window_merge(int R, int C, int w, int *rows)
{
	const int across = (C + w - 1) / w;
	int i;

	rows[0] = 0;
	for (i = 1; i < 1 + R * C; i++) {
		const int r = (i - 1) / C, c = (i - 1) % C, k = r / w * across + c / w;

		rows[i] = k * (1 + w * w) + 1 + (r - begin(r / w, R, w)) * w + c - begin(c / w, C, w);
	}
}

static void
window_back(void *op)
{
	const struct window_op *a = op;
	const int D = a->x->shape[2], L = a->x->shape[1];
	long i, rows = (long)a->x->shape[0] * a->rows;

	var_zero(a->x);
	for (i = 0; i < rows; i++)
		kernel_axpy(D, 1, a->y->dx + i * D, a->x->dx + (i / a->rows * L + a->index[i % a->rows]) * D);
}

struct var *
op_window(struct tape *t, struct var *x, int R, int C, int w)
{
	const int N = x->shape[0], L = x->shape[1], D = x->shape[2], count = op_window_count(R, C, w);
	struct window_op *a = tape_keep(t, sizeof *a);
	long i, rows = (long)N * count * (1 + w * w);

	var_check(x->rank == 3 && L == 1 + R * C && w <= R && w <= C, "window", x, NULL, NULL);
	*a = (struct window_op){ x, tape_var(t, 3, N * count, 1 + w * w, D, 0, x->dx), NULL, count,
	    count * (1 + w * w) };
	a->index = tape_array(t, (size_t)a->rows, sizeof *a->index);
	op_window_split(R, C, w, a->index);
	for (i = 0; i < rows; i++)
		memcpy(a->y->x + i * D, x->x + (i / a->rows * L + a->index[i % a->rows]) * D,
		    sizeof(float) * (size_t)D);
	tape_push(t, window_back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}

static void
unwindow_back(void *op)
{
	const struct window_op *a = op;
	const int N = a->y->shape[0], L = a->y->shape[1], D = a->y->shape[2], each = a->x->shape[1];
	int n, i;

	var_zero(a->x);
	for (n = 0; n < N; n++) {
		const float *dy = a->y->dx + (long)n * L * D;
		float *dx = a->x->dx + (long)n * a->count * each * D;

		for (i = 0; i < a->count; i++)
			kernel_axpy(D, 1 / (float)a->count, dy, dx + (long)i * each * D);
		for (i = 1; i < L; i++)
			kernel_axpy(D, 1, dy + (long)i * D, dx + (long)a->index[i] * D);
	}
}

struct var *
op_unwindow(struct tape *t, struct var *x, int R, int C, int w)
{
	const int count = op_window_count(R, C, w), N = x->shape[0] / count, L = 1 + R * C, D = x->shape[2];
	struct window_op *a = tape_keep(t, sizeof *a);
	int n, i;

	var_check(x->rank == 3 && x->shape[0] == N * count && x->shape[1] == 1 + w * w, "unwindow", x, NULL, NULL);
	*a = (struct window_op){ x, tape_var(t, 3, N, L, D, 0, x->dx), tape_array(t, (size_t)L, sizeof *a->index),
	    count, L };
	op_window_merge(R, C, w, a->index);
	for (n = 0; n < N; n++) {
		const float *from = x->x + (long)n * count * (1 + w * w) * D;
		float *to = a->y->x + (long)n * L * D;

		memset(to, 0, sizeof *to * (size_t)D);
		for (i = 0; i < count; i++)
			kernel_axpy(D, 1 / (float)count, from + (long)i * (1 + w * w) * D, to);
		for (i = 1; i < L; i++)
			memcpy(to + (long)i * D, from + (long)a->index[i] * D, sizeof *to * (size_t)D);
	}
	tape_push(t, unwindow_back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}

/* mean - y[n] = mean of x[n, l] over a range of l; dx[n, l] = dy[n] / count */

struct mean_op {
	struct var *x, *y;
	int from, count;
};

static void
mean_back(void *op)
{
	struct mean_op *m = op;
	int N = m->x->shape[0], L = m->x->shape[1], D = m->x->shape[2];

	var_zero(m->x);
	for (int n = 0; n < N; n++)
		for (int l = m->from; l < m->from + m->count; l++)
			kernel_axpy(D, 1 / (float)m->count, m->y->dx + (long)n * D, m->x->dx + ((long)n * L + l) * D);
}

struct var *
op_mean_tokens(struct tape *t, struct var *x, int from, int count)
{
	int N = x->shape[0], L = x->shape[1], D = x->shape[2];
	struct mean_op *m = tape_keep(t, sizeof *m);
	struct var *y = tape_var(t, 2, N, D, 0, 0, x->dx);

	var_check(x->rank == 3 && from >= 0 && count > 0 && from + count <= L, "mean of tokens", x, NULL, NULL);
	*m = (struct mean_op){ x, y, from, count };
	memset(y->x, 0, (size_t)var_count(y) * sizeof(float));
	for (int n = 0; n < N; n++)
		for (int l = from; l < from + count; l++)
			kernel_axpy(D, 1 / (float)count, x->x + ((long)n * L + l) * D, y->x + (long)n * D);
	tape_push(t, mean_back, m, m->y, TAPE_INPUTS(x));
	return y;
}
