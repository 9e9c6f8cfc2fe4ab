/* batch - the pictures of one step, decoded from records into one place */
#ifndef TASK_BATCH_H
#define TASK_BATCH_H

#include "model/noise.h"
#include "stream/record.h"

#include <stdint.h>

struct batch {
	int N;			/* pictures in it */
	int size;		/* room for */
	int S;			/* picture side: pictures are square here */
	int P;			/* patches a picture */
	uint8_t *images;	/* (N, S, S, 3) */
	int hidden;		/* M: patches hidden from the teacher, the same in every picture; 0: no masks */
	uint8_t *masks;		/* (N, P) 1 = hidden from the teacher; NULL where the task needs none */
	char (*keys)[NOISE_KEY_SIZE];	/* (N) for messages and per-record random numbers */
	long epoch;		/* of the last record */
	long step;		/* optimiser step, from 0: for random numbers that belong to the step */
	uint64_t seed;
};

/* Room for `size` pictures of side S with P patches each, `hidden` of them masked (config_hidden(); 0 for tasks
   without masks). */
void batch_open(struct batch *b, int size, int S, int P, int hidden);

/* Append a record's `image` (u8 S S 3) and `mask` (u8, P elements, each 0 or 1). -1 and err(ERR_DATA) if they are
   missing or of another size, or if another number of patches is hidden than the model was made for;
   record_blame() adds the place. */
int batch_put(struct batch *b, const struct record *r);

void batch_reset(struct batch *b);
void batch_close(struct batch *b);

#endif
