/* moment8 - a moment of AdamW in 8 bits: one code per number, one scale per block of 256

   A number is scale * level(code), scale the largest magnitude of its block. The 256 levels are 0, 1 and, for each
   decade 10^-6 .. 1 in steps of 10, the middles of 2^i equal parts of 0.1 .. 1 of it (i = 0 .. 6 from the smallest;
   signed), or of 2^(i + 1) parts (unsigned): relative precision where the numbers are large, seven decades of range.
   Dettmers, Lewis, Shleifer, Zettlemoyer, "8-bit Optimizers via Block-wise Quantization", ICLR 2022, sections 2.1
   and 2.2 (dynamic tree quantization).

   The nearest level is taken. An unsigned number above 0 never becomes 0: with a second moment of 0, a first moment
   that is not 0 would make an update of any size. */
#ifndef TRAIN_MOMENT8_H
#define TRAIN_MOMENT8_H

#include "nn/params.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOMENT8_BLOCK = 256 };

struct moment8 {
	bool is_signed;		/* first moment; the second is never negative */
	uint8_t *codes;		/* laid out as the parameters; owned */
	float *scales;		/* of the blocks, moment8_block(); owned */
};

/* Allocate a moment of zeros. */
void moment8_open(struct moment8 *m, const struct params *p, bool is_signed);
void moment8_close(struct moment8 *m);

/* Blocks of a parameter begin at its first number; the last one may be shorter. */
size_t moment8_blocks(const struct param *q);
/* Index in `scales` of the first block of parameter number i; the others follow. */
size_t moment8_block(const struct params *p, int i);

/* The n numbers (1 .. 256) of a block: at codes[at ..], with scales[block]. */
void moment8_read(const struct moment8 *m, size_t at, size_t block, int n, float *x);
void moment8_write(const struct moment8 *m, size_t at, size_t block, int n, const float *x);

#endif
