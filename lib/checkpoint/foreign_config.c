/* foreign_config - config.json and preprocessor_config.json of other programs (timm, Hugging Face)

   A value is found by the keys of the objects around it, joined with dots. Lists give their elements in order. */
#include "checkpoint/foreign_config.h"
#include "base/file.h"
#include "json/json.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 3, KEY_SIZE = 64 };	/* deeper values are of no interest */

#define AT(member) offsetof(struct foreign_config, member)
enum foreign_kind { NUMBER, TEXT, NAMES };
static const struct { const char *key; size_t at; int room; enum foreign_kind kind; } rows[] = {
	{ "architecture", AT(architecture), 96, TEXT },
	{ "model_type", AT(model_type), 32, TEXT },
	{ "hidden_act", AT(activation), 32, TEXT },
	{ "model_args.act_layer", AT(activation), 32, TEXT },
	{ "num_attention_heads", AT(heads), 1, NUMBER },
	{ "model_args.num_heads", AT(heads), 1, NUMBER },
	{ "decoder_num_attention_heads", AT(decoder_heads), 1, NUMBER },
	{ "hidden_size", AT(width), 1, NUMBER },
	{ "num_features", AT(width), 1, NUMBER },
	{ "model_args.embed_dim", AT(width), 1, NUMBER },
	{ "num_hidden_layers", AT(depth), 1, NUMBER },
	{ "model_args.depth", AT(depth), 1, NUMBER },
	{ "patch_size", AT(patch), 1, NUMBER },
	{ "model_args.patch_size", AT(patch), 1, NUMBER },
	{ "intermediate_size", AT(mlp_width), 1, NUMBER },
	{ "mlp_ratio", AT(mlp_ratio), 1, NUMBER },
	{ "model_args.mlp_ratio", AT(mlp_ratio), 1, NUMBER },
	{ "qkv_bias", AT(qkv_bias), 1, NUMBER },
	{ "model_args.qkv_bias", AT(qkv_bias), 1, NUMBER },
	{ "num_channels", AT(channels), 1, NUMBER },
	{ "model_args.in_chans", AT(channels), 1, NUMBER },
	{ "image_size", AT(image), 2, NUMBER },
	{ "model_args.img_size", AT(image), 2, NUMBER },
	{ "layer_norm_eps", AT(norm_eps), 1, NUMBER },
	{ "norm_pix_loss", AT(norm_pix), 1, NUMBER },
	{ "use_swiglu_ffn", AT(swiglu), 1, NUMBER },
	{ "model_args.qk_norm", AT(qk_norm), 1, NUMBER },
	{ "do_normalize", AT(do_normalize), 1, NUMBER },
	{ "do_rescale", AT(do_rescale), 1, NUMBER },
	{ "rescale_factor", AT(rescale), 1, NUMBER },
	{ "image_mean", AT(mean), FOREIGN_CONFIG_CHANNELS, NUMBER },
	{ "image_std", AT(std), FOREIGN_CONFIG_CHANNELS, NUMBER },
	{ "mean", AT(mean), FOREIGN_CONFIG_CHANNELS, NUMBER },
	{ "std", AT(std), FOREIGN_CONFIG_CHANNELS, NUMBER },
	{ "label_names", AT(classes), 0, NAMES },
	{ "num_classes", AT(class_count), 1, NUMBER },
	{ "global_pool", AT(pool), 16, TEXT },
	{ "model_args.global_pool", AT(model_pool), 16, TEXT },
	{ "pretrained_cfg.mean", AT(mean), FOREIGN_CONFIG_CHANNELS, NUMBER },
	{ "pretrained_cfg.std", AT(std), FOREIGN_CONFIG_CHANNELS, NUMBER }
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
		    .do_normalize = -1, .do_rescale = -1, .rescale = -1, .class_count = -1
	};
	int i;

	for (i = 0; i < FOREIGN_CONFIG_CHANNELS; i++)
		c.mean[i] = c.std[i] = -1;
	return c;
}

void
foreign_config_free(struct foreign_config *c)
{
	class_list_free(&c->classes);
}

static int
store(struct foreign_scan *s, size_t row, const struct json_token *t)
{
	char *to = (char *)s->into + rows[row].at;

	if (t->kind == JSON_NULL)
		return 0;
	if (rows[row].kind != NUMBER) {
		if (t->kind != JSON_TEXT)
			return err(ERR_DATA, "'%s' is not a string", rows[row].key);
		if (rows[row].kind == NAMES)
			return class_list_add(&s->into->classes, t->text, s->items++) < 0
				? err_in("'%s'", rows[row].key) : 0;
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

	if (!file_exists(path))
		return 0;
	text = file_read(path, FOREIGN_CONFIG_BYTES, &size);
	if (!text)
		return -1;
	result = foreign_config_read(c, text, size) < 0 ? err_in("%s", path) : 0;
	free(text);
	return result;
}
