/* arith - sums: of two variables, of losses, over tokens */
#include "nn/op.h"
#include "nn/check.h"
#include "kernel/kernel.h"

#include <string.h>

struct add {
	struct var *a, *b, *y;
};

static void
add_back(void *op)
{
	struct add *a = op;

	if (a->b->dx)
		var_seed(a->b, a->y->dx, 1);
	var_pass(a->y, a->a);
}

struct var *
op_add(struct tape *t, struct var *a, struct var *b)
{
	struct add *s = tape_keep(t, sizeof *s);
	struct var *y = tape_like(t, a, 0, var_needs_grad(a, b, NULL));

	check(var_rows(a) == var_rows(b) && var_width(a) == var_width(b), "add", a, b, NULL);
	*s = (struct add){ a, b, y };
	kernel_add_rows(1, (int)var_count(a), a->x, b->x, y->x);
	tape_push(t, add_back, s, s->y, TAPE_INPUTS(a, b));
	return y;
}

struct sum {
	int count;
	struct var **losses;
	float *weights;
	struct var *y;
};

static void
sum_back(void *op)
{
	struct sum *s = op;

	for (int i = 0; i < s->count; i++)
		if (s->losses[i]->dx)
			var_seed(s->losses[i], NULL, s->weights[i] * s->y->dx[0]);
}

struct var *
op_sum(struct tape *t, int count, struct var *const *losses, const float *weights)
{
	struct sum *s = tape_keep(t, sizeof *s);
	double sum = 0;
	bool grad = false;

	*s = (struct sum){ count, tape_keep(t, (size_t)count * sizeof *losses), tape_keep(t, (size_t)count * sizeof *weights), NULL };
	for (int i = 0; i < count; i++) {
		check(losses[i]->rank == 0, "sum", losses[i], NULL, NULL);
		s->losses[i] = losses[i];
		s->weights[i] = weights[i];
		sum += (double)weights[i] * losses[i]->x[0];
		grad |= losses[i]->dx != NULL;
	}
	s->y = tape_var(t, 0, 0, 0, 0, 0, grad);
	s->y->x[0] = (float)sum;
	tape_push(t, sum_back, s, s->y, count, losses);
	return s->y;
}

struct mean {
	struct var *x, *y;
	int from, count;
};

static void
mean_back(void *op)
{
	struct mean *m = op;
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
	struct mean *m = tape_keep(t, sizeof *m);
	struct var *y = tape_var(t, 2, N, D, 0, 0, x->dx);

	check(x->rank == 3 && from >= 0 && count > 0 && from + count <= L, "mean of tokens", x, NULL, NULL);
	*m = (struct mean){ x, y, from, count };
	memset(y->x, 0, (size_t)var_count(y) * sizeof(float));
	for (int n = 0; n < N; n++)
		for (int l = from; l < from + count; l++)
			kernel_axpy(D, 1 / (float)count, x->x + ((long)n * L + l) * D, y->x + (long)n * D);
	tape_push(t, mean_back, m, m->y, TAPE_INPUTS(x));
	return y;
}
