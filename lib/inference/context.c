/* context - where one thread looks at one image after another */
#include "inference/context.h"
#include "base/err.h"

int
predict_context_open(struct predict_context *d, const struct tensor *image, const struct encoder *e, const struct params *p)
{
	const long H = image->shape[0], W = image->shape[1], side = e->p;
	const int rows = (int)(H / side), columns = (int)(W / side);

	if (image->shape[2] != 3)
		return err(ERR_DATA, "an image with %ld channels where the encoder takes 3", image->shape[2]);
	if (H == 0 || W == 0 || H % side || W % side)
		return err(ERR_DATA, "an image of %ldx%ld where both sides must be multiples of the patch, %ld (tscae-crop)", H, W, side);
	if (H / side > PREDICT_PATCHES_MAX / (W / side))
		return err(ERR_DATA, "an image of %ldx%ld has more than %d patches", H, W, PREDICT_PATCHES_MAX);
	if (!d->position.table || d->position.rows != rows || d->position.columns != columns) {
		if (d->position.table)
			pos_embed_close(&d->position);
		pos_embed_open(&d->position, rows, columns, e->D);
	}
	tape_reset(&d->tape, false, p, NULL);
	return 0;
}

void
predict_context_close(struct predict_context *d)
{
	tape_free(&d->tape);
	if (d->position.table)
		pos_embed_close(&d->position);
	*d = (struct predict_context){ 0 };
}
