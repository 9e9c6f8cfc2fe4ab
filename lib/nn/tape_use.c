/* tape_use - which parameters each op was given, where the tape takes turns at their gradients */
#include "nn/tape_use.h"
#include "nn/params.h"
#include "nn/turns.h"

#include <assert.h>
#include <string.h>

struct tape_use { struct tape_use *next; int id; };

void
tape_take_turns(struct tape *t, struct turns *turns, int ticket)
{
	const size_t bytes = (size_t)t->params->count * sizeof *t->left;

	t->turns = turns;
	t->ticket = ticket;
	t->left = memset(arena_get(&t->arena, bytes), 0, bytes);
}

void
tape_use_note(struct tape *t, int id)
{
	struct tape_use *u;

	if (!t->again)
		t->left[id]++;
	if (!t->on)
		return;
	u = arena_get(&t->arena, sizeof *u);
	*u = (struct tape_use){ t->given, id };
	t->given = u;
}

void
tape_given(const struct tape *t, const struct var *v)
{
	const struct tape_use *u;

	/* nothing is recorded, or it is no parameter's memory: dx of those that learn lies in `grads` */
	if (!t->on || !t->turns || !v || !v->dx || v->dx < t->grads || v->dx >= t->grads + t->params->size)
		return;
	for (u = t->given; u; u = u->next) {
		const struct var *p = &t->param_vars[u->id];

		if (v->dx >= p->dx && v->dx < p->dx + var_count(p))
			return;
	}
	assert(!"a parameter was asked for before another op was made: its gradient would not wait for its turn");
}

void
tape_use_wait(const struct tape *t, const struct tape_use *uses)
{
	const struct tape_use *u;

	for (u = uses; u; u = u->next)
		turns_wait(t->turns, u->id, t->ticket);
}

/* one use less: after the last one it is the next tape's turn */
static void
used(struct tape *t, int id)
{
	if (--t->left[id] > 0)
		return;
	assert(t->left[id] == 0);
	turns_wait(t->turns, id, t->ticket);
	turns_pass(t->turns, id, t->ticket);
	t->left[id] = -1;
}

void
tape_use_done(struct tape *t, const struct tape_use *uses)
{
	const struct tape_use *u;

	for (u = uses; u; u = u->next)
		used(t, u->id);
}

void
tape_pass_turns(struct tape *t)
{
	for (int i = 0; i < t->params->count; i++)
		if (t->param_vars[i].dx && t->left[i] >= 0) {
			turns_wait(t->turns, i, t->ticket);
			turns_pass(t->turns, i, t->ticket);
		}
}
