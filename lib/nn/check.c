/* check - the shape rule of an op: prints the shapes and aborts; outputs of a model that are not finite */
#include "nn/check.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static void
show(const struct var *v)
{
	if (!v)
		return;
	fputs(" (", stderr);
	for (int i = 0; i < v->rank; i++)
		fprintf(stderr, "%s%d", i ? ", " : "", v->shape[i]);
	fputs(")", stderr);
}

void
check(bool fit, const char *op, const struct var *a, const struct var *b, const struct var *c)
{
	if (fit)
		return;
	fprintf(stderr, "%s: shapes do not fit:", op);
	show(a);
	show(b);
	show(c);
	fputc('\n', stderr);
	abort();
}

int
check_finite(const char *output, long n, const float *x)
{
	for (long i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return err(ERR_DATA, "value %ld of %s is %g: the weights of the model are too large", i, output,
			    (double)x[i]);
	return 0;
}
