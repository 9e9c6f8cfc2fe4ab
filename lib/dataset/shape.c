/* shape - plane figures of unit size, by the question whether a point is inside

   Told apart by outline alone at 32 pixels, also when turned: no two are turned copies of each other. */
#include "dataset/shape.h"

#include <math.h>

static bool
arrow(double x, double y)
{
	return y < 0 ? y > -0.95 && fabs(x) < 0.8 * (y + 0.95) / 0.95 : y < 0.9 && fabs(x) < 0.26;
}

static bool
crescent(double x, double y)
{
	return x * x + y * y < 0.9 && (x - 0.45) * (x - 0.45) + y * y > 0.56;
}

static bool
cross(double x, double y)
{
	return (fabs(x) < 0.28 && fabs(y) < 0.92) || (fabs(y) < 0.28 && fabs(x) < 0.92);
}

static bool
disc(double x, double y)
{
	return x * x + y * y < 0.72;
}

/* the curve (u^2 + v^2 - 1)^3 = u^2 v^3, v upwards */
static bool
heart(double x, double y)
{
	double u = x * 1.3, v = 0.12 - y * 1.3, s = u * u + v * v - 1;

	return s * s * s < u * u * v * v * v;
}

static bool
hourglass(double x, double y)
{
	return fabs(y) < 0.85 && fabs(x) < 0.08 + 0.55 * fabs(y) / 0.85;
}

static bool
ring(double x, double y)
{
	double s = x * x + y * y;

	return s < 0.9 && s > 0.27;
}

static bool
square(double x, double y)
{
	return fabs(x) < 0.69 && fabs(y) < 0.69;
}

/* a regular pentagram: inside at least four of the five edge lines */
static bool
star(double x, double y)
{
	int i, inside = 0;

	for (i = 0; i < 5; i++)
		inside += x * sin(2 * M_PI / 5 * i) - y * cos(2 * M_PI / 5 * i) > -0.309;	/* cos(72 degrees) */
	return inside >= 4;
}

static bool
triangle(double x, double y)
{
	return y < 0.5 && fabs(x) < (y + 0.98) * 0.577;	/* tan(30 degrees) */
}

const char *const synth_classes[SYNTH_CLASSES] = { "arrow", "crescent", "cross", "disc", "heart", "hourglass", "ring", "square", "star", "triangle" };

bool
shape_inside(int shape, double x, double y)
{
	static bool (*const table[SYNTH_CLASSES])(double x, double y) = { arrow, crescent, cross, disc, heart, hourglass, ring, square, star, triangle };

	return x * x + y * y <= 1.02 && table[shape](x, y);
}
