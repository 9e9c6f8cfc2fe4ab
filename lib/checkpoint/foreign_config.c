/* foreign_config - config.json and preprocessor_config.json of other programs (timm, Hugging Face)

   A value is found by the keys of the objects around it, joined with dots. Lists give their elements in order. */
#include "checkpoint/foreign_config.h"
#include "base/file.h"
#include "json/json.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEYS = 3, KEY_SIZE = 64 };	/* deeper values are of no interest */

#define AT(member) offsetof(struct foreign_config, member)
static const struct { const char *key; size_t at; int room; bool text; } rows[] = {
	{ "architecture", AT(architecture), 96, true },
	{ "model_type", AT(model_type), 32, true },
	{ "hidden_act", AT(activation), 32, true },
	{ "model_args.act_layer", AT(activation), 32, true },
	{ "num_attention_heads", AT(heads), 1, false },
	{ "model_args.num_heads", AT(heads), 1, false },
	{ "decoder_num_attention_heads", AT(decoder_heads), 1, false },
	{ "hidden_size", AT(width), 1, false },
	{ "num_features", AT(width), 1, false },
	{ "model_args.embed_dim", AT(width), 1, false },
	{ "num_hidden_layers", AT(depth), 1, false },
	{ "model_args.depth", AT(depth), 1, false },
	{ "patch_size", AT(patch), 1, false },
	{ "model_args.patch_size", AT(patch), 1, false },
	{ "intermediate_size", AT(mlp_width), 1, false },
	{ "mlp_ratio", AT(mlp_ratio), 1, false },
	{ "model_args.mlp_ratio", AT(mlp_ratio), 1, false },
	{ "qkv_bias", AT(qkv_bias), 1, false },
	{ "model_args.qkv_bias", AT(qkv_bias), 1, false },
	{ "num_channels", AT(channels), 1, false },
	{ "model_args.in_chans", AT(channels), 1, false },
	{ "image_size", AT(image), 2, false },
	{ "model_args.img_size", AT(image), 2, false },
	{ "layer_norm_eps", AT(norm_eps), 1, false },
	{ "norm_pix_loss", AT(norm_pix), 1, false },
	{ "use_swiglu_ffn", AT(swiglu), 1, false },
	{ "model_args.qk_norm", AT(qk_norm), 1, false },
	{ "do_normalize", AT(do_normalize), 1, false },
	{ "do_rescale", AT(do_rescale), 1, false },
	{ "rescale_factor", AT(rescale), 1, false },
	{ "image_mean", AT(mean), FOREIGN_CONFIG_CHANNELS, false },
	{ "image_std", AT(std), FOREIGN_CONFIG_CHANNELS, false },
	{ "mean", AT(mean), FOREIGN_CONFIG_CHANNELS, false },
	{ "std", AT(std), FOREIGN_CONFIG_CHANNELS, false },
	{ "pretrained_cfg.mean", AT(mean), FOREIGN_CONFIG_CHANNELS, false },
	{ "pretrained_cfg.std", AT(std), FOREIGN_CONFIG_CHANNELS, false }
};

struct foreign_scan {
	struct foreign_config *into;
	char keys[KEYS + 1][KEY_SIZE];	/* by depth, from 1; empty: a list */
	int items;			/* elements of the list so far */
};

struct foreign_config
foreign_config_none(void)
{
	struct foreign_config c = {
		.heads = -1, .decoder_heads = -1, .width = -1, .depth = -1, .patch = -1, .channels = -1,
		.mlp_width = -1, .mlp_ratio = -1, .qkv_bias = -1,
		    .image = { -1, -1 },
		.norm_eps = -1, .norm_pix = -1, .swiglu = -1, .qk_norm = -1,
		    .do_normalize = -1, .do_rescale = -1, .rescale = -1
	};
	int i;

	for (i = 0; i < FOREIGN_CONFIG_CHANNELS; i++)
		c.mean[i] = c.std[i] = -1;
	return c;
}

static int
store(struct foreign_scan *s, size_t row, const struct json_token *t)
{
	char *to = (char *)s->into + rows[row].at;

	if (t->kind == JSON_NULL)
		return 0;
	if (rows[row].text) {
		if (t->kind != JSON_TEXT)
			return err(ERR_DATA, "'%s' is not a text", rows[row].key);
		snprintf(to, (size_t)rows[row].room, "%s", t->text);
		return 0;
	}
	if (t->kind != JSON_INT && t->kind != JSON_REAL && t->kind != JSON_BOOL)
		return err(ERR_DATA, "'%s' is not a number", rows[row].key);
	if (s->items >= rows[row].room)
		return err(ERR_DATA, "'%s' has more than %d numbers", rows[row].key, rows[row].room);
	((double *)(void *)to)[s->items++] = t->kind == JSON_BOOL ? t->boolean : t->real;
	return 0;
}

static int
each(void *arg, const struct json_token *t)
{
	char path[KEYS * KEY_SIZE + KEYS] = "";
	struct foreign_scan *s = arg;
	size_t i;
	int k;

	if (t->kind == JSON_KEY && t->depth <= KEYS) {
		snprintf(s->keys[t->depth], KEY_SIZE, "%s", t->text);
		s->items = 0;
	}
	if ((t->kind == JSON_OBJECT || t->kind == JSON_ARRAY) && t->depth < KEYS)
		s->keys[t->depth + 1][0] = '\0';
	if (t->depth == 0 && t->kind != JSON_OBJECT && t->kind != JSON_OBJECT_END)
		return err(ERR_DATA, "not an object");
	if (t->kind >= JSON_KEY || t->depth > KEYS)
		return 0;
	for (k = 1; k <= t->depth; k++)
		if (s->keys[k][0])
			snprintf(path + strlen(path), sizeof path - strlen(path), "%s%s", *path ? "." : "", s->keys[k]);
	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(path, rows[i].key) == 0)
			return store(s, i, t);
	return 0;
}

int
foreign_config_read(struct foreign_config *c, const void *text, unsigned long size)
{
	struct foreign_scan s = { .into = c };
	const struct json_rules rules = { .each = each, .arg = &s };

	return json_read(&rules, text, size);
}

int
foreign_config_load(struct foreign_config *c, const char *path)
{
	size_t size;
	char *text;
	int result;

	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	text = file_read(path, FOREIGN_CONFIG_BYTES, &size);
	if (!text)
		return -1;
	result = foreign_config_read(c, text, size) < 0 ? err_in("%s", path) : 0;
	free(text);
	return result;
}
