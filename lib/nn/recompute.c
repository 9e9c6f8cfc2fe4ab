/* recompute - activation checkpointing: a block keeps only its inputs and result, and runs again during backward

   Chen, Xu, Zhang, Guestrin, "Training deep nets with sublinear memory cost", 2016. The block runs with the
   tape off; backward runs it once more on the tape, backpropagates through it, and releases its memory. */
#include "base/mem.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum { INPUTS_MAX = 4 };

struct recompute_op {
	struct tape *t;
	int count;
	struct var *x[INPUTS_MAX], *y;
	struct var *(*block)(struct tape *t, struct var *const *x, const void *arg);
	const void *arg;
};

static void
back(void *op)
{
	struct recompute_op *a = op;
	struct tape *t = a->t;
	struct var *again[INPUTS_MAX], *y;
	struct tape_node *last = t->last;
	struct tape_spare *spare;
	struct arena_mark m;
	float *dy = a->y->dx;

	for (int i = 0; i < a->count; i++)
		if (a->x[i]->dx)
			var_room(a->x[i]);
	/* only now: var_room() may have taken from the spare memory */
	spare = t->spare;
	m = arena_mark(&t->arena);
	for (int i = 0; i < a->count; i++) {
		struct var *x = a->x[i];

		/* no owner: the block must add to x's own memory, which outlives the release of the arena */
		again[i] = tape_wrap(t, x->x, x->dx, x->rank, x->shape[0], x->shape[1], x->shape[2], x->shape[3]);
		again[i]->filled = x->filled;
		again[i]->bf16 = x->bf16;
		again[i]->param = x->param;
	}
	t->last = NULL;
	t->spare = NULL;
	t->again = true;
	y = a->block(t, again, a->arg);
	t->again = false;
	if (y->dx) {
		var_pass(a->y, y);
		tape_backward(t);
	}
	for (int i = 0; i < a->count; i++)
		a->x[i]->filled = again[i]->filled;
	t->last = last;
	t->spare = spare;
	a->y->dx = dy;
	a->y->owner = t;
	arena_release(&t->arena, m);
}

struct var *
op_recompute(struct tape *t, struct var *(*block)(struct tape *t, struct var *const *x, const void *arg), int count,
	struct var *const *x, const void *arg)
{
	struct recompute_op *a;
	struct arena_mark m;
	struct var *y, *inner;
	bool on = t->on;

	assert(count >= 1 && count <= INPUTS_MAX);
	a = tape_keep(t, sizeof *a);
	y = tape_like(t, x[0], 0, true);
	*a = (struct recompute_op){ .t = t, .count = count, .y = y, .block = block, .arg = arg };
	memcpy(a->x, x, (size_t)count * sizeof *x);
	m = arena_mark(&t->arena);
	t->on = false;
	inner = block(t, x, arg);
	t->on = on;
	var_check(var_rows(inner) == var_rows(y) && var_width(inner) == var_width(y),
	    "recompute: result and first input differ", x[0], inner, NULL);
	memcpy(y->x, inner->x, (size_t)var_count(y) * sizeof(float));
	arena_release(&t->arena, m);
	tape_push(t, back, a, a->y, count, x);
	return y;
}
