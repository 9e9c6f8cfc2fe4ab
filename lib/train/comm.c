/* comm - where gradients meet: the one function that adds up what was computed apart */
#include "train/comm.h"

#include <math.h>

struct job {
	float *const *blocks;
	int lanes;
	size_t size;
	double *partials;
};

static void
add(float *restrict a, const float *restrict b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		a[i] += b[i];
}

static double
squares(const float *x, size_t n)
{
	enum { CHAINS = 8 };	/* independent sums, so that the additions can run side by side */
	double sum[CHAINS] = { 0 };
	size_t i, j;

	for (i = 0; i + CHAINS <= n; i += CHAINS)
		for (j = 0; j < CHAINS; j++)
			sum[j] += (double)x[i + j] * x[i + j];
	for (; i < n; i++)
		sum[0] += (double)x[i] * x[i];
	return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

static void
piece(void *arg, int i, int worker)
{
	const struct job *j = arg;
	size_t from = (size_t)i * COMM_PIECE, n = j->size - from < COMM_PIECE ? j->size - from : COMM_PIECE;
	int lane, apart;

	(void)worker;
	for (apart = 1; apart < j->lanes; apart *= 2)
		for (lane = 0; lane + apart < j->lanes; lane += 2 * apart)
			add(j->blocks[lane] + from, j->blocks[lane + apart] + from, n);
	j->partials[i] = squares(j->blocks[0] + from, n);
}

size_t
comm_partials(size_t size)
{
	return (size + COMM_PIECE - 1) / COMM_PIECE;
}

double
comm_sum(struct pool *pool, float *const *blocks, int lanes, size_t size, double *partials)
{
	struct job j = { blocks, lanes, size, partials };
	int i, count = (int)comm_partials(size);
	double sum = 0;

	if (pool)
		pool_run(pool, count, piece, &j);
	else
		for (i = 0; i < count; i++)
			piece(&j, i, 0);
	for (i = 0; i < count; i++)
		sum += partials[i];
	return sqrt(sum);
}
