/* param_names - the names of parameters in other programs: two tables of patterns, # is the index of a block

   Sources: timm, models/vision_transformer.py; facebookresearch/mae, models_mae.py; transformers,
   models/vit_mae/modeling_vit_mae.py. */
#include "checkpoint/param_names.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct param_name {
	const char *own, *foreign;
	int part, parts;	/* parts 0: the whole */
};

/* A name that ends with a dot is followed by `weight` or `bias`. */
static const struct param_name identity[] = {
	{ "cls_token", "cls_token" }, { "pos_embed", "pos_embed" }, { "patch_embed.proj.", "patch_embed.proj." },
	{ "blocks.#.norm1.", "blocks.#.norm1." }, { "blocks.#.norm2.", "blocks.#.norm2." },
	{ "blocks.#.attn.qkv.", "blocks.#.attn.qkv." }, { "blocks.#.attn.proj.", "blocks.#.attn.proj." },
	{ "blocks.#.mlp.fc1.", "blocks.#.mlp.fc1." }, { "blocks.#.mlp.fc2.", "blocks.#.mlp.fc2." },
	{ "norm.", "norm." }, { "pool_norm.", "fc_norm." }, { "head.", "head." },
	{ "mask_token", "mask_token" }, { "decoder_pos_embed", "decoder_pos_embed" },
	{ "decoder_embed.", "decoder_embed." },
	{ "decoder_blocks.#.norm1.", "decoder_blocks.#.norm1." },
	{ "decoder_blocks.#.norm2.", "decoder_blocks.#.norm2." },
	{ "decoder_blocks.#.attn.qkv.", "decoder_blocks.#.attn.qkv." },
	{ "decoder_blocks.#.attn.proj.", "decoder_blocks.#.attn.proj." },
	{ "decoder_blocks.#.mlp.fc1.", "decoder_blocks.#.mlp.fc1." },
	{ "decoder_blocks.#.mlp.fc2.", "decoder_blocks.#.mlp.fc2." },
	{ "decoder_norm.", "decoder_norm." }, { "decoder_pred.", "decoder_pred." },
	{ 0 }
};

#define ENCODER "vit.encoder.layer.#."
#define DECODER "decoder.decoder_layers.#."

static const struct param_name hugging_face[] = {
	{ "cls_token", "vit.embeddings.cls_token" }, { "pos_embed", "vit.embeddings.position_embeddings" },
	{ "patch_embed.proj.", "vit.embeddings.patch_embeddings.projection." },
	{ "blocks.#.norm1.", ENCODER "layernorm_before." }, { "blocks.#.norm2.", ENCODER "layernorm_after." },
	{ "blocks.#.attn.qkv.", ENCODER "attention.attention.query.", 0, 3 },
	{ "blocks.#.attn.qkv.", ENCODER "attention.attention.key.", 1, 3 },
	{ "blocks.#.attn.qkv.", ENCODER "attention.attention.value.", 2, 3 },
	{ "blocks.#.attn.proj.", ENCODER "attention.output.dense." },
	{ "blocks.#.mlp.fc1.", ENCODER "intermediate.dense." }, { "blocks.#.mlp.fc2.", ENCODER "output.dense." },
	{ "norm.", "vit.layernorm." },
	{ "mask_token", "decoder.mask_token" }, { "decoder_pos_embed", "decoder.decoder_pos_embed" },
	{ "decoder_embed.", "decoder.decoder_embed." },
	{ "decoder_blocks.#.norm1.", DECODER "layernorm_before." },
	{ "decoder_blocks.#.norm2.", DECODER "layernorm_after." },
	{ "decoder_blocks.#.attn.qkv.", DECODER "attention.attention.query.", 0, 3 },
	{ "decoder_blocks.#.attn.qkv.", DECODER "attention.attention.key.", 1, 3 },
	{ "decoder_blocks.#.attn.qkv.", DECODER "attention.attention.value.", 2, 3 },
	{ "decoder_blocks.#.attn.proj.", DECODER "attention.output.dense." },
	{ "decoder_blocks.#.mlp.fc1.", DECODER "intermediate.dense." },
	{ "decoder_blocks.#.mlp.fc2.", DECODER "output.dense." },
	{ "decoder_norm.", "decoder.decoder_norm." }, { "decoder_pred.", "decoder.decoder_pred." },
	{ 0 }
};

/* Read only. Sources: timm, vision_transformer.py; facebookresearch/dinov2, vision_transformer.py; transformers, vit,
   deit, dinov2, dinov2_with_registers. */
static const struct param_name more_identity[] = {
	{ "reg_token", "reg_token" }, { "reg_token", "register_tokens" }, { "dist_token", "dist_token" },
	{ "blocks.#.ls1.gamma", "blocks.#.ls1.gamma" }, { "blocks.#.ls2.gamma", "blocks.#.ls2.gamma" },
	{ 0 }
};

#define QKV(own, foreign, q, k, v) { own, foreign q, 0, 3 }, { own, foreign k, 1, 3 }, { own, foreign v, 2, 3 }
#define NEW_QKV(own, foreign) QKV(own, foreign, "q_proj.", "k_proj.", "v_proj.")

static const struct param_name more_hugging_face[] = {
	{ "reg_token", "vit.embeddings.register_tokens" }, { "dist_token", "vit.embeddings.distillation_token" },
	{ "encoder_mask_token", "vit.embeddings.mask_token" },
	{ "blocks.#.norm1.", ENCODER "norm1." }, { "blocks.#.norm2.", ENCODER "norm2." },
	{ "blocks.#.ls1.gamma", ENCODER "layer_scale1.lambda1" }, { "blocks.#.ls2.gamma",
	    ENCODER "layer_scale2.lambda1" },
	{ "blocks.#.mlp.fc1.", ENCODER "mlp.fc1." }, { "blocks.#.mlp.fc2.", ENCODER "mlp.fc2." },
	NEW_QKV("blocks.#.attn.qkv.", ENCODER "attention."), NEW_QKV("blocks.#.attn.qkv.", ENCODER "self_attn."),
	NEW_QKV("blocks.#.attn.qkv.", ENCODER "attention.attention."),
	{ "blocks.#.attn.proj.", ENCODER "attention.o_proj." }, { "blocks.#.attn.proj.",
	    ENCODER "attention.out_proj." },
	{ "blocks.#.attn.proj.", ENCODER "self_attn.o_proj." }, { "blocks.#.attn.proj.",
	    ENCODER "self_attn.out_proj." },
	{ "norm.", "vit.norm." },
	NEW_QKV("decoder_blocks.#.attn.qkv.", DECODER "attention."),
	{ "decoder_blocks.#.attn.proj.", DECODER "attention.o_proj." },
	{ "decoder_blocks.#.mlp.fc1.", DECODER "mlp.fc1." }, { "decoder_blocks.#.mlp.fc2.", DECODER "mlp.fc2." },
	{ 0 }
};

static const struct param_name *const more_tables[] = {
	[PARAM_NAMES_TIMM] = more_identity, [PARAM_NAMES_MAE] = more_identity, [PARAM_NAMES_HF] = more_hugging_face
};

/* Names of models in Hugging Face's files, in front of those of the encoder. */
static const char *const models[] = { "vit.", "deit.", "dinov2.", "dinov2_with_registers." };

static const struct param_name *const tables[] = {
	[PARAM_NAMES_TIMM] = identity, [PARAM_NAMES_MAE] = identity, [PARAM_NAMES_HF] = hugging_face
};

/* Match a name: the index of the block (-1: none) and the rest after the pattern ("weight", "bias" or ""). */
static bool
match(const char *pattern, const char *name, int *block, const char **tail)
{
	const char *hash = strchr(pattern, '#'), *rest;
	size_t n = hash ? (size_t)(hash - pattern) : strlen(pattern);
	char *end;
	long number;

	*block = -1;
	if (strncmp(name, pattern, n) != 0)
		return false;
	name += n;
	rest = pattern + n;
	if (hash) {
		if (*name < '0' || *name > '9' || (*name == '0' && name[1] != '.'))
			return false;
		number = strtol(name, &end, 10);
		rest++;
		n = strlen(rest);
		if (number > 9999 || strncmp(end, rest, n) != 0)
			return false;
		*block = (int)number;
		name = end + n;
		rest += n;
	}
	*tail = name;
	if (rest > pattern && rest[-1] == '.')
		return strcmp(name, "weight") == 0 || strcmp(name, "bias") == 0;
	return *name == '\0';
}

static void
fill(struct param_names_slice *slice, const char *pattern, int block, const char *tail, const struct param_name *row)
{
	const char *hash = strchr(pattern, '#');

	if (hash)
		snprintf(slice->name, sizeof slice->name, "%.*s%d%s%s", (int)(hash - pattern), pattern, block,
			hash + 1, tail);
	else
		snprintf(slice->name, sizeof slice->name, "%s%s", pattern, tail);
	slice->part = row->part;
	slice->parts = row->parts ? row->parts : 1;
}

int
param_names_to_foreign(enum param_names_style style, const char *name, struct param_names_slice slices[3])
{
	const struct param_name *row;
	const char *tail;
	int block, n = 0;

	for (row = tables[style]; row->own; row++)
		if (match(row->own, name, &block, &tail))
			fill(&slices[n++], row->foreign, block, tail, row);
	return n;
}

static bool
find_row(const struct param_name *row, const char *name, struct param_names_slice *slice)
{
	const char *tail;
	int block;

	for (; row->own; row++)
		if (match(row->foreign, name, &block, &tail)) {
			fill(slice, row->own, block, tail, row);
			return true;
		}
	return false;
}

bool
param_names_from_any(enum param_names_style style, const char *name, struct param_names_slice *slice)
{
	static const char *const layers[] = { "layers.", "encoder.layers." };
	char whole[PARAM_NAMES_SIZE];
	size_t i;

	if (style == PARAM_NAMES_HF) {
		for (i = 0; i < sizeof models / sizeof *models; i++)
			if (strncmp(name, models[i], strlen(models[i])) == 0) {
				name += strlen(models[i]);
				break;
			}
		for (i = 0; i < sizeof layers / sizeof *layers; i++)
			if (strncmp(name, layers[i], strlen(layers[i])) == 0) {
				snprintf(whole, sizeof whole, "vit.encoder.layer.%s", name + strlen(layers[i]));
				return find_row(tables[style], whole, slice) || find_row(more_tables[style], whole,
				    slice);
			}
		if (strncmp(name, "decoder.", 8) != 0) {
			snprintf(whole, sizeof whole, "vit.%s", name);
			name = whole;
		}
	}
	return find_row(tables[style], name, slice) || find_row(more_tables[style], name, slice);
}

int
param_names_prefix(const char *name)
{
	static const char *const ends[] = { "patch_embed.proj.weight",
	    "embeddings.patch_embeddings.projection.weight" };
	const size_t n = strlen(name);
	size_t i, k, at;

	for (i = 0; i < 2; i++) {
		if (n < strlen(ends[i]) || strcmp(name + n - strlen(ends[i]), ends[i]) != 0)
			continue;
		at = n - strlen(ends[i]);
		if (at > 0 && name[at - 1] != '.')
			continue;
		for (k = 0; i == 1 && k < sizeof models / sizeof *models; k++) {
			const size_t m = strlen(models[k]);

			if (at >= m && strncmp(name + at - m, models[k], m) == 0 && (at == m ||
			    name[at - m - 1] == '.'))
				return (int)(at - m);
		}
		return (int)at;
	}
	return -1;
}

enum param_names_style
param_names_guess(const char *name)
{
	struct param_names_slice slice;
	const bool hf = param_names_from_any(PARAM_NAMES_HF, name, &slice);
	const bool mae = param_names_from_any(PARAM_NAMES_MAE, name, &slice);

	return hf && !mae ? PARAM_NAMES_HF : PARAM_NAMES_MAE;
}
