/* guess_architecture - the configuration of a foreign ViT or MAE, from its config.json and the shapes of its tensors */
#include "checkpoint/guess_architecture.h"
#include "base/err.h"
#include "checkpoint/foreign_config.h"
#include "stream/tensor.h"
#include "transform/patch.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Sizes with a name here (formats/method.md, Sizes) by width; timm's names fix the heads. */
static const struct { long dim; int model; } widths[] = {
	{ 192, SIZE_TINY }, { 384, SIZE_SMALL }, { 768, SIZE_BASE }, { 1024, SIZE_LARGE }, { 1280, SIZE_LARGE }
};
static const struct { const char *name; long heads; } timm[] = {
	{ "vit_tiny_", 3 }, { "vit_small_", 6 }, { "vit_base_", 12 }, { "vit_large_", 16 }, { "vit_huge_", 16 },
	{ "deit_tiny_", 3 }, { "deit_small_", 6 }, { "deit_base_", 12 }, { "deit3_small_", 6 }, { "deit3_medium_", 8 },
	{ "deit3_base_", 12 }, { "deit3_large_", 16 }, { "deit3_huge_", 16 }
};

/* Model types of Hugging Face whose forward pass is a ViT's. */
static const char *const model_types[] = { "vit", "vit_mae", "vit_msn", "deit", "dinov2", "dinov2_with_registers" };

/* Parts of names of tensors that belong to computations that our encoder does not have. */
static const struct { const char *part, *what; } unsupported[] = {
	{ ".q_norm.", "normalized queries and keys (qk_norm)" }, { ".k_norm.",
	    "normalized queries and keys (qk_norm)" },
	{ "relative_position_bias", "relative positions (BEiT)" }, { "rel_pos", "relative positions" },
	{ ".attn.q_bias", "attention of BEiT" }, { ".gamma_1", "attention of BEiT" },
	{ "lambda_1", "attention of BEiT" }, { ".mlp.w12.", "an MLP with SwiGLU" }, { ".mlp.w1.",
	    "an MLP with SwiGLU" },
	{ ".mlp.fc1_g.", "an MLP with SwiGLU" }, { ".mlp.gate_proj.", "an MLP with SwiGLU" },
	{ ".mlp.weights_in.", "an MLP with SwiGLU" }, { ".mlp.norm.", "a norm within the MLP" },
	{ ".attn.norm.", "a norm within the attention" }, { "norm_pre.", "a norm before the blocks (CLIP)" },
	{ "pre_layrnorm.", "a norm before the blocks (CLIP)" }, { "attn_pool.", "attention pooling" },
	{ "rope", "rotary positions" }, { "patch_embed.backbone.", "a convolutional stem (hybrid ViT)" },
	{ "text_model.", "a text encoder (CLIP)" }
};

const char *
guess_name(const struct guess *f, const char *name)
{
	const size_t n = strlen(f->prefix);

	return strncmp(name, f->prefix, n) == 0 ? name + n : NULL;
}

static int
find_prefix(struct guess *f)
{
	bool found = false;
	int i, n;

	for (i = 0; i < f->file->count; i++) {
		const char *name = f->file->entries[i].name;

		n = param_names_prefix(name);
		if (n < 0 || n >= (int)sizeof f->prefix)
			continue;
		if (found && ((int)strlen(f->prefix) != n || strncmp(name, f->prefix, (size_t)n) != 0))
			return err(ERR_USAGE, "several encoders, such as '%.60s' and '%.*s'; choose one with "
			    "--prefix", f->prefix,
				n, name);
		snprintf(f->prefix, sizeof f->prefix, "%.*s", n, name);
		found = true;
	}
	return 0;
}

int
guess_open(struct guess *f, const struct foreign_file *file, const char *prefix)
{
	int i;

	*f = (struct guess){ .file = file, .style = PARAM_NAMES_MAE };
	snprintf(f->prefix, sizeof f->prefix, "%s", prefix);
	if (!*prefix && find_prefix(f) < 0)
		return -1;
	for (i = 0; i < file->count; i++) {
		const char *name = guess_name(f, file->entries[i].name);

		if (name && param_names_guess(name) == PARAM_NAMES_HF)
			f->style = PARAM_NAMES_HF;
	}
	return 0;
}

const struct tensor *
guess_find(const struct guess *f, const char *name)
{
	int i;

	for (i = 0; i < f->file->count; i++) {
		const char *foreign = guess_name(f, f->file->entries[i].name);
		struct param_names_slice slice;

		if (foreign && param_names_from_any(f->style, foreign, &slice) && strcmp(slice.name, name) == 0)
			return f->file->entries[i].tensor;
	}
	return NULL;
}

int
guess_supported(const struct guess *f)
{
	const struct foreign_config *said = &f->file->config;
	bool known = !*said->model_type;
	size_t k;
	int i;

	for (k = 0; k < sizeof model_types / sizeof *model_types; k++)
		known = known || strcmp(said->model_type, model_types[k]) == 0;
	if (!known)
		return err(ERR_DATA, "config.json: models of type '%s' are not supported", said->model_type);
	if (*said->activation && strcmp(said->activation, "gelu") != 0)
		return err(ERR_DATA, "config.json: activation '%s' is not supported, only gelu", said->activation);
	if (strstr(said->architecture, "quickgelu"))
		return err(ERR_DATA, "config.json: '%s': activation 'quickgelu' is not supported, only gelu",
			said->architecture);
	if (said->swiglu == 1 || said->qk_norm == 1)
		return err(ERR_DATA, "config.json: %s is not supported", said->swiglu == 1 ? "an MLP with SwiGLU" :
			"normalized queries and keys (qk_norm)");
	for (i = 0; i < f->file->count; i++) {
		const char *name = guess_name(f, f->file->entries[i].name);

		for (k = 0; name && k < sizeof unsupported / sizeof *unsupported; k++)
			if (strstr(name, unsupported[k].part))
				return err(ERR_DATA, "tensor '%s': %s is not supported", f->file->entries[i].name,
					unsupported[k].what);
	}
	return 0;
}

/* The number of consecutive blocks 0, 1, ... in the file. */
static long
count_blocks(const struct guess *f, const char *prefix)
{
	char name[PARAM_NAMES_SIZE];
	long n = 0;

	do
		snprintf(name, sizeof name, "%s.%ld.mlp.fc1.weight", prefix, n);
	while (n <= CONFIG_DEPTH_MAX && guess_find(f, name) && ++n);
	return n;
}

static bool
is_square(long n, long *root)
{
	*root = n > 0 ? lround(sqrt((double)n)) : 0;
	return n > 0 && *root * *root == n;
}

int
guess_position_tokens(const struct guess *f, struct config *c, long *grid)
{
	const struct tensor *t = guess_find(f, "pos_embed");
	const long tokens = !c->variant.no_class_token + c->variant.registers;
	/* patches alone (timm, no_embed_class), class token and patches (DINOv2), all tokens */
	const long choices[] = { 0, !c->variant.no_class_token, tokens };
	long rows, root, said = c->image ? c->image : f->file->config.image[0] > 0 ? (long)f->file->config.image[0] : 0;
	int i, found = -1;

	if (!t || t->rank < 2 || t->rank > 3 || (t->rank == 3 && t->shape[0] != 1) ||
	    t->shape[t->rank - 1] != c->embed_dim)
		return err(ERR_DATA, "the position table is not of shape (1, rows, %ld)", c->embed_dim);
	rows = t->shape[t->rank - 2];
	for (i = 0; i < 3; i++) {
		if ((i > 0 && choices[i] == choices[i - 1]) || !is_square(rows - choices[i], &root))
			continue;
		if (found >= 0 && said == 0)
			return err(ERR_USAGE, "the position table of %ld rows fits two grids; use --image", rows);
		if (found < 0 || root * c->patch == said) {
			found = (int)choices[i];
			*grid = root;
		}
	}
	if (found < 0)
		return err(ERR_DATA, "the position table has %ld rows, expected %ld tokens and a square grid",
		    rows, tokens);
	if (*grid > CONFIG_IMAGE_MAX / c->patch)
		return err(ERR_DATA, "the position table has %ld rows: more than images of %d pixels", rows,
		    CONFIG_IMAGE_MAX);
	return found;
}

/* The heads that the caller, config.json or timm's name give; 0: unknown. */
static long
find_heads(long given, double said, const char *architecture)
{
	size_t i;

	if (given > 0)
		return given;
	if (said > 0 && said <= CONFIG_HEADS_MAX && said == floor(said))
		return (long)said;
	for (i = 0; i < sizeof timm / sizeof *timm; i++)
		if (strncmp(architecture, timm[i].name, strlen(timm[i].name)) == 0)
			return timm[i].heads;
	return 0;
}

static int
infer_decoder(const struct guess *f, const struct guess_known *known, struct config *c)
{
	const struct tensor *embed = guess_find(f, "decoder_embed.weight");

	if (!embed || embed->rank != 2)
		return 0;
	c->objective = OBJECTIVE_MAE;
	c->decoder_embed_dim = embed->shape[0];
	c->decoder_depth = count_blocks(f, "decoder_blocks");
	c->decoder_heads = find_heads(known->decoder_heads, f->file->config.decoder_heads, "");
	if (c->decoder_embed_dim > CONFIG_DIM_MAX || c->decoder_depth > CONFIG_DEPTH_MAX)
		return err(ERR_DATA, "decoder of width %ld with %ld blocks: limits are %d and %d",
			c->decoder_embed_dim, c->decoder_depth, CONFIG_DIM_MAX, CONFIG_DEPTH_MAX);
	if (c->decoder_depth == 0)
		return err(ERR_DATA, "the decoder has no blocks");
	if (c->decoder_heads == 0)
		return err(ERR_USAGE, "cannot infer the number of heads for decoder width %ld; use --decoder-heads "
			"(published MAE: 16 at 512)", c->decoder_embed_dim);
	return 0;
}

/* Tokens, width of the MLP, norms. */
static int
infer_variant(const struct guess *f, const struct guess_known *known, struct config *c)
{
	const struct tensor *fc1 = guess_find(f, "blocks.0.mlp.fc1.weight"), *fc2 = guess_find(f,
	    "blocks.0.mlp.fc2.weight");
	const struct tensor *registers = guess_find(f, "reg_token");
	struct config_variant *v = &c->variant;

	if (!fc2 || fc1->rank != 2 || fc2->rank != 2)
		return err(ERR_DATA, "block 0 has no MLP of two matrices");
	if (fc1->shape[0] == 2 * fc2->shape[1])
		return err(ERR_DATA, "an MLP with SwiGLU is not supported");
	if (fc1->shape[0] < 1 || fc1->shape[0] > 4L * CONFIG_DIM_MAX)
		return err(ERR_DATA, "an MLP %ld wide, limit %d", fc1->shape[0], 4 * CONFIG_DIM_MAX);
	v->mlp_dim = fc1->shape[0] == 4 * c->embed_dim ? 0 : fc1->shape[0];
	v->no_class_token = !guess_find(f, "cls_token");
	if (registers && (registers->rank < 2 || registers->shape[registers->rank - 2] > CONFIG_REGISTERS_MAX))
		return err(ERR_DATA, "more than %d register tokens", CONFIG_REGISTERS_MAX);
	v->registers = (guess_find(f, "dist_token") != NULL) + (registers ? registers->shape[registers->rank - 2] : 0);
	if (v->registers > CONFIG_REGISTERS_MAX)
		return err(ERR_DATA, "more than %d register tokens", CONFIG_REGISTERS_MAX);
	v->pool_norm = !guess_find(f, "norm.weight") && guess_find(f, "pool_norm.weight");
	if (known->norm_eps >= 0)
		v->norm_eps = known->norm_eps;
	else if (f->file->config.norm_eps >= 0)
		v->norm_eps = f->file->config.norm_eps;
	else if (f->style == PARAM_NAMES_HF)
		return err(ERR_USAGE, "no config.json beside the file states layer_norm_eps; use --norm-eps "
		    "(transformers: "
			"1e-12 for ViT and ViTMAE, 1e-6 for DINOv2)");
	return 0;
}

/* config.json must be that of these weights. */
static int
check_said(const struct guess *f, const struct config *c)
{
	const struct foreign_config *said = &f->file->config;
	const double mlp = (double)(c->variant.mlp_dim ? c->variant.mlp_dim : 4 * c->embed_dim);
	const bool bias = guess_find(f, "blocks.0.attn.qkv.bias");
	const struct { const char *name; double said, found; } rows[] = {
		{ "hidden_size", said->width, (double)c->embed_dim },
		{ "num_hidden_layers", said->depth, (double)c->depth },
		{ "patch_size", said->patch, (double)c->patch },
		{ "num_channels", said->channels, (double)c->channels },
		{ "intermediate_size", said->mlp_width, mlp },
		/* timm cuts the width off to a whole number */
		{ "mlp_ratio", said->mlp_ratio, fabs(said->mlp_ratio * (double)c->embed_dim - mlp) < 1
			? said->mlp_ratio : mlp / (double)c->embed_dim },
		{ "qkv_bias", said->qkv_bias, bias }
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].said >= 0 && fabs(rows[i].said - rows[i].found) > 1e-6)
			return err(ERR_DATA, "config.json states %s %g, but the tensors have %g", rows[i].name,
				rows[i].said, rows[i].found);
	if (said->image[1] >= 0 && said->image[0] != said->image[1])
		return err(ERR_DATA, "config.json states images of %gx%g: only square ones are supported",
		    said->image[1],
			said->image[0]);
	return 0;
}

/* What the caller gives must fit the shapes. */
static int
check_known(const struct guess_known *known, const struct config *c)
{
	if (known->heads > 0 && c->embed_dim % known->heads)
		return err(ERR_USAGE, "--heads %ld does not divide the width %ld", known->heads, c->embed_dim);
	if (known->decoder_heads > 0 && c->decoder_embed_dim % known->decoder_heads)
		return err(ERR_USAGE, "--decoder-heads %ld does not divide the decoder width %ld",
			known->decoder_heads, c->decoder_embed_dim);
	if (known->image % c->patch)
		return err(ERR_USAGE, "--image %ld is not a multiple of the patch size %ld", known->image, c->patch);
	return 0;
}

int
guess_config(const struct guess *f, const struct guess_known *known, struct config *c)
{
	const struct tensor *patch = guess_find(f, "patch_embed.proj.weight");
	size_t i;

	if (!patch || patch->rank != 4 || patch->shape[2] != patch->shape[3] || patch->shape[0] == 0 ||
	    patch->shape[2] == 0)
		return err(ERR_DATA, "not a ViT: no patch embedding of shape (width, channels, patch, patch)%s",
			*f->prefix ? "; check --prefix" : "");
	if (patch->shape[1] < 1 || patch->shape[1] > PATCH_CHANNELS_MAX)
		return err(ERR_DATA, "a patch embedding of %ld channels: only 1 to %d are supported", patch->shape[1],
			PATCH_CHANNELS_MAX);
	*c = config_default();
	c->channels = patch->shape[1];
	c->embed_dim = patch->shape[0];
	c->patch = patch->shape[2];
	c->image = known->image;
	c->depth = count_blocks(f, "blocks");
	c->heads = find_heads(known->heads, f->file->config.heads, f->file->config.architecture);
	for (i = 0; i < sizeof widths / sizeof *widths; i++)
		if (widths[i].dim == c->embed_dim)
			c->model = widths[i].model;
	if (c->embed_dim > CONFIG_DIM_MAX || c->patch > CONFIG_PATCH_MAX || c->depth > CONFIG_DEPTH_MAX)
		return err(ERR_DATA, "ViT of width %ld with %ld blocks and patch size %ld: limits are %d, %d and %d",
			c->embed_dim, c->depth, c->patch, CONFIG_DIM_MAX, CONFIG_DEPTH_MAX, CONFIG_PATCH_MAX);
	if (c->depth == 0)
		return err(ERR_DATA, "the ViT has no blocks");
	if (c->heads == 0)
		return err(ERR_USAGE, "cannot infer the number of heads for width %ld: no config.json states it; "
		    "use --heads "
			"(timm, MAE, DINO: width / 64, but 16 at 1280; MoCo-v3: 12)", c->embed_dim);
	if (infer_variant(f, known, c) < 0 || check_said(f, c) < 0 || infer_decoder(f, known, c) < 0)
		return -1;
	return check_known(known, c);
}
