/* texture - surfaces without end, as a function of the point alone

   Noise is value noise: random numbers at the corners of a grid, blended with 3 t^2 - 2 t^3, octaves of half the
   period and half the strength. The pattern's edges are as soft as a pixel is wide, so nothing flickers. */
#include "dataset/texture.h"

#include <math.h>

/* a random number in [0, 1] of a grid corner: two rounds of a multiplicative hash (constants of MurmurHash3's finaliser) */
static double
corner(long x, long y, uint32_t salt)
{
	uint32_t h = (uint32_t)x * UINT32_C(0x9e3779b9) ^ (uint32_t)y * UINT32_C(0x85ebca6b) ^ salt;

	h = (h ^ h >> 16) * UINT32_C(0x85ebca6b);
	h = (h ^ h >> 13) * UINT32_C(0xc2b2ae35);
	return (double)(h ^ h >> 16) * 0x1p-32;
}

static double
octave(double x, double y, uint32_t salt)
{
	double left = floor(x), top = floor(y), u = x - left, v = y - top;
	long i = (long)left, j = (long)top;

	u = u * u * (3 - 2 * u);
	v = v * v * (3 - 2 * v);
	return (1 - v) * ((1 - u) * corner(i, j, salt) + u * corner(i + 1, j, salt)) +
		v * ((1 - u) * corner(i, j + 1, salt) + u * corner(i + 1, j + 1, salt));
}

double
texture_noise(double x, double y, double period, uint32_t salt)
{
	x /= period;
	y /= period;
	return (4 * octave(x, y, salt) + 2 * octave(2 * x, 2 * y, salt + 1) + octave(4 * x, 4 * y, salt + 2)) / 7;
}

/* from 0 to 1 where `inside` (a distance in pixels) passes zero */
static double
edge(double inside)
{
	return inside < -0.5 ? 0 : inside > 0.5 ? 1 : inside + 0.5;
}

/* distance to the middle line of a band of half the period, in pixels, positive within */
static double
band(double x, double period)
{
	double u = fabs(fmod(fmod(x, period) + period, period) - period / 2);

	return period / 4 - u;
}

double
texture_at(const struct texture *t, double x, double y)
{
	double c = cos(t->angle), s = sin(t->angle), u = c * x + s * y, v = c * y - s * x, value = 0;

	switch (t->kind) {
	case TEXTURE_SMOOTH:
		value = texture_noise(x, y, 4 * t->period, t->salt);
		break;
	case TEXTURE_GRAIN:
		value = texture_noise(x, y, t->period / 2, t->salt) > 0.5;
		value = 0.5 * value + 0.5 * texture_noise(x, y, t->period / 2, t->salt);
		break;
	case TEXTURE_STRIPES:
		value = edge(band(u, t->period));
		break;
	case TEXTURE_DOTS: {
		double p = t->period, du = u - p * floor(u / p) - p / 2, dv = v - p * floor(v / p) - p / 2;

		value = edge(0.33 * p - sqrt(du * du + dv * dv));	/* a third of the surface */
		break;
	}
	case TEXTURE_CHECKS: {
		double a = edge(band(u, t->period)), b = edge(band(v, t->period));

		value = a + b - 2 * a * b;
		break;
	}
	case TEXTURE_KINDS:
		break;
	}
	return t->contrast * value;
}
