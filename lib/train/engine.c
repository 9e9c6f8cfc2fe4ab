/* engine - the gradient of one batch, on several threads, the same to the bit for any number of them */
#include "train/engine.h"
#include "kernel/gemm.h"
#include "train/chains.h"
#include "train/joint.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What a micro-batch, or a lane, adds to the outcome. */
struct share { double loss, terms[TASK_TERMS_MAX], flops, totals[BATCH_TOTALS]; };

struct engine_work {
	const struct batch *batch;
	struct chains chains;
	struct share *shares;		/* one a lane, of all ranks */
	struct share *parts;		/* one a micro-batch */
	struct tape *tapes;		/* ENGINE_KEEP: one a micro-batch, else one a thread */
	struct part_loss *losses;	/* one a micro-batch */
	float **blocks;			/* gradients of each chain */
	double *partials;
	struct joint joint;
};

static struct tape *
tape_of(const struct engine *e, int part, int worker)
{
	return &e->work->tapes[e->mode == ENGINE_KEEP ? part : worker];
}

static void
forward(struct engine *e, int part, struct tape *t, bool on)
{
	struct engine_work *w = e->work;
	const struct lanes_piece *p = &e->lanes->pieces[part];
	struct part_loss *out = &w->losses[part];
	const int number = chains_find(&w->chains, part);
	struct chain *chain = &w->chains.list[number];

	memset(out, 0, sizeof *out);
	tape_reset(t, on, e->params, on ? w->blocks[number] : NULL);
	if (on)
		tape_take_turns(t, &chain->turns, part - chain->first);
	e->task->forward(e->self, t, w->batch, p->first, p->n, out);
}

static void
backward(struct engine *e, int part, struct tape *t)
{
	struct engine_work *w = e->work;
	struct part_loss *out = &w->losses[part];

	if (out->loss)
		var_seed(out->loss, NULL, 1);
	joint_seed(&w->joint, &e->lanes->pieces[part], out);
	tape_backward(t);
	tape_pass_turns(t);
}

static void
collect(struct engine *e, int part)
{
	struct engine_work *w = e->work;
	const struct part_loss *out = &w->losses[part];
	struct share *share = &w->parts[part];

	*share = (struct share){ .loss = out->loss ? out->loss->x[0] : 0 };
	memcpy(share->terms, out->terms, sizeof share->terms);
	joint_collect(&w->joint, &e->lanes->pieces[part], out);
}

/* What task->count says of a lane's images. */
static void
count_lane(void *arg, int lane, int worker)
{
	struct engine *e = arg;
	const struct engine_work *w = e->work;
	struct share *share = &w->shares[lanes_number(e->lanes, lane)];
	int part, i;

	*share = (struct share){ 0 };
	for (part = 0; part < e->lanes->parts; part++) {
		const struct lanes_piece *p = &e->lanes->pieces[part];

		for (i = p->first; p->lane == lane && i < p->first + p->n; i++) {
			tape_reset(&w->tapes[worker], false, e->params, NULL);
			e->task->count(e->self, &w->tapes[worker], w->batch, i, share->totals);
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
first_phase(void *arg, int i, int worker)
{
	struct engine *e = arg;
	struct engine_work *w = e->work;
	const int part = chains_take(&w->chains, worker), chain = chains_find(&w->chains, part);
	struct tape *t = tape_of(e, part, worker);

	(void)i;
	gemm_flops();
	/* others of the chain add after it */
	if (part == w->chains.list[chain].first)
		memset(w->blocks[chain], 0, sizeof(float) * e->params->size);
	forward(e, part, t, e->mode != ENGINE_REPEAT);
	collect(e, part);
	if (e->mode == ENGINE_SINGLE)
		backward(e, part, t);
	w->parts[part].flops = gemm_flops();
}

static void
second_phase(void *arg, int i, int worker)
{
	struct engine *e = arg;
	struct engine_work *w = e->work;
	const int part = chains_take(&w->chains, worker);
	struct tape *t = tape_of(e, part, worker);

	(void)i;
	gemm_flops();
	if (e->mode == ENGINE_REPEAT)
		forward(e, part, t, true);
	backward(e, part, t);
	w->parts[part].flops += gemm_flops();
}

static void
phase(struct engine *e, void (*piece)(void *, int, int))
{
	chains_restart(&e->work->chains);
	pool_run(e->pool, e->lanes->parts, piece, e);
}

/* One micro-batch is computed in advance, to see what it couples and how much memory it takes. */
static void
decide(struct engine *e)
{
	struct engine_work *w = e->work;
	struct part_loss *out = &w->losses[0];

	forward(e, 0, &w->tapes[0], true);
	assert(out->joint_count == 0 || e->task->joint);
	joint_open(&w->joint, e->lanes, out, e->lanes->pieces[0].n);
	e->mode = out->joint_count == 0 ? ENGINE_SINGLE
		: e->memory && w->tapes[0].arena.used > (size_t)e->memory / (size_t)e->lanes->parts ? ENGINE_REPEAT : ENGINE_KEEP;
}

static void
add(struct share *sum, const struct share *more)
{
	int i;

	sum->loss += more->loss;
	sum->flops += more->flops;
	for (i = 0; i < TASK_TERMS_MAX; i++)
		sum->terms[i] += more->terms[i];
}

/* lane by lane, whatever ranks they are on */
static void
add_up(struct engine *e, const struct part_loss *joint, struct outcome *out)
{
	struct engine_work *w = e->work;
	struct share all = { .loss = joint->loss ? joint->loss->x[0] : 0 };
	int v, i;

	for (v = 0; v < e->lanes->count; v++)
		w->shares[v] = (struct share){ 0 };
	for (i = 0; i < e->lanes->parts; i++)
		add(&w->shares[lanes_number(e->lanes, e->lanes->pieces[i].lane)], &w->parts[i]);
	lanes_gather_each(e->lanes, w->shares, sizeof *w->shares);
	memcpy(all.terms, joint->terms, sizeof all.terms);
	for (v = 0; v < e->lanes->count; v++)
		add(&all, &w->shares[v]);
	*out = (struct outcome){ .loss = all.loss, .flops = all.flops };
	memcpy(out->terms, all.terms, sizeof out->terms);
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
	chains_open(&w->chains, e->lanes, e->shared, e->params, pool_threads(e->pool));
	w->tapes = mem_new(sizeof *w->tapes * (size_t)tapes_most(e));
	w->losses = mem_new(sizeof *w->losses * (size_t)e->lanes->parts);
	w->shares = mem_new(sizeof *w->shares * (size_t)e->lanes->count);
	w->parts = mem_new(sizeof *w->parts * (size_t)e->lanes->parts);
	w->blocks = mem_new(sizeof *w->blocks * (size_t)w->chains.count);
	for (i = 0; i < w->chains.count; i++)
		w->blocks[i] = params_block(e->params);
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
	phase(e, first_phase);
	if (e->mode != ENGINE_SINGLE) {
		gemm_flops();
		joint_run(&w->joint, e->lanes, e->task, e->self, b, e->params, w->blocks[0], &joint);
		joint_flops = gemm_flops();
		phase(e, second_phase);
	}
	add_up(e, &joint, out);
	out->flops += joint_flops;
	out->norm = comm_sum(e->lanes->comm, e->pool, w->blocks, w->chains.count, e->params->size, w->partials);
}

size_t
engine_held(const struct engine *e)
{
	size_t held = e->work->joint.tape.arena.held + e->work->joint.arena.held;
	int i;

	for (i = 0; i < tapes_most(e); i++)
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
	for (i = 0; i < w->chains.count; i++)
		params_block_free(w->blocks[i]);
	chains_close(&w->chains);
	free(w->tapes);
	free(w->losses);
	free(w->shares);
	free(w->parts);
	free(w->blocks);
	free(w->partials);
	free(w);
	e->work = NULL;
}
