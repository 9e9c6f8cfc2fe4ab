/* exchange_import - published ViT and MAE weights become a model

   What our encoder does not have, but can compute, is folded into its weights: layer scale into the last matrix of each
   branch, the positions of class token and registers into these tokens, another mean and standard deviation of the
   pixels, or a single channel, into the patch embedding. */
#include "base/err.h"
#include "base/mem.h"
#include "checkpoint/exchange.h"
#include "checkpoint/foreign_file.h"
#include "checkpoint/guess_architecture.h"
#include "checkpoint/import.h"
#include "checkpoint/param_names.h"
#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "nn/params.h"
#include "stream/tensor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- tensors */

/* Is the shape of t that of one of the slices of p? */
static bool
fits(const struct import *in, const struct tensor *t, const struct param *p, int parts)
{
	const bool gray = strcmp(p->name, "patch_embed.proj.weight") == 0 && !in->described;
	int k;

	if (t->rank != p->rank)
		return false;
	for (k = 0; k < p->rank; k++)
		if (t->shape[k] * (k ? 1 : parts) != p->shape[k] && !(gray && k == 1 && t->shape[1] == 1))
			return false;
	return true;
}

/* One channel: each color has a third of its weight, so that gray pixels give the same sum. */
static void
spread_channel(float *w, int D, int area)
{
	int o, k;

	for (o = D - 1; o >= 0; o--)
		for (k = area - 1; k >= 0; k--) {
			const float third = w[(size_t)o * (size_t)area + (size_t)k] / 3;
			float *to = w + (size_t)o * 3 * (size_t)area + k;

			to[2 * area] = third;
			to[area] = third;
			to[0] = third;
		}
}

/* Copy a tensor into its slice of parameter `id`. */
static int
load_tensor(struct import *in, const char *name, const struct tensor *t, int id, const struct param_names_slice *slice)
{
	const struct param *p = &in->params->list[id];
	float *values = in->params->values + p->offset + (size_t)slice->part * (p->count / (size_t)slice->parts);
	char shape[64];

	if (!fits(in, t, p, slice->parts))
		return err(ERR_DATA, "%s: tensor '%s' is %s, which does not fit a ViT of width %ld and patch size %ld",
			in->path, name, tensor_show(t, shape, sizeof shape), in->config->embed_dim, in->config->patch);
	if (safetensors_floats(t, values) < 0)
		return err_in("%s: tensor '%s'", in->path, name);
	if (p->rank == 4 && t->shape[1] == 1)
		spread_channel(values, p->shape[0], p->shape[2] * p->shape[3]);
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
		in->scale[which] = mem_array((size_t)(in->config->depth * D), sizeof(float));
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
	int id;

	if (!name || (is_head(name) && !(in->config->variant.pool_norm && strncmp(name, "fc_norm.", 8) == 0)))
		return leave_out(in, e->name);
	if (!param_names_from_any(in->from.style, name, &slice))
		return err(ERR_DATA, "%s: tensor '%s' is not one of a ViT or MAE", in->path, e->name);
	if (strcmp(slice.name, "pos_embed") == 0)
		return 0;
	if (strcmp(slice.name, "decoder_pos_embed") == 0 && in->decoder)
		return import_check_decoder_positions(in, e->name, e->tensor);
	if (strcmp(slice.name, "reg_token") == 0 || strcmp(slice.name, "dist_token") == 0)
		return load_registers(in, e->name, e->tensor, slice.name[0] == 'd');
	if (strstr(slice.name, ".gamma"))
		return load_scale(in, e->name, e->tensor, slice.name);
	if (strncmp(slice.name, "fc_norm.", 8) == 0)
		snprintf(slice.name, sizeof slice.name, "pool_norm.%s", name + 8);
	id = params_find(in->params, slice.name);
	if (id >= 0)
		return load_tensor(in, e->name, e->tensor, id, &slice);
	if (strncmp(slice.name, "blocks.", strlen("blocks.")) == 0 || in->decoder)
		return err(ERR_DATA, "%s: tensor '%s' follows a gap in the blocks", in->path, e->name);
	return leave_out(in, e->name);
}

static int
import_all(struct import *in)
{
	int i;

	if (import_config(in) < 0)
		return -1;
	in->decoder = in->config->objective == OBJECTIVE_MAE && guess_find(&in->from, "decoder_embed.weight");
	exchange_declare(in->params, in->config, in->decoder);
	in->loaded = mem_new((size_t)in->params->count);
	for (i = 0; i < in->file.count; i++)
		if (import_tensor(in, &in->file.entries[i]) < 0)
			return -1;
	import_put_positions(in);
	if (!in->described)
		import_allow_no_bias(in);
	in->how->notes[EXCHANGE_LEFT_OUT] += in->left_out_count;
	if (in->left_out_count > 0)
		in->how->warn("%s: left out %d of %d tensors: %s ...", in->path, in->left_out_count, in->file.count,
			in->left_out);
	for (i = 0; i < in->params->count; i++)
		if (in->loaded[i] != IMPORT_ALL_SLICES)
			return err(ERR_DATA, "%s: no tensor for all of '%s'", in->path, in->params->list[i].name);
	return import_fold(in) < 0 ? -1 : 0;
}

int
exchange_import(const struct exchange_import *how, const char *path, struct config *config, struct params *params)
{
	struct import in = { .how = how, .config = config, .params = params };
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
