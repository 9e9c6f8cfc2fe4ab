/* transport - messages between the processes of one training run: by MPI, or none

   transport_mpi.c (make MPI=1) is the only file that includes MPI; comm.c has the functions for a single process. Every
   rank calls the same functions in the same order. If a rank fails, MPI ends the whole run. */
#ifndef TRAIN_TRANSPORT_H
#define TRAIN_TRANSPORT_H

#include <stddef.h>

/* Join the run that the launcher began: the number of this process and the number of processes (0 and 1 for a single
   one). -1 and err(ERR_OS, ERR_USAGE). */
int transport_open(int *rank, int *ranks);

/* Send `out_n` floats to `partner` and receive `in_n` from it. */
void transport_sendrecv(int partner, const float *out, size_t out_n, float *in, size_t in_n);

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
