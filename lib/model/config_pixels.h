/* config_pixels - the settings of a configuration that describe the images: channels, bits, mean, std */
#ifndef MODEL_CONFIG_PIXELS_H
#define MODEL_CONFIG_PIXELS_H

#include "base/err.h"
#include "model/config.h"
#include "transform/patch.h"

/* How the samples of an image become numbers, in a completed configuration. */
struct patch_pixels config_pixels(const struct config *c);

/* The parts of config_complete(): fill in what is unset; check it. -1 and err(ERR_USAGE). */
void config_pixels_complete(struct config *c);
int config_pixels_check(const struct config *c) ERR_CHECK;

#endif
