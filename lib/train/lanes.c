/* lanes - how a batch is shared out among ranks, threads and micro-batches, the same way whatever their number */
#include "train/lanes.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

int
lanes_number(const struct lanes *l, int lane)
{
	return l->comm ? l->comm->rank + lane * l->comm->ranks : lane;
}

int
lanes_size(const struct lanes *l, int v)
{
	return l->batch / l->count + (v < l->batch % l->count);
}

int
lanes_before(const struct lanes *l, int v)
{
	const int more = l->batch % l->count;

	return v * (l->batch / l->count) + (v < more ? v : more);
}

int
lanes_images(const struct lanes *l)
{
	return l->groups[l->here];
}

int
lanes_slot(const struct lanes *l, int i)
{
	return l->groups[i % l->here] + i / l->here;
}

void
lanes_open(struct lanes *l, struct comm *comm, int batch, int count, int micro)
{
	const int ranks = comm ? comm->ranks : 1;
	int lane, first = 0;

	assert(count > 0 && count <= batch && count % ranks == 0 && micro > 0);
	*l = (struct lanes){ .batch = batch, .count = count, .here = count / ranks, .comm = comm };
	l->pieces = mem_new(sizeof *l->pieces * (size_t)batch);
	l->groups = mem_new(sizeof *l->groups * (size_t)(l->here + 1));
	l->offsets = mem_new(sizeof *l->offsets * (size_t)(count + 1));
	for (lane = 0; lane < l->here; lane++) {
		const int v = lanes_number(l, lane), end = first + lanes_size(l, v), apart = lanes_before(l, v) - first;

		for (; first < end; first += l->pieces[l->parts++].n)
			l->pieces[l->parts] = (struct lanes_piece){ lane, first, end - first < micro ? end - first : micro, first + apart };
		l->groups[lane + 1] = first;
	}
}

void
lanes_close(struct lanes *l)
{
	free(l->pieces);
	free(l->groups);
	free(l->offsets);
	*l = (struct lanes){ 0 };
}

void
lanes_gather(struct lanes *l, void *data, size_t each)
{
	int v;

	for (v = 0; v <= l->count; v++)
		l->offsets[v] = each * (size_t)lanes_before(l, v);
	comm_gather(l->comm, data, l->count, l->offsets);
}

void
lanes_gather_each(struct lanes *l, void *data, size_t each)
{
	int v;

	for (v = 0; v <= l->count; v++)
		l->offsets[v] = each * (size_t)v;
	comm_gather(l->comm, data, l->count, l->offsets);
}
