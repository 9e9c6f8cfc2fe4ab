/* schedule - the learning rate of a step: linear warm-up, then half a cosine

   lr(s) = peak (s + 1) / w                                   s < w
   lr(s) = least + (peak - least) (1 + cos(pi (s - w) / (n - w))) / 2   otherwise
   s = 0 .. n-1 is the step; so the first step is not wasted at 0, and the step after the last would be at `least`.
   Loshchilov and Hutter, "SGDR", ICLR 2017; warm-up: Goyal et al., arXiv 1706.02677, section 2.2. */
#ifndef TRAIN_SCHEDULE_H
#define TRAIN_SCHEDULE_H

struct schedule {
	double peak, least;	/* learning rates */
	long warmup;		/* w, in steps */
	long steps;		/* n */
};

double schedule_lr(const struct schedule *s, long step);

#endif
