/* import_fold - position tables, and what our encoder does not have but can compute, become part of its weights */
#include "base/err.h"
#include "base/mem.h"
#include "checkpoint/exchange.h"
#include "checkpoint/foreign_config.h"
#include "checkpoint/foreign_file.h"
#include "checkpoint/guess_architecture.h"
#include "checkpoint/import.h"
#include "checkpoint/param_names.h"
#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "model/token_sequence.h"
#include "nn/params.h"
#include "stream/tensor.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Positions: is a table the fixed one, in the precision of its type, or a learned one? */

/* Largest difference from the fixed position embedding that other orders of operations explain, and the largest
   rounding of a value up to 1 in F16 and BF16. */
#define POSITION_TOLERANCE 1e-4
#define POSITION_ROUNDING_F16 0x1p-12
#define POSITION_ROUNDING_BF16 0x1p-9

float *
import_floats(const struct import *in, const char *name, const struct tensor *t)
{
	float *values = mem_array((size_t)tensor_count(t) + 1, sizeof *values);

	if (safetensors_floats(t, values) == 0)
		return values;
	free(values);
	err_in("%s: tensor '%s'", in->path, name);
	return NULL;
}

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
		in->how->notes[EXCHANGE_REPLACED]++;
		in->how->warn(in->how->warn_arg, "%s: tensor '%s' differs from the fixed position embedding by up to "
			"%.3g and was replaced: features differ from those of the original until the model is trained "
			"further", in->path, name, worst);
		return 0;
	}
	return can_keep ? 1 : err(ERR_DATA, "%s: tensor '%s' is a learned position embedding, which is not "
	    "supported in a "
		"model with the decoder of MAE: it differs from the fixed one by up to %.3g; use --drop-pos-embed "
		    "to replace it "
		"and train further", in->path, name, worst);
}

/* Read the position table of the encoder, and set image and position_grid. */
int
import_positions(struct import *in)
{
	const struct tensor *t = guess_find(&in->from, "pos_embed");
	struct config *c = in->config;
	int tokens, learned;

	if (!t) {
		if (!in->how->drop_positions || c->image == 0)
			return err(ERR_USAGE, "%s: no position table; use --image and --drop-pos-embed for the "
			    "fixed one", in->path);
		in->how->notes[EXCHANGE_REPLACED]++;
		in->how->warn(in->how->warn_arg, "%s: no position table: the fixed one was computed", in->path);
		return 0;
	}
	tokens = guess_position_tokens(&in->from, c, &in->grid);
	if (tokens < 0)
		return err_in("%s", in->path);
	in->position_tokens = tokens;
	in->positions = import_floats(in, "pos_embed", t);
	if (!in->positions)
		return -1;
	if (c->image == 0) {
		c->image = in->grid * c->patch;
		if (in->file.config.image[0] > 0 && in->file.config.image[0] != (double)c->image) {
			in->how->notes[EXCHANGE_ASSUMED]++;
			in->how->warn(in->how->warn_arg, "%s: config.json states images of %.0f pixels, but the "
				"position table is for %ld, which was taken; use --image", in->path,
				in->file.config.image[0], c->image);
		}
	}
	learned = is_learned(in, "pos_embed", in->positions + in->position_tokens * c->embed_dim, in->grid,
	    c->embed_dim,
		!guess_find(&in->from, "decoder_embed.weight"));
	if (learned < 0)
		return -1;
	c->variant.position_grid = learned ? in->grid : 0;
	if (!learned && in->grid * c->patch != c->image) {
		in->how->notes[EXCHANGE_REPLACED]++;
		in->how->warn(in->how->warn_arg, "%s: the fixed position table of images of %ld pixels was computed "
			"again for %ld", in->path, in->grid * c->patch, c->image);
	}
	return 0;
}

int
import_check_decoder_positions(const struct import *in, const char *name, const struct tensor *t)
{
	const long grid = in->config->image / in->config->patch, D = in->config->decoder_embed_dim;
	float *values;
	int result;

	if (t->rank != 3 || t->shape[0] != 1 || t->shape[1] != 1 + grid * grid || t->shape[2] != D)
		return err(ERR_DATA, "%s: tensor '%s' is not 1 x %ld x %ld", in->path, name, 1 + grid * grid, D);
	values = import_floats(in, name, t);
	if (!values)
		return -1;
	result = is_learned(in, name, values + D, grid, D, false);
	free(values);
	return result;
}

/* The values of a parameter; NULL: the model has none of that name. */
static float *
values_of(const struct import *in, const char *name)
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
		w = values_of(in, name);
		inputs = in->params->list[params_find(in->params, name)].shape[1];
		snprintf(name, sizeof name, "blocks.%ld.%s.bias", i, last[which]);
		b = values_of(in, name);
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
		token = values_of(in, name);
		for (k = 0; k < D; k++)
			token[k] += in->positions[i * D + k];
	}
}

void
import_put_positions(struct import *in)
{
	const long D = in->config->embed_dim, n = in->grid * in->grid * D;
	const int id = params_find(in->params, "pos_embed");

	if (id < 0 || !in->positions)
		return;
	memcpy(in->params->values + in->params->list[id].offset, in->positions + in->position_tokens * D,
		(size_t)n * sizeof(float));
	in->loaded[id] = IMPORT_ALL_SLICES;
}

void
import_allow_no_bias(struct import *in)
{
	static const char *const single[] = { "patch_embed.proj.bias", "head.bias" };
	int i, id, missing = 0;

	for (i = 0; i < in->params->count; i++)
		if (strstr(in->params->list[i].name, ".attn.qkv.bias") && in->loaded[i] == 0)
			missing++;
	for (i = 0; i < in->params->count && missing == in->config->depth; i++)
		if (strstr(in->params->list[i].name, ".attn.qkv.bias") && in->loaded[i] == 0)
			in->loaded[i] = IMPORT_ALL_SLICES;
	for (i = 0; i < (int)(sizeof single / sizeof *single); i++) {
		id = params_find(in->params, single[i]);
		if (id >= 0 && in->loaded[id] == 0)
			in->loaded[id] = IMPORT_ALL_SLICES;
	}
}

int
import_fold(struct import *in)
{
	int i;

	for (i = 0; i < 2; i++)
		if (in->scales[i] > 0) {
			if (in->scales[i] != in->config->depth)
				return err(ERR_DATA, "%s: layer scale in %ld of %ld blocks", in->path,
				    in->scales[i], in->config->depth);
			fold_scale(in, i);
		}
	fold_positions(in);
	return 0;
}
