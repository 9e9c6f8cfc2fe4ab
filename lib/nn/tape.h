/* tape - what was computed, so that it can be walked backwards

   An op makes a result, and pushes how to send a gradient back. tape_backward() walks the pushes in
   reverse. Backward ADDS: a variable used twice gets both contributions. A variable without dx is a
   constant. One tape belongs to one thread; a step's results live in its arena until tape_reset().
   Shared weights and stop-gradient need nothing: the same parameter twice, and a variable without dx. */
#ifndef NN_TAPE_H
#define NN_TAPE_H

#include "base/mem.h"

#include <stdbool.h>

enum { VAR_RANK_MAX = 4 };

struct param;
struct parallel_for;
struct params;
struct ticket_lock;

struct var {
	float *x;			/* row-major, dense, 64-byte aligned unless it is a view */
	float *dx;			/* gradient of the loss, same shape; NULL: a constant. Memory only where `filled` or not the tape's */
	int rank;			/* 0: a loss */
	int shape[VAR_RANK_MAX];	/* the last one is the channels */
	bool packed;			/* a weight that was laid out for op_linear (params_pack) */
	bool filled;			/* dx holds something already: the next contribution adds (see var_beta) */
	struct tape *owner;		/* whose memory dx is taken from when it is first filled; NULL: the caller's */
	const struct param *param;	/* the parameter that this is, or is a view of; NULL: none */
};

struct tape_node {
	struct tape_node *before;
	void (*back)(void *op);		/* adds to the dx of the op's inputs from the dx of its result */
	void *op;			/* its shapes and saved values, in the arena */
	struct var *y;			/* its result: nothing to do where it is not filled; its dx is spare afterwards */
	int use_count, uses[];		/* ids of the parameters whose gradients it adds to, where gradients are shared */
};

struct tape {
	struct arena arena;		/* results, saved values, nodes */
	struct tape_node *last;
	struct tape_spare *spare;	/* memory of gradients that were used up, for the next ones (it is still in the cache) */
	bool on;			/* record for backward; off: inference, nothing is kept */
	const struct params *params;	/* values of the parameters */
	float *grads;			/* where this tape adds parameter gradients (params->size floats); NULL: constants */
	struct var *param_vars;		/* made by tape_reset: one per parameter */
	struct parallel_for *team;	/* threads for an op of inference (nn/parallel_for.h); NULL: this one. Stays over tape_reset */

	/* where `grads` is shared with other tapes: tape_share_grads() */
	struct ticket_lock *lock;	/* NULL: it is this tape's alone */
	int ticket;
	int *uses_left;			/* of each parameter: ops that have yet to add to its gradient; -1: released */
	bool again;			/* what runs now was counted when it ran first (recompute) */
};

/* Ready for a new micro-batch: the arena is reset, parameters are bound (see params.h). */
void tape_reset(struct tape *t, bool on, const struct params *p, float *grads);
void tape_free(struct tape *t);

/* After tape_reset: `grads` is shared with other tapes (ticket_lock.h). Before an op adds to the gradient of a parameter, backward
   waits for this ticket's turn at it; after the last such op it releases the parameter to the next ticket. tape_release_grads(),
   after backward, releases the parameters that no op added to. */
void tape_share_grads(struct tape *t, struct ticket_lock *lock, int ticket);
void tape_release_grads(struct tape *t);

/* A new variable of that shape (unused dims 0), x not set. With `grad` and the tape on it has a dx (not set:
   `filled` is false). */
struct var *tape_var(struct tape *t, int rank, int d0, int d1, int d2, int d3, bool grad);

/* The same, with the shape of `x` but `width` channels (0: as many as x). */
struct var *tape_like(struct tape *t, const struct var *x, int width, bool grad);

/* A variable over memory of the caller's; constant unless dx is given. */
struct var *tape_wrap(struct tape *t, float *x, float *dx, int rank, int d0, int d1, int d2, int d3);

/* The parameter of that id (params_add's result): x in params->values, dx in t->grads, always `filled`
   (the trainer zeroes gradients at the start of a step). Changes nothing: call it whenever and as often as you like. */
struct var *tape_param(const struct tape *t, int id);

/* Scratch memory of the op, saved until backward; not zeroed. */
void *tape_keep(struct tape *t, size_t bytes);

/* Record how to go back from y to the `count` inputs (NULL: none there); nothing is recorded when the tape is off or y is a
   constant. `inputs` are all variables that `back` may add to, and are not kept: parameters among them are recorded as used by
   this op. `op` must live in the arena. `back` is called if y->dx was filled, and may work on y->dx in place. */
void tape_push(struct tape *t, void (*back)(void *op), void *op, struct var *y, int count, struct var *const *inputs);

/* The last two arguments of tape_push(): TAPE_INPUTS(x, w, b) */
#define TAPE_INPUTS(...) (int)(sizeof (struct var *[]){ __VA_ARGS__ } / sizeof(struct var *)), (struct var *[]){ __VA_ARGS__ }

/* Walk back from everything whose dx the caller has seeded (see var_seed). A result whose dx was never
   filled is skipped. The dx of a result is gone once it was walked back from. Afterwards the nodes are gone; results stay until tape_reset. */
void tape_backward(struct tape *t);

/* Rows of a variable: the product of all dimensions but the last; and the last. Elements: both multiplied. */
int var_rows(const struct var *v);
int var_width(const struct var *v);
long var_count(const struct var *v);

/* Does any of these want a gradient? (NULLs are allowed.) */
bool var_needs_grad(const struct var *a, const struct var *b, const struct var *c);

/* 0 the first time a contribution is about to be written to v->dx (it overwrites), 1 afterwards (it adds):
   beta of a matrix product, so that no pass is spent on zeroing. Marks v as filled; read v->dx after this. */
float var_beta(struct var *v);

/* from->dx is complete and not needed any more: to->dx += from->dx (or =, or the memory changes hands).
   Does nothing if `to` is a constant. Only the last thing a backward does with `from` may be this. */
void var_pass(struct var *from, struct var *to);

/* Say that all of v->dx will be added to: zero it if nothing was there. */
void var_zero(struct var *v);

/* Make sure that v->dx (not NULL) is memory, filled or not. */
void var_room(struct var *v);

/* dx += scale * g (or = where not filled); the loss's seed is var_seed(loss, NULL, w): dx = w. */
void var_seed(struct var *v, const float *g, float scale);

#endif
