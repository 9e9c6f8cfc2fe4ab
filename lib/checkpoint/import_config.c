/* import_config - the configuration of an import, from metadata, config.json, options and shapes */
#include "base/err.h"
#include "base/opt.h"
#include "checkpoint/exchange.h"
#include "checkpoint/foreign_config.h"
#include "checkpoint/foreign_file.h"
#include "checkpoint/guess_architecture.h"
#include "checkpoint/import.h"
#include "checkpoint/model_file.h"
#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "transform/patch.h"

#include <math.h>
#include <stdbool.h>

/* The numbers of config.json for each channel; one number is that of all. -1 and err(). */
static int
read_list(const struct import *in, const char *name, const double *said, struct opt_list *to)
{
	const int channels = (int)in->config->channels;
	int i, count = 0, differ = 0;

	while (count < FOREIGN_CONFIG_CHANNELS && said[count] >= 0)
		differ += said[count++] != said[0];
	if (count != channels && (count > channels ? differ : count != 1))
		return err(ERR_USAGE, "%s: config.json has %d numbers for %s, the encoder has %d channel%s; use --mean"
		    " and --std, or --mean-std", in->path, count, name, channels, channels == 1 ? "" : "s");
	to->count = channels;
	for (i = 0; i < channels; i++)
		to->x[i] = said[i < count ? i : 0];
	return 0;
}

/* Are these the mean and standard deviation of that name? */
static bool
is_scale(const struct config *c, enum patch_scale scale)
{
	struct patch_pixels p = { .channels = (int)c->channels };
	int i;

	patch_scale(scale, &p);
	for (i = 0; i < p.channels; i++)
		if (fabs(c->mean.x[i] - p.mean[i]) > 1e-6 || fabs(c->std.x[i] - p.std[i]) > 1e-6)
			return false;
	return scale == PATCH_HALF || p.channels == 3;
}

/* Those of config.json. */
static int
read_statistics(const struct import *in)
{
	const struct foreign_config *said = &in->file.config;
	struct config *c = in->config;
	int i;

	if (read_list(in, "the mean", said->mean, &c->mean) < 0 ||
	    read_list(in, "the standard deviation", said->std, &c->std) < 0)
		return -1;
	for (i = 0; i < c->std.count; i++)
		if (!(c->std.x[i] > 0))
			return err(ERR_DATA, "%s: a standard deviation of the pixels of %g", in->path, c->std.x[i]);
	for (i = 0; i < PATCH_SCALES; i++)
		if (is_scale(c, (enum patch_scale)i)) {
			c->mean.count = c->std.count = 0;
			c->mean_std = i;
			break;
		}
	return 0;
}

/* Where neither option nor config.json gives mean and standard deviation, those of ImageNet are a guess: a warning. */
static int
choose_statistics(struct import *in)
{
	const struct exchange_import *how = in->how;
	struct config *c = in->config;

	c->bits = how->bits;
	c->mean = how->mean;
	c->std = how->std;
	c->mean_std = how->normalize;
	if (how->normalize != NORMALIZE_AUTO || how->mean.count || how->std.count)
		return 0;
	if (in->file.config.mean[0] >= 0 && in->file.config.std[0] >= 0)
		return read_statistics(in);
	if (c->channels != 3)
		return err(ERR_USAGE, "%s: an encoder of %ld channel%s, and no config.json with its mean and standard "
		    "deviation; use --mean and --std, or --mean-std half", in->path, c->channels,
		    c->channels == 1 ? "" : "s");
	how->warn("%s: no config.json states mean and standard deviation of the pixels: assumed ImageNet's; use "
	    "--mean-std", in->path);
	c->mean_std = PATCH_IMAGENET;
	return 0;
}

int
import_config(struct import *in)
{
	in->described = in->file.shard_count == 1 && safetensors_metadata(&in->file.shards[0], "config.depth");
	if (in->described) {
		if (model_file_config(&in->file.shards[0], in->path, in->config) < 0)
			return -1;
		/* the table has no part in the file of a model of ours */
		return guess_find(&in->from, "pos_embed") ? import_positions(in) : 0;
	}
	if (guess_supported(&in->from) < 0 || guess_config(&in->from, &in->how->known, in->config) < 0)
		return err_in("%s", in->path);
	in->config->norm_pix = in->how->norm_pix || in->file.config.norm_pix == 1;
	if (choose_statistics(in) < 0 || import_positions(in) < 0)
		return -1;
	return config_complete(in->config) < 0 ? err(ERR_DATA, "%s: %s", in->path, err_text()) : 0;
}
