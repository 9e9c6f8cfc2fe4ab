/* transport_none - the transport of a single process: nothing to send (with MPI=1: transport_mpi.c) */
#ifndef TSCAE_MPI
#include "train/transport.h"

#include <stddef.h>

int
transport_open(int *rank, int *ranks, double timeout)
{
	(void)timeout;
	*rank = 0;
	*ranks = 1;
	return 0;
}

const char *
transport_lost(void)
{
	return NULL;
}

void
transport_sendrecv(int partner, const void *out, size_t out_size, void *in, size_t in_size)
{
	(void)partner, (void)out, (void)out_size, (void)in, (void)in_size;
}

void
transport_allreduce(float *x, size_t n)
{
	(void)x, (void)n;
}

void
transport_allgather(void *data, const size_t *offsets, const size_t *sizes)
{
	(void)data, (void)offsets, (void)sizes;
}

void
transport_barrier(void)
{
}

void
transport_close(void)
{
}

const char *
transport_version(void)
{
	return "no MPI";
}
#else
typedef int transport_none_unused;	/* ISO C forbids an empty translation unit */
#endif
