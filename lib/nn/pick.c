/* pick - build a sequence from rows of x, tokens and constant positions

   y[n, l] = (i >= 0 ? x[n, i] : tokens[-1-i]) + positions[p], i = index, p = position; p < 0: nothing is added.
   Backward: dx[n, i] += dy[n, l]; dtokens[-1-i] += dy[n, l]. */
#include "kernel/kernel.h"
#include "nn/check.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

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
	    **inputs = tape_keep(t, (size_t)(1 + p->token_count) * sizeof *inputs);

	check(!x || (x->rank == 3 && x->shape[0] == N && x->shape[2] == D), "pick", x, y, NULL);
	inputs[0] = x;
	for (int i = 0; i < p->token_count; i++) {
		check(var_count(p->tokens[i]) == D, "pick, token", p->tokens[i], y, NULL);
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
