/* fpn - maps of four sizes from the last map of a plain encoder (Li et al., "Exploring plain vision transformer
   backbones for object detection", ECCV 2022, section 3: simple feature pyramid)

   level 0  x4    transposed convolution 2x2 D -> D/2, norm, GELU, the same D/2 -> D/4     stride p/4
   level 1  x2    transposed convolution 2x2 D -> D/2                                      stride p/2
   level 2  x1                                                                             stride p
   level 3  x1/2  largest of 2x2                                                           stride 2 p
   then on each level a linear layer (1x1) to C channels, norm, a 3x3 convolution, norm. Norms are over the channels. */
#ifndef MODEL_FPN_H
#define MODEL_FPN_H

#include "model/config.h"
#include "model/layer.h"

enum { FPN_LEVELS = 4 };

struct fpn {
	int D, C;		/* channels of the encoder; of each level */
	struct fpn_level {
		struct layer up[2], up_norm;	/* levels 0 and 1 */
		int lateral, conv;		/* weights, without bias before a norm */
		struct layer lateral_norm, conv_norm;
	} levels[FPN_LEVELS];
};

/* C of a completed configuration: fpn_dim, or by model. */
int fpn_width(const struct config *c);

/* Declare the parameters: pyramid.LEVEL.{up1,up_norm,up2,lateral,lateral_norm,conv,conv_norm}. */
void fpn_open(struct fpn *m, const struct config *c, struct params *p);

/* x (n, 1 + R W, D) are the outputs of the encoder, class token first, of any grid of R rows and W columns of patches. levels[l] becomes
   (n, rows, columns, C) as fpn_grid() says. */
void fpn_forward(const struct fpn *m, struct tape *t, struct var *x, int R, int W, struct var *levels[FPN_LEVELS]);

/* The same one level at a time, for when all at once would take too much memory: the map (n, R, W, D) of the patches, and a level over it. */
struct var *fpn_map(struct tape *t, struct var *x, int R, int W);
struct var *fpn_level(const struct fpn *m, struct tape *t, struct var *map, int level);

/* Rows and columns of a level: 4 R, 2 R, R, ceil(R / 2). Pixels from one place of it to the next, for patches of side p. */
void fpn_grid(int level, int R, int W, int *rows, int *columns);
float fpn_stride(int level, int p);

#endif
