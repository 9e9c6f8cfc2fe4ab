/* config_complete - the default of each unset setting, by model size, preset and objective; checks of the whole */
#include "base/err.h"
#include "base/opt.h"
#include "model/config.h"
#include "transform/patch.h"

#include <stdbool.h>
#include <stddef.h>

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
	set_default(&c->projection_hidden, 4 * c->embed_dim < CONFIG_DIM_MAX ? 4 * c->embed_dim : CONFIG_DIM_MAX);
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
	if (c->channels == 0)
		c->channels = 3;
	if (c->bits == 0)
		c->bits = 8;
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
		return err(ERR_USAGE, "mean_std=%s, but %s is given too", c->mean_std == PATCH_HALF ? "half"
		    : "imagenet", c->mean.count ? "mean" : "std");
	if (given && (c->mean.count != c->channels || c->std.count != c->channels))
		return err(ERR_USAGE, "mean and std: %d and %d numbers for images of %ld channels; tscae-stats prints"
		    " them", c->mean.count, c->std.count, c->channels);
	if (c->channels != 3 && c->mean_std != PATCH_HALF && !given)
		return err(ERR_USAGE, "mean, std: no default for images of %ld channel%s; measure them with"
		    " tscae-stats (mean=... std=...), or use mean_std=half", c->channels, c->channels == 1 ? "" : "s");
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
