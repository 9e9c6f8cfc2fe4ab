/* init - initial weights: random, or from a trained model */
#include "train/init.h"
#include "base/err.h"
#include "base/opt.h"
#include "checkpoint/model_file.h"
#include "model/config.h"
#include "model/encoder.h"
#include "transform/patch.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* sizes that an encoder's weights fix; a row of config_table() each */
static const struct { const char *name; size_t at; } sizes[] = {
	{ "embed_dim", offsetof(struct config, embed_dim) },
	{ "depth", offsetof(struct config, depth) },
	{ "heads", offsetof(struct config, heads) },
	{ "patch", offsetof(struct config, patch) },
	{ "channels", offsetof(struct config, channels) }
};
enum { SIZES = sizeof sizes / sizeof *sizes };

static long *
size_of(struct config *c, int i)
{
	return (long *)((char *)c + sizes[i].at);
}

int
init_open(struct init_model *from, const char *name)
{
	*from = (struct init_model){ .name = name, .path = model_file_find(name) };
	if (!from->path || safetensors_open(&from->file, from->path) < 0) {
		init_close(from);
		return -1;
	}
	return 0;
}

void
init_close(struct init_model *from)
{
	if (from->path)
		safetensors_close(&from->file);
	free(from->path);
	*from = (struct init_model){ 0 };
}

int
init_adopt(struct config *c, const struct init_model *from)
{
	struct config other;
	int i;

	if (model_file_config(&from->file, from->path, &other) < 0)
		return -1;
	/* an explicit model sets its own sizes; init_check() compares them afterwards */
	for (i = 0; c->model == SIZE_AUTO && i < SIZES; i++)
		if (*size_of(c, i) == 0)
			*size_of(c, i) = *size_of(&other, i);
	if (c->model == SIZE_AUTO)
		c->model = other.model;
	if (c->patch == 0)
		c->patch = other.patch;
	if (c->channels == 0)
		c->channels = other.channels;
	if (c->bits == 0)
		c->bits = other.bits;
	if (c->mean_std == NORMALIZE_AUTO && c->mean.count == 0 && c->std.count == 0) {
		c->mean_std = other.mean_std;
		c->mean = other.mean;
		c->std = other.std;
	}
	c->variant = other.variant;
	return 0;
}

static bool
same_mean_std(const struct config *a, const struct config *b)
{
	const struct patch_pixels p = config_pixels(a), q = config_pixels(b);

	return memcmp(p.mean, q.mean, sizeof p.mean) == 0 && memcmp(p.std, q.std, sizeof p.std) == 0;
}

int
init_check(const struct config *c, const struct init_model *from)
{
	struct config own = *c, other;
	int i;

	if (model_file_config(&from->file, from->path, &other) < 0)
		return -1;
	for (i = 0; i < SIZES; i++)
		if (*size_of(&own, i) != *size_of(&other, i))
			return err(ERR_USAGE, "%s=%ld, but the encoder of '%s' has %ld", sizes[i].name,
				*size_of(&own, i), from->path, *size_of(&other, i));
	if (!same_mean_std(&own, &other))
		return err(ERR_USAGE, "mean_std: the encoder of '%s' was trained with another mean and standard "
			"deviation", from->path);
	return 0;
}

/* Copy the parameters that the file has under the same name (a downstream task: the whole encoder, but for the norm of
   the mean that the task may add to it). */
static int
take_weights(struct params *p, const struct task *task, const struct config *c, const struct safetensors *from,
	const char *path, void (*warn)(void *arg, const char *format, ...), void *warn_arg)
{
	int i, taken = 0;

	for (i = 0; i < p->count; i++) {
		const struct param *q = &p->list[i];
		const struct tensor *w = safetensors_get(from, q->name);
		const int layer = encoder_layer(q->name, (int)c->depth);

		if (task->downstream && layer < 0)
			continue;
		if (!w && task->downstream && !(task->pool_norm && layer == c->depth + 1))
			return err(ERR_DATA, "the encoder has no tensor '%s'", q->name);
		if (!w)
			continue;
		if (!model_file_fits(w, q))
			return err(ERR_DATA, "tensor '%s' has another shape than the model", q->name);
		if (safetensors_floats(w, p->values + q->offset) < 0)
			return err_in("tensor '%s'", q->name);
		safetensors_drop_pages(from, w);
		taken++;
	}
	if (taken == 0)
		return err(ERR_DATA, "the file has none of the parameters of the model");
	if (task->downstream)
		warn(warn_arg, "%s: loaded the encoder (%d tensors, ignored %d others); %d parameters of the head "
			"have random init",
			path, taken, from->count - taken, p->count - taken);
	else if (taken < p->count)
		warn(warn_arg, "%s: has %d of %d parameters of the model; the others have random init", path, taken,
		    p->count);
	return 0;
}

/* Pre-training from a model of ours: what the shapes of the tensors do not show. */
static int
check_pretrained(const struct config *c, const struct init_model *from,
	void (*warn)(void *arg, const char *format, ...), void *warn_arg)
{
	struct config other;
	bool decoder;

	if (model_file_config(&from->file, from->path, &other) < 0)
		return -1;
	if (!config_is_plain(&other))
		return err(ERR_USAGE, "%s: pre-training cannot start from an encoder with learned positions or "
		    "register tokens, or without class token or final norm; use it for a downstream task",
		    from->path);
	decoder = other.objective == c->objective && safetensors_get(&from->file, c->objective == OBJECTIVE_MAE
	    ? "decoder_embed.weight" : "decoder.norm.weight");
	if (c->heads != other.heads || (decoder && c->decoder_heads != other.decoder_heads))
		return err(ERR_USAGE, "%s=%ld, but the model '%s' has %ld", c->heads != other.heads ? "heads"
			: "decoder_heads", c->heads != other.heads ? c->heads : c->decoder_heads, from->path,
			c->heads != other.heads ? other.heads : other.decoder_heads);
	if (other.variant.norm_eps != c->variant.norm_eps)
		warn(warn_arg, "%s: layer norm epsilon %g there, %g here", from->path, other.variant.norm_eps,
		    c->variant.norm_eps);
	if (!same_mean_std(c, &other))
		warn(warn_arg, "%s: was trained with another mean and standard deviation of the pixels", from->path);
	return 0;
}

int
init_weights(struct params *p, const struct task *task, const struct config *c, uint64_t seed,
	const struct init_model *from, void (*warn)(void *arg, const char *format, ...), void *warn_arg)
{
	/* weights of a file that is not a model of ours have no configuration */
	if (from->path && !task->downstream && safetensors_metadata(&from->file, "config.depth") &&
	    check_pretrained(c, from, warn, warn_arg) < 0)
		return -1;
	params_init(p, seed);
	if (from->path && take_weights(p, task, c, &from->file, from->name, warn, warn_arg) < 0)
		return err_in("%s", from->path);
	return 0;
}

void
init_rates(struct params *p, int depth, double decay)
{
	int i;

	for (i = 0; i < p->count; i++) {
		const int layer = encoder_layer(p->list[i].name, depth);

		p->list[i].lr_scale = layer < 0 ? 1 : (float)pow(decay, depth + 1 - layer);
	}
}
