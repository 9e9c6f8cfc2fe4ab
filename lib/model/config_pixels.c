/* config_pixels - the settings of a configuration that describe the images: channels, bits, mean, std */
#include "model/config_pixels.h"
#include "base/opt.h"

#include <stdbool.h>
#include <string.h>

void
config_pixels_complete(struct config *c)
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

int
config_pixels_check(const struct config *c)
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
		return err(ERR_USAGE, "mean, std: none are known for images of %ld channel%s; measure them with"
		    " tscae-stats (mean=... std=...), or use mean_std=half", c->channels, c->channels == 1 ? "" : "s");
	return 0;
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
