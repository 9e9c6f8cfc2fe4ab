/* engine - the gradient of one batch, on several threads, the same to the bit for any number of them */
#include "train/engine.h"
#include "nn/gemm.h"
#include "train/comm.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A joint output of all micro-batches, side by side. */
struct gather {
	float *x, *dx;		/* (N, ...); dx NULL: no gradient wanted */
	bool filled;		/* the joint loss sent a gradient */
	int rank, shape[VAR_RANK_MAX];
	size_t each;		/* floats of a picture */
};

struct engine_work {
	const struct batch *batch;
	int parts;			/* micro-batches */
	struct tape *tapes;		/* ENGINE_KEEP: one a micro-batch, else one a lane */
	int tape_count;
	struct part_loss *losses;	/* one a micro-batch */
	double *sums;			/* loss of each micro-batch */
	double *flops;			/* of each lane */
	float **blocks;			/* gradients of each lane */
	double *partials;
	struct tape joint;
	struct gather gather[TASK_JOINT_MAX];
	int gather_count;
	struct arena arena;		/* of the gathered outputs */
};

static int
pictures(const struct engine *e, int part)
{
	int left = e->batch - part * e->micro;

	return left < e->micro ? left : e->micro;
}

static struct tape *
tape_of(const struct engine *e, int part)
{
	return &e->work->tapes[e->mode == ENGINE_KEEP ? part : part % e->lanes];
}

static void
forward(struct engine *e, int part, bool on)
{
	struct engine_work *w = e->work;
	struct part_loss *out = &w->losses[part];
	struct tape *t = tape_of(e, part);

	memset(out, 0, sizeof *out);
	tape_reset(t, on, e->params, on ? w->blocks[part % e->lanes] : NULL);
	e->task->forward(e->self, t, w->batch, part * e->micro, pictures(e, part), out);
	w->sums[part] = out->loss ? out->loss->x[0] : 0;
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
			var_seed(out->joint[i], w->gather[i].dx + w->gather[i].each * (size_t)(part * e->micro), 1);
	tape_backward(tape_of(e, part));
}

static void
collect(struct engine *e, int part)
{
	struct engine_work *w = e->work;
	int i;

	for (i = 0; i < w->gather_count; i++) {
		struct gather *g = &w->gather[i];

		memcpy(g->x + g->each * (size_t)(part * e->micro), w->losses[part].joint[i]->x, sizeof *g->x * g->each * (size_t)pictures(e, part));
	}
}

static void
first_phase(void *arg, int lane, int worker)
{
	struct engine *e = arg;
	int part;

	(void)worker;
	gemm_flops();
	memset(e->work->blocks[lane], 0, sizeof(float) * e->params->size);
	for (part = lane; part < e->work->parts; part += e->lanes) {
		forward(e, part, e->mode != ENGINE_REPEAT);
		collect(e, part);
		if (e->mode == ENGINE_SINGLE)
			backward(e, part);
	}
	e->work->flops[lane] = gemm_flops();
}

static void
second_phase(void *arg, int lane, int worker)
{
	struct engine *e = arg;
	int part;

	(void)worker;
	gemm_flops();
	for (part = lane; part < e->work->parts; part += e->lanes) {
		if (e->mode == ENGINE_REPEAT)
			forward(e, part, true);
		backward(e, part);
	}
	e->work->flops[lane] += gemm_flops();
}

/* The loss that couples the batch, and its gradient at the gathered outputs. Its own parameters' gradients
   go first into lane 0's block. */
static void
join(struct engine *e, struct part_loss *out)
{
	struct engine_work *w = e->work;
	struct var *inputs[TASK_JOINT_MAX] = { NULL };
	int i;

	tape_reset(&w->joint, true, e->params, w->blocks[0]);
	for (i = 0; i < w->gather_count; i++) {
		struct gather *g = &w->gather[i];

		inputs[i] = tape_wrap(&w->joint, g->x, g->dx, g->rank, e->batch, g->shape[1], g->shape[2], g->shape[3]);
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

		assert(v->rank >= 1 && v->shape[0] == pictures(e, 0));
		g->rank = v->rank;
		memcpy(g->shape, v->shape, sizeof g->shape);
		g->each = (size_t)(var_count(v) / v->shape[0]);
		bytes = sizeof *g->x * g->each * (size_t)e->batch;
		g->x = arena_get(&w->arena, bytes);
		g->dx = v->dx ? arena_get(&w->arena, bytes) : NULL;
	}
	w->gather_count = out->joint_count;
	e->mode = out->joint_count == 0 ? ENGINE_SINGLE
		: e->memory && w->tapes[0].arena.used > (size_t)e->memory / (size_t)w->parts ? ENGINE_REPEAT : ENGINE_KEEP;
	w->tape_count = e->mode == ENGINE_KEEP ? w->parts : e->lanes;
}

static void
add_up(const struct engine *e, const struct part_loss *joint, struct outcome *out)
{
	const struct engine_work *w = e->work;
	int part, i;

	*out = (struct outcome){ .loss = joint->loss ? joint->loss->x[0] : 0 };
	memcpy(out->terms, joint->terms, sizeof out->terms);
	for (part = 0; part < w->parts; part++) {
		out->loss += w->sums[part];
		for (i = 0; i < TASK_TERMS_MAX; i++)
			out->terms[i] += w->losses[part].terms[i];
	}
}

void
engine_open(struct engine *e)
{
	struct engine_work *w = mem_new(sizeof *w);
	int i;

	e->work = w;
	e->mode = ENGINE_UNDECIDED;
	w->parts = (e->batch + e->micro - 1) / e->micro;
	if (e->lanes > w->parts)
		e->lanes = w->parts;
	w->tapes = mem_new(sizeof *w->tapes * (size_t)w->parts);
	w->losses = mem_new(sizeof *w->losses * (size_t)w->parts);
	w->sums = mem_new(sizeof *w->sums * (size_t)w->parts);
	w->flops = mem_new(sizeof *w->flops * (size_t)e->lanes);
	w->blocks = mem_new(sizeof *w->blocks * (size_t)e->lanes);
	for (i = 0; i < e->lanes; i++)
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

	assert(b->N == e->batch);
	w->batch = b;
	if (e->mode == ENGINE_UNDECIDED)
		decide(e);
	pool_run(e->pool, e->lanes, first_phase, e);
	if (e->mode != ENGINE_SINGLE) {
		gemm_flops();
		join(e, &joint);
		joint_flops = gemm_flops();
	}
	add_up(e, &joint, out);
	if (e->mode != ENGINE_SINGLE)
		pool_run(e->pool, e->lanes, second_phase, e);
	out->norm = comm_sum(e->pool, w->blocks, e->lanes, e->params->size, w->partials);
	out->flops = joint_flops;
	for (i = 0; i < e->lanes; i++)
		out->flops += w->flops[i];
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
	for (i = 0; i < w->parts; i++)
		tape_free(&w->tapes[i]);
	tape_free(&w->joint);
	arena_free(&w->arena);
	for (i = 0; i < e->lanes; i++)
		params_block_free(w->blocks[i]);
	free(w->tapes);
	free(w->losses);
	free(w->sums);
	free(w->flops);
	free(w->blocks);
	free(w->partials);
	free(w);
	e->work = NULL;
}
