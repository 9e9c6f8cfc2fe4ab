/* transport_alone - a single process: nothing to send (transport.h; built unless MPI=1) */
#ifndef TSCAE_MPI
#include "base/err.h"
#include "train/transport.h"

#include <stdlib.h>

int
transport_open(int *rank, int *ranks)
{
	/* started by a launcher, every process would train the whole model alone and write over the others */
	static const char *const launched[] = { "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS" };
	size_t i;

	*rank = 0;
	*ranks = 1;
	for (i = 0; i < sizeof launched / sizeof *launched; i++)
		if (getenv(launched[i]) && atoi(getenv(launched[i])) > 1)
			return err(ERR_USAGE, "%s=%s, one of several processes, but built without MPI: make MPI=1", launched[i], getenv(launched[i]));
	return 0;
}

void
transport_sendrecv(int partner, const float *out, size_t out_n, float *in, size_t in_n)
{
	(void)partner, (void)out, (void)out_n, (void)in, (void)in_n;
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
typedef int transport_alone_unused;	/* ISO C wants something in a file */
#endif
