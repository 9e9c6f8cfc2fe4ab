/* config - the configuration of a model: sizes, objective and switches (formats/method.md: Sizes, Presets and switches)

   Defaults and checks are in config_complete.c. */
#include "model/config.h"
#include "annotation/class_list.h"
#include "base/opt.h"
#include "transform/patch.h"
#include "transform/patch_mask.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

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
		{ 0, "preset", OPT_CHOICE, &c->preset, 0, 0, "defaults of unset settings: ours, or the authors'",
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
			"hidden width of the projection head (0: 4 * embed_dim, at most 8192)", "N" },
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
		{ 0, "classes", OPT_INT, &c->classes, 0, CLASS_LIST_MAX,
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
