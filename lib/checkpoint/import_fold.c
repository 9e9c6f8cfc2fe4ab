/* import_fold - what our encoder does not have, but can compute, becomes part of its weights */
#include "base/err.h"
#include "checkpoint/exchange.h"
#include "checkpoint/foreign_file.h"
#include "checkpoint/guess_architecture.h"
#include "checkpoint/import.h"
#include "checkpoint/param_names.h"
#include "model/config.h"
#include "nn/params.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

float *
import_values(const struct import *in, const char *name)
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
		w = import_values(in, name);
		inputs = in->params->list[params_find(in->params, name)].shape[1];
		snprintf(name, sizeof name, "blocks.%ld.%s.bias", i, last[which]);
		b = import_values(in, name);
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
		token = import_values(in, name);
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

/* Models without biases of q, k and v: they are zeros. All of them or none. */
void
import_allow_no_bias(struct import *in)
{
	int i, missing = 0;

	for (i = 0; i < in->params->count; i++)
		if (strstr(in->params->list[i].name, ".attn.qkv.bias") && in->loaded[i] == 0)
			missing++;
	for (i = 0; i < in->params->count && missing == in->config->depth; i++)
		if (strstr(in->params->list[i].name, ".attn.qkv.bias") && in->loaded[i] == 0)
			in->loaded[i] = IMPORT_ALL_SLICES;
	i = params_find(in->params, "patch_embed.proj.bias");
	if (in->loaded[i] == 0 && !guess_find(&in->from, "patch_embed.proj.bias"))
		in->loaded[i] = IMPORT_ALL_SLICES;
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
