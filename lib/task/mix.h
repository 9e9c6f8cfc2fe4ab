/* mix - two images of a batch made one: mixup and cutmix

   mixup: w a + (1 - w) b, w from Beta(alpha, alpha) (Zhang et al., ICLR 2018). cutmix: a rectangle of b in a, of the
   share 1 - w of the area, w from Beta(alpha, alpha), placed anywhere and cut at the borders; w is then the share of a
   that is left (Yun et al., ICCV 2019). The target is w of a's class and 1 - w of b's. */
#ifndef TASK_MIX_H
#define TASK_MIX_H

#include "task/batch.h"

struct mix {
	int partner;		/* b: another image of its group (batch_group) */
	float weight;		/* w */
	bool paste;		/* cutmix */
	int top, left, bottom, right;	/* the rectangle, ends outside */
};

/* What is made of image i: a function of (seed, step, key) and of the images that the batch has, whatever
   micro-batch i is in. Both alphas 0: nothing (weight 1); both over 0: one of them, with equal chance. */
struct mix mix_draw(const struct batch *b, int i, double mixup, double cutmix);

/* Image i so mixed: out (S, S, 3). */
void mix_image(const struct batch *b, int i, const struct mix *m, uint8_t *out);

#endif
