/* tape - reverse-mode differentiation: the ops of a forward pass, recorded for backward

   An op computes its result and pushes a function that propagates the gradient to its inputs. tape_backward() calls
   these functions in reverse order. Backward ADDS: a variable used twice gets both contributions. A variable without dx
   is a constant. One tape belongs to one thread; the results of a step live in its arena until tape_reset(). Shared
   weights are the same parameter used twice, a stop-gradient is a variable without dx. */
#ifndef NN_TAPE_H
#define NN_TAPE_H

#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VAR_RANK_MAX = 4 };

struct param;
struct parallel_for;
struct params;
struct ticket_lock;

struct var {
	float *x;			/* row-major, dense, 64-byte aligned unless it is a view */
	float *dx;			/* gradient of the loss, same shape; NULL: a constant. See owner */
	int rank;			/* 0: a loss */
	int shape[VAR_RANK_MAX];	/* the last one is the channels */
	bool packed;			/* a weight packed for op_linear (params_pack) */
	const uint16_t *bf16;		/* a weight in bfloat16, for op_linear (params_bf16); NULL: fp32 products */
	bool filled;			/* dx holds a contribution already: the next one adds (see var_beta) */
	struct tape *owner;		/* dx has no memory before it is filled, then this tape's; NULL: the caller's */
	const struct param *param;	/* the parameter that this is, or is a view of; NULL: none */
};

struct tape_node {
	struct tape_node *before;
	void (*back)(void *op);		/* adds to the dx of the op's inputs from the dx of its result */
	void *op;			/* its shapes and saved values, in the arena */
	struct var *y;			/* its result: skipped if dx is not filled; dx is spare memory afterwards */
	int use_count, uses[];		/* if gradients are shared: ids of the parameters that it adds to */
};

struct tape {
	struct arena arena;		/* results, saved values, nodes */
	struct tape_node *last;
	struct tape_spare *spare;	/* memory of gradients no longer needed, for the next ones (still in cache) */
	bool on;			/* record for backward; off: inference, nothing is recorded */
	const struct params *params;	/* values of the parameters */
	float *grads;			/* parameter gradients (params->size floats); NULL: parameters are constants */
	struct var *param_vars;		/* one for each parameter; set by tape_reset */
	struct parallel_for *team;	/* threads for an op of inference; NULL: this thread. tape_reset keeps it */

	/* if `grads` is shared with other tapes: tape_share_grads() */
	struct ticket_lock *lock;	/* NULL: not shared */
	int ticket;
	int *uses_left;			/* number of ops that have yet to add to each gradient; -1: released */
	bool again;			/* a block runs again (recompute): its uses are counted already */
};

/* Prepare for a new micro-batch: the arena is reset, parameters are bound (see params.h). */
void tape_reset(struct tape *t, bool on, const struct params *p, float *grads);
void tape_free(struct tape *t);

/* After tape_reset: `grads` is shared with other tapes (parallel.h). Before an op adds to the gradient of a
   parameter, backward waits for this ticket's turn at it; after the last such op it releases the parameter to the next
   ticket. tape_release_unused(), before backward, releases the parameters that no op adds to. */
void tape_share_grads(struct tape *t, struct ticket_lock *lock, int ticket);
void tape_release_unused(struct tape *t);

/* A new variable of that shape (unused dims 0), x not initialized. With `grad` and the tape on it has a dx (`filled` is
   false). */
struct var *tape_var(struct tape *t, int rank, int d0, int d1, int d2, int d3, bool grad);

/* The same, with the shape of `x` but `width` channels (0: as many as x). */
struct var *tape_like(struct tape *t, const struct var *x, int width, bool grad);

/* A variable over the caller's memory; constant if dx is NULL. */
struct var *tape_wrap(struct tape *t, float *x, float *dx, int rank, int d0, int d1, int d2, int d3);

/* The parameter of that id (params_add's result): x in params->values, dx in t->grads, always `filled`
   (the trainer zeroes gradients at the start of a step). Pure: it may be called at any time, any number of times. */
struct var *tape_param(const struct tape *t, int id);

/* Scratch memory of the op, saved until backward; not zeroed. */
void *tape_keep(struct tape *t, size_t bytes);

/* The same for an array of `count` elements of `size` bytes; the product is checked as by arena_array(). */
void *tape_array(struct tape *t, size_t count, size_t size);

/* Record `back`, which propagates the gradient of y to the `count` inputs (NULLs are allowed); nothing is recorded when
   the tape is off or y is a constant. `inputs` are all variables that `back` may add to; the array is not kept.
   Parameters among them are recorded as used by this op. `op` must live in the arena. `back` is called if y->dx was
   filled, and may overwrite y->dx. */
void tape_push(struct tape *t, void (*back)(void *op), void *op, struct var *y, int count, struct var *const *inputs);

/* The last two arguments of tape_push(): TAPE_INPUTS(x, w, b) */
#define TAPE_INPUTS(...) \
	(int)(sizeof (struct var *[]){ __VA_ARGS__ } / sizeof(struct var *)), (struct var *[]){ __VA_ARGS__ }

/* Backpropagate from all variables whose dx the caller has seeded (see var_seed). A result whose dx was never filled is
   skipped. The dx of a result is invalid after its op was processed. Afterwards there are no nodes; results stay until
   tape_reset. */
void tape_backward(struct tape *t);

/* Rows: the product of all dimensions but the last. Width: the last dimension. Count: rows * width. */
int var_rows(const struct var *v);
int var_width(const struct var *v);
long var_count(const struct var *v);

/* Shape rule of an op: unless they `fit`, print the op's name and the shapes of a, b, c (NULLs are left out), abort. */
void var_check(bool fit, const char *op, const struct var *a, const struct var *b, const struct var *c);

/* Are the n values of an output ("the feature") finite? -1 and err(ERR_DATA): the weights are too large. */
int var_check_finite(const char *output, long n, const float *x) ERR_CHECK;

/* Does any of these need a gradient? (NULLs are allowed.) */
bool var_needs_grad(const struct var *a, const struct var *b, const struct var *c);

/* Beta of a matrix product that writes to v->dx: 0 the first time (it overwrites), 1 afterwards (it adds), so that no
   pass is spent on zeroing. Marks v as filled; read v->dx after this. */
float var_beta(struct var *v);

/* from->dx is complete and not needed any more: to->dx += from->dx (or =, or `to` takes over the memory).
   Does nothing if `to` is a constant. Must be the last use of `from` in a backward function. */
void var_pass(struct var *from, struct var *to);

/* Zero v->dx unless it is filled, so that all of it can be added to. */
void var_zero(struct var *v);

/* Allocate v->dx (not NULL) if it has no memory yet. */
void var_room(struct var *v);

/* dx += scale * g (or = where not filled); the loss's seed is var_seed(loss, NULL, w): dx = w. */
void var_seed(struct var *v, const float *g, float scale);

#endif
