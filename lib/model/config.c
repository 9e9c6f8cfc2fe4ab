/* config - the configuration of a model: sizes, objective and switches (formats/method.md: Sizes, Presets and switches)

   Three tables: the settings, the sizes by name, the default patch size by image size. */
#include "model/config.h"
#include "base/err.h"
#include "transform/patch_mask.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* formats/method.md, Sizes. MAE's decoder: base and large are the official ones (He et al. 2022, 512 wide, 8 blocks,
   16 heads); the smaller ones keep its proportions (about two thirds of D, heads 32 wide, blocks as TSCAE's). */
static const struct size {
	long image, dim, depth, heads, decoder_depth, mae_dim, mae_depth, mae_heads;
} sizes[] = {
	[SIZE_MICRO] = { 32, 96, 6, 3, 2, 64, 2, 2 },
	[SIZE_TINY] = { 32, 192, 12, 3, 2, 128, 2, 4 },
	[SIZE_SMALL] = { 224, 384, 12, 6, 4, 256, 4, 8 },
	[SIZE_BASE] = { 224, 768, 12, 12, 6, 512, 8, 16 },
	[SIZE_LARGE] = { 224, 1024, 24, 16, 6, 512, 8, 16 }
};

enum { PAPER_DEC_DEPTH = 6 };	/* of the authors' program, for every encoder */

static const struct { long image, patch; } patches[] = { { 32, 4 }, { 64, 8 }, { 224, 16 } };

struct config
config_default(void)
{
	return (struct config){
		.model = SIZE_AUTO, .mean_std = NORMALIZE_AUTO, .mask_ratio = -1, .temperature = 0.1, .w_pixel = -1, .w_contrast = 1, .w_global = 1, .dropout = -1,
		.global = GLOBAL_AUTO, .global_detach = SWITCH_AUTO, .query_noise = SWITCH_AUTO,
		.global_random = SWITCH_AUTO, .fold = true, .variant.norm_eps = 1e-6
	};
}

void
config_table(struct config *c, struct opt *table)
{
	const struct opt rows[] = {
		{ 0, "model", OPT_CHOICE, &c->model, 0, 0,
			"model size (auto: micro, or that of init_from)", "micro|tiny|small|base|large|auto" },
		{ 0, "preset", OPT_CHOICE, &c->preset, 0, 0,
			"values of open settings: ours, or the authors'", "default|paper" },
		{ 0, "objective", OPT_CHOICE, &c->objective, 0, 0,
			"pre-training objective: TSCAE, or the MAE baseline", "tscae|mae" },
		{ 0, "image", OPT_INT, &c->image, 0, CONFIG_IMAGE_MAX,
			"image size in pixels (0: 32 for micro and tiny, else 224)", "N" },
		{ 0, "patch", OPT_INT, &c->patch, 0, CONFIG_PATCH_MAX,
			"patch size in pixels (0: 4 at 32, 8 at 64, 16 at 224)", "N" },
		{ 0, "embed_dim", OPT_INT, &c->embed_dim, 0, CONFIG_DIM_MAX, "width of the encoder (0: by model)", "N" },
		{ 0, "depth", OPT_INT, &c->depth, 0, CONFIG_DEPTH_MAX, "encoder blocks (0: by model)", "N" },
		{ 0, "heads", OPT_INT, &c->heads, 0, CONFIG_HEADS_MAX,
			"attention heads of the encoder (0: by model)", "N" },
		{ 0, "decoder_depth", OPT_INT, &c->decoder_depth, 0, CONFIG_DEPTH_MAX,
			"decoder blocks (0: by model)", "N" },
		{ 0, "decoder_embed_dim", OPT_INT, &c->decoder_embed_dim, 0, CONFIG_DIM_MAX,
			"width of the MAE decoder (0: by model)", "N" },
		{ 0, "decoder_heads", OPT_INT, &c->decoder_heads, 0, CONFIG_HEADS_MAX,
			"attention heads of the MAE decoder (0: by model)", "N" },
		{ 0, "mask_ratio", OPT_REAL, &c->mask_ratio, -1, 1,
			"fraction of masked patches (-1: that of the stream, else 0.75)", "R" },
		{ 0, "mean_std", OPT_CHOICE, &c->mean_std, 0, 0,
			"mean and standard deviation of the pixels: ImageNet, or 0.5 and 0.5", "imagenet|half|auto" },
		{ 0, "contrast", OPT_CHOICE, &c->contrast, 0, 0,
			"loss_contrast: loss between teacher and student patches", "simsiam|infonce|mse" },
		{ 0, "global", OPT_CHOICE, &c->global, 0, 0,
			"loss_global: choice of the target", "symmetric|student-target|teacher-target|auto" },
		{ 0, "global_detach", OPT_CHOICE, &c->global_detach, 0, 0,
			"loss_global: stop the gradient at the target", "off|on|auto" },
		{ 0, "norm_pix", OPT_FLAG, &c->norm_pix, 0, 0,
			"normalize each target patch by its own mean and variance", NULL },
		{ 0, "temperature", OPT_REAL, &c->temperature, 1e-3, 1e3, "temperature of the InfoNCE softmax", "R" },
		{ 0, "w_pixel", OPT_REAL, &c->w_pixel, -1, 1e6, "weight of loss_pixel (-1: by preset)", "R" },
		{ 0, "w_contrast", OPT_REAL, &c->w_contrast, 0, 1e6, "weight of loss_contrast", "R" },
		{ 0, "w_global", OPT_REAL, &c->w_global, 0, 1e6, "weight of loss_global", "R" },
		{ 0, "w_student_pixel", OPT_REAL, &c->w_student_pixel, 0, 1e6,
			"weight of loss_student_pixel (0: none)", "R" },
		{ 0, "dropout", OPT_REAL, &c->dropout, -1, 0.99,
			"dropout probability in the decoder (-1: by preset)", "R" },
		{ 0, "query_noise", OPT_CHOICE, &c->query_noise, 0, 0,
			"draw the content of the decoder queries from noise", "off|on|auto" },
		{ 0, "global_random", OPT_CHOICE, &c->global_random, 0, 0,
			"use a random, frozen position for the global query", "off|on|auto" },
		{ 0, "classes", OPT_INT, &c->classes, 0, CONFIG_CLASSES_MAX,
			"classes of the task head (0: from the stream)", "N" },
		{ 0, "freeze_encoder", OPT_FLAG, &c->freeze_encoder, 0, 0, "train only the task head", NULL },
		{ 0, "drop_path", OPT_REAL, &c->drop_path, 0, 0.99,
			"downstream: drop-path probability of the last block", "R" },
		{ 0, "label_smoothing", OPT_REAL, &c->label_smoothing, 0, 0.99,
			"classify: fraction of the target spread over all classes", "R" },
		{ 0, "mixup", OPT_REAL, &c->mixup, 0, 100, "classify: alpha of mixup (0: off)", "R" },
		{ 0, "cutmix", OPT_REAL, &c->cutmix, 0, 100, "classify: alpha of CutMix (0: off)", "R" },
		{ 0, "fpn_dim", OPT_INT, &c->fpn_dim, 0, CONFIG_DIM_MAX,
			"detect, segment: channels of the feature pyramid (0: by model)", "N" },
		{ 0, "window_size", OPT_INT, &c->window_size, 0, CONFIG_PATCH_MAX,
			"detect, segment: attention window size in patches (0: global attention)", "N" },
		{ 0, "fold", OPT_FLAG, &c->fold, 0, 0,
			"token folding: compute equal mask tokens once (off: for checks only)", NULL },
		{ 0, "recompute", OPT_FLAG, &c->recompute, 0, 0,
			"keep only block inputs, recompute activations (less memory)", NULL },
		{ 0 }
	};

	_Static_assert(sizeof rows / sizeof rows[0] <= CONFIG_ROWS_MAX, "CONFIG_ROWS_MAX is too small");
	memcpy(table, rows, sizeof rows);
}

void
config_variant_table(struct config *c, struct opt *table)
{
	struct config_variant *v = &c->variant;
	const struct opt rows[] = {
		{ 0, "position_grid", OPT_INT, &v->position_grid, 0, CONFIG_IMAGE_MAX, "grid of the learned positions", "N" },
		{ 0, "no_class_token", OPT_FLAG, &v->no_class_token, 0, 0, "patches only", NULL },
		{ 0, "registers", OPT_INT, &v->registers, 0, CONFIG_REGISTERS_MAX, "further tokens", "N" },
		{ 0, "mlp_dim", OPT_INT, &v->mlp_dim, 0, 4L * CONFIG_DIM_MAX, "hidden width of the blocks", "N" },
		{ 0, "norm_eps", OPT_REAL, &v->norm_eps, 0, 1, "epsilon of the layer norms", "R" },
		{ 0, "pool_norm", OPT_FLAG, &v->pool_norm, 0, 0, "norm of the mean instead of the tokens", NULL },
		{ 0 }
	};

	_Static_assert(sizeof rows / sizeof rows[0] <= CONFIG_VARIANT_ROWS, "CONFIG_VARIANT_ROWS is too small");
	memcpy(table, rows, sizeof rows);
}

bool
config_is_plain(const struct config *c)
{
	const struct config_variant *v = &c->variant;

	return v->position_grid == 0 && !v->no_class_token && v->registers == 0 && !v->pool_norm;
}

static void
set_default(long *setting, long value)
{
	if (*setting == 0)
		*setting = value;
}

static void
set_default_choice(int *setting, int automatic, int value)
{
	if (*setting == automatic)
		*setting = value;
}

static void
set_default_weight(double *setting, double value)
{
	if (*setting == -1)
		*setting = value;
}

static void
complete_sizes(struct config *c)
{
	const struct size *s = &sizes[c->model];
	bool mae = c->objective == OBJECTIVE_MAE;
	size_t i;

	set_default(&c->image, s->image);
	for (i = 0; i < sizeof patches / sizeof patches[0]; i++)
		if (c->image == patches[i].image)
			set_default(&c->patch, patches[i].patch);
	set_default(&c->embed_dim, s->dim);
	set_default(&c->depth, s->depth);
	set_default(&c->heads, s->heads);
	set_default(&c->decoder_depth, mae ? s->mae_depth : c->preset == PRESET_PAPER ? PAPER_DEC_DEPTH : s->decoder_depth);
	set_default(&c->decoder_embed_dim, mae ? s->mae_dim : c->embed_dim);
	set_default(&c->decoder_heads, mae ? s->mae_heads : c->heads);
}

static int
check(const struct config *c)
{
	if (c->mask_ratio < 0)
		return err(ERR_USAGE, "mask_ratio: %g is negative; use -1 for the default", c->mask_ratio);
	if (c->patch == 0)
		return err(ERR_USAGE, "patch: no default for images of %ld pixels; set patch=N", c->image);
	if (c->image % c->patch)
		return err(ERR_USAGE, "image: %ld is not a multiple of patch=%ld", c->image, c->patch);
	if (c->embed_dim % 4 || c->decoder_embed_dim % 4)
		return err(ERR_USAGE, "%s: %ld is not a multiple of 4, which the position embedding needs",
		    c->embed_dim % 4 ? "embed_dim" : "decoder_embed_dim", c->embed_dim % 4 ? c->embed_dim : c->decoder_embed_dim);
	if (c->embed_dim % c->heads)
		return err(ERR_USAGE, "embed_dim: %ld is not a multiple of heads=%ld", c->embed_dim, c->heads);
	if (c->objective == OBJECTIVE_TSCAE && (c->decoder_embed_dim != c->embed_dim || c->decoder_heads != c->heads))
		return err(ERR_USAGE, "decoder_embed_dim, decoder_heads: those of the encoder in TSCAE; use objective=mae to set them");
	if (c->decoder_embed_dim % c->decoder_heads)
		return err(ERR_USAGE, "decoder_embed_dim: %ld is not a multiple of decoder_heads=%ld", c->decoder_embed_dim, c->decoder_heads);
	if (config_visible(c) < 1 || config_masked(c) < 1)
		return err(ERR_USAGE, "mask_ratio: %g of %d patches leaves no %s patch", c->mask_ratio, config_patches(c),
		    config_visible(c) < 1 ? "visible" : "masked");
	if (c->objective == OBJECTIVE_MAE && c->w_student_pixel > 0)
		return err(ERR_USAGE, "w_student_pixel: MAE has no student; use objective=tscae");
	if (c->window_size > 0 && (c->variant.no_class_token || c->variant.registers > 0))
		return err(ERR_USAGE, "window_size: not for an encoder without class token, or with register tokens");
	if (c->w_pixel < 0 || c->dropout < 0)
		return err(ERR_USAGE, "%s: %g is negative; use -1 for the default", c->w_pixel < 0 ? "w_pixel" : "dropout",
			c->w_pixel < 0 ? c->w_pixel : c->dropout);
	if (c->objective == OBJECTIVE_MAE && (c->query_noise == SWITCH_ON || c->dropout > 0))
		return err(ERR_USAGE, "%s: the MAE decoder does not have it; use objective=tscae",
			c->dropout > 0 ? "dropout" : "query_noise");
	return 0;
}

int
config_complete(struct config *c)
{
	bool paper = c->preset == PRESET_PAPER && c->objective == OBJECTIVE_TSCAE;

	set_default_choice(&c->model, SIZE_AUTO, SIZE_MICRO);
	set_default_choice(&c->mean_std, NORMALIZE_AUTO, PATCH_IMAGENET);
	complete_sizes(c);
	set_default_weight(&c->mask_ratio, 0.75);	/* He et al. 2022 */
	set_default_weight(&c->w_pixel, paper ? c->mask_ratio : 1);
	set_default_weight(&c->dropout, paper ? 0.5 : 0);	/* formats/method.md, Presets and switches */
	set_default_choice(&c->global, GLOBAL_AUTO, paper ? GLOBAL_STUDENT_TARGET : GLOBAL_SYMMETRIC);
	set_default_choice(&c->global_detach, SWITCH_AUTO, paper ? SWITCH_OFF : SWITCH_ON);
	set_default_choice(&c->query_noise, SWITCH_AUTO, paper ? SWITCH_ON : SWITCH_OFF);
	set_default_choice(&c->global_random, SWITCH_AUTO, paper ? SWITCH_ON : SWITCH_OFF);
	return check(c);
}

int
config_patches(const struct config *c)
{
	long grid = c->image / c->patch;

	return (int)(grid * grid);
}

int
config_visible(const struct config *c)
{
	return patch_mask_visible(config_patches(c), c->mask_ratio);
}

int
config_masked(const struct config *c)
{
	return config_patches(c) - config_visible(c);
}
