/* summary - extremes, mean and spread of numbers that come one after the other */
#include "stream/summary.h"
#include "stream/element.h"

#include <math.h>

void
summary_add(struct summary *s, const struct tensor *t)
{
	long i, n = tensor_count(t);

	for (i = 0; i < n; i++) {
		double x = element_real(t, i), before = x - s->mean;

		if (!isfinite(x)) {
			s->odd++;
			continue;
		}
		s->min = s->count == 0 || x < s->min ? x : s->min;
		s->max = s->count == 0 || x > s->max ? x : s->max;
		s->mean += before / (double)++s->count;
		s->square += before * (x - s->mean);
	}
}

double
summary_deviation(const struct summary *s)
{
	return s->count ? sqrt(s->square / (double)s->count) : 0;
}
