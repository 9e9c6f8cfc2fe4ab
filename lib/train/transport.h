/* transport - what the processes of one training run tell each other: six functions and a name, one file each way

   transport_mpi.c (make MPI=1) is the door to MPI; transport_alone.c is a process by itself. Every rank calls the same
   functions in the same order. A rank that fails ends the whole run: MPI's own rule, and ours. */
#ifndef TRAIN_TRANSPORT_H
#define TRAIN_TRANSPORT_H

#include <stddef.h>

/* Join the run that the launcher began: this process's number and how many there are (0 and 1 by itself). -1 and
   err(ERR_OS). */
int transport_open(int *rank, int *ranks);

/* Send `out_n` floats to `partner` and receive `in_n` from it. */
void transport_swap(int partner, const float *out, size_t out_n, float *in, size_t in_n);

/* x = the sum of every rank's x, in an order that is MPI's. */
void transport_sum(float *x, size_t n);

/* Each rank r holds sizes[r] bytes of `data` at offsets[r]; afterwards every rank holds all of them. */
void transport_gather(void *data, const size_t *offsets, const size_t *sizes);

/* Return when every rank is here. */
void transport_wait(void);

/* Leave in good order; every rank does so together. */
void transport_close(void);

/* Name and version of what is behind it, for -v: "no MPI", "Open MPI v4.1.4". */
const char *transport_version(void);

#endif
