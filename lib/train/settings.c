/* settings - how a model is trained: one struct, one table */
#include "train/settings.h"
#include "base/err.h"
#include "task/batch.h"
#include "train/optimizer.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* rows of a matrix product of a micro-batch: full speed from about 400 rows; more rows only take more cache (measured
   at ViT-Ti, -S and -B) */
enum { ROWS = 400 };

struct settings
settings_default(void)
{
	/* formats/method.md, Recipes */
	struct settings s = {
		.task = "pretrain", .init_from = "", .grad_shards = 4,
		.warmup_ratio = -1, .weight_decay = -1, .beta1 = 0.9, .beta2 = -1, .eps = 1e-8, .layer_decay = -1,
		.grad_clip = -1, .activation_memory = 4000000000, .checkpoint_minutes = 10, .keep_checkpoints = 1,
		.bucket_size = 25000000, .comm_timeout = 1800, .log_every = 1
	};

	return s;
}

void
settings_table(struct settings *s, struct opt *table)
{
	const struct opt rows[SETTINGS_ROWS] = {
		{ 0, "task", OPT_TEXT, &s->task, 0, 0, "task: pretrain, classify, detect or segment", "NAME" },
		{ 0, "init_from", OPT_TEXT, &s->init_from, 0, 0,
			"initial weights: model file, checkpoint or run directory", "MODEL" },
		{ 0, "seed", OPT_INT, &s->seed, 0, 0x1p53, "seed of the initial weights and of noise", NULL },
		{ 0, "batch", OPT_INT, &s->batch, 0, 1 << 20, "images in a step (0: 128, paper preset 22)", NULL },
		{ 0, "micro_batch", OPT_INT, &s->micro_batch, 0, 1 << 20,
			"images in one forward pass (0: chosen by the number of tokens)", NULL },
		{ 0, "grad_shards", OPT_INT, &s->grad_shards, 1, 1024,
			"parts of a batch with a gradient buffer each; limits the ranks", NULL },
		{ 0, "single_grad_buffer", OPT_FLAG, &s->single_grad_buffer, 0, 0,
			"one gradient buffer for all shards: less memory, one rank only", NULL },
		{ 0, "steps", OPT_INT, &s->steps, 0, 1e12,
			"optimizer steps of the whole run (0: to the end of the stream)", NULL },
		{ 0, "base_lr", OPT_REAL, &s->base_lr, 0, 1e3,
			"learning rate for 256 images (0: by task and model)", NULL },
		{ 0, "lr", OPT_REAL, &s->lr, 0, 1e3, "peak learning rate (0: base_lr * batch / 256)", NULL },
		{ 0, "min_lr", OPT_REAL, &s->min_lr, 0, 1e3, "learning rate at the end of the schedule", NULL },
		{ 0, "warmup_ratio", OPT_REAL, &s->warmup_ratio, -1, 1,
			"fraction of the steps with learning-rate warm-up (-1: by task)", NULL },
		{ 0, "weight_decay", OPT_REAL, &s->weight_decay, -1, 1e3,
			"weight decay of matrices (-1: by task)", NULL },
		{ 0, "beta1", OPT_REAL, &s->beta1, 0, 0.9999999, "AdamW: decay of the first moment", NULL },
		{ 0, "beta2", OPT_REAL, &s->beta2, -1, 0.9999999,
			"AdamW: decay of the second moment (-1: by task)", NULL },
		{ 0, "eps", OPT_REAL, &s->eps, 1e-30, 1, "AdamW: epsilon", NULL },
		{ 0, "precision", OPT_CHOICE, &s->precision, 0, 0,
			"precision of the matrix products of linear layers", OPT_NAMES(SETTINGS_PRECISIONS) },
		{ 0, "moments", OPT_CHOICE, &s->moments, 0, 0, "AdamW: how the moments are kept",
			OPT_NAMES(ADAMW_MOMENTS) },
		{ 0, "shard_moments", OPT_FLAG, &s->shard_moments, 0, 0,
			"several ranks: each keeps the moments of a part of the weights (ZeRO-1)", NULL },
		{ 0, "layer_decay", OPT_REAL, &s->layer_decay, -1, 1,
			"learning-rate factor from a block to the block below (-1: by task)", NULL },
		{ 0, "grad_clip", OPT_REAL, &s->grad_clip, -1, 1e30,
			"maximum gradient norm (0: no clipping; -1: 3, paper preset none)", NULL },
		{ 0, "activation_memory", OPT_BYTES, &s->activation_memory, 0, 1e15,
			"bytes of activations to keep for batch losses (0: no limit)", NULL },
		{ 0, "checkpoint_steps", OPT_INT, &s->checkpoint_steps, 0, 1e12,
			"steps between checkpoints (0: by time only)", NULL },
		{ 0, "checkpoint_minutes", OPT_REAL, &s->checkpoint_minutes, 0, 1e6,
			"minutes between checkpoints (0: by steps only)", NULL },
		{ 0, "keep_checkpoints", OPT_INT, &s->keep_checkpoints, 1, 1e6, "number of checkpoints to keep", NULL },
		{ 0, "deterministic", OPT_FLAG, &s->deterministic, 0, 0,
			"several ranks: give the bytes of one rank, or fail", NULL },
		{ 0, "allreduce", OPT_CHOICE, &s->allreduce, 0, 0,
			"precision of gradients that ranks and gradient shards add up",
			OPT_NAMES(SETTINGS_PRECISIONS) },
		{ 0, "bucket_size", OPT_BYTES, &s->bucket_size, 0, 1e15,
			"several ranks: bytes of gradients summed at a time, during backward (0: all after it)",
			NULL },
		{ 0, "comm_timeout", OPT_REAL, &s->comm_timeout, 0, 1e9,
			"several ranks: seconds to wait for a message (0: no limit)", NULL },
		{ 0, "log_every", OPT_INT, &s->log_every, 1, 1e9, "steps between log lines", NULL },
		{ 0 }
	};

	memcpy(table, rows, sizeof rows);
}

bool
settings_matter(const char *name)
{
	static const char *const idle[] = {
		"init_from", "activation_memory", "checkpoint_steps", "checkpoint_minutes", "keep_checkpoints",
		"deterministic", "bucket_size", "comm_timeout", "log_every", "recompute", "shard_moments"
	};
	size_t i;

	for (i = 0; i < sizeof idle / sizeof *idle; i++)
		if (strcmp(name, idle[i]) == 0)
			return false;
	return true;
}

/* micro_batch so that the matrix products have about ROWS rows, on average over the passes of the objective */
static long
micro_batch_default(const struct config *c, const struct task *task, long batch, long shards)
{
	/* pre-training has a short pass and a long one: TSCAE's see P + 4 tokens together, MAE's the visible ones, all,
	   and two of the class */
	const double P = config_patches(c), tscae = (P + 4) / 2, mae = (2 * P - config_masked(c) + 2) / 2;
	const double rows = task->downstream ? P + 1 : c->objective == OBJECTIVE_TSCAE ? tscae : mae;
	long micro = 1, of_shard = (batch + shards - 1) / shards;

	/* the nearest power of two */
	while ((double)micro * rows * M_SQRT2 < ROWS)
		micro *= 2;
	return micro < of_shard ? micro : of_shard;
}

/* an unset (-1) setting: the value of the task if it has one, else that of pre-training */
static void
take(double *setting, double of_task, double otherwise)
{
	if (*setting == -1)
		*setting = of_task > 0 ? of_task : otherwise;
}

static void
follow_recipe(struct settings *s, const struct config *c, const struct recipe *recipe)
{
	const bool small = c->model == SIZE_MICRO || c->model == SIZE_TINY;

	if (s->base_lr == 0 && small)
		s->base_lr = recipe->small_lr;
	if (s->base_lr == 0)
		s->base_lr = recipe->base_lr > 0 ? recipe->base_lr : c->preset ? 1e-3 : small ? 5e-4 : 1.5e-4;
	take(&s->beta2, recipe->beta2, 0.95);
	take(&s->weight_decay, recipe->weight_decay, 0.05);
	take(&s->warmup_ratio, recipe->warmup_ratio, 0.1);
	/* layer decay protects a trained encoder: off with random init */
	take(&s->layer_decay, *s->init_from ? recipe->layer_decay : 0, 1);
}

/* -1 is unset; other numbers below 0 are out of range */
static int
check_ranges(const struct settings *s)
{
	const struct { const char *name; double value; } list[] = {
		{ "warmup_ratio", s->warmup_ratio }, { "weight_decay", s->weight_decay }, { "beta2", s->beta2 },
		{ "layer_decay", s->layer_decay }, { "grad_clip", s->grad_clip }
	};
	size_t i;

	for (i = 0; i < sizeof list / sizeof *list; i++)
		if (list[i].value < 0)
			return err(ERR_USAGE, "%s=%g is out of range: use -1, or at least 0", list[i].name,
			    list[i].value);
	return 0;
}

int
settings_complete(struct settings *s, const struct config *c, const struct task *task, long records)
{
	if (s->batch == 0) {
		s->batch = c->preset ? 22 : 128;
		if (records > 0 && records < s->batch)
			s->batch = records;
	}
	if (s->micro_batch == 0)
		s->micro_batch = micro_batch_default(c, task, s->batch, s->grad_shards);
	if (s->micro_batch > s->batch)
		s->micro_batch = s->batch;
	follow_recipe(s, c, &task->recipe);
	if (s->grad_clip == -1)
		s->grad_clip = c->preset ? 0 : 3;
	if (check_ranges(s) < 0)
		return -1;
	if ((c->mixup > 0 || c->cutmix > 0) && s->batch / s->grad_shards < 2)
		return err(ERR_USAGE,
			"mixup, cutmix: batch=%ld in grad_shards=%ld leaves shards of one image, and images are mixed"
			" within a shard: use a larger batch",
			s->batch, s->grad_shards);
	if (s->lr == 0)
		s->lr = s->base_lr * (double)s->batch / 256;
	if (s->min_lr > s->lr)
		return err(ERR_USAGE, "min_lr=%g is above the peak learning rate, %g", s->min_lr, s->lr);
	if (s->steps == 0 && records == 0)
		return err(ERR_USAGE, "the length of the stream is unknown: use steps=N");
	if (s->steps == 0 && records > 0 && records < s->batch)
		return err(ERR_USAGE, "the stream has %ld images, fewer than one batch of %ld: use a smaller batch=N",
		    records, s->batch);
	if (s->steps == 0 && records > 0)
		s->steps = records / s->batch;
	return 0;
}

void
settings_warn_unused(const struct config *c, const struct task *task,
	void (*warn)(void *arg, const char *format, ...), void *warn_arg)
{
	const bool classes = task->needs & BATCH_CLASS, pyramid = task->needs & (BATCH_BOXES | BATCH_LABELS);
	const struct { const char *name; double value; bool used; } list[] = {
		{ "drop_path", c->drop_path, task->downstream },
		{ "window_size", (double)c->window_size, task->downstream },
		{ "fpn_dim", (double)c->fpn_dim, pyramid }, { "label_smoothing", c->label_smoothing, classes },
		{ "mixup", c->mixup, classes }, { "cutmix", c->cutmix, classes }
	};
	size_t i;

	for (i = 0; i < sizeof list / sizeof *list; i++)
		if (list[i].value > 0 && !list[i].used)
			warn(warn_arg, "%s=%g: task=%s does not use it", list[i].name, list[i].value, task->name);
}
