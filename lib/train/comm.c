/* comm - deterministic gradient all-reduce: over the shards of one process and the ranks of one run */
#include "train/comm.h"
#include "base/err.h"
#include "base/mem.h"
#include "kernel/kernel.h"
#include "train/consumed.h"
#include "train/transport.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct comm_job {
	const struct comm *comm;
	float *const *blocks;
	int count;
	size_t size;
	double *partials;
};

static float
from_bf16(uint16_t x)
{
	const uint32_t u = (uint32_t)x << 16;
	float y;

	memcpy(&y, &u, sizeof y);
	return y;
}

static void
unpack(float *restrict x, const uint16_t *restrict from, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		x[i] = from_bf16(from[i]);
}

/* Round to bfloat16. */
static void
round_bf16(float *x, size_t n)
{
	enum { PART = 1024 };
	uint16_t half[PART];
	size_t i, part;

	for (i = 0; i < n; i += part) {
		part = n - i < PART ? n - i : PART;
		kernel_bf16((long)part, x + i, half);
		unpack(x + i, half, part);
	}
}

static void
add(bool bf16, float *restrict a, const float *restrict b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		a[i] += b[i];
	if (bf16)
		round_bf16(a, n);
}

static void
add_packed(float *restrict a, const uint16_t *restrict b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		a[i] += from_bf16(b[i]);
	round_bf16(a, n);
}

static double
squares(const float *x, size_t n)
{
	enum { SUMS = 8 };	/* independent sums, so that the additions run in parallel */
	double sum[SUMS] = { 0 };
	size_t i, j;

	for (i = 0; i + SUMS <= n; i += SUMS)
		for (j = 0; j < SUMS; j++)
			sum[j] += (double)x[i + j] * x[i + j];
	for (; i < n; i++)
		sum[0] += (double)x[i] * x[i];
	return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

static size_t
piece_length(const struct comm_job *j, int i)
{
	const size_t from = (size_t)i * COMM_PIECE;

	return j->size - from < COMM_PIECE ? j->size - from : COMM_PIECE;
}

bool
comm_adds_blocks(const struct comm *c, int count)
{
	return count > 1 || (c && c->bf16);
}

void
comm_add_blocks(const struct comm *c, float *const *blocks, int count, size_t from, size_t n)
{
	const bool bf16 = c && c->bf16;
	const int q = count & -count;
	int b, apart;

	for (b = 0; bf16 && b < count; b++)
		round_bf16(blocks[b] + from, n);
	for (b = q; b < count; b++)
		add(bf16, blocks[b % q] + from, blocks[b] + from, n);
	for (apart = q / 2; apart > 0; apart /= 2)
		for (b = 0; b < apart; b++)
			add(bf16, blocks[b] + from, blocks[b + apart] + from, n);
}

static void
add_blocks(void *arg, int i, int worker)
{
	const struct comm_job *j = arg;

	(void)worker;
	comm_add_blocks(j->comm, j->blocks, j->count, (size_t)i * COMM_PIECE, piece_length(j, i));
}

static void
square(void *arg, int i, int worker)
{
	const struct comm_job *j = arg;

	(void)worker;
	j->partials[i] = squares(j->blocks[0] + (size_t)i * COMM_PIECE, piece_length(j, i));
}

static void
run(struct pool *pool, int count, void (*piece)(void *arg, int i, int worker), struct comm_job *j)
{
	int i;

	if (pool)
		pool_run(pool, count, piece, j);
	else
		for (i = 0; i < count; i++)
			piece(j, i, 0);
}

/* Send `out_n` floats to the partner and receive `in_n`: instead of `in` (NULL: added to `sum`). */
static void
exchange(struct comm *c, int partner, const float *out, size_t out_n, float *in, float *sum, size_t in_n)
{
	const size_t width = c->bf16 ? sizeof(uint16_t) : sizeof(float);
	uint16_t *packed_out = c->scratch, *packed_in = packed_out + out_n;

	if (!c->bf16) {
		transport_sendrecv(partner, out, width * out_n, in ? in : c->scratch, width * in_n);
		if (!in)
			add(false, sum, c->scratch, in_n);
		return;
	}
	kernel_bf16((long)out_n, out, packed_out);
	transport_sendrecv(partner, packed_out, width * out_n, packed_in, width * in_n);
	if (in)
		unpack(in, packed_in, in_n);
	else
		add_packed(sum, packed_in, in_n);
}

/* Recursive halving, then doubling (Thakur, Rabenseifner, Gropp, IJHPCA 2005, section 4.3): each element is summed in
   the order of the fixed tree, and each rank sends and receives about twice the block, for any number of ranks. */
static void
add_ranks(struct comm *c, float *x, size_t size)
{
	size_t low[32] = { 0 }, high[32] = { size };	/* the range that this rank sums, by level */
	int level = 0, apart;

	/* half of the floats, or of both halves as bf16 */
	c->scratch = mem_room(c->scratch, &c->room, size / 2 + 1, sizeof *x);
	for (apart = c->ranks / 2; apart > 0; apart /= 2, level++) {
		const size_t middle = low[level] + (high[level] - low[level]) / 2;
		const bool lower = !(c->rank & apart);
		const size_t give = lower ? middle : low[level], given = lower ? high[level] : middle;

		low[level + 1] = lower ? low[level] : middle;
		high[level + 1] = lower ? middle : high[level];
		exchange(c, c->rank ^ apart, x + give, given - give, NULL, x + low[level + 1],
			high[level + 1] - low[level + 1]);
	}
	for (apart = 1; apart < c->ranks; apart *= 2, level--) {
		const bool lower = !(c->rank & apart);
		const size_t take = lower ? high[level] : low[level - 1], taken = lower ? high[level - 1] : low[level];

		exchange(c, c->rank ^ apart, x + low[level], high[level] - low[level], x + take, NULL, taken - take);
	}
}

size_t
comm_partials(size_t size)
{
	return (size + COMM_PIECE - 1) / COMM_PIECE;
}

void
comm_add_ranks(struct comm *c, float *x, size_t size)
{
	if (c && c->ranks > 1 && c->exact)
		add_ranks(c, x, size);
	else if (c && c->ranks > 1)
		transport_allreduce(x, size);
}

double
comm_norm(struct pool *pool, float *x, size_t size, double *partials)
{
	struct comm_job j = { NULL, &x, 1, size, partials };
	const int pieces = (int)comm_partials(size);
	double sum = 0;
	int i;

	run(pool, pieces, square, &j);
	for (i = 0; i < pieces; i++)
		sum += partials[i];
	return sqrt(sum);
}

double
comm_allreduce(struct comm *c, struct pool *pool, float *const *blocks, int count, size_t size, double *partials)
{
	struct comm_job j = { c, blocks, count, size, partials };

	if (comm_adds_blocks(c, count))
		run(pool, (int)comm_partials(size), add_blocks, &j);
	comm_add_ranks(c, blocks[0], size);
	return comm_norm(pool, blocks[0], size, partials);
}

void
comm_allgather(struct comm *c, void *data, int shards, const size_t *offset)
{
	size_t *sizes;
	int v, r;

	if (!c || c->ranks == 1)
		return;
	/* shards are dealt to the ranks in turn, so R consecutive shards are one of each rank */
	sizes = mem_array((size_t)c->ranks, sizeof *sizes);
	for (v = 0; v < shards; v += c->ranks) {
		for (r = 0; r < c->ranks; r++)
			sizes[r] = offset[v + r + 1] - offset[v + r];
		transport_allgather(data, offset + v, sizes);
	}
	free(sizes);
}

void
comm_gather(struct comm *c, void *data, const size_t *offset)
{
	int r;

	for (r = 1; r < c->ranks; r++)
		if (c->rank == 0)
			transport_sendrecv(r, NULL, 0, (char *)data + offset[r], offset[r + 1] - offset[r]);
		else if (c->rank == r)
			transport_sendrecv(0, (const char *)data + offset[r], offset[r + 1] - offset[r], NULL, 0);
}

void
comm_exchange(struct comm *c, long x, long *all)
{
	size_t *offsets;
	int r;

	for (r = 0; r < (c ? c->ranks : 1); r++)
		all[r] = x;
	if (!c || c->ranks == 1)
		return;
	offsets = mem_array((size_t)(c->ranks + 1), sizeof *offsets);
	for (r = 0; r <= c->ranks; r++)
		offsets[r] = (size_t)r * sizeof x;
	comm_allgather(c, all, c->ranks, offsets);
	free(offsets);
}

void
comm_barrier(struct comm *c)
{
	if (c && c->ranks > 1)
		transport_barrier();
}

int
comm_check(void)
{
	return transport_lost() ? err(ERR_OS, "%s", transport_lost()) : 0;
}

int
comm_same(struct comm *c, const char *property, const char *text, const char *remedy)
{
	enum { ROOM = COMM_TEXT };
	const int ranks = c ? c->ranks : 1;
	size_t *offsets = mem_array((size_t)(ranks + 1), sizeof *offsets);
	char *all = mem_array((size_t)ranks, ROOM);
	int r, bad = 0;

	for (r = 0; r <= ranks; r++)
		offsets[r] = ROOM * (size_t)r;
	snprintf(all + offsets[c ? c->rank : 0], ROOM, "%s", text);
	comm_allgather(c, all, ranks, offsets);
	for (r = 1; r < ranks && !bad; r++)
		if (!transport_lost() && strcmp(all, all + offsets[r]) != 0)
			bad = err(ERR_USAGE, "%s: rank 0 has %s, rank %d has %s, and their results differ; %s",
			    property, all, r, all + offsets[r], remedy);
	free(offsets);
	free(all);
	return bad ? bad : comm_check();
}

/* A launcher has started several processes, but this one is alone: each would train the whole model and overwrite
   the files of the others. */
static int
check_launcher(void)
{
	static const char *const launched[] = { "OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS" };
	const bool mpi = strcmp(transport_version(), "no MPI") != 0;
	size_t i;

	for (i = 0; i < sizeof launched / sizeof *launched; i++)
		if (getenv(launched[i]) && atoi(getenv(launched[i])) > 1)
			return mpi ? err(ERR_USAGE, "%s=%s, but %s finds one process: use the launcher of that MPI",
			    launched[i], getenv(launched[i]), transport_version())
			    : err(ERR_USAGE, "%s=%s, but this program is built without MPI: use make MPI=1",
			    launched[i], getenv(launched[i]));
	return 0;
}

int
comm_open(struct comm *c, double timeout)
{
	*c = (struct comm){ .ranks = 1 };
	if (transport_open(&c->rank, &c->ranks, timeout) < 0)
		return -1;
	if (c->ranks > CONSUMED_RANKS_MAX)
		return err(ERR_USAGE, "%d ranks are too many: at most %d", c->ranks, CONSUMED_RANKS_MAX);
	c->exact = (c->ranks & (c->ranks - 1)) == 0;
	return c->ranks == 1 ? check_launcher() : 0;
}

void
comm_close(struct comm *c)
{
	free(c->scratch);
	*c = (struct comm){ .ranks = 1 };
	transport_close();
}
