/* warp - move every pixel by an affine map, in place: shear, turn, shift */
#include "transform/warp.h"
#include "transform/patch.h"

#include <math.h>
#include <string.h>

void
augment_affine(struct arena *a, const struct image *p, const double map[6])
{
	struct arena_mark mark = arena_mark(a);
	struct image was = image_new(a, p->width, p->height, p->channels);
	const double middle_x = p->width / 2.0, middle_y = p->height / 2.0;
	uint8_t fill[3];
	int x, y;

	patch_mean(p->channels, fill);
	image_copy(&was, p);
	for (y = 0; y < p->height; y++) {
		uint8_t *out = image_row(p, y);

		for (x = 0; x < p->width; x++, out += p->channels) {
			const double u = x + 0.5 - middle_x, v = y + 0.5 - middle_y;
			const double from_x = floor(map[0] * u + map[1] * v + map[2] + middle_x), from_y = floor(map[3] * u + map[4] * v + map[5] + middle_y);
			const uint8_t *in = fill;

			if (from_x >= 0 && from_y >= 0 && from_x < p->width && from_y < p->height)
				in = image_row(&was, (int)from_y) + (int)from_x * p->channels;
			memcpy(out, in, (size_t)p->channels);
		}
	}
	arena_release(a, mark);
}

void
augment_rotation(double degrees, double map[6])
{
	/* sine and cosine by their series: + and * are the same on every machine; 10 terms are exact below a right angle */
	const double x = degrees * (M_PI / 180);
	double term = 1, sums[2] = { 0, 0 };
	int i;

	for (i = 0; i < 20; i++) {
		sums[i % 2] += i & 2 ? -term : term;
		term *= x / (i + 1);
	}
	map[0] = map[4] = sums[0];
	map[1] = -sums[1];
	map[3] = sums[1];
	map[2] = map[5] = 0;
}
