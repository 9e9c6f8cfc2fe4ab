/* guess_architecture - the configuration of a foreign ViT or MAE, inferred from the names and shapes of its tensors */
#include "checkpoint/guess_architecture.h"
#include "base/err.h"
#include "checkpoint/safetensors.h"
#include "stream/tensor.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Published models: vit_{tiny,small,base,large,huge} (Dosovitskiy et al. 2021; Touvron et al. 2021; He et al. 2022). */
static const struct { long dim, heads; int model; } widths[] = {
	{ 192, 3, SIZE_TINY }, { 384, 6, SIZE_SMALL }, { 768, 12, SIZE_BASE }, { 1024, 16, SIZE_LARGE },
	{ 1280, 16, SIZE_LARGE }
};
enum { MAE_DIM = 512, MAE_HEADS = 16 };	/* the decoder of every published MAE */

const char *
guess_name(const struct guess *f, const char *name)
{
	size_t n = strlen(f->prefix);

	return strncmp(name, f->prefix, n) == 0 ? name + n : NULL;
}

void
guess_style(struct guess *f)
{
	int i;

	f->style = PARAM_NAMES_MAE;
	for (i = 0; i < f->file->count; i++) {
		const char *name = guess_name(f, f->file->entries[i].name);

		if (name && param_names_guess(name) == PARAM_NAMES_HF)
			f->style = PARAM_NAMES_HF;
	}
}

const struct tensor *
guess_find(const struct guess *f, const char *name, int rank)
{
	struct param_names_slice slices[3];
	int i;

	if (param_names_to_foreign(f->style, name, slices) == 0)
		return NULL;
	for (i = 0; i < f->file->count; i++) {
		const struct safetensors_entry *e = &f->file->entries[i];
		const char *foreign = guess_name(f, e->name);
		struct param_names_slice slice;

		if (foreign && param_names_from_foreign(f->style, foreign, &slice) && strcmp(slice.name, name) == 0 &&
			e->tensor.rank == rank)
			return &e->tensor;
	}
	return NULL;
}

/* The number of consecutive blocks 0, 1, ... in the file. */
static long
count_blocks(const struct guess *f, const char *prefix)
{
	char name[PARAM_NAMES_SIZE];
	long n = 0;

	do
		snprintf(name, sizeof name, "%s.%ld.mlp.fc1.weight", prefix, n);
	while (n <= CONFIG_DEPTH_MAX && guess_find(f, name, 2) && ++n);
	return n;
}

static int
infer_image(const struct guess *f, struct config *c)
{
	const struct tensor *positions = guess_find(f, "pos_embed", 3);
	long grid;

	if (c->image)
		return 0;
	if (!positions)
		return err(ERR_USAGE, "cannot infer the image size without a position embedding; use --image");
	grid = lround(sqrt((double)positions->shape[1] - 1));
	if (grid * grid + 1 != positions->shape[1])
		return err(ERR_DATA, "the position embedding has %ld rows, expected a class token and a square grid",
			positions->shape[1]);
	c->image = grid * c->patch;
	return 0;
}

static int
infer_decoder(const struct guess *f, const struct guess_known *known, struct config *c)
{
	const struct tensor *embed = guess_find(f, "decoder_embed.weight", 2);

	if (!embed)
		return 0;
	c->objective = OBJECTIVE_MAE;
	c->decoder_embed_dim = embed->shape[0];
	c->decoder_depth = count_blocks(f, "decoder_blocks");
	c->decoder_heads = known->decoder_heads   ? known->decoder_heads
		: c->decoder_embed_dim == MAE_DIM ? MAE_HEADS
			: 0;
	if (c->decoder_embed_dim > CONFIG_DIM_MAX || c->decoder_depth > CONFIG_DEPTH_MAX)
		return err(ERR_DATA, "decoder of width %ld with %ld blocks: limits are %d and %d",
			c->decoder_embed_dim, c->decoder_depth, CONFIG_DIM_MAX, CONFIG_DEPTH_MAX);
	if (c->decoder_depth == 0)
		return err(ERR_DATA, "the decoder has no blocks");
	if (c->decoder_heads == 0)
		return err(ERR_USAGE, "cannot infer the number of heads for decoder width %ld; use --decoder-heads",
			c->decoder_embed_dim);
	return 0;
}

int
guess_config(const struct guess *f, const struct guess_known *known, struct config *c)
{
	const struct tensor *patch = guess_find(f, "patch_embed.proj.weight", 4);
	size_t i;

	if (!patch || patch->shape[1] != 3 || patch->shape[2] != patch->shape[3] || patch->shape[0] == 0 ||
		patch->shape[2] == 0)
		return err(ERR_DATA, "not a ViT: no patch embedding of shape (width, 3, patch, patch)%s",
			*f->prefix ? "; check --prefix" : "");
	*c = config_default();
	c->embed_dim = patch->shape[0];
	c->patch = patch->shape[2];
	c->image = known->image;
	c->depth = count_blocks(f, "blocks");
	c->heads = known->heads;
	for (i = 0; i < sizeof widths / sizeof *widths; i++)
		if (widths[i].dim == c->embed_dim) {
			c->model = widths[i].model;
			if (c->heads == 0)
				c->heads = widths[i].heads;
		}
	if (c->embed_dim > CONFIG_DIM_MAX || c->patch > CONFIG_PATCH_MAX || c->depth > CONFIG_DEPTH_MAX)
		return err(ERR_DATA, "ViT of width %ld with %ld blocks and patch size %ld: limits are %d, %d and %d",
			c->embed_dim, c->depth, c->patch, CONFIG_DIM_MAX, CONFIG_DEPTH_MAX, CONFIG_PATCH_MAX);
	if (c->depth == 0)
		return err(ERR_DATA, "the ViT has no blocks");
	if (c->heads == 0)
		return err(ERR_USAGE, "cannot infer the number of heads for width %ld; use --heads", c->embed_dim);
	if (infer_image(f, c) < 0 || infer_decoder(f, known, c) < 0)
		return -1;
	return config_complete(c) < 0 ? err(ERR_DATA, "%s", err_text()) : 0;
}
