/* val_split - some of the training rows kept back, to choose by */
#include "metrics/val_split.h"
#include "base/mem.h"

#include <stdlib.h>

struct place { double draw; long row; };

static int
by_draw(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return x->draw != y->draw ? (x->draw > y->draw) - (x->draw < y->draw) : (x->row > y->row) - (x->row < y->row);
}

static int
by_row(const void *a, const void *b)
{
	return (*(const long *)a > *(const long *)b) - (*(const long *)a < *(const long *)b);
}

void
val_split(const double *draws, long n, long held, long *rows)
{
	struct place *places = mem_new((size_t)n * sizeof *places);
	long i;

	for (i = 0; i < n; i++)
		places[i] = (struct place){ draws[i], i };
	qsort(places, (size_t)n, sizeof *places, by_draw);
	for (i = 0; i < n; i++)
		rows[i] = places[(i + held) % n].row;
	qsort(rows, (size_t)(n - held), sizeof *rows, by_row);
	free(places);
}
