/* noise - the random numbers of a training step: one stream for each image and purpose */
#include "model/noise.h"

#include <stdarg.h>
#include <stdio.h>

const struct rng *
noise_streams(const struct noise *s, struct tape *t, int n, const char *purpose_format, ...)
{
	struct rng *streams = tape_keep(t, (size_t)n * sizeof *streams);
	char purpose[64];	/* the longest is "decoder 255 cross attention" */
	va_list ap;
	int i;

	va_start(ap, purpose_format);
	vsnprintf(purpose, sizeof purpose, purpose_format, ap);
	va_end(ap);
	for (i = 0; i < n; i++)
		streams[i] = rng_at(s->seed, s->step, purpose, s->keys[i]);
	return streams;
}
