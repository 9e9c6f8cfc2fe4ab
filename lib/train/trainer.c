/* trainer - a training run: records in, steps, checkpoints; every start is a resume */
#include "train/trainer.h"
#include "base/err.h"
#include "base/pool.h"
#include "task/task.h"
#include "train/comm.h"
#include "train/consumed.h"
#include "train/moment_shards.h"

#include <math.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <time.h>

/* floats of the block that one call updates: large enough to amortize the dispatch to a thread */
enum { UPDATE_PIECE = 1 << 18 };

void
trainer_clock(struct trainer *t)
{
	struct timespec c;
	double before = t->clock;

	clock_gettime(CLOCK_MONOTONIC, &c);
	t->clock = (double)c.tv_sec + 1e-9 * (double)c.tv_nsec;
	if (before > 0)
		t->seconds += t->clock - before;
}

/* The index of a record in the whole sequence, of which each rank has every ranks-th. Records without the field 'index'
   are counted; if the field goes backwards (concatenated streams, one file twice), the sequence continues after the
   last index. -1 and err(). */
static long
index_of(struct trainer *t, const struct record *r)
{
	static const long MOST = 1L << 53;	/* also exact as a double, for other readers */
	const struct value *v = record_get(r, "index");

	if (!v && record_get(r, "place"))
		return err(ERR_DATA, "field 'place' is that of an older version: decode the images again");
	if (!v)
		return t->next;
	if (v->kind != VALUE_INT || v->integer < 0 || v->integer > MOST || t->base > MOST)
		return err(ERR_DATA, "field 'index' is not a count");
	if (v->integer % t->comm.ranks != t->comm.rank)
		return err(ERR_DATA,
		    "image %lld of the sequence belongs to another rank: use tscae-decode --shard auto",
		    (long long)v->integer);
	/* the end of the previous stream on the other ranks is unknown here */
	if (v->integer <= t->last && t->comm.ranks > 1 && t->settings.deterministic)
		return err(ERR_DATA,
		    "deterministic: image index went backwards; concatenated streams need a single rank");
	if (v->integer <= t->last)
		t->base += (t->last / t->comm.ranks + 1) * t->comm.ranks;
	t->last = v->integer;
	return t->base + v->integer;
}

int
trainer_put(struct trainer *t, const struct record *r)
{
	long at = index_of(t, r);

	if (at < 0)
		return -1;
	t->next = at + t->comm.ranks;
	if (consumed_has(&t->state.consumed, at))
		return 0;
	if (batch_put_at(&t->batch, grad_shards_slot(&t->shards, t->filled), r) < 0)
		return -1;
	return ++t->filled == t->batch.size;
}

int
trainer_agree(struct trainer *t, int flags)
{
	long all[CONSUMED_RANKS_MAX];
	int r, any = 0;

	comm_exchange(&t->comm, flags, all);
	for (r = 0; r < t->comm.ranks; r++)
		any |= (int)all[r];
	return comm_check() < 0 ? -1 : any;
}

long
trainer_left(const struct trainer *t)
{
	const long left = t->records < 0 ? -1 : t->records - t->next / t->comm.ranks;

	return left < 0 ? -1 : left;
}

bool
trainer_is_rank0(const struct trainer *t)
{
	return t->comm.rank == 0;
}

/* Record the images that all ranks have consumed, and the highest epoch. */
static void
note_consumed(struct trainer *t)
{
	long all[CONSUMED_RANKS_MAX];
	int r;

	comm_exchange(&t->comm, t->next, all);
	consumed_add(&t->state.consumed, t->comm.ranks, all);
	comm_exchange(&t->comm, t->batch.epoch, all);
	for (r = 0, t->state.epoch = 0; r < t->comm.ranks; r++)
		if (all[r] > t->state.epoch)
			t->state.epoch = all[r];
}

static int
piece_count(size_t floats)
{
	return (int)((floats + UPDATE_PIECE - 1) / UPDATE_PIECE);
}

static void
update(void *arg, int i, int worker)
{
	struct trainer *t = arg;
	const size_t from = t->moments.from + (size_t)i * UPDATE_PIECE, to = from + UPDATE_PIECE;

	(void)worker;
	adamw_range(&t->adamw, &t->params, t->engine.grads, t->norm_scale, t->lr, t->adamw.updates, from,
	    to < t->moments.to ? to : t->moments.to);
}

/* Round the weights for the products of a step. */
static void
round_weights(void *arg, int i, int worker)
{
	struct trainer *t = arg;
	const size_t from = (size_t)i * UPDATE_PIECE, to = from + UPDATE_PIECE;

	(void)worker;
	params_bf16(&t->params, from, to < t->params.size ? to : t->params.size);
}

static void
write_log(struct trainer *t, double lr)
{
	const struct settings *s = &t->settings;
	struct rusage use;
	int i;

	if (!trainer_is_rank0(t) || (t->state.step % s->log_every != 0 && !trainer_done(t)))
		return;
	log_begin(&t->log, t->state.step);
	log_put(&t->log, "epoch", (double)t->state.epoch);
	log_put(&t->log, "lr", lr);
	for (i = 0; t->task->terms[i]; i++)
		log_put(&t->log, t->task->terms[i], t->outcome.terms[i]);
	log_put(&t->log, "loss", t->outcome.loss);
	log_put(&t->log, "grad_norm", t->outcome.norm);
	log_put(&t->log, "images_per_s", (double)t->images / t->seconds);
	log_put(&t->log, "tokens_per_s", (double)t->images * config_patches(&t->config) / t->seconds);
	log_put(&t->log, "gflops", 1e-9 * t->flops / t->seconds);
	getrusage(RUSAGE_SELF, &use);
	log_put(&t->log, "memory", 1024.0 * (double)use.ru_maxrss);	/* given in kilobytes */
	log_write(&t->log);
	t->images = 0;
	t->seconds = t->flops = 0;
}

int
trainer_step(struct trainer *t)
{
	struct state *s = &t->state;
	double lr = schedule_lr(&t->schedule, s->step);
	bool good;

	t->batch.step = s->step;
	t->batch.N = t->shards.batch;
	if (t->params.bf16)
		pool_run(t->pool, piece_count(t->params.size), round_weights, t);
	engine_run(&t->engine, &t->batch, &t->outcome);
	if (comm_check() < 0)
		return -1;
	good = isfinite(t->outcome.loss) && isfinite(t->outcome.norm);
	if (good) {
		t->lr = lr;
		t->norm_scale = adamw_scale(t->outcome.norm, t->settings.grad_clip);
		t->adamw.updates++;
		pool_run(t->pool, piece_count(t->moments.to - t->moments.from), update, t);
		moment_shards_exchange(&t->moments);
		if (t->task->after_step)
			t->task->after_step(t->self, &t->params, &t->batch);
	}
	s->step++;
	s->updates = t->adamw.updates;
	s->bad = good ? 0 : s->bad + 1;
	note_consumed(t);
	if (comm_check() < 0)
		return -1;
	trainer_clock(t);
	t->images += t->batch.N;
	t->flops += t->outcome.flops;
	write_log(t, lr);
	batch_reset(&t->batch);
	t->filled = 0;
	if (good)
		return 0;
	t->warn(t->warn_arg, "step %ld: loss %g, gradient norm %g: no update", s->step, t->outcome.loss,
	    t->outcome.norm);
	if (s->bad >= TRAINER_BAD_MAX)
		return err(ERR_INTERNAL,
			"stopped: %d consecutive steps without a finite loss and gradient; the last "
			"checkpoint is intact",
			TRAINER_BAD_MAX);
	return 0;
}

bool
trainer_done(const struct trainer *t)
{
	return t->state.step >= t->settings.steps;
}

struct checkpoint
trainer_checkpoint(struct trainer *t)
{
	return (struct checkpoint){ t->run, &t->settings, &t->config, &t->params, &t->adamw, t->moments.from,
	    t->moments.to, &t->classes, &t->state, t->warn, t->warn_arg };
}

bool
trainer_saves_together(const struct trainer *t)
{
	return t->moments.cut;
}

int
trainer_save(struct trainer *t)
{
	struct checkpoint s = trainer_checkpoint(t);

	if (t->saved == t->state.step)
		return 0;
	moment_shards_collect(&t->moments);
	if (comm_check() < 0 || (trainer_is_rank0(t) && checkpoint_save(&s) < 0))
		return -1;
	moment_shards_release(&t->moments);
	t->saved = t->state.step;
	return 0;
}
