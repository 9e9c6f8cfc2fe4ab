/* raster - polygons and RLE, the masks of COCO, laid onto a segmentation map */
#include "annotation/raster.h"
#include "base/err.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FINE = 5, MIDDLE = 2 };	/* steps of the outline in a pixel, and the one in its middle */

/* one call's work: the places that were changed lie in first .. last */
struct walk {
	struct raster *r;
	size_t first, last;
	int u, v;		/* where the outline is, on the fine grid */
	int begun;
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
change(struct walk *w, size_t place)
{
	w->r->changes[place] ^= 1;
	w->first = place < w->first ? place : w->first;
	w->last = place > w->last ? place : w->last;
}

/* Lay what is inside onto the map, and clear the changes. */
static void
fill(struct walk *w, uint8_t *map, uint8_t value)
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

/* The outline goes on to a point of the fine grid. */
static void
go(struct walk *w, int u, int v)
{
	const struct raster *r = w->r;
	int column = u < w->u ? u : u - 1, row = v < w->v ? v : w->v, y;

	if (w->begun && u != w->u && column >= 0 && column % FINE == MIDDLE && column / FINE < r->width) {
		/* the first row whose middle is not above the outline */
		y = row <= MIDDLE ? 0 : (row - MIDDLE + FINE - 1) / FINE;
		change(w, (size_t)(column / FINE) * (size_t)r->height + (size_t)(y < r->height ? y : r->height));
	}
	w->u = u;
	w->v = v;
	w->begun = 1;
}

/* A straight edge: one step along its longer axis at a time, the shorter one rounded; walked in the direction that
   gives the same points either way. */
static void
edge(struct walk *w, int xs, int ys, int xe, int ye)
{
	int dx = abs(xe - xs), dy = abs(ye - ys), flat = dx >= dy, n = flat ? dx : dy, d, t;
	int flip = flat ? xs > xe : ys > ye;
	double slope;

	if (flip) {
		t = xs, xs = xe, xe = t;
		t = ys, ys = ye, ye = t;
	}
	slope = n == 0 ? 0 : flat ? (double)(ye - ys) / dx : (double)(xe - xs) / dy;
	for (d = 0; d <= n; d++) {
		t = flip ? n - d : d;
		if (flat)
			go(w, t + xs, (int)(ys + slope * t + .5));
		else
			go(w, (int)(xs + slope * t + .5), t + ys);
	}
}

int
raster_polygon(struct raster *r, const double *xy, long n, uint8_t *map, uint8_t value)
{
	struct walk w = { .r = r, .first = SIZE_MAX };
	long i, k;

	for (i = 0; i < 2 * n; i++)
		if (!(fabs(xy[i]) <= RASTER_REACH))
			return err(ERR_DATA, "a polygon reaches out to %g", xy[i]);
	for (i = 0; i < n; i++) {
		k = i + 1 < n ? i + 1 : 0;
		edge(&w, (int)(FINE * xy[2 * i] + .5), (int)(FINE * xy[2 * i + 1] + .5), (int)(FINE * xy[2 * k] + .5), (int)(FINE * xy[2 * k + 1] + .5));
	}
	if (w.first != SIZE_MAX)
		fill(&w, map, value);
	return 0;
}

int
raster_rle(struct raster *r, const double *counts, long n, uint8_t *map, uint8_t value)
{
	struct walk w = { .r = r, .first = SIZE_MAX };
	double size = (double)r->width * r->height, place = 0;
	long i;

	for (i = 0; i < n; i++) {
		if (!(counts[i] >= 0) || counts[i] != floor(counts[i]) || !((place += counts[i]) <= size))
			break;
		change(&w, (size_t)place);
	}
	if (i == n && place == size) {
		if (n > 0)
			fill(&w, map, value);
		return 0;
	}
	memset(r->changes, 0, (size_t)size + 1);
	return err(ERR_DATA, "run lengths that do not fill %dx%d pixels", r->width, r->height);
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
			/* run lengths are below 2^32 */
			if (c < 0 || c > 63 || shift > 30)
				return err(ERR_DATA, "run lengths in a text that is none of COCO's");
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
