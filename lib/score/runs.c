/* runs - a label map as runs of equal pixels */
#include "score/runs.h"
#include "base/mem.h"

#include <stdlib.h>

enum { LONGEST = (1 << 24) - 1 };	/* pixels that fit beside the label */

void
runs_pack(struct runs *r, const uint8_t *labels, int height, int width)
{
	long n = (long)height * width, room = 0, i, end;

	*r = (struct runs){ .height = height, .width = width };
	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n && labels[end] == labels[i] && end - i < LONGEST; end++)
			;
		if (r->count == room)
			r->list = mem_grow(r->list, sizeof *r->list * (size_t)(room = room ? 2 * room : 64));
		r->list[r->count++] = (uint32_t)(end - i) << 8 | labels[i];
	}
	if (r->count)
		r->list = mem_grow(r->list, sizeof *r->list * (size_t)r->count);
}

void
runs_free(struct runs *r)
{
	free(r->list);
	*r = (struct runs){ 0 };
}
