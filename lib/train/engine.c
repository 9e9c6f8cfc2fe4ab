/* engine - the gradient of one batch, on several threads, bit-identical for any number of threads */
#include "train/engine.h"
#include "base/mem.h"
#include "base/pool.h"
#include "kernel/gemm.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "train/grad_shards.h"
#include "train/overlap.h"

#include <assert.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* batch_loss - the loss that couples the batch: coupled outputs of all micro-batches, and their gradients */

/* A coupled output of all images of all ranks. */
struct batch_loss_input {
	float *x, *dx;		/* (N, ...); dx NULL: no gradient needed */
	bool filled;		/* the batch loss has written dx */
	int rank, shape[VAR_RANK_MAX];
	size_t each;		/* floats of an image */
};

struct batch_loss {
	int count;
	struct batch_loss_input inputs[TASK_COUPLED_MAX];
	struct tape tape;
	struct arena arena;	/* of the inputs */
};

/* Allocate the inputs for a batch; `example` is the result of a micro-batch of n images. */
static void
batch_loss_open(struct batch_loss *b, const struct grad_shards *s, const struct part_loss *example, int n)
{
	int i;

	for (i = 0; i < example->coupled_count; i++) {
		const struct var *v = example->coupled[i];
		struct batch_loss_input *in = &b->inputs[i];
		size_t count;

		assert(v->rank >= 1 && v->shape[0] == n);
		in->rank = v->rank;
		memcpy(in->shape, v->shape, sizeof in->shape);
		in->each = (size_t)(var_count(v) / n);
		count = mem_product(in->each, (size_t)s->batch);
		in->x = arena_array(&b->arena, count, sizeof *in->x);
		in->dx = v->dx ? arena_array(&b->arena, count, sizeof *in->dx) : NULL;
	}
	b->count = example->coupled_count;
}

static void
batch_loss_close(struct batch_loss *b)
{
	tape_free(&b->tape);
	arena_free(&b->arena);
}

/* Copy the coupled outputs of a micro-batch to the inputs. */
static void
batch_loss_collect(struct batch_loss *b, const struct micro_batch *m, const struct part_loss *from)
{
	int i;

	for (i = 0; i < b->count; i++) {
		struct batch_loss_input *in = &b->inputs[i];

		memcpy(in->x + in->each * (size_t)m->index, from->coupled[i]->x,
		    sizeof *in->x * in->each * (size_t)m->n);
	}
}

/* After batch_loss_run(): seed the outputs of a micro-batch with their gradients. */
static void
batch_loss_seed(const struct batch_loss *b, const struct micro_batch *m, const struct part_loss *to)
{
	int i;

	for (i = 0; i < b->count; i++)
		if (to->coupled[i]->dx && b->inputs[i].filled)
			var_seed(to->coupled[i], b->inputs[i].dx + b->inputs[i].each * (size_t)m->index, 1);
}

/* Compute the loss and its gradient at the inputs. Every rank gathers the outputs of all ranks and computes the whole
   loss; the gradients of its own parameters are added to `grads`, on rank 0 alone. */
static void
batch_loss_run(struct batch_loss *b, struct grad_shards *s, const struct task *task, void *self,
	const struct batch *batch, const struct params *params, float *grads, struct part_loss *out)
{
	struct var *inputs[TASK_COUPLED_MAX] = { NULL };
	int i;

	tape_reset(&b->tape, true, params, grad_shards_id(s, 0) == 0 ? grads : NULL);
	for (i = 0; i < b->count; i++) {
		struct batch_loss_input *in = &b->inputs[i];

		grad_shards_gather(s, in->x, sizeof *in->x * in->each);
		inputs[i] = tape_wrap(&b->tape, in->x, in->dx, in->rank, s->batch, in->shape[1], in->shape[2],
		    in->shape[3]);
	}
	task->batch_loss(self, &b->tape, batch, inputs, out);
	if (out->loss)
		var_seed(out->loss, NULL, 1);
	tape_backward(&b->tape);
	for (i = 0; i < b->count; i++)
		b->inputs[i].filled = inputs[i]->filled;
}

/* The part of a micro-batch, or of a shard, in the outcome. */
struct micro_result { double loss, terms[TASK_TERMS_MAX], flops, totals[BATCH_TOTALS]; };

struct engine_work {
	const struct batch *batch;
	struct work_queue queue;
	struct micro_result *shard_results;	/* of each shard of all ranks */
	struct micro_result *micro_results;	/* of each micro-batch */
	struct tape *tapes;		/* ENGINE_KEEP: one for each micro-batch, else one for each thread */
	struct part_loss *losses;	/* of each micro-batch */
	float **blocks;			/* gradients of each work list */
	struct overlap overlap;
	struct batch_loss batch_loss;
};

static struct tape *
tape_of(const struct engine *e, int micro, int worker)
{
	return &e->work->tapes[e->mode == ENGINE_KEEP ? micro : worker];
}

static void
forward(struct engine *e, int micro, struct tape *t, bool on)
{
	struct engine_work *w = e->work;
	const struct micro_batch *p = &e->shards->micro_batches[micro];
	struct part_loss *out = &w->losses[micro];
	const int number = work_queue_find(&w->queue, micro);
	struct work_list *list = &w->queue.lists[number];

	memset(out, 0, sizeof *out);
	tape_reset(t, on, e->params, on ? w->blocks[number] : NULL);
	if (on)
		tape_share_grads(t, &list->lock, micro - list->first);
	e->task->forward(e->self, t, w->batch, p->first, p->n, out);
}

static void
backward(struct engine *e, int micro, struct tape *t)
{
	struct engine_work *w = e->work;
	struct part_loss *out = &w->losses[micro];

	if (out->loss)
		var_seed(out->loss, NULL, 1);
	batch_loss_seed(&w->batch_loss, &e->shards->micro_batches[micro], out);
	tape_release_unused(t);
	tape_backward(t);
}

static void
collect(struct engine *e, int micro)
{
	struct engine_work *w = e->work;
	const struct part_loss *out = &w->losses[micro];
	struct micro_result *result = &w->micro_results[micro];

	*result = (struct micro_result){ .loss = out->loss ? out->loss->x[0] : 0 };
	memcpy(result->terms, out->terms, sizeof result->terms);
	batch_loss_collect(&w->batch_loss, &e->shards->micro_batches[micro], out);
}

/* task->count over the images of a shard. */
static void
count_shard(void *arg, int shard, int worker)
{
	struct engine *e = arg;
	const struct engine_work *w = e->work;
	struct micro_result *result = &w->shard_results[grad_shards_id(e->shards, shard)];
	int micro, i;

	*result = (struct micro_result){ 0 };
	for (micro = 0; micro < e->shards->micro_count; micro++) {
		const struct micro_batch *p = &e->shards->micro_batches[micro];

		for (i = p->first; p->shard == shard && i < p->first + p->n; i++) {
			tape_reset(&w->tapes[worker], false, e->params, NULL);
			e->task->count(e->self, &w->tapes[worker], w->batch, i, result->totals);
		}
	}
}

static void
count(struct engine *e, struct batch *b)
{
	const struct micro_result *shard_results = e->work->shard_results;
	int v, i;

	memset(b->totals, 0, sizeof b->totals);
	if (!e->task->count)
		return;
	pool_run(e->pool, e->shards->here, count_shard, e);
	grad_shards_gather_each(e->shards, e->work->shard_results, sizeof *shard_results);
	for (v = 0; v < e->shards->count; v++)
		for (i = 0; i < BATCH_TOTALS; i++)
			b->totals[i] += shard_results[v].totals[i];
}

static void
first_phase(void *arg, int i, int worker)
{
	struct engine *e = arg;
	struct engine_work *w = e->work;
	const int micro = work_queue_take(&w->queue, worker), list = work_queue_find(&w->queue, micro);
	struct tape *t = tape_of(e, micro, worker);

	(void)i;
	gemm_flops();
	/* the other micro-batches of the list add after it */
	if (micro == w->queue.lists[list].first)
		memset(w->blocks[list], 0, sizeof(float) * e->params->size);
	forward(e, micro, t, e->mode != ENGINE_REPEAT);
	collect(e, micro);
	if (e->mode == ENGINE_SINGLE)
		backward(e, micro, t);
	w->micro_results[micro].flops = gemm_flops();
}

static void
second_phase(void *arg, int i, int worker)
{
	struct engine *e = arg;
	struct engine_work *w = e->work;
	const int micro = work_queue_take(&w->queue, worker);
	struct tape *t = tape_of(e, micro, worker);

	(void)i;
	gemm_flops();
	if (e->mode == ENGINE_REPEAT)
		forward(e, micro, t, true);
	backward(e, micro, t);
	w->micro_results[micro].flops += gemm_flops();
}

static void
phase(struct engine *e, void (*piece)(void *, int, int))
{
	work_queue_restart(&e->work->queue);
	pool_run(e->pool, e->shards->micro_count, piece, e);
}

/* Choose the mode: compute one micro-batch in advance for its coupled outputs and its memory, as in a late step: some
   losses begin later than others. */
static void
decide(struct engine *e)
{
	struct engine_work *w = e->work;
	const struct batch *first = w->batch;
	struct batch late = *first;
	struct part_loss *out = &w->losses[0];

	late.step = LONG_MAX / 2;
	w->batch = &late;
	forward(e, 0, &w->tapes[0], true);
	w->batch = first;
	assert(out->coupled_count == 0 || e->task->batch_loss);
	batch_loss_open(&w->batch_loss, e->shards, out, e->shards->micro_batches[0].n);
	e->mode = out->coupled_count == 0 ? ENGINE_SINGLE
		: e->memory && w->tapes[0].arena.used > (size_t)e->memory / (size_t)e->shards->micro_count
		    ? ENGINE_REPEAT : ENGINE_KEEP;
}

static void
add(struct micro_result *sum, const struct micro_result *more)
{
	int i;

	sum->loss += more->loss;
	sum->flops += more->flops;
	for (i = 0; i < TASK_TERMS_MAX; i++)
		sum->terms[i] += more->terms[i];
}

/* the sum over the shards of all ranks, in order */
static void
add_up(struct engine *e, const struct part_loss *coupled, struct outcome *out)
{
	struct engine_work *w = e->work;
	struct micro_result all = { .loss = coupled->loss ? coupled->loss->x[0] : 0 };
	int v, i;

	for (v = 0; v < e->shards->count; v++)
		w->shard_results[v] = (struct micro_result){ 0 };
	for (i = 0; i < e->shards->micro_count; i++)
		add(&w->shard_results[grad_shards_id(e->shards, e->shards->micro_batches[i].shard)],
		    &w->micro_results[i]);
	grad_shards_gather_each(e->shards, w->shard_results, sizeof *w->shard_results);
	memcpy(all.terms, coupled->terms, sizeof all.terms);
	for (v = 0; v < e->shards->count; v++)
		add(&all, &w->shard_results[v]);
	*out = (struct outcome){ .loss = all.loss, .flops = all.flops };
	memcpy(out->terms, all.terms, sizeof out->terms);
}

static int
tapes_max(const struct engine *e)
{
	return e->shards->micro_count > pool_threads(e->pool) ? e->shards->micro_count : pool_threads(e->pool);
}

void
engine_open(struct engine *e)
{
	struct engine_work *w = mem_new(sizeof *w);
	int i;

	e->work = w;
	e->mode = ENGINE_UNDECIDED;
	work_queue_open(&w->queue, e->shards, e->single, e->params, pool_threads(e->pool));
	w->tapes = mem_array((size_t)tapes_max(e), sizeof *w->tapes);
	w->losses = mem_array((size_t)e->shards->micro_count, sizeof *w->losses);
	w->shard_results = mem_array((size_t)e->shards->count, sizeof *w->shard_results);
	w->micro_results = mem_array((size_t)e->shards->micro_count, sizeof *w->micro_results);
	w->blocks = mem_array((size_t)w->queue.count, sizeof *w->blocks);
	for (i = 0; i < w->queue.count; i++)
		w->blocks[i] = params_block(e->params);
	overlap_open(&w->overlap, e->shards->comm, e->pool, e->params, &w->queue, w->blocks, e->bucket);
	e->grads = w->blocks[0];
}

void
engine_run(struct engine *e, struct batch *b, struct outcome *out)
{
	struct engine_work *w = e->work;
	struct part_loss coupled = { 0 };
	double coupled_flops = 0, norm;

	assert(b->N == e->shards->batch);
	w->batch = b;
	count(e, b);
	if (e->mode == ENGINE_UNDECIDED)
		decide(e);
	if (e->mode == ENGINE_SINGLE)
		overlap_begin(&w->overlap);
	phase(e, first_phase);
	if (e->mode != ENGINE_SINGLE) {
		gemm_flops();
		batch_loss_run(&w->batch_loss, e->shards, e->task, e->self, b, e->params, w->blocks[0], &coupled);
		coupled_flops = gemm_flops();
		overlap_begin(&w->overlap);
		phase(e, second_phase);
	}
	norm = overlap_end(&w->overlap);
	add_up(e, &coupled, out);
	out->flops += coupled_flops;
	out->norm = norm;
}

size_t
engine_held(const struct engine *e)
{
	size_t held = e->work->batch_loss.tape.arena.held + e->work->batch_loss.arena.held;
	int i;

	for (i = 0; i < tapes_max(e); i++)
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
	for (i = 0; i < tapes_max(e); i++)
		tape_free(&w->tapes[i]);
	batch_loss_close(&w->batch_loss);
	overlap_close(&w->overlap);
	for (i = 0; i < w->queue.count; i++)
		params_block_free(w->blocks[i]);
	work_queue_close(&w->queue);
	free(w->tapes);
	free(w->losses);
	free(w->shard_results);
	free(w->micro_results);
	free(w->blocks);
	free(w);
	e->work = NULL;
}
