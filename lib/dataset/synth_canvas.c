/* synth_canvas - an image in the making: shapes, textures, strokes, and the object that owns each pixel

   The coverage of a pixel by a figure is the fraction of 4 x 4 sample points inside it; by a stroke, it follows from
   the distance. */
#include "dataset/synth_canvas.h"
#include "transform/color.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SAMPLES = 4 };

/* Shapes of unit size, within the unit circle, y downward. No two are rotated copies of each other: each can be
   recognized by its outline at 32 pixels in any orientation. */

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

/* The curve (u^2 + v^2 - 1)^3 = u^2 v^3, v upward. */
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

/* A regular pentagram: inside at least four of the five edge lines. */
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

/* In alphabetical order of synth_classes. */
static bool (*const shapes[SYNTH_CLASSES])(double x, double y) = {
	arrow, crescent, cross, disc, heart, hourglass, ring, square, star, triangle
};
const char *const synth_classes[SYNTH_CLASSES] = {
	"arrow", "crescent", "cross", "disc", "heart", "hourglass", "ring", "square", "star", "triangle"
};

static bool
inside(int shape, double x, double y)
{
	return x * x + y * y <= 1.02 && shapes[shape](x, y);
}

/* A random number in [0, 1] for a grid point: two rounds of a multiplicative hash (constants of MurmurHash3's
   finalizer). */
static double
corner(long x, long y, uint32_t salt)
{
	uint32_t h = (uint32_t)x * UINT32_C(0x9e3779b9) ^ (uint32_t)y * UINT32_C(0x85ebca6b) ^ salt;

	h = (h ^ h >> 16) * UINT32_C(0x85ebca6b);
	h = (h ^ h >> 13) * UINT32_C(0xc2b2ae35);
	return (double)(h ^ h >> 16) * 0x1p-32;
}

/* Noise of period 1: the numbers at grid points, interpolated with 3 t^2 - 2 t^3. */
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

/* Value noise of that period in [0, 1]: three octaves of half the period and half the amplitude each. */
static double
noise(double x, double y, double period, uint32_t salt)
{
	x /= period;
	y /= period;
	return (4 * octave(x, y, salt) + 2 * octave(2 * x, 2 * y, salt + 1) + octave(4 * x, 4 * y, salt + 2)) / 7;
}

/* From 0 to 1 over a pixel around a signed distance of 0, in pixels, positive inside. */
static double
soft_edge(double distance)
{
	return distance < -0.5 ? 0 : distance > 0.5 ? 1 : distance + 0.5;
}

/* Signed distance to the border of stripes of half the period, in pixels, positive inside. */
static double
band(double x, double period)
{
	double u = fabs(fmod(fmod(x, period) + period, period) - period / 2);

	return period / 4 - u;
}

/* The fraction of the second color at a point, in [0, 1]; edges are soft over a pixel. */
static double
texture(const struct synth_texture *t, double x, double y)
{
	double c = cos(t->angle), s = sin(t->angle), u = c * x + s * y, v = c * y - s * x, value = 0;

	switch (t->kind) {
	case SYNTH_TEXTURE_SMOOTH:
		value = noise(x, y, 4 * t->period, t->salt);
		break;
	case SYNTH_TEXTURE_GRAIN:
		value = noise(x, y, t->period / 2, t->salt) > 0.5;
		value = 0.5 * value + 0.5 * noise(x, y, t->period / 2, t->salt);
		break;
	case SYNTH_TEXTURE_STRIPES:
		value = soft_edge(band(u, t->period));
		break;
	case SYNTH_TEXTURE_DOTS: {
		double p = t->period, du = u - p * floor(u / p) - p / 2, dv = v - p * floor(v / p) - p / 2;

		value = soft_edge(0.33 * p - sqrt(du * du + dv * dv));	/* a third of the area */
		break;
	}
	case SYNTH_TEXTURE_CHECKS: {
		double a = soft_edge(band(u, t->period)), b = soft_edge(band(v, t->period));

		value = a + b - 2 * a * b;
		break;
	}
	case SYNTH_TEXTURE_KINDS:
		break;
	}
	return t->contrast * value;
}

struct synth_canvas
synth_canvas_new(struct arena *a, int width, int height)
{
	size_t n = mem_product((size_t)width, (size_t)height);
	struct synth_canvas c = {
		width, height, arena_array(a, n, 3 * sizeof *c.rgb), arena_get(a, n), arena_get(a, n)
	};

	memset(c.owner, 0, n);
	memset(c.border, 0, n);
	return c;
}

static void
mix(const struct synth_paint *p, double x, double y, double light, float rgb[3])
{
	float t = (float)texture(&p->texture, x, y);
	int i;

	for (i = 0; i < 3; i++)
		rgb[i] = (float)light * ((1 - t) * p->color[0][i] + t * p->color[1][i]);
}

void
synth_canvas_ground(struct synth_canvas *c, const struct synth_paint *p, const double light[2])
{
	int x, y;

	for (y = 0; y < c->height; y++)
		for (x = 0; x < c->width; x++)
			mix(p, x, y,
				1 + light[0] * ((double)x / c->width - 0.5) + light[1] * ((double)y / c->height - 0.5),
				c->rgb + 3 * ((size_t)y * (size_t)c->width + (size_t)x));
}

static bool
within(const struct synth_figure *f, double x, double y)
{
	double c = cos(f->angle), s = sin(f->angle), dx = (x - f->x) / f->radius, dy = (y - f->y) / f->radius;

	return inside(f->shape, (c * dx + s * dy) / f->stretch, (c * dy - s * dx) * f->stretch);
}

static double
coverage(const struct synth_figure *f, double x, double y)
{
	double c = cos(f->angle), s = sin(f->angle), step = 1.0 / SAMPLES;
	int i, j, n = 0;

	for (j = 0; j < SAMPLES; j++)
		for (i = 0; i < SAMPLES; i++) {
			double dx = (x + (i + 0.5) * step - 0.5 - f->x) / f->radius,
				dy = (y + (j + 0.5) * step - 0.5 - f->y) / f->radius;

			n += inside(f->shape, (c * dx + s * dy) / f->stretch, (c * dy - s * dx) * f->stretch);
		}
	return (double)n / (SAMPLES * SAMPLES);
}

/* Blend a color over a pixel by its coverage; from half of the pixel on, the object becomes its owner. */
static void
paint_pixel(struct synth_canvas *c, int x, int y, const float rgb[3], double coverage, int owner)
{
	size_t at = (size_t)y * (size_t)c->width + (size_t)x;
	/* the edge of a stroke on the background is no border of an object */
	bool edge = coverage < 1 && (owner > 0 || c->owner[at] > 0 || c->border[at]);
	int i;

	for (i = 0; i < 3; i++)
		c->rgb[3 * at + (size_t)i] += (float)coverage * (rgb[i] - c->rgb[3 * at + (size_t)i]);
	if (coverage >= 0.5)
		c->owner[at] = (uint8_t)owner;
	c->border[at] = edge;
}

/* The square of pixels around a circle. */
struct pixel_range { int left, top, right, bottom; };

static struct pixel_range
around(double x, double y, double radius)
{
	return (struct pixel_range){ (int)floor(x - radius) - 1, (int)floor(y - radius) - 1, (int)ceil(x + radius) + 1,
		(int)ceil(y + radius) + 1 };
}

static struct pixel_range
clip(const struct synth_canvas *c, struct pixel_range w)
{
	w.left = w.left < 0 ? 0 : w.left;
	w.top = w.top < 0 ? 0 : w.top;
	w.right = w.right > c->width - 1 ? c->width - 1 : w.right;
	w.bottom = w.bottom > c->height - 1 ? c->height - 1 : w.bottom;
	return w;
}

static void
shadow(struct synth_canvas *c, const struct synth_figure *f)
{
	struct pixel_range w = clip(c, around(f->x + f->shadow[0], f->y + f->shadow[1], f->radius * 1.3));
	int x, y, i;

	for (y = w.top; y <= w.bottom; y++)
		for (x = w.left; x <= w.right; x++)
			for (i = 0; i < 3 && within(f, x - f->shadow[0], y - f->shadow[1]); i++)
				c->rgb[3 * ((size_t)y * (size_t)c->width + (size_t)x) + (size_t)i] *= (float)(1 -
					f->shade);
}

void
synth_canvas_figure(struct synth_canvas *c, const struct synth_figure *f, int index, struct synth_object *o)
{
	struct pixel_range w = around(f->x, f->y, f->radius * 1.3);	/* stretch is at most 1.3 */
	int x, y;

	if (f->shade > 0)
		shadow(c, f);
	for (y = w.top; y <= w.bottom; y++)
		for (x = w.left; x <= w.right; x++) {
			double part = coverage(f, x, y), light;
			float rgb[3];

			o->whole += part >= 0.5;
			if (part == 0 || x < 0 || y < 0 || x >= c->width || y >= c->height)
				continue;
			o->inside += part >= 0.5;
			light = 1 + f->light[0] * (x - f->x) / f->radius + f->light[1] * (y - f->y) / f->radius;
			mix(&f->paint, x - f->x, y - f->y, light, rgb);
			paint_pixel(c, x, y, rgb, part, index + 1);
		}
}

void
synth_canvas_stroke(struct synth_canvas *c, const struct synth_stroke *s)
{
	double dx = s->bx - s->ax, dy = s->by - s->ay, length = dx * dx + dy * dy;
	struct pixel_range w = clip(c, around((s->ax + s->bx) / 2, (s->ay + s->by) / 2, sqrt(length) / 2 + s->radius));
	int x, y;

	for (y = w.top; y <= w.bottom; y++)
		for (x = w.left; x <= w.right; x++) {
			double t = length > 0 ? ((x - s->ax) * dx + (y - s->ay) * dy) / length : 0, part;

			t = t < 0 ? 0 : t > 1 ? 1 : t;
			part = s->radius + 0.5 - hypot(x - s->ax - t * dx, y - s->ay - t * dy);
			if (part > 0)
				paint_pixel(c, x, y, s->color, part > 1 ? 1 : part, 0);
		}
}

float
synth_canvas_luma(const struct synth_canvas *c, double x, double y, double radius)
{
	struct pixel_range w = clip(c, around(x, y, radius));
	double sum = 0;
	long n = 0;
	int i, j;

	for (j = w.top; j <= w.bottom; j++)
		for (i = w.left; i <= w.right; i++, n++)
			sum += color_luma(c->rgb + 3 * ((size_t)j * (size_t)c->width + (size_t)i));
	return n ? (float)(sum / (double)n) : 0;
}
