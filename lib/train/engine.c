/* engine - the gradient of one batch, on several threads, the same to the bit for any number of them */
#include "train/engine.h"
#include "nn/gemm.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What one lane adds to the outcome. */
struct share { double loss, terms[TASK_TERMS_MAX], flops; };

/* A joint output of all lanes of all ranks, side by side. */
struct gather {
	float *x, *dx;		/* (N, ...); dx NULL: no gradient wanted */
	bool filled;		/* the joint loss sent a gradient */
	int rank, shape[VAR_RANK_MAX];
	size_t each;		/* floats of a picture */
};

struct engine_work {
	const struct batch *batch;
	struct share *shares;		/* one a lane, of all ranks */
	struct tape *tapes;		/* ENGINE_KEEP: one a micro-batch, else one a lane */
	int tape_count;
	struct part_loss *losses;	/* one a micro-batch */
	float **blocks;			/* gradients of each lane here */
	double *partials;
	struct tape joint;
	struct gather gather[TASK_JOINT_MAX];
	int gather_count;
	struct arena arena;		/* of the gathered outputs */
};

static struct tape *
tape_of(const struct engine *e, int part)
{
	return &e->work->tapes[e->mode == ENGINE_KEEP ? part : e->lanes->pieces[part].lane];
}

static void
forward(struct engine *e, int part, bool on)
{
	struct engine_work *w = e->work;
	const struct lanes_piece *p = &e->lanes->pieces[part];
	struct part_loss *out = &w->losses[part];
	struct tape *t = tape_of(e, part);

	memset(out, 0, sizeof *out);
	tape_reset(t, on, e->params, on ? w->blocks[p->lane] : NULL);
	e->task->forward(e->self, t, w->batch, p->first, p->n, out);
}

static void
backward(struct engine *e, int part)
{
	struct engine_work *w = e->work;
	struct part_loss *out = &w->losses[part];
	int i;

	if (out->loss)
		var_seed(out->loss, NULL, 1);
	for (i = 0; i < w->gather_count; i++)
		if (out->joint[i]->dx && w->gather[i].filled)
			var_seed(out->joint[i], w->gather[i].dx + w->gather[i].each * (size_t)e->lanes->pieces[part].place, 1);
	tape_backward(tape_of(e, part));
}

static void
collect(struct engine *e, int part)
{
	struct engine_work *w = e->work;
	const struct lanes_piece *p = &e->lanes->pieces[part];
	const struct part_loss *out = &w->losses[part];
	struct share *share = &w->shares[lanes_number(e->lanes, p->lane)];
	int i;

	share->loss += out->loss ? out->loss->x[0] : 0;
	for (i = 0; i < TASK_TERMS_MAX; i++)
		share->terms[i] += out->terms[i];
	for (i = 0; i < w->gather_count; i++) {
		struct gather *g = &w->gather[i];

		memcpy(g->x + g->each * (size_t)p->place, out->joint[i]->x, sizeof *g->x * g->each * (size_t)p->n);
	}
}

static void
first_phase(void *arg, int lane, int worker)
{
	struct engine *e = arg;
	struct engine_work *w = e->work;
	struct share *share = &w->shares[lanes_number(e->lanes, lane)];
	int part;

	(void)worker;
	gemm_flops();
	*share = (struct share){ 0 };
	memset(w->blocks[lane], 0, sizeof(float) * e->params->size);
	for (part = 0; part < e->lanes->parts; part++) {
		if (e->lanes->pieces[part].lane != lane)
			continue;
		forward(e, part, e->mode != ENGINE_REPEAT);
		collect(e, part);
		if (e->mode == ENGINE_SINGLE)
			backward(e, part);
	}
	share->flops = gemm_flops();
}

static void
second_phase(void *arg, int lane, int worker)
{
	struct engine *e = arg;
	struct engine_work *w = e->work;
	int part;

	(void)worker;
	gemm_flops();
	for (part = 0; part < e->lanes->parts; part++) {
		if (e->lanes->pieces[part].lane != lane)
			continue;
		if (e->mode == ENGINE_REPEAT)
			forward(e, part, true);
		backward(e, part);
	}
	w->shares[lanes_number(e->lanes, lane)].flops += gemm_flops();
}

/* The loss that couples the batch, and its gradient at the gathered outputs: every rank computes all of it. Its own parameters'
   gradients go first into lane 0's block, once. */
static void
join(struct engine *e, struct part_loss *out)
{
	struct engine_work *w = e->work;
	struct var *inputs[TASK_JOINT_MAX] = { NULL };
	int i;

	tape_reset(&w->joint, true, e->params, lanes_number(e->lanes, 0) == 0 ? w->blocks[0] : NULL);
	for (i = 0; i < w->gather_count; i++) {
		struct gather *g = &w->gather[i];

		lanes_gather(e->lanes, g->x, sizeof *g->x * g->each);
		inputs[i] = tape_wrap(&w->joint, g->x, g->dx, g->rank, e->lanes->batch, g->shape[1], g->shape[2], g->shape[3]);
	}
	e->task->joint(e->self, &w->joint, w->batch, inputs, out);
	if (out->loss)
		var_seed(out->loss, NULL, 1);
	tape_backward(&w->joint);
	for (i = 0; i < w->gather_count; i++)
		w->gather[i].filled = inputs[i]->filled;
}

/* One micro-batch is computed in advance, to see what it couples and how much memory it takes. */
static void
decide(struct engine *e)
{
	struct engine_work *w = e->work;
	struct part_loss *out = &w->losses[0];
	int i;

	forward(e, 0, true);
	assert(out->joint_count == 0 || e->task->joint);
	for (i = 0; i < out->joint_count; i++) {
		const struct var *v = out->joint[i];
		struct gather *g = &w->gather[i];
		size_t bytes;

		assert(v->rank >= 1 && v->shape[0] == e->lanes->pieces[0].n);
		g->rank = v->rank;
		memcpy(g->shape, v->shape, sizeof g->shape);
		g->each = (size_t)(var_count(v) / v->shape[0]);
		bytes = sizeof *g->x * g->each * (size_t)e->lanes->batch;
		g->x = arena_get(&w->arena, bytes);
		g->dx = v->dx ? arena_get(&w->arena, bytes) : NULL;
	}
	w->gather_count = out->joint_count;
	e->mode = out->joint_count == 0 ? ENGINE_SINGLE
		: e->memory && w->tapes[0].arena.used > (size_t)e->memory / (size_t)e->lanes->parts ? ENGINE_REPEAT : ENGINE_KEEP;
	w->tape_count = e->mode == ENGINE_KEEP ? e->lanes->parts : e->lanes->here;
}

static void
add_up(struct engine *e, const struct part_loss *joint, struct outcome *out)
{
	struct engine_work *w = e->work;
	int v, i;

	lanes_gather_each(e->lanes, w->shares, sizeof *w->shares);
	*out = (struct outcome){ .loss = joint->loss ? joint->loss->x[0] : 0 };
	memcpy(out->terms, joint->terms, sizeof out->terms);
	for (v = 0; v < e->lanes->count; v++) {
		out->loss += w->shares[v].loss;
		out->flops += w->shares[v].flops;
		for (i = 0; i < TASK_TERMS_MAX; i++)
			out->terms[i] += w->shares[v].terms[i];
	}
}

void
engine_open(struct engine *e)
{
	struct engine_work *w = mem_new(sizeof *w);
	int i;

	e->work = w;
	e->mode = ENGINE_UNDECIDED;
	w->tapes = mem_new(sizeof *w->tapes * (size_t)e->lanes->parts);
	w->losses = mem_new(sizeof *w->losses * (size_t)e->lanes->parts);
	w->shares = mem_new(sizeof *w->shares * (size_t)e->lanes->count);
	w->blocks = mem_new(sizeof *w->blocks * (size_t)e->lanes->here);
	for (i = 0; i < e->lanes->here; i++)
		w->blocks[i] = params_block(e->params);
	w->partials = mem_new(sizeof *w->partials * comm_partials(e->params->size));
	e->grads = w->blocks[0];
}

void
engine_run(struct engine *e, const struct batch *b, struct outcome *out)
{
	struct engine_work *w = e->work;
	struct part_loss joint = { 0 };
	double joint_flops = 0;
	int i;

	assert(b->N == e->lanes->batch);
	w->batch = b;
	if (e->mode == ENGINE_UNDECIDED)
		decide(e);
	pool_run(e->pool, e->lanes->here, first_phase, e);
	if (e->mode != ENGINE_SINGLE) {
		gemm_flops();
		join(e, &joint);
		joint_flops = gemm_flops();
		pool_run(e->pool, e->lanes->here, second_phase, e);
	}
	add_up(e, &joint, out);
	out->flops += joint_flops;
	out->norm = comm_sum(e->lanes->comm, e->pool, w->blocks, e->lanes->here, e->params->size, w->partials);
	/* each arena becomes one piece now, so that no later step asks for memory */
	for (i = 0; i < w->tape_count; i++)
		tape_reset(&w->tapes[i], false, e->params, NULL);
	tape_reset(&w->joint, false, e->params, NULL);
}

size_t
engine_held(const struct engine *e)
{
	size_t held = e->work->joint.arena.held + e->work->arena.held;
	int i;

	for (i = 0; i < e->work->tape_count; i++)
		held += e->work->tapes[i].arena.held;
	return held;
}

void
engine_close(struct engine *e)
{
	struct engine_work *w = e->work;
	int i;

	if (!w)
		return;
	for (i = 0; i < e->lanes->parts; i++)
		tape_free(&w->tapes[i]);
	tape_free(&w->joint);
	arena_free(&w->arena);
	for (i = 0; i < e->lanes->here; i++)
		params_block_free(w->blocks[i]);
	free(w->tapes);
	free(w->losses);
	free(w->shares);
	free(w->blocks);
	free(w->partials);
	free(w);
	e->work = NULL;
}
