/* comm - deterministic gradient all-reduce: over the shards of one process and the ranks of one run

   A communicator, as in MPI. Rank r of R has the shards r, r + R, r + 2R ... of S (grad_shards.h). Their gradients are
   added in a fixed order: q is the largest power of two that divides S; first shards q apart, in order, then by halves,
   (v) + (v + q/2), ... (v) + (v + 1). Shards less than R apart are on different ranks: recursive halving, then
   doubling. So 1, 2, 4 ranks and any number of threads give the same bits. The norm is a sum over fixed pieces, in
   order.

   With bf16 the gradients of a shard and each sum of two are rounded to bfloat16 (8 bits of precision), whether they
   are on one rank or not, and are sent in half the bytes: still the same bits for any number of ranks.

   When the other ranks cannot be reached, calls return with undefined results: see comm_check(). */
#ifndef TRAIN_COMM_H
#define TRAIN_COMM_H

#include "base/err.h"
#include "base/pool.h"

#include <stdbool.h>
#include <stddef.h>

struct comm {
	int rank, ranks;	/* index of this process; number of processes */
	bool exact;		/* ranks are a power of two: fixed order between them, too; false: order of MPI */
	bool bf16;		/* round every gradient and every sum to bfloat16; set by the caller */
	void *scratch;		/* send and receive buffers; owned */
	size_t room;		/* capacity in floats */
};

/* Number of partial sums of squares: one double for each COMM_PIECE floats, rounded up. */
enum { COMM_PIECE = 1 << 14 };	/* 64 KiB of each block: the inputs of a tree stay in cache */
size_t comm_partials(size_t size);

enum { COMM_TEXT = 160 };	/* bytes of a text that ranks compare */

/* Join the other ranks; comm_close() at the end, by all ranks together. A rank waits for a message for `timeout`
   seconds (0: no limit). -1 and err(): ERR_OS; ERR_USAGE more ranks than CONSUMED_RANKS_MAX, or ranks of the launcher
   that are not found. */
int comm_open(struct comm *c, double timeout) ERR_CHECK;
void comm_close(struct comm *c);

/* Did every call so far reach the other ranks? -1 and err(ERR_OS); then no result of a call since the last check may be
   used. */
int comm_check(void) ERR_CHECK;

/* Do all ranks have the same text (below COMM_TEXT bytes), the name of a `property` of the process? -1 and
   err(ERR_USAGE) with the remedy. */
int comm_same(struct comm *c, const char *property, const char *text, const char *remedy) ERR_CHECK;

/* All-reduce: blocks[0] = sum over all shards of all ranks, `size` floats each. `count` blocks are on this rank, in
   order; all but the first become scratch memory. Returns the Euclidean norm of the sum, accumulated in double (not
   finite if an element is not). `partials` holds comm_partials(size) doubles of scratch memory. pool NULL: this thread
   alone, same bits. c NULL: one process. */
double comm_allreduce(struct comm *c, struct pool *pool, float *const *blocks, int count, size_t size,
	double *partials);

/* The parts of comm_allreduce(), for a range of the blocks at a time (overlap.h), with the same bits. Floats from ..
   from+n-1: blocks[0] += all other blocks of this rank (comm_adds_blocks: false if that changes nothing); x += x of the
   other ranks; the norm. */
void comm_add_blocks(const struct comm *c, float *const *blocks, int count, size_t from, size_t n);
bool comm_adds_blocks(const struct comm *c, int count);
void comm_add_ranks(struct comm *c, float *x, size_t size);
double comm_norm(struct pool *pool, float *x, size_t size, double *partials);

/* All-gather: `data` holds a part of each of the `shards` shards of the run, that of shard v in bytes offset[v] to
   offset[v + 1] - 1; this rank has written the parts of its shards. c NULL: one process. */
void comm_allgather(struct comm *c, void *data, int shards, const size_t *offset);

/* Gather: `data` holds a part of each rank, that of rank r in bytes offset[r] to offset[r + 1] - 1; afterwards rank 0
   has all. */
void comm_gather(struct comm *c, void *data, const size_t *offset);

/* All-gather of a number of each rank: all[0 .. ranks-1]. c NULL: one process. */
void comm_exchange(struct comm *c, long x, long *all);

/* Return when every rank has called it. */
void comm_barrier(struct comm *c);

#endif
