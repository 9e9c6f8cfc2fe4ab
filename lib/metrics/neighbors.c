/* neighbors - the nearest neighbors of query rows in a collection that is read once, in blocks

   The calling thread reads blocks of rows, the pool compares them with all queries (base/ordered.h). Each thread keeps
   its own k nearest of each query; at the end these are merged. (similarity, row) is a total order, so the merged list
   does not depend on which thread has seen which block. */
#include "metrics/neighbors.h"
#include "base/mem.h"
#include "base/ordered.h"
#include "kernel/gemm.h"
#include "metrics/feature_set.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	QUERIES = 64,		/* queries of a product */
	BLOCK = 1024,		/* rows of a block: the tile of similarities is 256 KiB, inside L2 */
	BLOCK_BYTES = 4 << 20	/* bytes of a block, of wide rows */
};

/* A block of the collection. */
struct neighbors_block {
	float *x;		/* (count, d) */
	struct feature_row *list;	/* (count) */
	int count;
};

/* Lists of one thread. */
struct neighbors_worker {
	float *tile;		/* (QUERIES, BLOCK) */
	int *kept;		/* (queries) */
	struct neighbor *lists;	/* (queries, k) */
};

struct neighbors_job {
	const struct feature_rows *q;	/* the queries */
	bool exclude_self;
	struct neighbors *n;
	struct feature_source *source;
	struct neighbors_block *blocks;	/* slots of `ordered` */
	struct neighbors_worker *workers;
	int block_rows;
	void (*step)(void *arg, long rows);
	void *arg;
};

double
neighbors_margin(int d)
{
	/* Higham, Accuracy and Stability of Numerical Algorithms, 2002, section 3.1: d * u * |a||b|, u half of this */
	return (double)d * (double)FLT_EPSILON;
}

double
neighbors_similarity(const float *a, const float *b, int d)
{
	double sum[4] = { 0 };
	int i;

	for (i = 0; i + 4 <= d; i += 4) {
		sum[0] += (double)a[i] * b[i];
		sum[1] += (double)a[i + 1] * b[i + 1];
		sum[2] += (double)a[i + 2] * b[i + 2];
		sum[3] += (double)a[i + 3] * b[i + 3];
	}
	for (; i < d; i++)
		sum[0] += (double)a[i] * b[i];
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* The order of neighbors: negative if a is nearer. */
static int
compare(const void *pa, const void *pb)
{
	const struct neighbor *a = pa, *b = pb;

	return a->similarity != b->similarity ? (a->similarity < b->similarity) - (a->similarity > b->similarity)
		: (a->row > b->row) - (a->row < b->row);
}

/* Put a row into the list of a query if it is among its k nearest. */
static void
consider(const struct neighbors_job *j, struct neighbors_worker *w, long query, const struct neighbors_block *b, int i)
{
	const struct feature_rows *q = j->q;
	const int k = j->n->k;
	struct neighbor *list = w->lists + query * k, new = {
		neighbors_similarity(q->x + query * q->d, b->x + (long)i * q->d, q->d), b->list[i].number, NULL };
	int *kept = &w->kept[query], at;

	if (*kept == k && compare(&new, &list[k - 1]) > 0)
		return;
	if (j->exclude_self && strcmp(q->list[query].key, b->list[i].key) == 0)
		return;
	if (*kept == k)
		free(list[--*kept].key);
	for (at = *kept; at > 0 && compare(&new, &list[at - 1]) < 0; at--)
		list[at] = list[at - 1];
	new.key = mem_text(b->list[i].key);
	list[at] = new;
	++*kept;
}

/* The least product with a query that may be among its k nearest. */
static float
least(const struct neighbors_job *j, const struct neighbors_worker *w, long query)
{
	const int k = j->n->k;

	return w->kept[query] < k ? -INFINITY
		: (float)(w->lists[query * k + k - 1].similarity - neighbors_margin(j->q->d));
}

static void
work(void *arg, int slot, int worker)
{
	const struct neighbors_job *j = arg;
	const struct feature_rows *q = j->q;
	const struct neighbors_block *b = &j->blocks[slot];
	struct feature_set rows = { .n = b->count, .d = q->d, .x = b->x };
	struct neighbors_worker *w = &j->workers[worker];
	long first, i;
	int r;

	feature_set_normalize(&rows, false);
	for (first = 0; first < q->n; first += QUERIES) {
		const int n = q->n - first < QUERIES ? (int)(q->n - first) : QUERIES;

		gemm(false, true, n, b->count, q->d, 1, q->x + first * q->d, q->d, b->x, q->d, 0, w->tile, BLOCK);
		for (i = 0; i < n; i++) {
			float bound = least(j, w, first + i);

			for (r = 0; r < b->count; r++)
				if (w->tile[i * BLOCK + r] >= bound) {
					consider(j, w, first + i, b, r);
					bound = least(j, w, first + i);
				}
		}
	}
}

static int
take(void *arg, int slot)
{
	struct neighbors_job *j = arg;
	struct neighbors_block *b = &j->blocks[slot];
	struct feature_source *s = j->source;
	int got;

	b->count = 0;
	while (b->count < j->block_rows && (got = feature_source_next(s)) != 0) {
		if (got < 0)
			return -1;
		if (s->d != j->q->d)
			return err(ERR_DATA, "%s: rows have %d values, those of the queries have %d", s->path, s->d,
				j->q->d);
		memcpy(b->x + (long)b->count * s->d, s->x, (size_t)s->d * sizeof *s->x);
		b->list[b->count++] = (struct feature_row){ mem_text(s->key), s->row };
	}
	return b->count > 0;
}

static int
put(void *arg, int slot)
{
	struct neighbors_job *j = arg;
	struct neighbors_block *b = &j->blocks[slot];

	j->step(j->arg, b->list[b->count - 1].number + 1);
	while (b->count)
		free(b->list[--b->count].key);
	return 0;
}

/* Merge the lists of all threads: those of the first `threads` workers move to the result or are freed. */
static void
merge(struct neighbors_job *j, int threads)
{
	struct neighbors *n = j->n;
	struct neighbor *all = mem_array(mem_product((size_t)threads, (size_t)n->k), sizeof *all);
	long query;
	int t, i, count;

	for (query = 0; query < j->q->n; query++) {
		for (t = count = 0; t < threads; t++) {
			const struct neighbors_worker *w = &j->workers[t];

			memcpy(all + count, w->lists + query * n->k, (size_t)w->kept[query] * sizeof *all);
			count += w->kept[query];
		}
		qsort(all, (size_t)count, sizeof *all, compare);
		n->kept[query] = count < n->k ? count : n->k;
		memcpy(n->lists + query * n->k, all, (size_t)n->kept[query] * sizeof *all);
		for (i = n->kept[query]; i < count; i++)
			free(all[i].key);
	}
	free(all);
}

static void
open_job(struct neighbors_job *j, int slots, int threads)
{
	const size_t d = (size_t)j->q->d, n = (size_t)j->q->n, lists = mem_product(n, (size_t)j->n->k);
	const size_t fit = BLOCK_BYTES / sizeof(float) / d;
	int i;

	j->block_rows = fit < 1 ? 1 : fit < BLOCK ? (int)fit : BLOCK;
	j->blocks = mem_array((size_t)slots, sizeof *j->blocks);
	for (i = 0; i < slots; i++) {
		j->blocks[i].x = mem_array(mem_product((size_t)j->block_rows, d), sizeof(float));
		j->blocks[i].list = mem_array((size_t)j->block_rows, sizeof(struct feature_row));
	}
	j->workers = mem_array((size_t)threads, sizeof *j->workers);
	for (i = 0; i < threads; i++)
		j->workers[i] = (struct neighbors_worker){ mem_array(QUERIES * BLOCK, sizeof(float)),
			mem_array(n, sizeof(int)), mem_array(lists, sizeof(struct neighbor)) };
	j->n->kept = mem_array(n, sizeof *j->n->kept);
	j->n->lists = mem_array(lists, sizeof *j->n->lists);
}

static void
close_job(struct neighbors_job *j, int slots, int threads)
{
	int i, r;

	for (i = 0; i < slots; i++) {
		/* rows that an error left */
		for (r = 0; r < j->blocks[i].count; r++)
			free(j->blocks[i].list[r].key);
		free(j->blocks[i].list);
		free(j->blocks[i].x);
	}
	free(j->blocks);
	for (i = 0; i < threads; i++) {
		free(j->workers[i].tile);
		free(j->workers[i].kept);
		free(j->workers[i].lists);
	}
	free(j->workers);
}

int
neighbors_find(struct neighbors *n, const struct feature_rows *queries, int k, bool exclude_self,
	struct feature_source *s, struct pool *pool, void (*step)(void *arg, long rows), void *arg)
{
	struct neighbors_job j = { queries, exclude_self, n, s, .step = step, .arg = arg };
	const int slots = ordered_slots(pool), threads = pool_threads(pool);
	struct ordered o = { pool, slots, take, work, put, NULL, &j, NULL };
	int result;

	*n = (struct neighbors){ .queries = queries->n, .k = k };
	open_job(&j, slots, threads);
	result = ordered_run(&o);
	merge(&j, threads);
	close_job(&j, slots, threads);
	return result < 0 ? -1 : feature_source_check(s);
}

void
neighbors_free(struct neighbors *n)
{
	long query;
	int i;

	for (query = 0; query < n->queries; query++)
		for (i = 0; i < n->kept[query]; i++)
			free(n->lists[query * n->k + i].key);
	free(n->lists);
	free(n->kept);
	*n = (struct neighbors){ 0 };
}
