/* synth_canvas - an image being painted, with who owns each pixel

   A figure's coverage of a pixel is the share of 4 x 4 sample points inside it; a stroke's comes from the distance. */
#include "dataset/synth_canvas.h"
#include "transform/color.h"
#include "dataset/shape.h"

#include <math.h>
#include <string.h>

enum { SAMPLES = 4 };

struct synth_canvas
synth_canvas_new(struct arena *a, int width, int height)
{
	size_t n = (size_t)width * (size_t)height;
	struct synth_canvas c = { width, height, arena_get(a, n * 3 * sizeof *c.rgb), arena_get(a, n), arena_get(a, n) };

	memset(c.owner, 0, n);
	memset(c.border, 0, n);
	return c;
}

static void
mix(const struct synth_paint *p, double x, double y, double light, float rgb[3])
{
	float t = (float)texture_at(&p->texture, x, y);
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
			mix(p, x, y, 1 + light[0] * ((double)x / c->width - 0.5) + light[1] * ((double)y / c->height - 0.5),
				c->rgb + 3 * ((size_t)y * (size_t)c->width + (size_t)x));
}

static bool
within(const struct synth_figure *f, double x, double y)
{
	double c = cos(f->angle), s = sin(f->angle), dx = (x - f->x) / f->radius, dy = (y - f->y) / f->radius;

	return shape_inside(f->shape, (c * dx + s * dy) / f->stretch, (c * dy - s * dx) * f->stretch);
}

static double
coverage(const struct synth_figure *f, double x, double y)
{
	double c = cos(f->angle), s = sin(f->angle), step = 1.0 / SAMPLES;
	int i, j, n = 0;

	for (j = 0; j < SAMPLES; j++)
		for (i = 0; i < SAMPLES; i++) {
			double dx = (x + (i + 0.5) * step - 0.5 - f->x) / f->radius, dy = (y + (j + 0.5) * step - 0.5 - f->y) / f->radius;

			n += shape_inside(f->shape, (c * dx + s * dy) / f->stretch, (c * dy - s * dx) * f->stretch);
		}
	return (double)n / (SAMPLES * SAMPLES);
}

/* a color over a pixel, by coverage; who covers half of it owns it */
static void
lay(struct synth_canvas *c, int x, int y, const float rgb[3], double part, int owner)
{
	size_t at = (size_t)y * (size_t)c->width + (size_t)x;
	/* the edge of a stroke on the ground borders no object */
	bool edge = part < 1 && (owner > 0 || c->owner[at] > 0 || c->border[at]);
	int i;

	for (i = 0; i < 3; i++)
		c->rgb[3 * at + (size_t)i] += (float)part * (rgb[i] - c->rgb[3 * at + (size_t)i]);
	if (part >= 0.5)
		c->owner[at] = (uint8_t)owner;
	c->border[at] = edge;
}

/* the square of pixels that a circle touches */
struct window { int left, top, right, bottom; };

static struct window
around(double x, double y, double radius)
{
	return (struct window){ (int)floor(x - radius) - 1, (int)floor(y - radius) - 1, (int)ceil(x + radius) + 1, (int)ceil(y + radius) + 1 };
}

static struct window
clip(const struct synth_canvas *c, struct window w)
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
	struct window w = clip(c, around(f->x + f->shadow[0], f->y + f->shadow[1], f->radius * 1.3));
	int x, y, i;

	for (y = w.top; y <= w.bottom; y++)
		for (x = w.left; x <= w.right; x++)
			for (i = 0; i < 3 && within(f, x - f->shadow[0], y - f->shadow[1]); i++)
				c->rgb[3 * ((size_t)y * (size_t)c->width + (size_t)x) + (size_t)i] *= (float)(1 - f->shade);
}

void
synth_canvas_figure(struct synth_canvas *c, const struct synth_figure *f, int index, struct synth_object *o)
{
	struct window w = around(f->x, f->y, f->radius * 1.3);	/* stretch is at most 1.3 */
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
			lay(c, x, y, rgb, part, index + 1);
		}
}

void
synth_canvas_stroke(struct synth_canvas *c, const struct synth_stroke *s)
{
	double dx = s->bx - s->ax, dy = s->by - s->ay, length = dx * dx + dy * dy;
	struct window w = clip(c, around((s->ax + s->bx) / 2, (s->ay + s->by) / 2, sqrt(length) / 2 + s->radius));
	int x, y;

	for (y = w.top; y <= w.bottom; y++)
		for (x = w.left; x <= w.right; x++) {
			double t = length > 0 ? ((x - s->ax) * dx + (y - s->ay) * dy) / length : 0, part;

			t = t < 0 ? 0 : t > 1 ? 1 : t;
			part = s->radius + 0.5 - hypot(x - s->ax - t * dx, y - s->ay - t * dy);
			if (part > 0)
				lay(c, x, y, s->color, part > 1 ? 1 : part, 0);
		}
}

float
synth_canvas_luma(const struct synth_canvas *c, double x, double y, double radius)
{
	struct window w = clip(c, around(x, y, radius));
	double sum = 0;
	long n = 0;
	int i, j;

	for (j = w.top; j <= w.bottom; j++)
		for (i = w.left; i <= w.right; i++, n++)
			sum += color_luma(c->rgb + 3 * ((size_t)j * (size_t)c->width + (size_t)i));
	return n ? (float)(sum / (double)n) : 0;
}
