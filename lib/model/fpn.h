/* fpn - the simple feature pyramid: maps of four resolutions from the last map of a plain ViT (Li et al., "Exploring
   plain vision transformer backbones for object detection", ECCV 2022, section 3)

   level 0  x4    transposed convolution 2x2 D -> D/2, norm, GELU, the same D/2 -> D/4     stride p/4
   level 1  x2    transposed convolution 2x2 D -> D/2                                      stride p/2
   level 2  x1                                                                             stride p
   level 3  x1/2  max-pool 2x2                                                             stride 2 p
   then on each level a 1x1 convolution to C channels, norm, a 3x3 convolution, norm. Norms are over the channels. */
#ifndef MODEL_FPN_H
#define MODEL_FPN_H

#include "model/config.h"
#include "model/layer.h"
#include "nn/params.h"
#include "nn/tape.h"

enum { FPN_LEVELS = 4 };

struct fpn {
	int D, C;		/* channels of the encoder; channels of each level */
	struct fpn_level {
		struct layer up[2], up_norm;	/* levels 0 and 1 */
		int lateral, conv;		/* weights; no bias before a norm */
		struct layer lateral_norm, conv_norm;
	} levels[FPN_LEVELS];
};

/* C of a completed configuration: fpn_dim, or by model. */
int fpn_width(const struct config *c);

/* Declare the parameters pyramid.LEVEL.{up1,up_norm,up2,lateral,lateral_norm,conv,conv_norm}. */
void fpn_open(struct fpn *m, const struct config *c, struct params *p);

/* All levels from x (n, 1 + R W, D), the outputs of the encoder with the class token first, for a grid of R rows and
   W columns of patches. levels[l] becomes (n, rows, columns, C) with the rows and columns of fpn_grid(). */
void fpn_forward(const struct fpn *m, struct tape *t, struct var *x, int R, int W, struct var *levels[FPN_LEVELS]);

/* The same one level at a time, where all levels at once take too much memory: the map (n, R, W, D) of the patches,
   then one level of it. */
struct var *fpn_map(struct tape *t, struct var *x, int R, int W);
struct var *fpn_level(const struct fpn *m, struct tape *t, struct var *map, int level);

/* Rows and columns of a level: 4 R, 2 R, R, ceil(R / 2) rows. The stride of a level in pixels, for patches of p x p
   pixels. */
void fpn_grid(int level, int R, int W, int *rows, int *columns);
float fpn_stride(int level, int p);

#endif
