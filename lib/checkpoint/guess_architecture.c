/* guess_architecture - what a foreign ViT or MAE is, told by the names and shapes of its tensors */
#include "checkpoint/guess_architecture.h"
#include "base/err.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Published models: vit_{tiny,small,base,large,huge} (Dosovitskiy et al. 2021; Touvron et al. 2021; He et al. 2022). */
static const struct { long dim, heads; int model; } widths[] = {
	{ 192, 3, SIZE_TINY }, { 384, 6, SIZE_SMALL }, { 768, 12, SIZE_BASE }, { 1024, 16, SIZE_LARGE }, { 1280, 16, SIZE_LARGE }
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
guess_find(const struct guess *f, const char *ours, int rank)
{
	struct param_names_slice places[3];
	int i;

	if (param_names_to_foreign(f->style, ours, places) == 0)
		return NULL;
	for (i = 0; i < f->file->count; i++) {
		const struct safetensors_entry *e = &f->file->entries[i];
		const char *name = guess_name(f, e->name);
		struct param_names_slice place;

		if (name && param_names_from_foreign(f->style, name, &place) && strcmp(place.name, ours) == 0 && e->tensor.rank == rank)
			return &e->tensor;
	}
	return NULL;
}

/* Blocks 0, 1, ... that are there. */
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
	long side;

	if (c->image)
		return 0;
	if (!positions)
		return err(ERR_USAGE, "no position table tells the side of the images: say --image");
	side = lround(sqrt((double)positions->shape[1] - 1));
	if (side * side + 1 != positions->shape[1])
		return err(ERR_DATA, "a position table of %ld places is not a class token and a square of patches", positions->shape[1]);
	c->image = side * c->patch;
	return 0;
}

static int
infer_decoder(const struct guess *f, const struct guess_known *said, struct config *c)
{
	const struct tensor *embed = guess_find(f, "decoder_embed.weight", 2);

	if (!embed)
		return 0;
	c->objective = OBJECTIVE_MAE;
	c->dec_dim = embed->shape[0];
	c->dec_depth = count_blocks(f, "decoder_blocks");
	c->dec_heads = said->decoder_heads ? said->decoder_heads : c->dec_dim == MAE_DIM ? MAE_HEADS : 0;
	if (c->dec_dim > CONFIG_DIM_MAX || c->dec_depth > CONFIG_DEPTH_MAX)
		return err(ERR_DATA, "a decoder %ld wide with %ld blocks is larger than this program takes", c->dec_dim, c->dec_depth);
	if (c->dec_depth == 0)
		return err(ERR_DATA, "a decoder without blocks");
	if (c->dec_heads == 0)
		return err(ERR_USAGE, "the heads of a decoder %ld wide do not stand in the file: say --decoder-heads", c->dec_dim);
	return 0;
}

int
guess_config(const struct guess *f, const struct guess_known *said, struct config *c)
{
	const struct tensor *patch = guess_find(f, "patch_embed.proj.weight", 4);
	size_t i;

	if (!patch || patch->shape[1] != 3 || patch->shape[2] != patch->shape[3] || patch->shape[0] == 0 || patch->shape[2] == 0)
		return err(ERR_DATA, "no ViT in it: no patch embedding (width, 3, side, side)%s", *f->prefix ? " behind the prefix" : "");
	*c = config_default();
	c->dim = patch->shape[0];
	c->patch = patch->shape[2];
	c->image = said->image;
	c->depth = count_blocks(f, "blocks");
	c->heads = said->heads;
	for (i = 0; i < sizeof widths / sizeof *widths; i++)
		if (widths[i].dim == c->dim) {
			c->model = widths[i].model;
			if (c->heads == 0)
				c->heads = widths[i].heads;
		}
	if (c->dim > CONFIG_DIM_MAX || c->patch > CONFIG_PATCH_MAX || c->depth > CONFIG_DEPTH_MAX)
		return err(ERR_DATA, "a ViT %ld wide, %ld blocks, patch %ld is larger than this program takes", c->dim, c->depth, c->patch);
	if (c->depth == 0)
		return err(ERR_DATA, "a ViT without blocks");
	if (c->heads == 0)
		return err(ERR_USAGE, "the heads of a ViT %ld wide do not stand in the file: say --heads", c->dim);
	if (infer_image(f, c) < 0 || infer_decoder(f, said, c) < 0)
		return -1;
	return config_complete(c) < 0 ? err(ERR_DATA, "%s", err_text()) : 0;
}
