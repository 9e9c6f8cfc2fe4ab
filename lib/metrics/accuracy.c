/* accuracy - how many were right, and between what bounds the truth lies */
#include "metrics/accuracy.h"

#include <math.h>

void
accuracy_add(struct accuracy *a, int truth, const int top[5])
{
	int i;

	a->n++;
	a->right += top[0] == truth;
	for (i = 0; i < 5; i++)
		a->among += top[i] == truth;
}

void
accuracy_interval(long right, long n, double *low, double *high)
{
	const double z = 1.959963984540054;	/* 97.5 % point of the normal distribution */
	double p = n ? (double)right / (double)n : 0, m = n ? (double)n : 1;
	double middle = (p + z * z / (2 * m)) / (1 + z * z / m);
	double half = z / (1 + z * z / m) * sqrt(p * (1 - p) / m + z * z / (4 * m * m));

	*low = fmax(0, middle - half);
	*high = fmin(1, middle + half);
}

void
accuracy_set(struct accuracy *a, struct confusion *table, const struct evaluation *s)
{
	int i;

	confusion_open(table, s->classes.count);
	for (i = 0; i < s->count; i++) {
		const struct evaluation_image *image = &s->images[i];

		if (!image->predicted || image->class < 0 || s->classes.left_out[image->class])
			continue;
		accuracy_add(a, image->class, image->top);
		confusion_add(table, image->class, image->top[0], 1);
	}
}
