/* exchange_import - published ViT and MAE weights become a model

   What our encoder does not have, but can compute, is folded into its weights: layer scale into the last matrix of each
   branch, the positions of class token and registers into these tokens, another mean and standard deviation of the
   pixels, or a single channel, into the patch embedding. */
#include "base/err.h"
#include "base/mem.h"
#include "checkpoint/exchange.h"
#include "checkpoint/foreign_file.h"
#include "checkpoint/guess_architecture.h"
#include "checkpoint/safetensors.h"
#include "model/token_sequence.h"
#include "stream/tensor.h"
#include "transform/patch.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Largest difference from the fixed position embedding that other orders of operations explain, and the largest
   rounding of a value up to 1 in F16 and BF16. */
#define POSITION_TOLERANCE 1e-4
#define POSITION_ROUNDING_F16 0x1p-12
#define POSITION_ROUNDING_BF16 0x1p-9

struct import {
	const struct exchange_import *how;
	const char *path;
	struct foreign_file file;
	struct guess from;
	struct config *config;
	struct params *params;
	bool described;			/* a file of exchange_export() with its configuration */
	bool decoder;			/* the file has the decoder of MAE */
	float *positions;		/* (position_tokens + grid^2, D), as in the file; NULL: none */
	long position_tokens, grid;
	float *scale[2];		/* layer scale of attention and MLP (depth, D); NULL: none */
	long scales[2];			/* blocks that have it */
	unsigned char *loaded;		/* for each parameter, a bit for each of its 3 slices */
	char left_out[200];		/* the first names of tensors that were left out, for one warning */
	int left_out_count;
};

enum { ALL_SLICES = 7 };

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

static float *
read_floats(const struct import *in, const char *name, const struct tensor *t)
{
	float *values = mem_array((size_t)tensor_count(t) + 1, sizeof *values);

	if (safetensors_floats(t, values) == 0)
		return values;
	free(values);
	err_in("%s: tensor '%s'", in->path, name);
	return NULL;
}

/* ---- positions */

/* The largest difference between position embeddings (grid^2, D) and the fixed ones. */
static double
position_difference(const float *values, int grid, int D)
{
	double worst = 0;
	struct pos_embed p;
	long i;

	if (D % 4)
		return INFINITY;
	pos_embed_open(&p, grid, grid, D);
	for (i = 0; i < (long)grid * grid * D; i++)
		worst = fmax(worst, fabs((double)values[i] - (double)p.table[i]));
	pos_embed_close(&p);
	return worst;
}

/* The tolerance of a position embedding. A table that was rounded to F16 or BF16 may be stored as F32 again, so the
   values tell the type: those of BF16 and F16 end in 16 and 13 zero bits. */
static double
position_tolerance(const float *values, long count)
{
	bool f16 = true, bf16 = true;
	uint32_t bits;
	long i;

	for (i = 0; i < count && (f16 || bf16); i++) {
		memcpy(&bits, &values[i], sizeof bits);
		bf16 = bf16 && (bits & 0xffff) == 0;
		/* below 2^-14 F16 has multiples of 2^-24 */
		f16 = f16 && ((bits & 0x1fff) == 0 || (fabsf(values[i]) < 0x1p-14f &&
			values[i] * 0x1p24f == rintf(values[i] * 0x1p24f)));
	}
	return POSITION_TOLERANCE + (bf16 ? POSITION_ROUNDING_BF16 : f16 ? POSITION_ROUNDING_F16 : 0);
}

/* Learned, and to be kept? -1 and err() where the model cannot have it. `values` (grid^2, D). */
static int
is_learned(const struct import *in, const char *name, const float *values, long grid, long D, bool can_keep)
{
	const double worst = position_difference(values, (int)grid, (int)D);

	if (worst <= position_tolerance(values, grid * grid * D))
		return 0;
	if (in->how->drop_positions) {
		in->how->warn("%s: tensor '%s' differs from the fixed position embedding by up to %.3g and was replaced: "
			"features differ from those of the original until the model is trained further", in->path, name, worst);
		return 0;
	}
	return can_keep ? 1 : err(ERR_DATA, "%s: tensor '%s' is a learned position embedding, which is not supported in a "
		"model with the decoder of MAE: it differs from the fixed one by up to %.3g; use --drop-pos-embed to replace it "
		"and train further", in->path, name, worst);
}

/* Read the position table of the encoder, and set image and position_grid. */
static int
read_positions(struct import *in)
{
	const struct tensor *t = guess_find(&in->from, "pos_embed");
	struct config *c = in->config;
	int tokens, learned;

	if (!t) {
		if (!in->how->drop_positions || c->image == 0)
			return err(ERR_USAGE, "%s: no position table; use --image and --drop-pos-embed for the fixed one", in->path);
		return 0;
	}
	tokens = guess_position_tokens(&in->from, c, &in->grid);
	if (tokens < 0)
		return err_in("%s", in->path);
	in->position_tokens = tokens;
	in->positions = read_floats(in, "pos_embed", t);
	if (!in->positions)
		return -1;
	if (c->image == 0)
		c->image = in->grid * c->patch;
	learned = is_learned(in, "pos_embed", in->positions + in->position_tokens * c->embed_dim, in->grid, c->embed_dim,
		!guess_find(&in->from, "decoder_embed.weight"));
	if (learned < 0)
		return -1;
	c->variant.position_grid = learned ? in->grid : 0;
	if (!learned && in->grid * c->patch != c->image)
		in->how->warn("%s: the fixed position table of images of %ld pixels was computed again for %ld", in->path,
			in->grid * c->patch, c->image);
	return 0;
}

static int
check_decoder_positions(const struct import *in, const char *name, const struct tensor *t)
{
	const long grid = in->config->image / in->config->patch, D = in->config->decoder_embed_dim;
	float *values;
	int result;

	if (t->rank != 3 || t->shape[0] != 1 || t->shape[1] != 1 + grid * grid || t->shape[2] != D)
		return err(ERR_DATA, "%s: tensor '%s' is not 1 x %ld x %ld", in->path, name, 1 + grid * grid, D);
	values = read_floats(in, name, t);
	if (!values)
		return -1;
	result = is_learned(in, name, values + D, grid, D, false);
	free(values);
	return result;
}

/* ---- configuration */

static bool
same_statistics(const struct foreign_config *said, const struct patch_statistics *p)
{
	int i;

	for (i = 0; i < 3; i++)
		if (fabs(said->mean[i] - p->mean[i]) > 1e-6 || fabs(said->std[i] - p->std[i]) > 1e-6)
			return false;
	return true;
}

/* Where neither option nor config.json gives mean and standard deviation, those of ImageNet are a guess: a warning. */
static int
choose_statistics(struct import *in, long channels)
{
	struct foreign_config *said = &in->file.config;
	int i;

	if (in->how->normalize != NORMALIZE_AUTO)
		for (i = 0; i < 3; i++) {
			said->mean[i] = patch_statistics[in->how->normalize].mean[i];
			said->std[i] = patch_statistics[in->how->normalize].std[i];
		}
	else if (said->mean[0] < 0 || said->std[0] <= 0) {
		if (channels == 1)
			return err(ERR_USAGE, "%s: an encoder of one channel, and no config.json with its mean and standard "
				"deviation; use --mean-std half", in->path);
		in->how->warn("%s: no config.json states mean and standard deviation of the pixels: assumed ImageNet's; "
			"use --mean-std", in->path);
		in->config->mean_std = PATCH_IMAGENET;
		for (i = 0; i < 3; i++) {
			said->mean[i] = patch_statistics[PATCH_IMAGENET].mean[i];
			said->std[i] = patch_statistics[PATCH_IMAGENET].std[i];
		}
	}
	for (i = 1; i < 3; i++) {
		if (said->mean[i] < 0)
			said->mean[i] = said->mean[0];
		if (said->std[i] < 0)
			said->std[i] = said->std[0];
		if (channels == 1 && (said->mean[i] != said->mean[0] || said->std[i] != said->std[0]))
			return err(ERR_USAGE, "%s: one channel, but several means and standard deviations; use --mean-std half",
				in->path);
	}
	for (i = 0; i < 3; i++)
		if (!(said->std[i] > 0))
			return err(ERR_DATA, "%s: a standard deviation of the pixels of %g", in->path, said->std[i]);
	in->config->mean_std = same_statistics(said, &patch_statistics[PATCH_IMAGENET]) ? PATCH_IMAGENET : PATCH_HALF;
	return 0;
}

static int
read_config(struct import *in)
{
	const struct tensor *patch;

	in->described = in->file.shard_count == 1 && safetensors_metadata(&in->file.shards[0], "config.depth");
	if (in->described) {
		if (model_file_config(&in->file.shards[0], in->path, in->config) < 0)
			return -1;
		/* the table has no part in the file of a model of ours */
		return guess_find(&in->from, "pos_embed") ? read_positions(in) : 0;
	}
	if (guess_supported(&in->from) < 0 || guess_config(&in->from, &in->how->known, in->config) < 0)
		return err_in("%s", in->path);
	patch = guess_find(&in->from, "patch_embed.proj.weight");
	in->config->norm_pix = in->how->norm_pix || in->file.config.norm_pix == 1;
	if (choose_statistics(in, patch->shape[1]) < 0 || read_positions(in) < 0)
		return -1;
	return config_complete(in->config) < 0 ? err(ERR_DATA, "%s: %s", in->path, err_text()) : 0;
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
	in->loaded[id] |= (unsigned char)(slice->parts == 1 ? ALL_SLICES : 1 << slice->part);
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
	values = read_floats(in, name, t);
	if (!values)
		return -1;
	for (i = 0; i < n; i++) {
		int id;

		snprintf(own, sizeof own, "reg_token.%ld", first + i);
		id = params_find(in->params, own);
		memcpy(in->params->values + in->params->list[id].offset, values + i * D, (size_t)D * sizeof *values);
		in->loaded[id] = ALL_SLICES;
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
		return err(ERR_DATA, "%s: tensor '%s' does not fit a ViT of width %ld with %ld blocks", in->path, name, D,
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
		return check_decoder_positions(in, e->name, e->tensor);
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

/* ---- folding */

static float *
find_values(const struct import *in, const char *name)
{
	const int id = params_find(in->params, name);

	return id < 0 ? NULL : in->params->values + in->params->list[id].offset;
}

/* gamma (w y + b) = (gamma w) y + gamma b */
static void
fold_scale(const struct import *in, int which)
{
	static const char *const last[] = { "attn.proj", "mlp.fc2" };
	const long D = in->config->embed_dim;
	char name[PARAM_NAMES_SIZE];
	long i, o, k;

	for (i = 0; i < in->config->depth; i++) {
		float *w, *b;
		long inputs;

		snprintf(name, sizeof name, "blocks.%ld.%s.weight", i, last[which]);
		w = find_values(in, name);
		inputs = in->params->list[params_find(in->params, name)].shape[1];
		snprintf(name, sizeof name, "blocks.%ld.%s.bias", i, last[which]);
		b = find_values(in, name);
		for (o = 0; o < D; o++) {
			const float scale = in->scale[which][i * D + o];

			for (k = 0; k < inputs; k++)
				w[o * inputs + k] *= scale;
			b[o] *= scale;
		}
	}
}

/* Class token and registers with the positions that the table has for them. */
static void
fold_positions(const struct import *in)
{
	const long D = in->config->embed_dim;
	const int class = !in->config->variant.no_class_token;
	char name[PARAM_NAMES_SIZE] = "cls_token";
	long i, k;

	if (in->described || in->how->drop_positions)
		return;
	for (i = 0; i < in->position_tokens; i++) {
		float *token;

		if (i > 0 || !class)
			snprintf(name, sizeof name, "reg_token.%ld", i - class);
		token = find_values(in, name);
		for (k = 0; k < D; k++)
			token[k] += in->positions[i * D + k];
	}
}

/* x0 = (x - m0) / s0 of the original in terms of our x' = (x - m) / s: x0 = x' s / s0 + (m - m0) / s0 */
static void
fold_statistics(const struct import *in)
{
	const struct patch_statistics *to = &patch_statistics[in->config->mean_std];
	const struct foreign_config *said = &in->file.config;
	const long D = in->config->embed_dim, area = in->config->patch * in->config->patch;
	float *w = find_values(in, "patch_embed.proj.weight"), *b = find_values(in, "patch_embed.proj.bias");
	long o, k;
	int c;

	if (in->described || same_statistics(said, to))
		return;
	for (o = 0; o < D; o++) {
		double shift = 0;

		for (c = 0; c < 3; c++)
			for (k = 0; k < area; k++) {
				float *x = &w[(o * 3 + c) * area + k];

				shift += (double)*x * (to->mean[c] - said->mean[c]) / said->std[c];
				*x = (float)((double)*x * to->std[c] / said->std[c]);
			}
		b[o] = (float)((double)b[o] + shift);
	}
}

static void
put_learned_positions(struct import *in)
{
	const long D = in->config->embed_dim, n = in->grid * in->grid * D;
	const int id = params_find(in->params, "pos_embed");

	if (id < 0 || !in->positions)
		return;
	memcpy(in->params->values + in->params->list[id].offset, in->positions + in->position_tokens * D,
		(size_t)n * sizeof(float));
	in->loaded[id] = ALL_SLICES;
}

/* Models without biases of q, k and v: they are zeros. All of them or none. */
static void
allow_no_bias(struct import *in)
{
	int i, missing = 0;

	for (i = 0; i < in->params->count; i++)
		if (strstr(in->params->list[i].name, ".attn.qkv.bias") && in->loaded[i] == 0)
			missing++;
	for (i = 0; i < in->params->count && missing == in->config->depth; i++)
		if (strstr(in->params->list[i].name, ".attn.qkv.bias") && in->loaded[i] == 0)
			in->loaded[i] = ALL_SLICES;
	i = params_find(in->params, "patch_embed.proj.bias");
	if (in->loaded[i] == 0 && !guess_find(&in->from, "patch_embed.proj.bias"))
		in->loaded[i] = ALL_SLICES;
}

static int
fold(struct import *in)
{
	int i;

	for (i = 0; i < 2; i++)
		if (in->scales[i] > 0) {
			if (in->scales[i] != in->config->depth)
				return err(ERR_DATA, "%s: layer scale in %ld of %ld blocks", in->path, in->scales[i], in->config->depth);
			fold_scale(in, i);
		}
	fold_positions(in);
	fold_statistics(in);
	return 0;
}

static int
import_all(struct import *in)
{
	int i;

	if (read_config(in) < 0)
		return -1;
	in->decoder = in->config->objective == OBJECTIVE_MAE && guess_find(&in->from, "decoder_embed.weight");
	exchange_declare(in->params, in->config, in->decoder);
	in->loaded = mem_new((size_t)in->params->count);
	for (i = 0; i < in->file.count; i++)
		if (import_tensor(in, &in->file.entries[i]) < 0)
			return -1;
	put_learned_positions(in);
	if (!in->described)
		allow_no_bias(in);
	if (in->left_out_count > 0)
		in->how->warn("%s: left out %d of %d tensors: %s ...", in->path, in->left_out_count, in->file.count,
			in->left_out);
	for (i = 0; i < in->params->count; i++)
		if (in->loaded[i] != ALL_SLICES)
			return err(ERR_DATA, "%s: no tensor for all of '%s'", in->path, in->params->list[i].name);
	return fold(in) < 0 ? -1 : 0;
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
