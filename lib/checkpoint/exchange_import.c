/* exchange_import - published ViT and MAE weights become a model

   What our encoder does not have, but can compute, is folded into its weights: layer scale into the last matrix of each
   branch, the positions of class token and registers into these tokens. */
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "checkpoint/exchange.h"
#include "checkpoint/foreign_config.h"
#include "checkpoint/foreign_file.h"
#include "checkpoint/guess_architecture.h"
#include "checkpoint/import.h"
#include "checkpoint/model_file.h"
#include "checkpoint/param_names.h"
#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "nn/params.h"
#include "stream/tensor.h"
#include "transform/patch.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The numbers of config.json for each channel; one number is that of all. -1 and err(). */
static int
read_list(const struct import *in, const char *name, const double *values, struct opt_list *to)
{
	const int channels = (int)in->config->channels;
	int i, count = 0, differ = 0;

	while (count < FOREIGN_CONFIG_CHANNELS && values[count] >= 0)
		differ += values[count++] != values[0];
	if (count != channels && (count > channels ? differ : count != 1))
		return err(ERR_USAGE, "%s: config.json has %d numbers for %s, the encoder has %d channel%s; use --mean"
		    " and --std, or --mean-std", in->path, count, name, channels, channels == 1 ? "" : "s");
	to->count = channels;
	for (i = 0; i < channels; i++)
		to->x[i] = values[i < count ? i : 0];
	return 0;
}

/* Are these the mean and standard deviation of that name? */
static bool
is_scale(const struct config *c, enum patch_scale scale)
{
	struct patch_pixels p = { .channels = (int)c->channels };
	int i;

	patch_scale(scale, &p);
	for (i = 0; i < p.channels; i++)
		if (fabs(c->mean.x[i] - p.mean[i]) > 1e-6 || fabs(c->std.x[i] - p.std[i]) > 1e-6)
			return false;
	return scale == PATCH_HALF || p.channels == 3;
}

/* Those of config.json. */
static int
read_statistics(const struct import *in)
{
	const struct foreign_config *found = &in->file.config;
	struct config *c = in->config;
	int i;

	if (read_list(in, "the mean", found->mean, &c->mean) < 0 ||
	    read_list(in, "the standard deviation", found->std, &c->std) < 0)
		return -1;
	for (i = 0; i < c->std.count; i++)
		if (!(c->std.x[i] > 0))
			return err(ERR_DATA, "%s: a standard deviation of the pixels of %g", in->path, c->std.x[i]);
	for (i = 0; i < c->mean.count; i++)
		if (c->mean.x[i] > 1)
			return err(ERR_USAGE, "%s: config.json states a mean of %g, of pixels that are not scaled to "
				"0 to 1; use --mean and --std, or --mean-std", in->path, c->mean.x[i]);
	for (i = 0; i < PATCH_SCALES; i++)
		if (is_scale(c, (enum patch_scale)i)) {
			c->mean.count = c->std.count = 0;
			c->mean_std = i;
			break;
		}
	return 0;
}

/* Where neither option nor config.json gives mean and standard deviation, those of ImageNet are a guess: a warning. */
static int
choose_statistics(struct import *in)
{
	const struct exchange_import *how = in->how;
	struct foreign_config *found = &in->file.config;
	struct config *c = in->config;
	int i;

	c->bits = how->bits;
	c->mean = how->mean;
	c->std = how->std;
	c->mean_std = how->normalize;
	if (how->normalize != NORMALIZE_AUTO || how->mean.count || how->std.count)
		return 0;
	if (found->do_rescale == 0 || (found->rescale >= 0 && fabs(found->rescale * 255 - 1) > 1e-6))
		return err(ERR_USAGE, "%s: preprocessor_config.json states pixels that are not scaled to 0 to 1; "
			"use --mean-std", in->path);
	if (found->do_normalize == 0) {
		for (i = 0; i < FOREIGN_CONFIG_CHANNELS; i++)
			found->mean[i] = found->std[i] = -1;
		found->mean[0] = 0;
		found->std[0] = 1;
	}
	if (found->mean[0] >= 0 && found->std[0] >= 0)
		return read_statistics(in);
	if (c->channels != 3)
		return err(ERR_USAGE, "%s: an encoder of %ld channel%s, and no config.json with its mean and standard "
		    "deviation; use --mean and --std, or --mean-std half", in->path, c->channels,
		    c->channels == 1 ? "" : "s");
	how->notes[EXCHANGE_ASSUMED]++;
	how->warn(how->warn_arg, "%s: no config.json states mean and standard deviation of the pixels: assumed "
		"ImageNet's, those of MAE, DeiT, DINO and MoCo-v3; many ViTs of timm have others: use --mean-std "
		"(half)", in->path);
	c->mean_std = PATCH_IMAGENET;
	return 0;
}

static int
import_config(struct import *in)
{
	in->described = in->file.shard_count == 1 && safetensors_metadata(&in->file.shards[0], "config.depth");
	if (in->described) {
		if (model_file_config(&in->file.shards[0], in->path, in->config) < 0)
			return -1;
		/* the table has no part in the file of a model of ours */
		return guess_find(&in->from, "pos_embed") ? import_positions(in) : 0;
	}
	if (guess_supported(&in->from) < 0 || guess_config(&in->from, &in->how->known, in->config) < 0)
		return err_in("%s", in->path);
	if (in->how->known.norm_eps < 0 && in->file.config.norm_eps < 0 && !*in->file.config.architecture) {
		in->how->notes[EXCHANGE_ASSUMED]++;
		in->how->warn(in->how->warn_arg, "%s: no config.json states the epsilon of the layer norms: assumed "
			"1e-6, that of timm and MAE; use --norm-eps", in->path);
	}
	in->config->norm_pix = in->how->norm_pix || in->file.config.norm_pix == 1;
	if (choose_statistics(in) < 0 || import_positions(in) < 0)
		return -1;
	return config_complete(in->config) < 0 ? err(ERR_DATA, "%s: %s", in->path, err_text()) : 0;
}

/* Layers of a classifier or of a training objective, which follow the encoder: its outputs do not depend on them. */
static bool
is_head(const char *name)
{
	static const char *const heads[] = {
		"head.", "heads.", "head_dist.", "fc_norm.", "pre_logits.", "classifier.", "cls_classifier.",
		"distillation_classifier.", "pooler.", "vit.pooler.", "deit.pooler.", "predictor.", "projector.",
		"decoder.0."
	};
	size_t i;

	for (i = 0; i < sizeof heads / sizeof *heads; i++)
		if (strncmp(name, heads[i], strlen(heads[i])) == 0)
			return true;
	return false;
}

/* Is the shape of t that of one of the slices of p? */
static bool
fits(const struct tensor *t, const struct param *p, int parts)
{
	int k;

	if (t->rank != p->rank)
		return false;
	for (k = 0; k < p->rank; k++)
		if (t->shape[k] * (k ? 1 : parts) != p->shape[k])
			return false;
	return true;
}

/* Copy a tensor into its slice of parameter `id`. */
static int
load_tensor(struct import *in, const char *name, const struct tensor *t, int id, const struct param_names_slice *slice)
{
	const struct param *p = &in->params->list[id];
	float *values = in->params->values + p->offset + (size_t)slice->part * (p->count / (size_t)slice->parts);
	char shape[64];

	if (!fits(t, p, slice->parts))
		return err(ERR_DATA, "%s: tensor '%s' is %s, which does not fit a ViT of width %ld and patch size %ld",
			in->path, name, tensor_show(t, shape, sizeof shape), in->config->embed_dim, in->config->patch);
	if (safetensors_floats(t, values) < 0)
		return err_in("%s: tensor '%s'", in->path, name);
	in->loaded[id] |= (unsigned char)(slice->parts == 1 ? IMPORT_ALL_SLICES : 1 << slice->part);
	return 0;
}

static int
leave_out(struct import *in, const char *name)
{
	size_t used = strlen(in->left_out);

	if (used + strlen(name) + 3 < sizeof in->left_out)
		snprintf(in->left_out + used, sizeof in->left_out - used, "%s%s", used ? ", " : "", name);
	in->left_out_count++;
	return 0;
}

/* The distillation token is register 0; the registers follow it. */
static int
load_registers(struct import *in, const char *name, const struct tensor *t, bool distillation)
{
	const long D = in->config->embed_dim, n = tensor_count(t) / D;
	const int first = distillation || !guess_find(&in->from, "dist_token") ? 0 : 1;
	float *values;
	char own[32];
	long i;

	if (n * D != tensor_count(t) || t->shape[t->rank - 1] != D || first + n > in->config->variant.registers)
		return err(ERR_DATA, "%s: tensor '%s' does not fit a ViT of width %ld", in->path, name, D);
	values = import_floats(in, name, t);
	if (!values)
		return -1;
	for (i = 0; i < n; i++) {
		int id;

		snprintf(own, sizeof own, "reg_token.%ld", first + i);
		id = params_find(in->params, own);
		memcpy(in->params->values + in->params->list[id].offset, values + i * D, (size_t)D * sizeof *values);
		in->loaded[id] = IMPORT_ALL_SLICES;
	}
	free(values);
	return 0;
}

/* blocks.#.ls1.gamma, ls2.gamma */
static int
load_scale(struct import *in, const char *name, const struct tensor *t, const char *own)
{
	const long D = in->config->embed_dim, block = strtol(own + strlen("blocks."), NULL, 10);
	const int which = strstr(own, ".ls2.") != NULL;

	if (block >= in->config->depth || t->rank != 1 || t->shape[0] != D)
		return err(ERR_DATA, "%s: tensor '%s' does not fit a ViT of width %ld with %ld blocks", in->path,
		    name, D,
			in->config->depth);
	if (!in->scale[which])
		in->scale[which] = mem_array(mem_product((size_t)in->config->depth, (size_t)D), sizeof(float));
	if (safetensors_floats(t, in->scale[which] + block * D) < 0)
		return err_in("%s: tensor '%s'", in->path, name);
	in->scales[which]++;
	return 0;
}

static int
import_tensor(struct import *in, const struct foreign_entry *e)
{
	const char *name = guess_name(&in->from, e->name);
	struct param_names_slice slice;
	bool known;
	int id;

	if (!name)
		return leave_out(in, e->name);
	known = param_names_from_any(in->from.style, name, &slice);
	id = known ? params_find(in->params, slice.name) : -1;
	if (id < 0 && is_head(name))
		return leave_out(in, e->name);
	if (!known)
		return err(ERR_DATA, "%s: tensor '%s' is not one of a ViT or MAE", in->path, e->name);
	if (strcmp(slice.name, "pos_embed") == 0)
		return 0;
	if (strcmp(slice.name, "decoder_pos_embed") == 0 && in->decoder)
		return import_check_decoder_positions(in, e->name, e->tensor);
	if (strcmp(slice.name, "reg_token") == 0 || strcmp(slice.name, "dist_token") == 0)
		return load_registers(in, e->name, e->tensor, slice.name[0] == 'd');
	if (strstr(slice.name, ".gamma"))
		return load_scale(in, e->name, e->tensor, slice.name);
	if (id >= 0)
		return load_tensor(in, e->name, e->tensor, id, &slice);
	if (strncmp(slice.name, "blocks.", strlen("blocks.")) == 0 || in->decoder)
		return err(ERR_DATA, "%s: tensor '%s' follows a gap in the blocks", in->path, e->name);
	return leave_out(in, e->name);
}

/* The classes of a head over the mean of the patches, the only kind that tscae-classify has. Without their names, or
   where config.json states another pooling (token, max ...), the head is left out. */
static int
read_classes(struct import *in)
{
	const struct tensor *head = guess_find(&in->from, "head.weight");
	const struct foreign_config *found = &in->file.config;
	const struct class_list *named = &found->classes;
	const char *pool = *found->model_pool ? found->model_pool : found->pool;
	int i;

	if (!in->config->variant.pool_norm || !head || head->rank != 2)
		return 0;
	if (!in->described && *pool && strcmp(pool, "avg") != 0)
		return 0;
	if (in->described && safetensors_metadata(&in->file.shards[0], "classes")) {
		if (safetensors_classes_load(in->classes, &in->file.shards[0]) < 0)
			return err_in("%s", in->path);
	} else
		for (i = 0; i < named->count; i++)
			if (class_list_add(in->classes, named->list[i].name, i) < 0)
				return err_in("%s", in->path);
	if (in->classes->count > 0 && in->classes->count != head->shape[0])
		return err(ERR_DATA, "%s: %d class names for the %ld rows of 'head.weight'", in->path,
			in->classes->count, head->shape[0]);
	if (in->classes->count > 0 && found->class_count >= 0 && (long)found->class_count != head->shape[0])
		return err(ERR_DATA, "%s: config.json states %g classes, but 'head.weight' has %ld rows", in->path,
			found->class_count, head->shape[0]);
	if (in->classes->count > CLASS_LIST_MAX)
		return err(ERR_DATA, "%s: %d classes, limit %d", in->path, in->classes->count, CLASS_LIST_MAX);
	in->config->classes = in->classes->count;
	return 0;
}

/* Has the file about as many values as the model? Without this the claim of a small file takes the memory of a large
   model. Half of them: what a file may lack, such as biases, is less. */
static int
check_size(const struct import *in)
{
	double values = 0;
	int i;

	for (i = 0; i < in->file.count; i++)
		values += (double)tensor_count(in->file.entries[i].tensor);
	return values >= (double)in->params->size / 2 ? 0
		: err(ERR_DATA, "%s: a model of width %ld with %ld blocks has %zu values, the tensors have %.0f",
			in->path, in->config->embed_dim, in->config->depth, in->params->size, values);
}

static int
import_all(struct import *in)
{
	int i;

	if (import_config(in) < 0 || read_classes(in) < 0)
		return -1;
	in->decoder = in->config->objective == OBJECTIVE_MAE && guess_find(&in->from, "decoder_embed.weight");
	exchange_declare(in->params, in->config, in->decoder ? EXCHANGE_MAE_MODEL : in->classes->count
		? EXCHANGE_CLASSIFIER : EXCHANGE_ENCODER);
	if (check_size(in) < 0)
		return -1;
	params_build(in->params);
	in->loaded = mem_new((size_t)in->params->count);
	for (i = 0; i < in->file.count; i++)
		if (import_tensor(in, &in->file.entries[i]) < 0)
			return -1;
	import_put_positions(in);
	if (!in->described)
		import_allow_no_bias(in);
	in->how->notes[EXCHANGE_LEFT_OUT] += in->left_out_count;
	if (in->left_out_count > 0)
		in->how->warn(in->how->warn_arg, "%s: left out %d of %d tensors: %s ...", in->path,
			in->left_out_count, in->file.count, in->left_out);
	for (i = 0; i < in->params->count; i++)
		if (in->loaded[i] != IMPORT_ALL_SLICES)
			return err(ERR_DATA, "%s: no tensor for all of '%s'", in->path, in->params->list[i].name);
	return import_fold(in) < 0 ? -1 : 0;
}

int
exchange_import(const struct exchange_import *how, const char *path, struct config *config, struct params *params,
	struct class_list *classes)
{
	struct import in = { .how = how, .config = config, .params = params, .classes = classes };
	int result;

	if (foreign_file_open(&in.file, path) < 0)
		return -1;
	in.path = in.file.path;
	result = guess_open(&in.from, &in.file, how->prefix) < 0 ? err_in("%s", in.path) : import_all(&in);
	free(in.loaded);
	free(in.positions);
	free(in.scale[0]);
	free(in.scale[1]);
	foreign_file_close(&in.file);
	return result;
}
