/* mask_index - the patches of each image that the teacher sees, that the student sees, and that the decoder predicts */
#include "model/mask_index.h"
#include "base/rng.h"

#include <assert.h>
#include <string.h>

struct mask_index
mask_index_build(struct tape *t, const uint8_t *masks, int n, int P, int M)
{
	const int V = P - M;
	int *visible = tape_keep(t, (size_t)(n * V) * sizeof *visible);
	int *masked = tape_keep(t, (size_t)(n * M) * sizeof *masked);
	const struct mask_index m = {
		.n = n, .P = P, .V = V, .M = M, .K = M, .Q = M,
		.visible = visible, .masked = masked, .student = masked, .predicted = masked
	};
	int i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < P; k++)
			if (masks[(size_t)i * (size_t)P + (size_t)k])
				*masked++ = k;
			else
				*visible++ = k;
		assert(masked == m.masked + (i + 1) * M);
	}
	return m;
}

/* The patches of rank below `count`, ascending. rank (P): place of a patch in the random order; P: not masked. */
static void
below(const int *rank, int P, int count, int *out)
{
	int k;

	for (k = 0; k < P; k++)
		if (rank[k] < count)
			*out++ = k;
}

void
mask_index_draw(struct mask_index *m, struct tape *t, int K, int Q, const struct noise *noise)
{
	const int most = K > Q ? K : Q, least = K < Q ? K : Q;
	const struct rng *streams;
	int *student, *predicted, *common, *rank;
	long *order;
	int i, k, place;

	assert(K >= 1 && K <= m->M && Q >= 1 && Q <= m->M);
	if (K == m->M && Q == m->M)
		return;
	streams = noise_streams(noise, t, m->n, "student");
	m->student = student = tape_keep(t, (size_t)(m->n * K) * sizeof *student);
	m->predicted = predicted = tape_keep(t, (size_t)(m->n * Q) * sizeof *predicted);
	m->common = common = tape_keep(t, (size_t)(m->n * least) * sizeof *common);
	order = tape_keep(t, (size_t)m->M * sizeof *order);
	rank = tape_keep(t, (size_t)m->P * sizeof *rank);
	for (i = 0; i < m->n; i++) {
		struct rng stream = streams[i];

		for (k = 0; k < m->M; k++)
			order[k] = m->masked[i * m->M + k];
		rng_shuffle(&stream, order, m->M);
		for (k = 0; k < m->P; k++)
			rank[k] = m->P;
		for (k = 0; k < m->M; k++)
			rank[order[k]] = k;
		below(rank, m->P, K, student + i * K);
		below(rank, m->P, Q, predicted + i * Q);
		for (k = 0, place = 0; k < m->P; k++) {
			if (rank[k] < least)
				*common++ = place;
			place += rank[k] < most;
		}
	}
	m->K = K;
	m->Q = Q;
}
