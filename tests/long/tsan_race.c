/* tsan_race - two threads that add matrix products to the same memory without a lock: ThreadSanitizer must report them
   (tsan.t)

   It may miss a single race, on a busy machine often: the threads race in many rounds, and both wait for the end of
   each. */
#include "kernel/gemm.h"

#include <pthread.h>
#include <stddef.h>

enum { ROUNDS = 100 };

static float c[4];
static pthread_barrier_t barrier;

static void *
add(void *arg)
{
	const float a[4] = { 1, 2, 3, 4 };

	for (int i = 0; i < ROUNDS; i++) {
		gemm(false, false, 2, 2, 2, 1, a, 2, a, 2, 1, c, 2);
		pthread_barrier_wait(&barrier);
	}
	return arg;
}

int
main(void)
{
	pthread_t other;

	if (pthread_barrier_init(&barrier, NULL, 2) || pthread_create(&other, NULL, add, NULL))
		return 1;
	add(NULL);
	pthread_join(other, NULL);
	return c[0] == 0;
}
