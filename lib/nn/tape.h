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

struct params;
struct share;
struct turns;

struct var {
	float *x;			/* row-major, dense, 64-byte aligned unless it is a view */
	float *dx;			/* gradient of the loss, same shape; NULL: a constant. Memory only where `filled` or not the tape's */
	int rank;			/* 0: a loss */
	int shape[VAR_RANK_MAX];	/* the last one is the channels */
	bool packed;			/* a weight that was laid out for op_linear (params_pack) */
	bool filled;			/* dx holds something already: the next contribution adds (see var_beta) */
	struct tape *owner;		/* whose memory dx is taken from when it is first filled; NULL: the caller's */
};

struct tape_node {
	struct tape_node *before;
	void (*back)(void *op);		/* adds to the dx of the op's inputs from the dx of its result */
	void *op;			/* its shapes and saved values, in the arena */
	struct var *y;			/* its result: nothing to do where it is not filled; its dx is spare afterwards */
	struct tape_use *uses;		/* parameters it was given, where turns are taken */
};

struct tape {
	struct arena arena;		/* results, saved values, nodes */
	struct tape_node *last;
	struct tape_spare *spare;	/* memory of gradients that were used up, for the next ones (it is still in the cache) */
	bool on;			/* record for backward; off: inference, nothing is kept */
	const struct params *params;	/* values of the parameters */
	float *grads;			/* where this tape adds parameter gradients (params->size floats); NULL: constants */
	struct var *param_vars;		/* made by tape_reset: one per parameter */
	struct share *share;		/* who helps with an op of inference (nn/share.h); NULL: nobody. Stays over tape_reset */

	/* where `grads` is shared with other tapes: tape_take_turns() */
	struct turns *turns;		/* NULL: it is this tape's alone */
	int ticket;
	int *left;			/* of each parameter: uses that backward has not come to yet; -1: passed on */
	struct tape_use *given;		/* parameters asked for since the last push */
	bool again;			/* what runs now was counted when it ran first (recompute) */
};

/* Ready for a new micro-batch: the arena is reset, parameters are bound (see params.h). */
void tape_reset(struct tape *t, bool on, const struct params *p, float *grads);
void tape_free(struct tape *t);

/* After tape_reset: `grads` is shared. Backward waits for this ticket's turn at each parameter and passes it on after the last
   use; tape_pass_turns() after backward passes on those that were not used. */
void tape_take_turns(struct tape *t, struct turns *turns, int ticket);
void tape_pass_turns(struct tape *t);

/* From an op that will add to v->dx, before its push: where turns are taken and v is a parameter (or rows of one, or NULL: nothing to
   see), it must have been asked for since the last push, or its turn would be waited for elsewhere. Ends the program if not. */
void tape_given(const struct tape *t, const struct var *v);

/* A new variable of that shape (unused dims 0), x not set. With `grad` and the tape on it has a dx (not set:
   `filled` is false). */
struct var *tape_var(struct tape *t, int rank, int d0, int d1, int d2, int d3, bool grad);

/* The same, with the shape of `x` but `width` channels (0: as many as x). */
struct var *tape_like(struct tape *t, const struct var *x, int width, bool grad);

/* A variable over memory of the caller's; constant unless dx is given. */
struct var *tape_wrap(struct tape *t, float *x, float *dx, int rank, int d0, int d1, int d2, int d3);

/* The parameter of that id (params_add's result): x in params->values, dx in t->grads, always `filled`
   (the trainer zeroes gradients at the start of a step). */
struct var *tape_param(struct tape *t, int id);

/* Scratch memory of the op, saved until backward; not zeroed. */
void *tape_keep(struct tape *t, size_t bytes);

/* Record how to go back from y; nothing happens when the tape is off. `op` must live in the arena. `back` is
   called if y->dx was filled, and may work on y->dx in place. */
void tape_push(struct tape *t, void (*back)(void *op), void *op, struct var *y);

/* Walk back from everything whose dx the caller has seeded (see var_seed). A result whose dx was never
   filled is skipped. The dx of a result is gone once it was walked back from. Afterwards the nodes are gone; results stay until tape_reset. */
void tape_backward(struct tape *t);

/* Rows of a variable: the product of all dimensions but the last; and the last. Elements: both multiplied. */
int var_rows(const struct var *v);
int var_width(const struct var *v);
long var_count(const struct var *v);

/* Does any of these want a gradient? (NULLs are allowed.) */
bool var_wants(const struct var *a, const struct var *b, const struct var *c);

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
