/* runs - a segmentation map as runs of equal pixels */
#include "metrics/runs.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = (1 << 24) - 1 };	/* pixels that fit beside the label */

/* The end of the run that begins at i: eight pixels at a time where they are all equal. */
static long
run_end(const uint8_t *labels, long i, long n)
{
	uint64_t eight, here;
	long end = i + 1;

	n = n - i > LONGEST ? i + LONGEST : n;
	memset(&eight, labels[i], sizeof eight);
	for (; end + 8 <= n; end += 8) {
		memcpy(&here, labels + end, sizeof here);
		if (here != eight)
			break;
	}
	while (end < n && labels[end] == labels[i])
		end++;
	return end;
}

void
runs_pack(struct runs *r, const uint8_t *labels, int height, int width)
{
	long n = (long)height * width, room = 0, i, end;

	*r = (struct runs){ .height = height, .width = width };
	for (i = 0; i < n; i = end) {
		end = run_end(labels, i, n);
		if (r->count == room)
			r->list = mem_grow(r->list, sizeof *r->list * (size_t)(room = room ? 2 * room : 64));
		r->list[r->count++] = (uint32_t)(end - i) << 8 | labels[i];
	}
	if (r->count)
		r->list = mem_grow(r->list, sizeof *r->list * (size_t)r->count);
}

long
runs_area(const struct runs *r)
{
	long i, area = 0;

	for (i = 0; i < r->count; i++)
		area += r->list[i] & 255 ? r->list[i] >> 8 : 0;
	return area;
}

long
runs_common(const struct runs *a, const struct runs *b)
{
	long i = 0, j = 0, common = 0, x = 0, y = 0, n;	/* x, y: pixels that are left of the present runs */

	assert(a->height == b->height && a->width == b->width);
	for (;;) {
		if (x == 0) {
			if (i == a->count)
				return common;
			x = a->list[i++] >> 8;
		}
		if (y == 0)
			y = b->list[j++] >> 8;
		n = x < y ? x : y;
		if (a->list[i - 1] & 255 && b->list[j - 1] & 255)
			common += n;
		x -= n;
		y -= n;
	}
}

void
runs_free(struct runs *r)
{
	free(r->list);
	*r = (struct runs){ 0 };
}
