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
		.model = SIZE_AUTO, .mean_std = NORMALIZE_AUTO, .mask_ratio = -1, .dropout = -1,
		.image_contrast = IMAGE_CONTRAST_AUTO, .patch_contrast = PATCH_CONTRAST_AUTO, .image_temperature = 0.2,
		.patch_temperature = 0.1, .w_pixel = -1, .w_image_contrast = -1, .w_patch_contrast = 1,
		.projection_dim = 128, .queue_size = 4096,
		.student_image = SWITCH_AUTO, .student_keep = -1, .predict_ratio = -1,
		.mask_tokens = SWITCH_AUTO, .decoder_self_attention = SWITCH_AUTO,
		.crossentropy_target = TARGET_AUTO, .crossentropy_detach = SWITCH_AUTO,
		.query_noise = SWITCH_AUTO, .global_random = SWITCH_AUTO, .fold = true,
		.variant.norm_eps = 1e-6
	};
}

void
config_table(struct config *c, struct opt *table)
{
	const struct opt rows[] = { { 0, "model", OPT_CHOICE, &c->model, 0, 0,
		"model size (auto: micro, or that of init_from)", OPT_NAMES(CONFIG_SIZES) },
		{ 0, "preset", OPT_CHOICE, &c->preset, 0, 0, "values of open settings: ours, or the authors'",
			OPT_NAMES(CONFIG_PRESETS) },
		{ 0, "objective", OPT_CHOICE, &c->objective, 0, 0, "pre-training objective: TSCAE, or the MAE baseline",
			OPT_NAMES(CONFIG_OBJECTIVES) },
		{ 0, "image", OPT_INT, &c->image, 0, CONFIG_IMAGE_MAX,
			"image size in pixels (0: 32 for micro and tiny, else 224)", "N" },
		{ 0, "patch", OPT_INT, &c->patch, 0, CONFIG_PATCH_MAX,
			"patch size in pixels (0: 4 at 32, 8 at 64, 16 at 224)", "N" },
		{ 0, "embed_dim", OPT_INT, &c->embed_dim, 0, CONFIG_DIM_MAX,
			"width of the encoder (0: by model)", "N" },
		{ 0, "depth", OPT_INT, &c->depth, 0, CONFIG_DEPTH_MAX, "encoder blocks (0: by model)", "N" },
		{ 0, "heads", OPT_INT, &c->heads, 0, CONFIG_HEADS_MAX, "attention heads of the encoder (0: by model)",
			"N" },
		{ 0, "decoder_depth", OPT_INT, &c->decoder_depth, 0, CONFIG_DEPTH_MAX, "decoder blocks (0: by model)",
			"N" },
		{ 0, "decoder_embed_dim", OPT_INT, &c->decoder_embed_dim, 0, CONFIG_DIM_MAX,
			"width of the decoder (0: by model)", "N" },
		{ 0, "decoder_heads", OPT_INT, &c->decoder_heads, 0, CONFIG_HEADS_MAX,
			"attention heads of the decoder (0: by model)", "N" },
		{ 0, "mask_ratio", OPT_REAL, &c->mask_ratio, -1, 1,
			"fraction of masked patches (-1: that of the stream, else 0.75)", "R" },
		{ 0, "mean_std", OPT_CHOICE, &c->mean_std, 0, 0,
			"mean and standard deviation of the pixels: ImageNet's, 0.5 and 0.5, or mean and std",
			    OPT_NAMES(CONFIG_MEAN_STDS) },
		{ 0, "channels", OPT_INT, &c->channels, 0, PATCH_CHANNELS_MAX,
			"channels of the images (0: those of the stream)", "N" },
		{ 0, "bits", OPT_INT, &c->bits, 0, 16, "bits of a sample, 8 or 16 (0: those of the stream)", "N" },
		{ 0, "mean", OPT_LIST, &c->mean, -10, 10,
			"mean of each channel, for samples from 0 to 1, as tscae-stats prints it", NULL },
		{ 0, "std", OPT_LIST, &c->std, 1e-12, 10, "standard deviation of each channel, likewise", NULL },
		{ 0, "image_contrast", OPT_CHOICE, &c->image_contrast, 0, 0,
			"loss_image_contrast: loss between teacher and student vectors of an image",
			OPT_NAMES(CONFIG_IMAGE_CONTRASTS) },
		{ 0, "image_pool", OPT_CHOICE, &c->image_pool, 0, 0,
			"vector of an image: mean of its visible patches, class token, or the decoder's global query",
			OPT_NAMES(CONFIG_IMAGE_POOLS) },
		{ 0, "patch_contrast", OPT_CHOICE, &c->patch_contrast, 0, 0,
			"loss_patch_contrast: loss between teacher and student patches",
			OPT_NAMES(CONFIG_PATCH_CONTRASTS) },
		{ 0, "image_temperature", OPT_REAL, &c->image_temperature, 1e-3, 1e3,
			"temperature of image_contrast=infonce and nnclr", "R" },
		{ 0, "patch_temperature", OPT_REAL, &c->patch_temperature, 1e-3, 1e3,
			"temperature of patch_contrast=infonce", "R" },
		{ 0, "projection_hidden", OPT_INT, &c->projection_hidden, 0, CONFIG_DIM_MAX,
			"hidden width of the projection head (0: 4 * embed_dim)", "N" },
		{ 0, "projection_dim", OPT_INT, &c->projection_dim, 1, CONFIG_DIM_MAX,
			"width of the projected vectors", "N" },
		{ 0, "queue_size", OPT_INT, &c->queue_size, 1, CONFIG_QUEUE_MAX,
			"image_contrast=nnclr: vectors of earlier images", "N" },
		{ 0, "crossentropy_target", OPT_CHOICE, &c->crossentropy_target, 0, 0,
			"image_contrast=crossentropy: choice of the target", OPT_NAMES(CONFIG_TARGETS) },
		{ 0, "crossentropy_detach", OPT_CHOICE, &c->crossentropy_detach, 0, 0,
			"image_contrast=crossentropy: stop the gradient at the target", OPT_NAMES(CONFIG_SWITCHES) },
		{ 0, "contrast_start", OPT_INT, &c->contrast_start, 0, 1e9,
			"step from which the contrast losses count", "N" },
		{ 0, "contrast_ramp", OPT_INT, &c->contrast_ramp, 0, 1e9,
			"steps in which their weight rises to its value", "N" },
		{ 0, "student_image", OPT_CHOICE, &c->student_image, 0, 0,
			"TSCAE: the student sees field student_image (auto: if the stream has it)",
			    OPT_NAMES(CONFIG_SWITCHES) },
		{ 0, "student_keep", OPT_REAL, &c->student_keep, -1, 1,
			"fraction of the masked patches that the student sees (-1: by preset)", "R" },
		{ 0, "predict_ratio", OPT_REAL, &c->predict_ratio, -1, 1,
			"fraction of the masked patches that the decoder predicts (-1: by preset)", "R" },
		{ 0, "mask_tokens", OPT_CHOICE, &c->mask_tokens, 0, 0,
			"TSCAE: mask tokens in the input of the encoder", OPT_NAMES(CONFIG_SWITCHES) },
		{ 0, "decoder_self_attention", OPT_CHOICE, &c->decoder_self_attention, 0, 0,
			"TSCAE decoder: self-attention of the queries", OPT_NAMES(CONFIG_SWITCHES) },
		{ 0, "norm_pix", OPT_FLAG, &c->norm_pix, 0, 0,
			"normalize each target patch by its own mean and variance", NULL },
		{ 0, "w_pixel", OPT_REAL, &c->w_pixel, -1, 1e6, "weight of loss_pixel (-1: by preset)", "R" },
		{ 0, "w_image_contrast", OPT_REAL, &c->w_image_contrast, -1, 1e6,
			"weight of loss_image_contrast (-1: by preset)", "R" },
		{ 0, "w_patch_contrast", OPT_REAL, &c->w_patch_contrast, 0, 1e6, "weight of loss_patch_contrast", "R" },
		{ 0, "w_student_pixel", OPT_REAL, &c->w_student_pixel, 0, 1e6,
			"weight of loss_student_pixel (0: none)", "R" },
		{ 0, "dropout", OPT_REAL, &c->dropout, -1, 0.99,
			"dropout probability in the decoder (-1: by preset)", "R" },
		{ 0, "query_noise", OPT_CHOICE, &c->query_noise, 0, 0,
			"draw the content of the decoder queries from noise", OPT_NAMES(CONFIG_SWITCHES) },
		{ 0, "global_random", OPT_CHOICE, &c->global_random, 0, 0,
			"use a random, frozen position for the global query", OPT_NAMES(CONFIG_SWITCHES) },
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
		{ 0 } };

	_Static_assert(sizeof rows / sizeof rows[0] <= CONFIG_ROWS_MAX, "CONFIG_ROWS_MAX is too small");
	memcpy(table, rows, sizeof rows);
}

void
config_variant_table(struct config *c, struct opt *table)
{
	struct config_variant *v = &c->variant;
	const struct opt rows[] = {
		{ 0, "position_grid", OPT_INT, &v->position_grid, 0, CONFIG_IMAGE_MAX,
		    "grid of the learned positions", "N" },
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

/* Does a loss compare outputs of the decoder with those of the encoder? */
static bool
compares_decoder(const struct config *c)
{
	return c->patch_contrast != PATCH_CONTRAST_OFF || config_has_global_query(c);
}

static void
complete_sizes(struct config *c)
{
	const struct size *s = &sizes[c->model];
	const bool mae = c->objective == OBJECTIVE_MAE, narrow = mae || !compares_decoder(c);
	size_t i;

	set_default(&c->image, s->image);
	for (i = 0; i < sizeof patches / sizeof patches[0]; i++)
		if (c->image == patches[i].image)
			set_default(&c->patch, patches[i].patch);
	set_default(&c->embed_dim, s->dim);
	set_default(&c->depth, s->depth);
	set_default(&c->heads, s->heads);
	set_default(&c->decoder_depth, mae ? s->mae_depth : c->preset == PRESET_PAPER ? PAPER_DEC_DEPTH
	    : s->decoder_depth);
	set_default(&c->decoder_embed_dim, narrow ? s->mae_dim : c->embed_dim);
	set_default(&c->decoder_heads, narrow ? s->mae_heads : c->heads);
	set_default(&c->projection_hidden, 4 * c->embed_dim);
}

static void
complete_contrast(struct config *c, bool paper)
{
	bool whole;

	set_default_choice(&c->image_contrast, IMAGE_CONTRAST_AUTO, paper ? IMAGE_CONTRAST_CROSSENTROPY
	    : IMAGE_CONTRAST_INFONCE);
	set_default_choice(&c->patch_contrast, PATCH_CONTRAST_AUTO, paper ? PATCH_CONTRAST_SIMSIAM
	    : PATCH_CONTRAST_OFF);
	set_default_choice(&c->crossentropy_target, TARGET_AUTO, paper ? TARGET_STUDENT : TARGET_SYMMETRIC);
	set_default_choice(&c->crossentropy_detach, SWITCH_AUTO, paper ? SWITCH_OFF : SWITCH_ON);
	set_default_choice(&c->student_image, SWITCH_AUTO, SWITCH_OFF);
	set_default_choice(&c->mask_tokens, SWITCH_AUTO, SWITCH_ON);
	/* outputs of the decoder that only become pixels need less of it */
	whole = paper || compares_decoder(c);
	set_default_choice(&c->decoder_self_attention, SWITCH_AUTO, whole ? SWITCH_ON : SWITCH_OFF);
	set_default_weight(&c->w_image_contrast, c->image_contrast == IMAGE_CONTRAST_CROSSENTROPY ? 1 : 0.1);
	set_default_weight(&c->student_keep, paper ? 1 : 1.0 / 3);
	set_default_weight(&c->predict_ratio, whole ? 1 : 0.5);
}

static void
complete_pixels(struct config *c)
{
	set_default(&c->channels, 3);
	set_default(&c->bits, 8);
	if (c->mean_std == NORMALIZE_AUTO && (c->mean.count || c->std.count))
		c->mean_std = NORMALIZE_GIVEN;
	if (c->mean_std == NORMALIZE_AUTO && c->channels == 3)
		c->mean_std = PATCH_IMAGENET;
}

static int
check_pixels(const struct config *c)
{
	const bool given = c->mean_std == NORMALIZE_GIVEN;

	if (c->bits != 8 && c->bits != 16)
		return err(ERR_USAGE, "bits: %ld is neither 8 nor 16", c->bits);
	if (!given && (c->mean.count || c->std.count))
		return err(ERR_USAGE, "mean_std=%s, but %s is given too", c->mean_std == PATCH_HALF ? "half" : "imagenet",
		    c->mean.count ? "mean" : "std");
	if (given && (c->mean.count != c->channels || c->std.count != c->channels))
		return err(ERR_USAGE, "mean and std: %d and %d numbers for images of %ld channels; tscae-stats prints them",
		    c->mean.count, c->std.count, c->channels);
	if (c->channels != 3 && c->mean_std != PATCH_HALF && !given)
		return err(ERR_USAGE, "mean, std: none are known for images of %ld channels; measure them with tscae-stats"
		    " (mean=... std=...), or use mean_std=half", c->channels);
	return 0;
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
		    c->embed_dim % 4 ? "embed_dim" : "decoder_embed_dim",
		    c->embed_dim % 4 ? c->embed_dim : c->decoder_embed_dim);
	if (c->embed_dim % c->heads)
		return err(ERR_USAGE, "embed_dim: %ld is not a multiple of heads=%ld", c->embed_dim, c->heads);
	if (c->objective == OBJECTIVE_TSCAE && c->decoder_embed_dim != c->embed_dim && compares_decoder(c))
		return err(ERR_USAGE,
		    "decoder_embed_dim: %ld is not embed_dim=%ld, and %s compares outputs of the decoder"
		    " with those of the encoder", c->decoder_embed_dim, c->embed_dim,
		    c->patch_contrast != PATCH_CONTRAST_OFF ? "patch_contrast" : "the global query");
	if (c->projection_hidden % 4 || c->projection_hidden > CONFIG_DIM_MAX)
		return err(ERR_USAGE, "projection_hidden: %ld is not a multiple of 4 up to %d", c->projection_hidden,
		    CONFIG_DIM_MAX);
	if (c->mask_tokens == SWITCH_OFF &&
	    (c->image_contrast == IMAGE_CONTRAST_CROSSENTROPY || c->w_student_pixel > 0))
		return err(ERR_USAGE, "mask_tokens=off: %s needs mask tokens",
		    c->w_student_pixel > 0 ? "w_student_pixel" : "image_contrast=crossentropy");
	if (c->student_keep < 0 || c->predict_ratio < 0 || c->w_image_contrast < 0)
		return err(ERR_USAGE, "%s: a negative number; use -1 for the default",
		    c->student_keep < 0 ? "student_keep" : c->predict_ratio < 0 ? "predict_ratio" : "w_image_contrast");
	if (c->decoder_embed_dim % c->decoder_heads)
		return err(ERR_USAGE, "decoder_embed_dim: %ld is not a multiple of decoder_heads=%ld",
		    c->decoder_embed_dim, c->decoder_heads);
	if (config_visible(c) < 1 || config_masked(c) < 1)
		return err(ERR_USAGE, "mask_ratio: %g of %d patches leaves no %s patch", c->mask_ratio,
		    config_patches(c), config_visible(c) < 1 ? "visible" : "masked");
	if (c->objective == OBJECTIVE_MAE && (c->w_student_pixel > 0 || c->student_image == SWITCH_ON))
		return err(ERR_USAGE, "%s: MAE has no student; use objective=tscae",
		    c->w_student_pixel > 0 ? "w_student_pixel" : "student_image");
	if (c->window_size > 0 && (c->variant.no_class_token || c->variant.registers > 0))
		return err(ERR_USAGE, "window_size: not for an encoder without class token, or with register tokens");
	if (c->w_pixel < 0 || c->dropout < 0)
		return err(ERR_USAGE, "%s: %g is negative; use -1 for the default",
			c->w_pixel < 0 ? "w_pixel" : "dropout", c->w_pixel < 0 ? c->w_pixel : c->dropout);
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
	complete_pixels(c);
	complete_contrast(c, paper);
	complete_sizes(c);
	set_default_weight(&c->mask_ratio, 0.75);	/* He et al. 2022 */
	set_default_weight(&c->w_pixel, paper ? c->mask_ratio : 1);
	set_default_weight(&c->dropout, paper ? 0.5 : 0);	/* formats/method.md, Presets and switches */
	set_default_choice(&c->query_noise, SWITCH_AUTO, paper ? SWITCH_ON : SWITCH_OFF);
	set_default_choice(&c->global_random, SWITCH_AUTO, paper ? SWITCH_ON : SWITCH_OFF);
	return check_pixels(c) < 0 ? -1 : check(c);
}

struct patch_pixels
config_pixels(const struct config *c)
{
	struct patch_pixels p = { .channels = (int)c->channels, .bytes = (int)c->bits / 8 };

	if (c->mean_std == NORMALIZE_GIVEN) {
		memcpy(p.mean, c->mean.x, sizeof p.mean);
		memcpy(p.std, c->std.x, sizeof p.std);
	} else
		patch_scale((enum patch_scale)c->mean_std, &p);
	return p;
}

const char *
config_implied(const char *name)
{
	static const char *const implied[][2] = { { "channels", "3" }, { "bits", "8" }, { "mean", "" }, { "std", "" } };
	size_t i;

	for (i = 0; i < sizeof implied / sizeof *implied; i++)
		if (strcmp(name, implied[i][0]) == 0)
			return implied[i][1];
	return NULL;
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

/* `fraction` of the masked patches, rounded, at least 1 */
static int
part_of_masked(const struct config *c, double fraction)
{
	const int count = (int)(fraction * config_masked(c) + 0.5);

	return count < 1 ? 1 : count;
}

int
config_student(const struct config *c)
{
	return part_of_masked(c, c->student_keep);
}

int
config_predicted(const struct config *c)
{
	return part_of_masked(c, c->predict_ratio);
}

bool
config_projects(const struct config *c)
{
	return c->image_contrast == IMAGE_CONTRAST_INFONCE || c->image_contrast == IMAGE_CONTRAST_NNCLR;
}

bool
config_has_global_query(const struct config *c)
{
	return c->image_contrast == IMAGE_CONTRAST_CROSSENTROPY ||
	    (config_projects(c) && c->image_pool == IMAGE_POOL_QUERY);
}
