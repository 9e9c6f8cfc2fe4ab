/* engine - the gradient of one batch, on several threads, the same to the bit for any number of them */
#include "train/engine.h"
#include "nn/gemm.h"
#include "nn/turns.h"
#include "train/joint.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What one lane adds to the outcome. */
struct share { double loss, terms[TASK_TERMS_MAX], flops, totals[BATCH_TOTALS]; };

struct engine_work {
	const struct batch *batch;
	struct share *shares;		/* one a lane, of all ranks; ENGINE_TURNS: one a micro-batch */
	struct tape *tapes;		/* ENGINE_KEEP: one a micro-batch, ENGINE_TURNS: one a thread, else one a lane */
	int tape_count;
	struct part_loss *losses;	/* one a micro-batch */
	float **blocks;			/* gradients of each lane here; of all where they are shared */
	int block_count;
	struct turns turns;
	double *partials;
	struct joint joint;
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

	if (out->loss)
		var_seed(out->loss, NULL, 1);
	joint_seed(&w->joint, &e->lanes->pieces[part], out);
	tape_backward(tape_of(e, part));
}

static void
collect(struct engine *e, int part, struct share *share)
{
	struct engine_work *w = e->work;
	const struct lanes_piece *p = &e->lanes->pieces[part];
	const struct part_loss *out = &w->losses[part];
	int i;

	share->loss += out->loss ? out->loss->x[0] : 0;
	for (i = 0; i < TASK_TERMS_MAX; i++)
		share->terms[i] += out->terms[i];
	joint_collect(&w->joint, p, out);
}

/* What task->count says of a lane's pictures. */
static void
count_lane(void *arg, int lane, int worker)
{
	struct engine *e = arg;
	const struct engine_work *w = e->work;
	struct share *share = &w->shares[lanes_number(e->lanes, lane)];
	int part, i;

	(void)worker;
	*share = (struct share){ 0 };
	for (part = 0; part < e->lanes->parts; part++) {
		const struct lanes_piece *p = &e->lanes->pieces[part];

		for (i = p->first; p->lane == lane && i < p->first + p->n; i++) {
			tape_reset(&w->tapes[lane], false, e->params, NULL);
			e->task->count(e->self, &w->tapes[lane], w->batch, i, share->totals);
		}
	}
}

static void
count(struct engine *e, struct batch *b)
{
	const struct share *shares = e->work->shares;
	int v, i;

	memset(b->totals, 0, sizeof b->totals);
	if (!e->task->count)
		return;
	pool_run(e->pool, e->lanes->here, count_lane, e);
	lanes_gather_each(e->lanes, e->work->shares, sizeof *shares);
	for (v = 0; v < e->lanes->count; v++)
		for (i = 0; i < BATCH_TOTALS; i++)
			b->totals[i] += shares[v].totals[i];
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
		collect(e, part, share);
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

/* A micro-batch with its turn at the shared gradients. */
static void
in_turn(void *arg, int part, int worker)
{
	struct engine *e = arg;
	struct engine_work *w = e->work;
	const struct lanes_piece *p = &e->lanes->pieces[part];
	struct part_loss *out = &w->losses[part];
	struct tape *t = &w->tapes[worker];
	struct share *share = &w->shares[part];

	gemm_flops();
	*share = (struct share){ 0 };
	memset(out, 0, sizeof *out);
	tape_reset(t, true, e->params, w->blocks[0]);
	tape_take_turns(t, &w->turns, part);
	e->task->forward(e->self, t, w->batch, p->first, p->n, out);
	collect(e, part, share);
	if (out->loss)
		var_seed(out->loss, NULL, 1);
	tape_backward(t);
	tape_pass_turns(t);
	share->flops = gemm_flops();
}

/* One micro-batch is computed in advance, to see what it couples and how much memory it takes. */
static void
decide(struct engine *e)
{
	struct engine_work *w = e->work;
	struct part_loss *out = &w->losses[0];

	forward(e, 0, true);
	assert(out->joint_count == 0 || e->task->joint);
	joint_open(&w->joint, e->lanes, out, e->lanes->pieces[0].n);
	assert(!e->shared || out->joint_count == 0);
	e->mode = e->shared ? ENGINE_TURNS : out->joint_count == 0 ? ENGINE_SINGLE
		: e->memory && w->tapes[0].arena.used > (size_t)e->memory / (size_t)e->lanes->parts ? ENGINE_REPEAT : ENGINE_KEEP;
	w->tape_count = e->mode == ENGINE_KEEP ? e->lanes->parts : e->mode == ENGINE_TURNS ? pool_threads(e->pool) : e->lanes->here;
}

static void
add_up(struct engine *e, const struct part_loss *joint, struct outcome *out)
{
	struct engine_work *w = e->work;
	const int count = e->mode == ENGINE_TURNS ? e->lanes->parts : e->lanes->count;
	int v, i;

	if (e->mode != ENGINE_TURNS)
		lanes_gather_each(e->lanes, w->shares, sizeof *w->shares);
	*out = (struct outcome){ .loss = joint->loss ? joint->loss->x[0] : 0 };
	memcpy(out->terms, joint->terms, sizeof out->terms);
	for (v = 0; v < count; v++) {
		out->loss += w->shares[v].loss;
		out->flops += w->shares[v].flops;
		for (i = 0; i < TASK_TERMS_MAX; i++)
			out->terms[i] += w->shares[v].terms[i];
	}
}

static int
tapes_most(const struct engine *e)
{
	return e->lanes->parts > pool_threads(e->pool) ? e->lanes->parts : pool_threads(e->pool);
}

void
engine_open(struct engine *e)
{
	struct engine_work *w = mem_new(sizeof *w);
	int i;

	e->work = w;
	e->mode = ENGINE_UNDECIDED;
	w->block_count = e->shared ? 1 : e->lanes->here;
	w->tapes = mem_new(sizeof *w->tapes * (size_t)tapes_most(e));
	w->losses = mem_new(sizeof *w->losses * (size_t)e->lanes->parts);
	w->shares = mem_new(sizeof *w->shares * (size_t)(e->lanes->count + e->lanes->parts));
	w->blocks = mem_new(sizeof *w->blocks * (size_t)w->block_count);
	for (i = 0; i < w->block_count; i++)
		w->blocks[i] = params_block(e->params);
	turns_open(&w->turns, e->params);
	w->partials = mem_new(sizeof *w->partials * comm_partials(e->params->size));
	e->grads = w->blocks[0];
}

void
engine_run(struct engine *e, struct batch *b, struct outcome *out)
{
	struct engine_work *w = e->work;
	struct part_loss joint = { 0 };
	double joint_flops = 0;

	assert(b->N == e->lanes->batch);
	w->batch = b;
	count(e, b);
	if (e->mode == ENGINE_UNDECIDED)
		decide(e);
	if (e->mode == ENGINE_TURNS) {
		comm_zero(e->pool, w->blocks[0], e->params->size);
		turns_restart(&w->turns);
		pool_run(e->pool, e->lanes->parts, in_turn, e);
	} else
		pool_run(e->pool, e->lanes->here, first_phase, e);
	if (e->mode == ENGINE_KEEP || e->mode == ENGINE_REPEAT) {
		gemm_flops();
		joint_run(&w->joint, e->lanes, e->task, e->self, b, e->params, w->blocks[0], &joint);
		joint_flops = gemm_flops();
		pool_run(e->pool, e->lanes->here, second_phase, e);
	}
	add_up(e, &joint, out);
	out->flops += joint_flops;
	out->norm = comm_sum(e->lanes->comm, e->pool, w->blocks, w->block_count, e->params->size, w->partials);
}

size_t
engine_held(const struct engine *e)
{
	size_t held = e->work->joint.tape.arena.held + e->work->joint.arena.held;
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
	for (i = 0; i < tapes_most(e); i++)
		tape_free(&w->tapes[i]);
	joint_close(&w->joint);
	turns_close(&w->turns);
	for (i = 0; i < w->block_count; i++)
		params_block_free(w->blocks[i]);
	free(w->tapes);
	free(w->losses);
	free(w->shares);
	free(w->blocks);
	free(w->partials);
	free(w);
	e->work = NULL;
}
