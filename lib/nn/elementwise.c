/* elementwise - sums, ReLU, GELU, dropout and stochastic depth

   add         y = a + b                               da = dy, db = dy
   sum         y = sum of w[i] * loss[i]               dloss[i] = w[i] dy
   relu        y = max(x, 0)                           dx = dy where y > 0, else 0
   gelu        y = x Phi(x), the erf form              dx = dy (Phi(x) + x phi(x))
   dropout     y = x f, f = 0 or 1 / (1 - p)           dx = f dy; f = 0 with probability p, drawn for each element
   drop_path   y = x + f branch, f as in dropout       dx = dy, dbranch = f dy; f is drawn once for each image

   Random factors of image n are a function of rng[n] alone. Stochastic depth: Huang, Sun, Liu, Sedra, Weinberger, "Deep
   networks with stochastic depth", ECCV 2016; scaled during training as dropout is, so that inference needs no
   factor. */
#include "base/rng.h"
#include "kernel/kernel.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <stdbool.h>
#include <string.h>

struct add_op {
	struct var *a, *b, *y;
};

static void
add_back(void *op)
{
	struct add_op *a = op;

	if (a->b->dx)
		var_seed(a->b, a->y->dx, 1);
	var_pass(a->y, a->a);
}

struct var *
op_add(struct tape *t, struct var *a, struct var *b)
{
	struct add_op *s = tape_keep(t, sizeof *s);
	struct var *y = tape_like(t, a, 0, var_needs_grad(a, b, NULL));

	var_check(var_rows(a) == var_rows(b) && var_width(a) == var_width(b), "add", a, b, NULL);
	*s = (struct add_op){ a, b, y };
	kernel_add_rows(1, var_count(a), a->x, b->x, y->x);
	tape_push(t, add_back, s, s->y, TAPE_INPUTS(a, b));
	return y;
}

struct relu_op {
	struct var *x, *y;
};

static void
relu_back(void *op)
{
	struct relu_op *a = op;

	kernel_columns_where(var_rows(a->y), var_width(a->y), a->y->dx, a->y->x, NULL);
	var_pass(a->y, a->x);
}

struct var *
op_relu(struct tape *t, struct var *x)
{
	struct relu_op *a = tape_keep(t, sizeof *a);

	*a = (struct relu_op){ x, tape_like(t, x, 0, x->dx) };
	kernel_relu(var_count(x), x->x, a->y->x);
	tape_push(t, relu_back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}

struct gelu_op {
	struct var *x, *y;
	float *slope;	/* derivative at each element; NULL: not needed */
};

static void
gelu_back(void *op)
{
	struct gelu_op *a = op;

	kernel_columns_by(var_rows(a->y), var_width(a->y), a->y->dx, a->slope, NULL);
	var_pass(a->y, a->x);
}

struct var *
op_gelu(struct tape *t, struct var *x)
{
	struct gelu_op *a = tape_keep(t, sizeof *a);

	*a = (struct gelu_op){ x, tape_like(t, x, 0, x->dx), NULL };
	if (x->dx && t->on)
		a->slope = tape_array(t, (size_t)var_count(x), sizeof *a->slope);
	kernel_gelu(var_count(x), x->x, a->y->x, a->slope);
	tape_push(t, gelu_back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}

static float
draw_factor(struct rng *r, float p)
{
	return rng_unit(r) < (double)p ? 0 : 1 / (1 - p);
}

struct dropout_op {
	struct var *x, *y;
	float *factor;	/* of each element */
};

static void
dropout_back(void *op)
{
	struct dropout_op *a = op;
	long n = var_count(a->y);

	for (long i = 0; i < n; i++)
		a->y->dx[i] *= a->factor[i];
	var_pass(a->y, a->x);
}

struct var *
op_dropout(struct tape *t, struct var *x, float p, const struct rng *rng)
{
	struct dropout_op *a = tape_keep(t, sizeof *a);
	struct var *y = tape_like(t, x, 0, x->dx);
	long n = var_count(x) / x->shape[0];

	*a = (struct dropout_op){ x, y, tape_array(t, (size_t)var_count(x), sizeof(float)) };
	for (int image = 0; image < x->shape[0]; image++) {
		struct rng r = rng[image];

		for (long i = image * n; i < (image + 1) * n; i++) {
			a->factor[i] = draw_factor(&r, p);
			y->x[i] = x->x[i] * a->factor[i];
		}
	}
	tape_push(t, dropout_back, a, a->y, TAPE_INPUTS(x));
	return y;
}

struct drop_path_op {
	struct var *x, *branch, *y;
	float *factor;	/* of each image */
};

static void
drop_path_back(void *op)
{
	struct drop_path_op *a = op;
	const long n = var_count(a->y) / a->y->shape[0];

	if (a->branch->dx) {
		var_zero(a->branch);
		for (int i = 0; i < a->y->shape[0]; i++)
			if (a->factor[i] != 0)
				kernel_axpy(n, a->factor[i], a->y->dx + i * n, a->branch->dx + i * n);
	}
	var_pass(a->y, a->x);
}

struct var *
op_drop_path(struct tape *t, struct var *x, struct var *branch, float p, const struct rng *rng)
{
	struct drop_path_op *a = tape_keep(t, sizeof *a);
	struct var *y = tape_like(t, x, 0, var_needs_grad(x, branch, NULL));
	const long n = var_count(x) / x->shape[0];

	var_check(x->rank >= 2 && var_count(branch) == var_count(x) && branch->shape[0] == x->shape[0], "drop path", x,
	    branch, NULL);
	*a = (struct drop_path_op){ x, branch, y, tape_array(t, (size_t)x->shape[0], sizeof *a->factor) };
	memcpy(y->x, x->x, (size_t)var_count(x) * sizeof *y->x);
	for (int i = 0; i < x->shape[0]; i++) {
		struct rng r = rng[i];

		a->factor[i] = draw_factor(&r, p);
		if (a->factor[i] != 0)
			kernel_axpy(n, a->factor[i], branch->x + i * n, y->x + i * n);
	}
	tape_push(t, drop_path_back, a, a->y, TAPE_INPUTS(x, branch));
	return y;
}

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

	*s = (struct sum_op){ count, tape_array(t, (size_t)count, sizeof *losses),
	    tape_array(t, (size_t)count, sizeof *weights), NULL };
	for (int i = 0; i < count; i++) {
		var_check(losses[i]->rank == 0, "sum", losses[i], NULL, NULL);
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
