/* allreduce - time of the gradient all-reduce of several ranks: allreduce FLOATS TIMES

   Run under mpirun, built with make MPI=1. Rank 0 prints the milliseconds of the slowest rank for one buffer per rank:
   median and minimum in the fixed order of comm_allreduce() (halving, doubling), median and minimum with MPI_Allreduce.
   The time of the gradient norm, which a single rank computes too, is subtracted. */
#define _POSIX_C_SOURCE 200809L
#include "base/mem.h"
#include "train/comm.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int
ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct cost { double median, least; };

/* Milliseconds of `times` sums over the ranks of c (NULL: only this process). */
static struct cost
measure(struct comm *c, float *block, size_t size, double *partials, int times)
{
	double *took = mem_array((size_t)times, sizeof *took);
	struct cost cost;
	int i;

	for (i = -1; i < times; i++) {	/* the first sum opens connections */
		const double begun = (comm_barrier(c), seconds());

		comm_allreduce(c, NULL, &block, 1, size, partials);
		comm_barrier(c);
		if (i >= 0)
			took[i] = 1000 * (seconds() - begun);
	}
	qsort(took, (size_t)times, sizeof *took, ascending);
	cost = (struct cost){ took[times / 2], took[0] };
	free(took);
	return cost;
}

int
main(int argc, char **argv)
{
	const size_t size = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	const int times = argc == 3 ? atoi(argv[2]) : 0;
	struct comm comm;
	float *block;
	double *partials;
	struct cost alone, fixed, any;

	if (size < 1 || times < 1 || comm_open(&comm, 0) < 0) {
		fprintf(stderr, "allreduce FLOATS TIMES\n");
		return 2;
	}
	block = mem_array(size, sizeof *block);
	partials = mem_array(comm_partials(size), sizeof *partials);
	alone = measure(NULL, block, size, partials, times);
	fixed = measure(&comm, block, size, partials, times);
	comm.exact = false;
	any = measure(&comm, block, size, partials, times);
	if (comm.rank == 0)
		printf("%.3f %.3f %.3f %.3f\n", fixed.median - alone.least, fixed.least - alone.least,
			any.median - alone.least, any.least - alone.least);
	free(block);
	free(partials);
	comm_close(&comm);
	return 0;
}
