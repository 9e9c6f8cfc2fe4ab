/* trainer - a training run: records in, steps, snapshots; resume is its only way to begin */
#include "train/trainer.h"
#include "base/err.h"

#include <math.h>
#include <sys/resource.h>
#include <time.h>

/* floats of the block that one call updates: large enough to be worth a thread's while */
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

/* The place of a record in the whole sequence. Where records do not say, they are counted; where places begin
   again (joined streams, one file given twice), the sequence goes on behind the last one. -1 and err(). */
static long
place(struct trainer *t, const struct record *r)
{
	static const long MOST = 1L << 53;	/* also exact as a double, for other readers */
	const struct value *v = record_get(r, "place");

	if (!v)
		return t->next;
	if (v->kind != VALUE_INT || v->integer < 0 || v->integer > MOST || t->base > MOST)
		return err(ERR_DATA, "field 'place' is no place");
	if (v->integer <= t->last)
		t->base += t->last + 1;
	t->last = v->integer;
	return t->base + v->integer;
}

int
trainer_put(struct trainer *t, const struct record *r)
{
	long at = place(t, r);

	if (at < 0)
		return -1;
	t->next = at + 1;
	t->seen++;
	if (at < t->state.place) {
		t->skipped++;
		return 0;
	}
	if (batch_put(&t->batch, r) < 0)
		return -1;
	return t->batch.N == t->batch.size;
}

static void
update(void *arg, int i, int worker)
{
	struct trainer *t = arg;
	size_t from = (size_t)i * UPDATE_PIECE, to = from + UPDATE_PIECE;

	(void)worker;
	adamw_range(&t->adamw, &t->params, t->engine.grads, t->norm_scale, t->rate, t->adamw.updates, from, to < t->params.size ? to : t->params.size);
}

static void
write_log(struct trainer *t, double rate)
{
	const struct settings *s = &t->settings;
	struct rusage use;
	int i;

	if (t->state.step % s->log_steps != 0 && !trainer_done(t))
		return;
	log_begin(&t->log, t->state.step);
	log_put(&t->log, "epoch", (double)t->state.epoch);
	log_put(&t->log, "lr", rate);
	for (i = 0; t->task->terms[i]; i++)
		log_put(&t->log, t->task->terms[i], t->outcome.terms[i]);
	log_put(&t->log, "loss", t->outcome.loss);
	log_put(&t->log, "grad_norm", t->outcome.norm);
	log_put(&t->log, "images_per_s", (double)t->pictures / t->seconds);
	log_put(&t->log, "tokens_per_s", (double)t->pictures * config_patches(&t->config) / t->seconds);
	log_put(&t->log, "gflops", 1e-9 * t->flops / t->seconds);
	getrusage(RUSAGE_SELF, &use);
	log_put(&t->log, "memory", 1024.0 * (double)use.ru_maxrss);	/* kilobytes there */
	log_write(&t->log);
	t->pictures = 0;
	t->seconds = t->flops = 0;
}

int
trainer_step(struct trainer *t)
{
	struct state *s = &t->state;
	double rate = schedule_rate(&t->schedule, s->step);
	bool good;

	t->batch.step = s->step;
	engine_run(&t->engine, &t->batch, &t->outcome);
	good = isfinite(t->outcome.loss) && isfinite(t->outcome.norm);
	if (good) {
		t->rate = rate;
		t->norm_scale = adamw_scale(t->outcome.norm, t->settings.clip);
		t->adamw.updates++;
		pool_run(t->pool, (int)((t->params.size + UPDATE_PIECE - 1) / UPDATE_PIECE), update, t);
	}
	s->step++;
	s->updates = t->adamw.updates;
	s->bad = good ? 0 : s->bad + 1;
	s->place = t->next;
	s->epoch = t->batch.epoch < 0 ? 0 : t->batch.epoch;
	trainer_clock(t);
	t->pictures += t->batch.N;
	t->flops += t->outcome.flops;
	write_log(t, rate);
	batch_reset(&t->batch);
	if (good)
		return 0;
	t->warn("step %ld: loss %g, gradient norm %g: no update", s->step, t->outcome.loss, t->outcome.norm);
	if (s->bad >= TRAINER_BAD_MAX)
		return err(ERR_LAW, "%d steps in a row without a finite loss and gradient: stopped; the last snapshot is intact", TRAINER_BAD_MAX);
	return 0;
}

bool
trainer_done(const struct trainer *t)
{
	return t->state.step >= t->settings.steps;
}

struct snapshot
trainer_snapshot(struct trainer *t)
{
	return (struct snapshot){ t->run, &t->settings, &t->config, &t->params, &t->adamw, &t->classes, &t->state, t->warn };
}

int
trainer_save(struct trainer *t)
{
	struct snapshot s = trainer_snapshot(t);

	if (t->saved == t->state.step)
		return 0;
	if (snapshot_save(&s) < 0)
		return -1;
	t->saved = t->state.step;
	return 0;
}
