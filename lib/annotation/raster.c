/* raster - draw polygons and RLE, the masks of COCO, into a segmentation map */
#include "annotation/raster.h"
#include "base/err.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FINE = 5, MIDDLE = 2 };	/* steps of the fine grid in a pixel, and the step in its middle */

/* The state of one call: all changes lie in first .. last. */
struct raster_walk {
	struct raster *r;
	size_t first, last;
};

struct raster
raster_new(struct arena *a, int width, int height)
{
	size_t size = (size_t)width * (size_t)height + 1;
	struct raster r = { width, height, arena_get(a, size) };

	memset(r.changes, 0, size);
	return r;
}

static void
change(struct raster_walk *w, size_t index)
{
	w->r->changes[index] ^= 1;
	w->first = index < w->first ? index : w->first;
	w->last = index > w->last ? index : w->last;
}

/* Set the pixels inside to the value, and clear the changes. */
static void
fill(struct raster_walk *w, uint8_t *map, uint8_t value)
{
	const struct raster *r = w->r;
	size_t size = (size_t)r->width * (size_t)r->height, i;
	int inside = 0;

	for (i = w->first; i < size && (i <= w->last || inside); i++) {
		inside ^= r->changes[i];
		r->changes[i] = 0;
		if (inside)
			map[i % (size_t)r->height * (size_t)r->width + i / (size_t)r->height] = value;
	}
	r->changes[size] = 0;
}

/* Change the map where an edge crosses the middle of pixel column x, at a row of the fine grid. */
static void
cross(struct raster_walk *w, int x, int row)
{
	const struct raster *r = w->r;
	/* the first row whose middle is not above the edge */
	const int y = row <= MIDDLE ? 0 : (row - MIDDLE + FINE - 1) / FINE;

	change(w, (size_t)x * (size_t)r->height + (size_t)(y < r->height ? y : r->height));
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
trace_edge(struct raster_walk *w, int xs, int ys, int xe, int ye)
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
	last = last < 0 ? -1 : last / FINE < w->r->width ? last / FINE : w->r->width - 1;
	for (; x <= last; x++) {
		const int u = x * FINE + MIDDLE;	/* the step from u to u + 1 */
		int a, b;

		if (flat) {
			t = u - xs;
			if (t < 0 || t >= n)
				continue;
			a = (int)(ys + slope * t + .5);
			b = (int)(ys + slope * (t + 1) + .5);
			cross(w, x, a < b ? a : b);
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
		cross(w, x, t - 1 + ys);
	}
}

int
raster_polygon(struct raster *r, const double *xy, long n, uint8_t *map, uint8_t value)
{
	struct raster_walk w = { .r = r, .first = SIZE_MAX };
	long i, k;

	for (i = 0; i < 2 * n; i++)
		if (!(fabs(xy[i]) <= RASTER_REACH))
			return err(ERR_DATA, "polygon: coordinate %g is out of range", xy[i]);
	for (i = 0; i < n; i++) {
		k = i + 1 < n ? i + 1 : 0;
		trace_edge(&w, (int)(FINE * xy[2 * i] + .5), (int)(FINE * xy[2 * i + 1] + .5),
			(int)(FINE * xy[2 * k] + .5), (int)(FINE * xy[2 * k + 1] + .5));
	}
	if (w.first != SIZE_MAX)
		fill(&w, map, value);
	return 0;
}

int
raster_rle(struct raster *r, const double *counts, long n, uint8_t *map, uint8_t value)
{
	struct raster_walk w = { .r = r, .first = SIZE_MAX };
	double size = (double)r->width * r->height, index = 0;
	long i;

	for (i = 0; i < n; i++) {
		if (!(counts[i] >= 0) || counts[i] != floor(counts[i]) || !((index += counts[i]) <= size))
			break;
		change(&w, (size_t)index);
	}
	if (i == n && index == size) {
		if (n > 0)
			fill(&w, map, value);
		return 0;
	}
	memset(r->changes, 0, (size_t)size + 1);
	return err(ERR_DATA, "RLE does not fill %dx%d pixels", r->width, r->height);
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
