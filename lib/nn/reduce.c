/* reduce - weighted sum of losses, mean over tokens

   sum    y = sum of w[i] * loss[i]                    dloss[i] = w[i] dy
   mean   y[n] = mean of x[n, l] over a range of l     dx[n, l] = dy[n] / count */
#include "kernel/kernel.h"
#include "nn/check.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <stdbool.h>
#include <string.h>

struct sum_op {
	int count;
	struct var **losses;
	float *weights;
	struct var *y;
};

static void
sum_back(void *op)
{
	struct sum_op *s = op;

	for (int i = 0; i < s->count; i++)
		if (s->losses[i]->dx)
			var_seed(s->losses[i], NULL, s->weights[i] * s->y->dx[0]);
}

struct var *
op_sum(struct tape *t, int count, struct var *const *losses, const float *weights)
{
	struct sum_op *s = tape_keep(t, sizeof *s);
	double sum = 0;
	bool grad = false;

	*s = (struct sum_op){ count, tape_keep(t, (size_t)count * sizeof *losses),
	    tape_keep(t, (size_t)count * sizeof *weights), NULL };
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

	check(x->rank == 3 && from >= 0 && count > 0 && from + count <= L, "mean of tokens", x, NULL, NULL);
	*m = (struct mean_op){ x, y, from, count };
	memset(y->x, 0, (size_t)var_count(y) * sizeof(float));
	for (int n = 0; n < N; n++)
		for (int l = from; l < from + count; l++)
			kernel_axpy(D, 1 / (float)count, x->x + ((long)n * L + l) * D, y->x + (long)n * D);
	tape_push(t, mean_back, m, m->y, TAPE_INPUTS(x));
	return y;
}
