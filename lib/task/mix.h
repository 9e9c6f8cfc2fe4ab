/* mix - mixup and cutmix: two images of a batch mixed into one

   mixup: w a + (1 - w) b, w from Beta(alpha, alpha) (Zhang et al., ICLR 2018). cutmix: a rectangle of b pasted into a,
   of the fraction 1 - w of the area, w from Beta(alpha, alpha), at a random location, clipped at the borders; w is then
   the fraction of a that remains (Yun et al., ICCV 2019). The target is the class of a with weight w, that of b with 1
   - w. */
#ifndef TASK_MIX_H
#define TASK_MIX_H

#include "task/batch.h"

#include <stdbool.h>
#include <stdint.h>

struct mix {
	int partner;		/* b: another image of its group (batch_group) */
	float weight;		/* w */
	bool paste;		/* cutmix */
	int top, left, bottom, right;	/* the rectangle, ends outside */
};

/* Draw how image i is mixed: a function of (seed, step, key) and of the images of its group, not of the micro-batches.
   Both alphas 0: not mixed (weight 1); both above 0: one of the two, with equal probability. */
struct mix mix_draw(const struct batch *b, int i, double mixup, double cutmix);

/* Mix image i that way into out, of b->image_bytes. */
void mix_image(const struct batch *b, int i, const struct mix *m, uint8_t *out);

#endif
