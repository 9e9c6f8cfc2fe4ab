/* desk - where one thread looks at one picture after another: its tape, and the position table of the last size */
#ifndef MODEL_DESK_H
#define MODEL_DESK_H

#include "model/encoder.h"
#include "tensor/tensor.h"

/* Most patches of one picture: 16 million pixels at patch 16. More would ask for gigabytes. */
enum { DESK_PATCHES_MAX = 65536 };

struct desk {
	struct tape tape;
	struct position position;	/* for pictures of the size of the last one */
};

/* Make ready for `image` (u8 H W 3, both sides multiples of the patch): the tape is reset and off, the position table is
   that of its grid. -1 and err(ERR_DATA) where the encoder cannot take it. */
int desk_open(struct desk *d, const struct tensor *image, const struct encoder *e, const struct params *p);

void desk_close(struct desk *d);

#endif
