/* trainer_open - how a run begins and ends: settings, model, first weights, newest snapshot (trainer.h) */
#include "base/digest.h"
#include "base/err.h"
#include "model/load.h"
#include "train/folder.h"
#include "train/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A whole number of the header's extra, -1 if there is none. */
static long
extra(const struct header *h, const char *name)
{
	const struct value *v = record_get(&h->extra, name);

	return v && v->kind == VALUE_INT && v->integer >= 0 ? (long)v->integer : -1;
}

/* What the stream says about its pictures and masks, where the settings leave it open. */
static int
adopt(struct config *c, const struct header *h)
{
	const struct field_type *image = header_field(h, "image");
	const struct value *ratio = record_get(&h->extra, "ratio");
	long patch = extra(h, "patch");
	struct config plain = config_default();

	if (c->image == 0 && image && image->rank == 3 && image->shape[0] == image->shape[1])
		c->image = image->shape[0];
	if (c->patch == 0 && patch > 0)
		c->patch = patch;
	if (patch > 0 && c->patch != patch)
		return err(ERR_USAGE, "patch=%ld, but the stream was masked by patches of %ld", c->patch, patch);
	if (ratio && ratio->kind == VALUE_REAL && c->ratio == plain.ratio)
		c->ratio = ratio->real;
	if (ratio && ratio->kind == VALUE_REAL && c->ratio != ratio->real)
		return err(ERR_USAGE, "ratio=%g, but the stream was masked with %g", c->ratio, ratio->real);
	return 0;
}

int
trainer_complete(struct trainer *t, const struct header *h)
{
	long records = h ? extra(h, "records") : -1;

	t->task = task_find(t->settings.task);
	if (!t->task)
		return err(ERR_USAGE, "task: '%s' is unknown", t->settings.task);
	if (h && adopt(&t->config, h) < 0)
		return -1;
	if (config_complete(&t->config) < 0)
		return -1;
	return settings_complete(&t->settings, &t->config, h && records < 0 ? 0 : records);
}

/* Copy every parameter that the file has under the same name. */
static int
take_weights(struct trainer *t, const struct checkpoint *c)
{
	struct params *p = &t->params;
	int i, taken = 0;

	for (i = 0; i < p->count; i++) {
		const struct param *q = &p->list[i];
		const struct tensor *w = checkpoint_get(c, q->name);

		if (!w)
			continue;
		if (!load_fits(w, q))
			return err(ERR_DATA, "tensor '%s' has another shape than the model", q->name);
		if (checkpoint_floats(w, p->values + q->offset) < 0)
			return -1;
		taken++;
	}
	if (taken == 0)
		return err(ERR_DATA, "has none of the model's parameters");
	if (taken < p->count)
		t->warn("%s: has %d of the model's %d parameters; the others begin at random", t->settings.init, taken, p->count);
	return 0;
}

static int
first_weights(struct trainer *t)
{
	struct checkpoint c;
	char *path;
	int result;

	params_init(&t->params, (uint64_t)t->settings.seed);
	if (!*t->settings.init)
		return 0;
	path = load_path(t->settings.init);
	result = checkpoint_open(&c, path);
	if (result == 0) {
		result = take_weights(t, &c) < 0 ? err_in("%s", path) : 0;
		checkpoint_close(&c);
	}
	free(path);
	snprintf(t->state.start, sizeof t->state.start, "%016llx", (unsigned long long)digest_of(t->params.values, sizeof(float) * t->params.size));
	return result;
}

static int
build(struct trainer *t)
{
	const struct settings *s = &t->settings;

	t->self = t->task->open(&t->config, &t->params);
	if (!t->self)
		return -1;
	params_build(&t->params);
	t->adamw = (struct adamw){ .beta1 = s->beta1, .beta2 = s->beta2, .eps = s->eps, .decay = s->weight_decay };
	adamw_open(&t->adamw, &t->params);
	t->schedule = (struct schedule){ .peak = s->lr, .least = s->min_lr, .warmup = (long)(s->warmup * (double)s->steps + 0.5), .steps = s->steps };
	t->pool = pool_new(t->threads);
	if (!t->pool)
		return -1;
	t->engine = (struct engine){
		.task = t->task, .self = t->self, .params = &t->params, .pool = t->pool,
		.batch = (int)s->batch, .micro = (int)s->micro, .lanes = (int)s->lanes, .memory = s->memory
	};
	engine_open(&t->engine);
	batch_open(&t->batch, (int)s->batch, (int)t->config.image, config_patches(&t->config),
	    t->task->needs & BATCH_MASKS ? config_hidden(&t->config) : 0, t->task->needs, (int)t->config.classes);
	t->batch.seed = (uint64_t)s->seed;
	return 0;
}

int
trainer_open(struct trainer *t, const struct header *h)
{
	struct snapshot s;
	long start = extra(h, "start");
	int loaded;

	if (trainer_complete(t, h) < 0)
		return -1;
	t->lock = folder_lock(t->run);
	if (t->lock < 0 || build(t) < 0 || first_weights(t) < 0)
		return -1;
	s = trainer_snapshot(t);
	loaded = snapshot_load(&s);
	if (loaded < 0)
		return -1;
	t->saved = loaded ? t->state.step : -1;
	t->next = start < 0 ? 0 : start;
	t->last = -1;
	if (t->next > t->state.place)
		return err(ERR_USAGE, "the stream begins at picture %ld, but the run goes on at %ld", t->next, t->state.place);
	log_open(&t->log, t->run, t->state.step, t->warn);
	trainer_clock(t);
	return 0;
}

void
trainer_close(struct trainer *t)
{
	log_close(&t->log);
	batch_close(&t->batch);
	engine_close(&t->engine);
	pool_free(t->pool);
	adamw_close(&t->adamw);
	if (t->self)
		t->task->close(t->self);
	params_free(&t->params);
	if (t->lock >= 0)
		close(t->lock);
	t->lock = -1;
}
