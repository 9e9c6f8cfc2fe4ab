/* trainer_open - start and end of a run: settings, model, initial weights, newest checkpoint (trainer.h) */
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/pool.h"
#include "kernel/gemm.h"
#include "kernel/gemm_bf16.h"
#include "kernel/kernel.h"
#include "model/config.h"
#include "nn/params.h"
#include "stream/record.h"
#include "stream/tensor.h"
#include "task/batch.h"
#include "task/task.h"
#include "train/checkpoint.h"
#include "train/comm.h"
#include "train/consumed.h"
#include "train/engine.h"
#include "train/grad_shards.h"
#include "train/init.h"
#include "train/log.h"
#include "train/moment_shards.h"
#include "train/optimizer.h"
#include "train/run_dir.h"
#include "train/settings.h"
#include "train/trainer.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

/* An integer from the header's extra keys, -1: missing. */
static long
extra(const struct header *h, const char *name)
{
	const struct value *v = record_get(&h->extra, name);

	return v && v->kind == VALUE_INT && v->integer >= 0 ? (long)v->integer : -1;
}

/* Take unset settings from the header of the stream: size, channels and depth of the images, classes, and those of the
   task. */
static int
adopt(struct trainer *t, const struct header *h)
{
	const struct field_type *image = header_field(h, "image");
	struct config *c = &t->config;

	if (c->image == 0 && image && image->rank == 3 && image->shape[0] == image->shape[1])
		c->image = image->shape[0];
	if (c->channels == 0 && image && image->rank == 3)
		c->channels = image->shape[2];
	if (c->bits == 0 && image)
		c->bits = image->type == TENSOR_U16 ? 16 : 8;
	if (t->task->classes) {
		if (class_list_require(&t->classes, h, t->task->classes) < 0)
			return -1;
		if (c->classes == 0)
			c->classes = t->classes.count;
		if (c->classes != t->classes.count)
			return err(ERR_USAGE, "classes=%ld, but the stream has %d classes", c->classes,
			    t->classes.count);
	}
	return t->task->adopt ? t->task->adopt(c, h) : 0;
}

/* Number of records in the streams of all ranks, -1: unknown. */
static long
all_records(struct trainer *t, const struct header *h)
{
	long all[CONSUMED_RANKS_MAX], sum = 0;
	int r;

	t->records = extra(h, "records");
	comm_exchange(&t->comm, t->records, all);
	for (r = 0; r < t->comm.ranks; r++) {
		if (all[r] < 0)
			return -1;
		sum += all[r];
	}
	return sum;
}

/* Divide the batches among ranks and gradient shards. */
static int
divide(struct trainer *t)
{
	const struct settings *s = &t->settings;
	const long ranks = t->comm.ranks, shards = s->grad_shards < s->batch ? s->grad_shards : s->batch;

	if (shards % ranks || s->batch % ranks)
		return err(ERR_USAGE, "%s=%ld is not a multiple of the number of ranks, %ld",
		    shards % ranks ? "grad_shards" : "batch", shards % ranks ? shards : s->batch, ranks);
	if (s->deterministic && !t->comm.exact)
		return err(ERR_USAGE, "deterministic: the number of ranks, %ld, must be a power of two", ranks);
	if (s->allreduce == SETTINGS_BF16 && !t->comm.exact)
		return err(ERR_USAGE, "allreduce=bf16: the number of ranks, %ld, must be a power of two", ranks);
	if (s->single_grad_buffer && ranks > 1)
		return err(ERR_USAGE, "single_grad_buffer needs a single rank, but there are %ld", ranks);
	t->comm.bf16 = s->allreduce == SETTINGS_BF16;
	grad_shards_open(&t->shards, &t->comm, (int)s->batch, (int)shards, (int)s->micro_batch);
	return 0;
}

int
trainer_complete(struct trainer *t, const struct header *h)
{
	const char *init = t->settings.init_from;
	long records = h ? all_records(t, h) : -1;

	t->task = task_find(t->settings.task);
	if (!t->task)
		return err(ERR_USAGE, "task: '%s' is unknown", t->settings.task);
	if (h && adopt(t, h) < 0)
		return -1;
	if (*init && t->task->downstream && (init_open(&t->init, init) < 0 || init_adopt(&t->config, &t->init) < 0))
		return -1;
	if (t->task->pool_norm)
		t->config.variant.pool_norm = true;
	if (config_complete(&t->config) < 0)
		return -1;
	if (*init && t->task->downstream && init_check(&t->config, &t->init) < 0)
		return -1;
	settings_warn_unused(&t->config, t->task, t->warn, t->warn_arg);
	return settings_complete(&t->settings, &t->config, t->task, h && records < 0 ? 0 : records);
}

static int
initial_weights(struct trainer *t)
{
	const struct settings *s = &t->settings;

	if (*s->init_from && !t->init.path && init_open(&t->init, s->init_from) < 0)
		return -1;
	if (init_weights(&t->params, t->task, &t->config, (uint64_t)s->seed, &t->init, t->warn, t->warn_arg) < 0)
		return -1;
	init_close(&t->init);
	if (*s->init_from)
		snprintf(t->state.start, sizeof t->state.start, "%016llx",
		    (unsigned long long)digest_of(t->params.values, sizeof(float) * t->params.size));
	return 0;
}

static int
build(struct trainer *t)
{
	const struct settings *s = &t->settings;

	t->self = t->task->open(&t->config, &t->params);
	if (!t->self)
		return -1;
	params_build(&t->params);
	if (s->precision == SETTINGS_BF16)
		params_build_bf16(&t->params);
	init_rates(&t->params, (int)t->config.depth, s->layer_decay);
	t->adamw = (struct adamw){ .beta1 = s->beta1, .beta2 = s->beta2, .eps = s->eps, .decay = s->weight_decay,
	    .moments = (enum moments)s->moments };
	adamw_open(&t->adamw, &t->params);
	moment_shards_open(&t->moments, s->shard_moments, &t->comm, &t->params, &t->adamw);
	t->schedule = (struct schedule){ .peak = s->lr, .least = s->min_lr,
	    .warmup = (long)(s->warmup_ratio * (double)s->steps + 0.5), .steps = s->steps };
	t->pool = pool_new(t->threads);
	if (!t->pool)
		return -1;
	t->engine = (struct engine){
		.task = t->task, .self = t->self, .params = &t->params, .pool = t->pool, .shards = &t->shards,
		    .single = s->single_grad_buffer, .memory = s->activation_memory, .bucket = s->bucket_size
	};
	engine_open(&t->engine);
	batch_open(&t->batch, grad_shards_images(&t->shards), &t->config,
	    t->task->needs | (t->config.student_image == SWITCH_ON ? BATCH_STUDENT_IMAGE : 0));
	t->batch.seed = (uint64_t)s->seed;
	t->batch.groups = t->shards.groups;
	return 0;
}

/* Load the newest checkpoint: rank 0 removes partial files first, then the other ranks read. */
static int
resume(struct trainer *t)
{
	struct checkpoint s = trainer_checkpoint(t);
	int loaded = 0, r;
	long steps[CONSUMED_RANKS_MAX];

	if (trainer_is_rank0(t))
		loaded = checkpoint_load(&s);
	comm_barrier(&t->comm);
	if (!trainer_is_rank0(t))
		loaded = checkpoint_look(&s);
	if (loaded < 0)
		return -1;
	t->saved = loaded ? t->state.step : -1;
	comm_exchange(&t->comm, t->saved, steps);
	if (comm_check() < 0)
		return -1;
	for (r = 1; r < t->comm.ranks; r++)
		if (steps[r] != steps[0])
			return err(ERR_INPUT,
			    "%s: rank %d reads step %ld, rank 0 step %ld: all ranks need the same directory",
			    t->run, r, steps[r], steps[0]);
	return 0;
}

int
trainer_open(struct trainer *t, const struct header *h)
{
	const long given = extra(h, "start"), start = given < 0 ? 0 : given;
	const bool bf16 = t->settings.precision == SETTINGS_BF16;
	char kernels[COMM_TEXT];

	t->lock = -1;
	t->last = -1;
	snprintf(kernels, sizeof kernels, "%s, %s%s%s", kernel_isa(), gemm_version(), bf16 ? ", " : "",
	    bf16 ? gemm_bf16_version() : "");
	if (comm_open(&t->comm, t->settings.comm_timeout) < 0 || comm_same(&t->comm, "kernels", kernels,
	    "set TSCAE_ISA and OPENBLAS_CORETYPE to the same on all hosts") < 0)
		return -1;
	if (bf16 && gemm_bf16_refusal())
		return err(ERR_USAGE, "precision=bf16: %s", gemm_bf16_refusal());
	if (trainer_complete(t, h) < 0 || divide(t) < 0)
		return -1;
	if (trainer_is_rank0(t) && (t->lock = run_dir_lock(t->run)) < 0)
		return -1;
	if (build(t) < 0 || initial_weights(t) < 0 || resume(t) < 0)
		return -1;
	/* the first index of this rank, from the start on */
	t->next = start + (t->comm.rank - start % t->comm.ranks + t->comm.ranks) % t->comm.ranks;
	if (!consumed_fits(&t->state.consumed, t->comm.ranks))
		return err(ERR_USAGE, "%d ranks cannot resume a run of %d ranks", t->comm.ranks,
		    t->state.consumed.ranks);
	if (start > consumed_index(&t->state.consumed))
		return err(ERR_USAGE,
		    "the stream starts at image %ld, but the run resumes at %ld (use tscae-decode --start-index)",
		    start, consumed_index(&t->state.consumed));
	if (trainer_is_rank0(t))
		log_open(&t->log, t->run, t->state.step, t->warn, t->warn_arg);
	trainer_clock(t);
	return 0;
}

void
trainer_close(struct trainer *t)
{
	log_close(&t->log);
	batch_close(&t->batch);
	engine_close(&t->engine);
	grad_shards_close(&t->shards);
	pool_free(t->pool);
	moment_shards_close(&t->moments);
	adamw_close(&t->adamw);
	if (t->self)
		t->task->close(t->self);
	class_list_free(&t->classes);
	params_free(&t->params);
	init_close(&t->init);
	if (t->lock >= 0)
		close(t->lock);
	t->lock = -1;
	comm_close(&t->comm);
}
