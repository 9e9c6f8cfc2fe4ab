/* transport_mpi - messages by MPI (transport.h; built with make MPI=1)

   Blocking calls from the main thread alone (MPI_THREAD_FUNNELED): measured faster than MPI_Iallreduce and a wait in
   Open MPI 4.1. Counts of MPI 3 are ints, so long messages are sent in pieces. Errors end the run
   (MPI_ERRORS_ARE_FATAL). */
#ifdef TSCAE_MPI
#include "base/err.h"
#include "train/transport.h"

#include <mpi.h>
#include <string.h>

/* floats of one message: 25 MB buckets (Li et al., PyTorch Distributed, VLDB 2020, section 3.2.2) */
enum { BUCKET = 25 << 18 };

static int ranks_of_world, rank_of_me;

int
transport_open(int *rank, int *ranks)
{
	int provided;

	if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS ||
	    provided < MPI_THREAD_FUNNELED)
		return err(ERR_OS, "cannot start MPI with MPI_THREAD_FUNNELED");
	MPI_Comm_rank(MPI_COMM_WORLD, &rank_of_me);
	MPI_Comm_size(MPI_COMM_WORLD, &ranks_of_world);
	*rank = rank_of_me;
	*ranks = ranks_of_world;
	return 0;
}

static size_t
piece(size_t n)
{
	return n < BUCKET ? n : BUCKET;
}

void
transport_sendrecv(int partner, const float *out, size_t out_n, float *in, size_t in_n)
{
	while (out_n || in_n) {
		const size_t o = piece(out_n), i = piece(in_n);

		MPI_Sendrecv(out, (int)o, MPI_FLOAT, partner, 0, in, (int)i, MPI_FLOAT, partner, 0, MPI_COMM_WORLD,
		    MPI_STATUS_IGNORE);
		out += o;
		out_n -= o;
		in += i;
		in_n -= i;
	}
}

void
transport_allreduce(float *x, size_t n)
{
	for (; n; x += piece(n), n -= piece(n))
		MPI_Allreduce(MPI_IN_PLACE, x, (int)piece(n), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
}

void
transport_allgather(void *data, const size_t *offsets, const size_t *sizes)
{
	int r;

	for (r = 0; r < ranks_of_world; r++) {
		char *from = (char *)data + offsets[r];
		size_t left = sizes[r];

		for (; left; from += piece(left), left -= piece(left))
			MPI_Bcast(from, (int)piece(left), MPI_BYTE, r, MPI_COMM_WORLD);
	}
}

void
transport_barrier(void)
{
	MPI_Barrier(MPI_COMM_WORLD);
}

void
transport_close(void)
{
	MPI_Finalize();
}

const char *
transport_version(void)
{
	static char text[MPI_MAX_LIBRARY_VERSION_STRING];
	int n;

	MPI_Get_library_version(text, &n);
	text[strcspn(text, ",\n")] = 0;
	return text;
}
#else
typedef int transport_mpi_unused;	/* ISO C forbids an empty translation unit */
#endif
