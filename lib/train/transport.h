/* transport - messages between the processes of one training run: by MPI, or none

   Only transport.c includes MPI. Every rank calls the same functions in the same order, from one thread at a time. If a
   rank fails, MPI ends the whole run. If no message comes for `timeout` seconds, transport_lost() gives the reason and
   every later call returns at once, as after an error of stdio: the data that it should have received is undefined. */
#ifndef TRAIN_TRANSPORT_H
#define TRAIN_TRANSPORT_H

#include "base/err.h"

#include <stddef.h>

/* Join the run that the launcher began: the number of this process and the number of processes (0 and 1 for a single
   one). `timeout`: seconds to wait for a message, 0: any. -1 and err(ERR_OS). */
int transport_open(int *rank, int *ranks, double timeout) ERR_CHECK;

/* Why the other ranks cannot be reached, in one line; NULL: they can. */
const char *transport_lost(void);

/* Send `out_size` bytes to `partner` and receive `in_size` from it. */
void transport_sendrecv(int partner, const void *out, size_t out_size, void *in, size_t in_size);

/* All-reduce: x = the sum of every rank's x, in the order of MPI. */
void transport_allreduce(float *x, size_t n);

/* All-gather: each rank r holds sizes[r] bytes of `data` at offsets[r]; afterwards every rank holds all of them. */
void transport_allgather(void *data, const size_t *offsets, const size_t *sizes);

/* Barrier: return when every rank has called it. */
void transport_barrier(void);

/* Leave the run; all ranks together. */
void transport_close(void);

/* Name and version of the library, for -v: "no MPI", "Open MPI v4.1.4". */
const char *transport_version(void);

#endif
