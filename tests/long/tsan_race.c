/* tsan_race - two threads that add matrix products to the same memory without a lock: ThreadSanitizer must report them
   (tsan.t) */
#include "kernel/gemm.h"

#include <pthread.h>
#include <stddef.h>

static float c[4];

static void *
add(void *arg)
{
	const float a[4] = { 1, 2, 3, 4 };

	gemm(false, false, 2, 2, 2, 1, a, 2, a, 2, 1, c, 2);
	return arg;
}

int
main(void)
{
	pthread_t other;

	if (pthread_create(&other, NULL, add, NULL))
		return 1;
	add(NULL);
	pthread_join(other, NULL);
	return c[0] == 0;
}
