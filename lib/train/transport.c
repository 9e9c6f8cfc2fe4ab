/* transport - messages between the processes of one training run: by MPI (make MPI=1), or none

   Calls do not block; a loop tests whether they are done. It leaves the processor to the threads that compute, and it
   notices that no message comes, which TCP does only after a quarter of an hour. Calls come from one thread at a time,
   which need not be the main one (MPI_THREAD_SERIALIZED). Counts of MPI 3 are ints, so long messages are sent in
   pieces. Errors end the run (MPI_ERRORS_ARE_FATAL). */
#define _POSIX_C_SOURCE 200809L
#include "train/transport.h"

#ifdef TSCAE_MPI
#include "base/err.h"
#include "base/mem.h"

#include <mpi.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* elements of one message at most; bytes of a short message, and pairs of them that are under way at a time */
enum { PIECE = 25 << 20, SHORT = 60 << 10, FLIGHT = 256 };

static int ranks_of_world, rank_of_me;
static char (*hosts)[MPI_MAX_PROCESSOR_NAME];	/* of each rank */
static double patience;	/* seconds, 0: any */
static char lost[512];	/* why the others cannot be reached; "": they can */

int
transport_open(int *rank, int *ranks, double timeout)
{
	char name[MPI_MAX_PROCESSOR_NAME] = "";
	int provided, n;

	if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &provided) != MPI_SUCCESS ||
	    provided < MPI_THREAD_SERIALIZED)
		return err(ERR_OS, "cannot start MPI with MPI_THREAD_SERIALIZED");
	MPI_Comm_rank(MPI_COMM_WORLD, &rank_of_me);
	MPI_Comm_size(MPI_COMM_WORLD, &ranks_of_world);
	MPI_Get_processor_name(name, &n);
	hosts = mem_array((size_t)ranks_of_world, sizeof *hosts);
	MPI_Allgather(name, sizeof name, MPI_CHAR, hosts, sizeof name, MPI_CHAR, MPI_COMM_WORLD);
	patience = timeout;
	*rank = rank_of_me;
	*ranks = ranks_of_world;
	return 0;
}

const char *
transport_lost(void)
{
	return *lost ? lost : NULL;
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Wait until the requests, at most 2 FLIGHT, are done. `from`: the rank that they depend on; -1: all. */
static void
finish(MPI_Request *requests, int count, int from)
{
	enum { SPINS = 1000 };	/* before it sleeps: a short message takes less */
	const struct timespec nap = { .tv_nsec = 50000 };
	const double begun = seconds();
	char who[64 + MPI_MAX_PROCESSOR_NAME] = "another rank";
	MPI_Status unused[2 * FLIGHT];	/* at -O3 gcc takes MPICH's MPI_STATUSES_IGNORE for an array of no bytes */
	int spins = 0, done = 0;

	while (MPI_Testall(count, requests, &done, unused), !done) {
		if (++spins < SPINS) {
			sched_yield();
			continue;
		}
		nanosleep(&nap, NULL);
		if (patience <= 0 || seconds() - begun < patience)
			continue;
		if (from >= 0)
			snprintf(who, sizeof who, "rank %d (%s)", from, hosts[from]);
		snprintf(lost, sizeof lost,
			"rank %d (%s) waits for %s for more than %g s: a host or the network is down (or comm_timeout "
			"is too short); the last checkpoint is intact", rank_of_me, hosts[rank_of_me], who, patience);
		return;
	}
}

/* The elements of the next message of n. */
static size_t
piece(size_t n, size_t most)
{
	return n < most ? n : most;
}

/* In long messages Open MPI uses a TCP connection in one direction at a time: the request for the partner's data waits
   behind the own data. Messages up to 64 KiB with their header need no request, so the data are sent as many of these.
   */
void
transport_sendrecv(int partner, const void *out, size_t out_size, void *in, size_t in_size)
{
	const char *from = out;
	char *to = in;
	MPI_Request requests[2 * FLIGHT];

	while ((out_size || in_size) && !*lost) {
		int count = 0;

		while ((out_size || in_size) && count < 2 * FLIGHT) {
			const size_t o = piece(out_size, SHORT), i = piece(in_size, SHORT);

			MPI_Irecv(to, (int)i, MPI_BYTE, partner, 0, MPI_COMM_WORLD, &requests[count++]);
			MPI_Isend(from, (int)o, MPI_BYTE, partner, 0, MPI_COMM_WORLD, &requests[count++]);
			from += o;
			out_size -= o;
			to += i;
			in_size -= i;
		}
		finish(requests, count, partner);
	}
}

void
transport_allreduce(float *x, size_t n)
{
	MPI_Request sum;

	for (; n && !*lost; x += piece(n, PIECE), n -= piece(n, PIECE)) {
		MPI_Iallreduce(MPI_IN_PLACE, x, (int)piece(n, PIECE), MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD, &sum);
		finish(&sum, 1, -1);
	}
}

void
transport_allgather(void *data, const size_t *offsets, const size_t *sizes)
{
	MPI_Request part;
	int r;

	for (r = 0; r < ranks_of_world; r++) {
		char *from = (char *)data + offsets[r];
		size_t left = sizes[r];

		for (; left && !*lost; from += piece(left, PIECE), left -= piece(left, PIECE)) {
			MPI_Ibcast(from, (int)piece(left, PIECE), MPI_BYTE, r, MPI_COMM_WORLD, &part);
			finish(&part, 1, r == rank_of_me ? -1 : r);
		}
	}
}

void
transport_barrier(void)
{
	MPI_Request all;

	if (*lost)
		return;
	MPI_Ibarrier(MPI_COMM_WORLD, &all);
	finish(&all, 1, -1);
}

void
transport_close(void)
{
	MPI_Finalize();
	free(hosts);
	hosts = NULL;
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

/* A single process has no partner. */

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
#endif
