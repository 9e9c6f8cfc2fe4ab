/* split - the masks of a micro-batch as lists: patches the teacher sees, patches hidden from it */
#include "model/split.h"

#include <assert.h>

struct split
split_masks(struct tape *t, const uint8_t *masks, int n, int P, int M)
{
	struct split s = { n, P, P - M, M, tape_keep(t, (size_t)n * (size_t)(P - M) * sizeof(int)), tape_keep(t, (size_t)n * (size_t)M * sizeof(int)) };
	int i, k, *seen = s.seen, *hidden = s.hidden;

	for (i = 0; i < n; i++) {
		for (k = 0; k < P; k++)
			if (masks[(size_t)i * (size_t)P + (size_t)k])
				*hidden++ = k;
			else
				*seen++ = k;
		assert(hidden == s.hidden + (i + 1) * M);
	}
	return s;
}
