/* import_config - the configuration of an import, from metadata, config.json, options and shapes */
#include "base/err.h"
#include "checkpoint/exchange.h"
#include "checkpoint/foreign_config.h"
#include "checkpoint/foreign_file.h"
#include "checkpoint/guess_architecture.h"
#include "checkpoint/import.h"
#include "checkpoint/model_file.h"
#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "stream/tensor.h"
#include "transform/patch.h"

#include <math.h>
#include <stdbool.h>

bool
import_same_statistics(const struct foreign_config *said, const struct patch_statistics *p)
{
	int i;

	for (i = 0; i < 3; i++)
		if (fabs(said->mean[i] - p->mean[i]) > 1e-6 || fabs(said->std[i] - p->std[i]) > 1e-6)
			return false;
	return true;
}

/* Where neither option nor config.json gives mean and standard deviation, those of ImageNet are a guess: a warning. */
static int
choose_statistics(struct import *in, long channels)
{
	struct foreign_config *said = &in->file.config;
	int i;

	if (in->how->normalize == NORMALIZE_AUTO && (said->do_rescale == 0 ||
		(said->rescale >= 0 && fabs(said->rescale * 255 - 1) > 1e-6)))
		return err(ERR_USAGE, "%s: preprocessor_config.json states pixels that are not scaled to 0 to 1; "
			"use --mean-std", in->path);
	for (i = 0; i < 3 && said->do_normalize == 0; i++) {
		said->mean[i] = 0;
		said->std[i] = 1;
	}
	if (in->how->normalize != NORMALIZE_AUTO)
		for (i = 0; i < 3; i++) {
			said->mean[i] = patch_statistics[in->how->normalize].mean[i];
			said->std[i] = patch_statistics[in->how->normalize].std[i];
		}
	else if (said->mean[0] < 0 || said->std[0] <= 0) {
		if (channels == 1)
			return err(ERR_USAGE, "%s: an encoder of one channel, and no config.json with its mean and "
			    "standard "
				"deviation; use --mean-std half", in->path);
		in->how->notes[EXCHANGE_ASSUMED]++;
		in->how->warn("%s: no config.json states mean and standard deviation of the pixels: assumed "
		    "ImageNet's; "
			"use --mean-std", in->path);
		in->config->mean_std = PATCH_IMAGENET;
		for (i = 0; i < 3; i++) {
			said->mean[i] = patch_statistics[PATCH_IMAGENET].mean[i];
			said->std[i] = patch_statistics[PATCH_IMAGENET].std[i];
		}
	}
	for (i = 1; i < 3; i++) {
		if (said->mean[i] < 0)
			said->mean[i] = said->mean[0];
		if (said->std[i] < 0)
			said->std[i] = said->std[0];
		if (channels == 1 && (said->mean[i] != said->mean[0] || said->std[i] != said->std[0]))
			return err(ERR_USAGE, "%s: one channel, but several means and standard deviations; use "
			    "--mean-std half",
				in->path);
	}
	for (i = 0; i < 3; i++)
		if (!(said->std[i] > 0))
			return err(ERR_DATA, "%s: a standard deviation of the pixels of %g", in->path, said->std[i]);
	in->config->mean_std = import_same_statistics(said,
	    &patch_statistics[PATCH_IMAGENET]) ? PATCH_IMAGENET : PATCH_HALF;
	return 0;
}

int
import_config(struct import *in)
{
	const struct tensor *patch;

	in->described = in->file.shard_count == 1 && safetensors_metadata(&in->file.shards[0], "config.depth");
	if (in->described) {
		if (model_file_config(&in->file.shards[0], in->path, in->config) < 0)
			return -1;
		/* the table has no part in the file of a model of ours */
		return guess_find(&in->from, "pos_embed") ? import_positions(in) : 0;
	}
	if (guess_supported(&in->from) < 0 || guess_config(&in->from, &in->how->known, in->config) < 0)
		return err_in("%s", in->path);
	if (in->how->known.norm_eps < 0 && in->file.config.norm_eps < 0 && !*in->file.config.architecture) {
		in->how->notes[EXCHANGE_ASSUMED]++;
		in->how->warn("%s: no config.json states the epsilon of the layer norms: assumed 1e-6, that of timm "
			"and MAE; use --norm-eps", in->path);
	}
	patch = guess_find(&in->from, "patch_embed.proj.weight");
	in->config->norm_pix = in->how->norm_pix || in->file.config.norm_pix == 1;
	if (choose_statistics(in, patch->shape[1]) < 0 || import_positions(in) < 0)
		return -1;
	return config_complete(in->config) < 0 ? err(ERR_DATA, "%s: %s", in->path, err_text()) : 0;
}
