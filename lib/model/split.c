/* split - the masks of a micro-batch as lists: patches the teacher sees, patches hidden from it */
#include "model/split.h"

#include <assert.h>

struct mask_index
mask_index_build(struct tape *t, const uint8_t *masks, int n, int P, int M)
{
	struct mask_index s = { n, P, P - M, M, tape_keep(t, (size_t)n * (size_t)(P - M) * sizeof(int)), tape_keep(t, (size_t)n * (size_t)M * sizeof(int)) };
	int i, k, *visible = s.visible, *masked = s.masked;

	for (i = 0; i < n; i++) {
		for (k = 0; k < P; k++)
			if (masks[(size_t)i * (size_t)P + (size_t)k])
				*masked++ = k;
			else
				*visible++ = k;
		assert(masked == s.masked + (i + 1) * M);
	}
	return s;
}
