/* tape - reverse-mode differentiation: the ops of a forward pass, recorded for backward */
#include "nn/tape.h"
#include "kernel/kernel.h"
#include "nn/parallel.h"
#include "nn/params.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tape_spare {
	struct tape_spare *next;
	long count;	/* floats */
};

/* dx points here while a gradient is needed but has no memory yet */
static float pending[1];

static void
var_set(struct var *v, float *x, float *dx, int rank, const int shape[VAR_RANK_MAX])
{
	*v = (struct var){ .x = x, .dx = dx, .rank = rank };
	for (int i = 0; i < rank; i++)
		v->shape[i] = shape[i];
}

void
tape_reset(struct tape *t, bool on, const struct params *p, float *grads)
{
	arena_reset(&t->arena);
	t->last = NULL;
	t->spare = NULL;
	t->on = on;
	t->params = p;
	t->grads = grads;
	t->param_vars = NULL;
	t->lock = NULL;
	if (!p)
		return;
	t->param_vars = arena_array(&t->arena, (size_t)p->count, sizeof *t->param_vars);
	for (int i = 0; i < p->count; i++) {
		const struct param *a = &p->list[i];
		bool learns = on && grads && !a->frozen;

		var_set(&t->param_vars[i], p->values + a->offset, learns ? grads + a->offset : NULL, a->rank, a->shape);
		t->param_vars[i].filled = learns;
		t->param_vars[i].packed = params_is_packed(p, i);
		t->param_vars[i].bf16 = p->bf16 ? p->bf16 + a->offset : NULL;
		t->param_vars[i].param = a;
	}
}

void
tape_share_grads(struct tape *t, struct ticket_lock *lock, int ticket)
{
	const size_t count = (size_t)t->params->count;

	t->lock = lock;
	t->ticket = ticket;
	t->uses_left = arena_array(&t->arena, count, sizeof *t->uses_left);
	memset(t->uses_left, 0, count * sizeof *t->uses_left);
}

void
tape_free(struct tape *t)
{
	arena_free(&t->arena);
	memset(t, 0, sizeof *t);
}

struct var *
tape_var(struct tape *t, int rank, int d0, int d1, int d2, int d3, bool grad)
{
	struct var *v = tape_wrap(t, NULL, NULL, rank, d0, d1, d2, d3);

	v->x = arena_array(&t->arena, (size_t)var_count(v), sizeof *v->x);
	if (grad && t->on) {
		v->dx = pending;
		v->owner = t;
	}
	return v;
}

struct var *
tape_like(struct tape *t, const struct var *x, int width, bool grad)
{
	int shape[VAR_RANK_MAX];

	memcpy(shape, x->shape, sizeof shape);
	if (width)
		shape[x->rank - 1] = width;
	return tape_var(t, x->rank, shape[0], shape[1], shape[2], shape[3], grad);
}

struct var *
tape_wrap(struct tape *t, float *x, float *dx, int rank, int d0, int d1, int d2, int d3)
{
	struct var *v = arena_get(&t->arena, sizeof *v);
	int shape[VAR_RANK_MAX] = { d0, d1, d2, d3 };

	assert(rank >= 0 && rank <= VAR_RANK_MAX);
	var_set(v, x, dx, rank, shape);
	return v;
}

struct var *
tape_param(const struct tape *t, int id)
{
	assert(t->params && id >= 0 && id < t->params->count);
	return &t->param_vars[id];
}

void *
tape_keep(struct tape *t, size_t bytes)
{
	return arena_get(&t->arena, bytes);
}

void *
tape_array(struct tape *t, size_t count, size_t size)
{
	return arena_array(&t->arena, count, size);
}

/* Record the parameters that learn among the inputs. Where there is no node the op is in the first run of a recomputed
   block: the uses are counted now and recorded when the block runs again. */
static void
note_uses(struct tape *t, struct tape_node *n, int count, struct var *const *inputs)
{
	for (int i = 0; i < count; i++) {
		const struct var *v = inputs[i];
		int id;

		if (!v || !v->param || !v->dx)
			continue;
		id = (int)(v->param - t->params->list);
		assert(id >= 0 && id < t->params->count);
		if (!t->again)
			t->uses_left[id]++;
		if (n)
			n->uses[n->use_count++] = id;
	}
}

void
tape_push(struct tape *t, void (*back)(void *op), void *op, struct var *y, int count, struct var *const *inputs)
{
	struct tape_node *n = NULL;

	if (t->on && y->dx) {
		n = arena_get(&t->arena, mem_sum(sizeof *n,
		    t->lock ? mem_product((size_t)count, sizeof *n->uses) : 0));
		*n = (struct tape_node){ .before = t->last, .back = back, .op = op, .y = y };
		t->last = n;
	}
	if (t->lock)
		note_uses(t, n, count, inputs);
}

/* memory of `count` floats for a gradient: the spare block of that size that was given last, if there is one */
static float *
take(struct tape *t, long count)
{
	for (struct tape_spare **s = &t->spare; *s; s = &(*s)->next)
		if ((*s)->count == count) {
			float *found = (float *)*s;

			*s = (*s)->next;
			return found;
		}
	return arena_get(&t->arena, mem_sum(sizeof(struct tape_spare),
	    mem_product((size_t)count, sizeof(float))));
}

static void
give(struct var *v)
{
	struct tape_spare *s = (struct tape_spare *)v->dx;

	*s = (struct tape_spare){ v->owner->spare, var_count(v) };
	v->owner->spare = s;
	v->dx = pending;
	v->filled = false;
}

/* This ticket will not add to the gradient of the parameter again: let the next ticket add. */
static void
release(struct tape *t, int id)
{
	ticket_lock_wait(t->lock, id, t->ticket);
	ticket_lock_pass(t->lock, id, t->ticket);
	t->uses_left[id] = -1;
}

void
tape_backward(struct tape *t)
{
	struct tape_node *n;

	while ((n = t->last)) {
		t->last = n->before;
		if (n->y->filled) {
			for (int i = 0; i < n->use_count; i++)
				ticket_lock_wait(t->lock, n->uses[i], t->ticket);
			n->back(n->op);
			if (n->y->owner)
				give(n->y);
		}
		for (int i = 0; i < n->use_count; i++) {
			assert(t->uses_left[n->uses[i]] > 0);
			if (--t->uses_left[n->uses[i]] == 0)
				release(t, n->uses[i]);
		}
	}
}

void
tape_release_unused(struct tape *t)
{
	for (int i = 0; i < t->params->count; i++)
		if (t->param_vars[i].dx && t->uses_left[i] == 0)
			release(t, i);
}

void
var_room(struct var *v)
{
	if (v->dx == pending)
		v->dx = take(v->owner, var_count(v));
}

int
var_rows(const struct var *v)
{
	int rows = 1;

	for (int i = 0; i < v->rank - 1; i++)
		rows *= v->shape[i];
	return rows;
}

int
var_width(const struct var *v)
{
	return v->rank ? v->shape[v->rank - 1] : 1;
}

long
var_count(const struct var *v)
{
	return (long)var_rows(v) * var_width(v);
}

static void
show(const struct var *v)
{
	if (!v)
		return;
	fputs(" (", stderr);
	for (int i = 0; i < v->rank; i++)
		fprintf(stderr, "%s%d", i ? ", " : "", v->shape[i]);
	fputs(")", stderr);
}

void
var_check(bool fit, const char *op, const struct var *a, const struct var *b, const struct var *c)
{
	if (fit)
		return;
	fprintf(stderr, "%s: shapes do not fit:", op);
	show(a);
	show(b);
	show(c);
	fputc('\n', stderr);
	abort();
}

int
var_check_finite(const char *output, long n, const float *x)
{
	for (long i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return err(ERR_DATA, "value %ld of %s is %g: the weights of the model are too large", i, output,
			    (double)x[i]);
	return 0;
}

bool
var_needs_grad(const struct var *a, const struct var *b, const struct var *c)
{
	return (a && a->dx) || (b && b->dx) || (c && c->dx);
}

float
var_beta(struct var *v)
{
	float beta = v->filled ? 1 : 0;

	var_room(v);
	v->filled = true;
	return beta;
}

void
var_pass(struct var *from, struct var *to)
{
	if (!to || !to->dx)
		return;
	if (to->dx == pending && from->owner) {
		to->dx = from->dx;
		to->filled = true;
		from->owner = NULL;
		return;
	}
	var_seed(to, from->dx, 1);
}

void
var_zero(struct var *v)
{
	if (var_beta(v) == 0)
		memset(v->dx, 0, (size_t)var_count(v) * sizeof(float));
}

void
var_seed(struct var *v, const float *g, float scale)
{
	long n = var_count(v);
	bool add = var_beta(v) != 0;

	if (!g)
		for (long i = 0; i < n; i++)
			v->dx[i] = (add ? v->dx[i] : 0) + scale;
	else if (add)
		kernel_axpy(n, scale, g, v->dx);
	else if (scale == 1)
		memcpy(v->dx, g, (size_t)n * sizeof(float));
	else
		for (long i = 0; i < n; i++)
			v->dx[i] = scale * g[i];
}
