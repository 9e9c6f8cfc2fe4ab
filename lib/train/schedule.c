/* schedule - the learning rate of a step: linear warm-up, then half a cosine */
#include "train/schedule.h"

#include <math.h>

double
schedule_lr(const struct schedule *s, long step)
{
	double done;

	if (step < s->warmup)
		return s->peak * (double)(step + 1) / (double)s->warmup;
	if (step >= s->steps)
		return s->least;
	done = (double)(step - s->warmup) / (double)(s->steps - s->warmup);
	return s->least + (s->peak - s->least) * (1 + cos(M_PI * done)) / 2;
}
