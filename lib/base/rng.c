/* rng - random numbers as a function of (seed, epoch, purpose, key), never of order, thread or machine */
#include "base/rng.h"

#include <assert.h>
#include <math.h>
#include <string.h>

void
rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
	/* multipliers and Weyl constants of the paper, table 2 */
	const uint64_t m0 = 0xD2511F53, m1 = 0xCD9E8D57;
	uint32_t k0 = key[0], k1 = key[1];
	uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
	int i;

	for (i = 0; i < 10; i++) {
		uint64_t a = m0 * c0, b = m1 * c2;
		uint32_t n0 = (uint32_t)(b >> 32) ^ c1 ^ k0, n2 = (uint32_t)(a >> 32) ^ c3 ^ k1;

		c1 = (uint32_t)b;
		c3 = (uint32_t)a;
		c0 = n0;
		c2 = n2;
		k0 += 0x9E3779B9;
		k1 += 0xBB67AE85;
	}
	out[0] = c0;
	out[1] = c1;
	out[2] = c2;
	out[3] = c3;
}

/* A 64-bit hash of bytes (FNV-1a), the same on every machine. Chain with the last result; start with HASH. */
#define HASH UINT64_C(0xcbf29ce484222325)
static uint64_t
hash(uint64_t h, const void *bytes, long size)
{
	const unsigned char *p = bytes;

	while (size-- > 0)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);	/* FNV prime, 64 bits */
	return h;
}

struct rng
rng_at(uint64_t seed, long epoch, const char *purpose, const char *key)
{
	uint64_t h = hash(HASH, purpose, (long)strlen(purpose) + 1);
	struct rng r = { 0 };

	h = hash(h, key, (long)strlen(key));
	r.key[0] = (uint32_t)seed;
	r.key[1] = (uint32_t)(seed >> 32);
	r.counter[1] = (uint32_t)epoch;
	r.counter[2] = (uint32_t)h;
	r.counter[3] = (uint32_t)(h >> 32);
	return r;
}

uint32_t
rng_word(struct rng *r)
{
	if (r->left == 0) {
		rng_philox(r->counter, r->key, r->block);
		r->counter[0]++;
		r->left = 4;
	}
	return r->block[--r->left];
}

double
rng_unit(struct rng *r)
{
	uint64_t high = rng_word(r) >> 5, low = rng_word(r) >> 6;

	return (double)(high << 26 | low) * 0x1p-53;
}

long
rng_below(struct rng *r, long n)
{
	/* Lemire's multiply-and-reject, so that all values are equally likely */
	uint32_t range = (uint32_t)n, floor;
	uint64_t x;

	assert(n > 0 && n <= INT64_C(1) << 31);
	floor = (uint32_t)(-range) % range;
	do
		x = (uint64_t)rng_word(r) * range;
	while ((uint32_t)x < floor);
	return (long)(x >> 32);
}

double
rng_normal(struct rng *r)
{
	double u = 1 - rng_unit(r);	/* in (0, 1]: the logarithm is finite */

	return sqrt(-2 * log(u)) * cos(2 * M_PI * rng_unit(r));
}

/* the logarithm of a gamma variate of shape a; Marsaglia and Tsang, "A simple method for generating gamma variables",
   2000; shapes below 1 by way of a + 1; the logarithm keeps small shapes from underflowing to 0 */
static double
log_gamma_variate(struct rng *r, double a)
{
	const double shape = a < 1 ? a + 1 : a, d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
	double x, v;

	do {
		x = rng_normal(r);
		v = (1 + c * x) * (1 + c * x) * (1 + c * x);
	} while (v <= 0 || log(1 - rng_unit(r)) > 0.5 * x * x + d - d * v + d * log(v));
	return log(d * v) + (a < 1 ? log(1 - rng_unit(r)) / a : 0);
}

double
rng_beta(struct rng *r, double a, double b)
{
	const double x = log_gamma_variate(r, a), y = log_gamma_variate(r, b);

	return 1 / (1 + exp(y - x));
}

void
rng_shuffle(struct rng *r, long *x, long n)
{
	long i;

	for (i = n - 1; i > 0; i--) {
		long j = rng_below(r, i + 1), t = x[i];

		x[i] = x[j];
		x[j] = t;
	}
}
