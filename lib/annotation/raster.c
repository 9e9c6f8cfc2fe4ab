/* raster - draw polygons and RLE, the masks of COCO, into a segmentation map */
#include "annotation/raster.h"
#include "base/err.h"
#include "base/mem.h"

#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FINE = 5, MIDDLE = 2 };	/* steps of the fine grid in a pixel, and the step in its middle */

static const struct raster_box nowhere = { INT_MAX, INT_MAX, 0, 0 };

struct raster
raster_new(struct arena *a, int width, int height)
{
	const size_t size = mem_product((size_t)width, (size_t)height);
	struct raster r = { width, height, arena_get(a, size), arena_get(a, (size_t)width), false, nowhere, nowhere };

	memset(r.changes, 0, size);
	memset(r.inside, 0, (size_t)width);
	return r;
}

void
raster_forget(struct raster *r)
{
	r->drawn = nowhere;
}

static struct raster_box
join(struct raster_box a, struct raster_box b)
{
	return (struct raster_box){ a.left < b.left ? a.left : b.left, a.top < b.top ? a.top : b.top,
		a.right > b.right ? a.right : b.right, a.bottom > b.bottom ? a.bottom : b.bottom };
}

/* From row y on, column x changes between outside and inside. */
static void
change(struct raster *r, int x, int y)
{
	if (y >= r->height) {
		r->below = true;
		return;
	}
	r->changes[(size_t)y * (size_t)r->width + (size_t)x] ^= UINT8_MAX;
	r->box = join(r->box, (struct raster_box){ x, y, x + 1, y + 1 });
}

/* Set the pixels inside to the value, row by row, and clear the changes. In the last row with changes all columns
   become outside, unless some change below the image. */
static void
fill(struct raster *r, uint8_t *map, uint8_t value)
{
	const int left = r->box.left, n = r->box.right - left, bottom = r->below ? r->height : r->box.bottom - 1;
	const size_t width = (size_t)r->width;
	uint8_t *inside = r->inside + left;
	int y, x;

	for (y = r->box.top; n > 0 && y < bottom; y++) {
		uint8_t *row = map + (size_t)y * width + left, *changes = r->changes + (size_t)y * width + left;

		for (x = 0; x < n && y < r->box.bottom; x++) {
			inside[x] ^= changes[x];
			changes[x] = 0;
		}
		for (x = 0; x < n; x++)
			row[x] = (uint8_t)((row[x] & ~inside[x]) | (value & inside[x]));
	}
	if (n > 0) {
		memset(r->changes + (size_t)(r->box.bottom - 1) * width + left, 0, (size_t)n);
		memset(inside, 0, (size_t)n);
	}
	if (n > 0 && r->box.top < bottom)
		r->drawn = join(r->drawn, (struct raster_box){ left, r->box.top, r->box.right, bottom });
	r->box = nowhere;
	r->below = false;
}

/* Change the map where an edge crosses the middle of pixel column x, at a row of the fine grid. */
static void
cross(struct raster *r, int x, int row)
{
	/* the first row whose middle is not above the edge */
	change(r, x, row <= MIDDLE ? 0 : (row - MIDDLE + FINE - 1) / FINE);
}

/* Whether point t of a steep edge is behind the step from u to u + 1, or from u + 1 to u. */
static bool
is_behind(int xs, double slope, int t, int u)
{
	const int at = (int)(xs + slope * t + .5);

	return slope > 0 ? at > u : at <= u;
}

/* An edge is a sequence of points on the fine grid: unit steps along its longer axis, the other coordinate rounded
   towards zero after adding 1/2; always in ascending direction, so that both directions give the same points. Only its
   steps from u to u + 1 in the middle of a column of the image matter, and each is computed on its own. */
static void
trace_edge(struct raster *r, int xs, int ys, int xe, int ye)
{
	int dx = abs(xe - xs), dy = abs(ye - ys), flat = dx >= dy, n = flat ? dx : dy, t, x, last;
	double slope;

	if (flat ? xs > xe : ys > ye) {
		t = xs, xs = xe, xe = t;
		t = ys, ys = ye, ye = t;
	}
	if (n == 0)
		return;
	slope = flat ? (double)(ye - ys) / dx : (double)(xe - xs) / dy;
	x = (xs < xe ? xs : xe) - MIDDLE - 1;
	x = x <= 0 ? 0 : x / FINE;
	last = (xs > xe ? xs : xe) - MIDDLE;
	last = last < 0 ? -1 : last / FINE < r->width ? last / FINE : r->width - 1;
	for (; x <= last; x++) {
		const int u = x * FINE + MIDDLE;	/* the step from u to u + 1 */
		int a, b;

		if (flat) {
			t = u - xs;
			if (t < 0 || t >= n)
				continue;
			a = (int)(ys + slope * t + .5);
			b = (int)(ys + slope * (t + 1) + .5);
			cross(r, x, a < b ? a : b);
			continue;
		}
		if (slope == 0 || is_behind(xs, slope, 0, u) || !is_behind(xs, slope, n, u))
			continue;
		/* the first point behind the step: the estimate is off by one at most */
		t = (int)((u + .5 - xs) / slope);
		t = t < 1 ? 1 : t > n ? n : t;
		while (t > 1 && is_behind(xs, slope, t - 1, u))
			t--;
		while (!is_behind(xs, slope, t, u))
			t++;
		cross(r, x, t - 1 + ys);
	}
}

static int
fine(double x)
{
	return (int)(FINE * x + .5);
}

int
raster_polygon(struct raster *r, const double *xy, long n, uint8_t *map, uint8_t value)
{
	long i, k;

	for (i = 0; i < 2 * n; i++)
		if (!(fabs(xy[i]) <= RASTER_REACH))
			return err(ERR_DATA, "polygon: coordinate %g is out of range", xy[i]);
	for (i = 0; i < n; i++) {
		k = i + 1 < n ? i + 1 : 0;
		trace_edge(r, fine(xy[2 * i]), fine(xy[2 * i + 1]), fine(xy[2 * k]), fine(xy[2 * k + 1]));
	}
	fill(r, map, value);
	return 0;
}

/* The pixels from .. to-1, column by column, are inside. */
static void
add_run(struct raster *r, size_t from, size_t to)
{
	const size_t height = (size_t)r->height, first = from / height, last = (to - 1) / height;
	size_t x;

	for (x = first; x <= last; x++) {
		change(r, (int)x, x == first ? (int)(from % height) : 0);
		change(r, (int)x, x == last ? (int)((to - 1) % height) + 1 : r->height);
	}
}

int
raster_rle(struct raster *r, const double *counts, long n, uint8_t *map, uint8_t value)
{
	const double size = (double)r->width * r->height;
	double index = 0;
	long i;

	for (i = 0; i < n; i++)
		if (!(counts[i] >= 0) || counts[i] != floor(counts[i]) || !((index += counts[i]) <= size))
			break;
	if (i < n || index != size)
		return err(ERR_DATA, "RLE does not fill %dx%d pixels", r->width, r->height);
	for (i = 0, index = 0; i < n; index += counts[i++])
		if (i % 2 && counts[i] > 0)
			add_run(r, (size_t)index, (size_t)(index + counts[i]));
	fill(r, map, value);
	return 0;
}

long
raster_rle_text(const char *text, size_t size, double *counts)
{
	size_t i = 0;
	long n = 0;

	while (i < size) {
		int64_t x = 0;
		int shift = 0, c;

		do {
			c = i < size ? text[i++] - '0' : -1;
			/* runs are below 2^32 */
			if (c < 0 || c > 63 || shift > 30)
				return err(ERR_DATA, "'counts' is not compressed RLE");
			x |= (int64_t)(c & 31) << shift;
			shift += 5;
		} while (c & 32);
		if (c & 16)
			x -= (int64_t)1 << shift;
		counts[n] = (double)x + (n > 2 ? counts[n - 2] : 0);
		n++;
	}
	return n;
}
