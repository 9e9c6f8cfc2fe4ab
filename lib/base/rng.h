/* rng - random numbers as a function of (seed, epoch, purpose, key), never of order, thread or machine

   Philox4x32-10, a counter-based generator: Salmon, Moraes, Dror, Shaw, "Parallel random numbers:
   as easy as 1, 2, 3", SC 2011. Key = the seed; counter = (block, epoch, hash of purpose and key). */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

struct rng {
	uint32_t key[2];	/* the seed */
	uint32_t counter[4];	/* block number, epoch, two words of hash */
	uint32_t block[4];	/* the numbers of the current block */
	int left;		/* how many of them are unused */
};

/* The sequence of numbers for this seed, epoch (from 0), purpose ("mask", "crop", ...) and
   record key. Equal arguments give equal numbers, different arguments independent ones. */
struct rng rng_at(uint64_t seed, long epoch, const char *purpose, const char *key);

/* One block: 4 words from a counter of 4 and a key of 2 (the published function, for its test vectors). */
void rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

uint32_t rng_word(struct rng *r);		/* all 32 bits uniform */
double rng_unit(struct rng *r);			/* uniform in [0, 1), 53 bits */
long rng_below(struct rng *r, long n);		/* uniform in 0 .. n-1, unbiased; n from 1 to 2^31 */
double rng_normal(struct rng *r);		/* mean 0, standard deviation 1 (Box-Muller) */

/* Beta distribution, a and b over 0: a number from 0 to 1 with mean a / (a + b). */
double rng_beta(struct rng *r, double a, double b);

/* Put `n` numbers in a random order (Fisher-Yates). */
void rng_shuffle(struct rng *r, long *x, long n);

#endif
