/* chart - line charts and intervals as inline SVG, in the colors of html.h */
#include "viz/chart.h"
#include "viz/html.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* the drawing, in units of the viewBox, and its margins */
enum { WIDTH = 360, HEIGHT = 210, LEFT = 24, RIGHT = 18, TOP = 10, BOTTOM = 40, X_TICKS = 5, Y_TICKS = 5 };
/* width of a digit, at most */
static const double digit = 7;
/* the drawing of an interval, and its margin on each side */
enum { CELL_WIDTH = 240, CELL_HEIGHT = 18, CELL_MARGIN = 24 };

struct chart_axis {
	double low, high;	/* of the values */
	double step;		/* between ticks */
	double from, to;	/* positions of low and high in the drawing */
};

double
chart_step(double range, int count)
{
	const double least = range / count, power = pow(10, floor(log10(least)));

	return power * (least <= power ? 1 : least <= 2 * power ? 2 : least <= 5 * power ? 5 : 10);
}

static double
place(const struct chart_axis *a, double x)
{
	return a->from + (x - a->low) / (a->high - a->low) * (a->to - a->from);
}

/* An axis for values from low to high, from tick to tick; equal ones, or nearly equal, get some room. */
static struct chart_axis
axis(double low, double high, int ticks, double from, double to)
{
	double step;

	/* what is nearly equal would need ticks that numbers cannot express */
	if (!(high - low > fmax(fabs(low), fabs(high)) * 1e-9) || high - low < 1e-300) {
		const double room = fabs(low) < 1e-300 ? 1 : fabs(low) / 2;

		low -= room;
		high += room;
	}
	step = chart_step(high - low, ticks);
	return (struct chart_axis){ step * floor(low / step + 1e-9), step * ceil(high / step - 1e-9), step, from, to };
}

/* A tick as people read it: 12k, 0.25, 2e-5, with the digits that its step needs. */
static void
tick_text(char *text, size_t size, double x, const struct chart_axis *a)
{
	const double largest = fmax(fabs(a->low), fabs(a->high));
	const double unit = largest >= 1e7 ? 1e6 : largest >= 1e4 ? 1e3 : 1;
	const int power = (int)floor(log10(a->step) + 1e-9), top = (int)floor(log10(largest) + 1e-9);
	const int digits = (int)ceil(-log10(a->step / unit) - 1e-9);

	if (fabs(x) < a->step / 1e6)
		snprintf(text, size, "0");
	else if (top > 9 || power < -4)
		snprintf(text, size, "%.*fe%d", top - power, x / pow(10, top), top);
	else
		snprintf(text, size, "%.*f%s", digits > 0 ? digits : 0, x / unit, unit == 1e6 ? "M" : unit == 1e3 ? "k"
			: "");
}

/* The k-th tick of an axis that begins with one; false: beyond its end */
static bool
next_tick(const struct chart_axis *a, int k, double *x, char *text, size_t size)
{
	*x = a->low + k * a->step;
	tick_text(text, size, *x, a);
	return *x <= a->high + a->step / 1e6;
}

/* The width of the longest tick. */
static double
tick_width(const struct chart_axis *a)
{
	size_t longest = 0;
	char text[32];
	double x;
	int k;

	for (k = 0; next_tick(a, k, &x, text, sizeof text); k++)
		longest = strlen(text) > longest ? strlen(text) : longest;
	return digit * (double)longest;
}

static void
write_axes(FILE *out, const struct chart *c, const struct chart_axis *x, const struct chart_axis *y)
{
	char text[32];
	double at, p;
	int k;

	for (k = 0; next_tick(y, k, &at, text, sizeof text); k++) {
		p = place(y, at);
		fprintf(out, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
			"<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", x->from, x->to, p, p,
			x->from - 6, p + 4, text);
	}
	for (k = 0; next_tick(x, k, &at, text, sizeof text); k++) {
		p = place(x, at);
		fprintf(out, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>"
			"<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", p, p, HEIGHT - BOTTOM,
			HEIGHT - BOTTOM + 4, p, HEIGHT - BOTTOM + 17, text);
	}
	fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">", (x->from + x->to) / 2, HEIGHT - 6);
	html_text(out, c->x_label);
	fprintf(out, "</text>\n<text transform=\"translate(11 %d) rotate(-90)\" text-anchor=\"middle\">",
		(TOP + HEIGHT - BOTTOM) / 2);
	html_text(out, c->y_label);
	fputs("</text>\n", out);
}

/* Can the value be drawn? Arithmetic with others does not overflow. */
static bool
is_drawn(double x)
{
	return fabs(x) <= 1e300;
}

static void
write_line(FILE *out, int i, const struct chart_line *l, const struct chart_axis *x, const struct chart_axis *y)
{
	bool drawn = false;
	int k;

	fprintf(out, "<path class=\"series %s\" d=\"", chart_class(i));
	for (k = 0; k < l->count; k++) {
		const bool draw = is_drawn(l->y[k]) && is_drawn(l->x[k]);

		if (draw)
			fprintf(out, "%c%.1f %.1f", drawn ? 'L' : 'M', place(x, l->x[k]), place(y, l->y[k]));
		drawn = draw;
	}
	fputs("\"/>\n", out);
}

const char *
chart_class(int i)
{
	static const char *const classes[2 * CHART_COLORS] = { "s0", "s1", "s2", "s3", "s4", "s5", "s0 dash", "s1 dash",
		"s2 dash", "s3 dash", "s4 dash", "s5 dash" };

	return classes[i % (2 * CHART_COLORS)];
}

int
chart_write(FILE *out, const struct chart *c)
{
	double x_low = 0, x_high = -INFINITY, low = INFINITY, high = -INFINITY;
	struct chart_axis x, y;
	int i, k, most = 0;

	for (i = 0; i < c->count; i++) {
		const struct chart_line *l = &c->lines[i];
		int values = 0;

		for (k = 0; k < l->count; k++) {
			if (!is_drawn(l->y[k]) || !is_drawn(l->x[k]))
				continue;
			values++;
			low = fmin(low, l->y[k]);
			high = fmax(high, l->y[k]);
			x_low = fmin(x_low, l->x[k]);
			x_high = fmax(x_high, l->x[k]);
		}
		most = values > most ? values : most;
	}
	if (most < 2)
		return 0;
	y = axis(low, high, Y_TICKS, HEIGHT - BOTTOM, TOP);
	x = axis(x_low, x_high, X_TICKS, LEFT + tick_width(&y), WIDTH - RIGHT);
	fputs("<figure><figcaption>", out);
	html_text(out, c->title);
	fprintf(out, "</figcaption>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", WIDTH, HEIGHT);
	html_text(out, c->title);
	fputs("\">\n", out);
	write_axes(out, c, &x, &y);
	for (i = 0; i < c->count; i++)
		write_line(out, i, &c->lines[i], &x, &y);
	fputs("</svg></figure>\n", out);
	return 1;
}

void
chart_interval(FILE *out, double x, double low, double high, double most)
{
	const struct chart_axis a = { 0, most, 0, CELL_MARGIN, CELL_WIDTH - CELL_MARGIN };

	fprintf(out, "<svg class=\"s0\" viewBox=\"0 0 %d %d\"><line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%d\" "
		"y2=\"%d\"/>", CELL_WIDTH, CELL_HEIGHT, CELL_MARGIN, CELL_WIDTH - CELL_MARGIN, CELL_HEIGHT / 2,
		CELL_HEIGHT / 2);
	if (!isnan(low))
		fprintf(out, "<line class=\"interval\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>", place(&a, low),
			place(&a, high), CELL_HEIGHT / 2, CELL_HEIGHT / 2);
	if (!isnan(x))
		fprintf(out, "<circle cx=\"%.1f\" cy=\"%d\" r=\"4\"/>", place(&a, x), CELL_HEIGHT / 2);
	fputs("</svg>", out);
}

void
chart_scale(FILE *out, double most)
{
	const struct chart_axis a = { 0, most, chart_step(most, 4), CELL_MARGIN, CELL_WIDTH - CELL_MARGIN };
	char text[32];
	int i;

	fprintf(out, "<svg viewBox=\"0 0 %d %d\">", CELL_WIDTH, CELL_HEIGHT);
	for (i = 0; i * a.step <= most + a.step * 1e-6; i++) {
		const double at = i * a.step;
		const struct chart_axis percent = { 0, 100 * most, 100 * a.step, 0, 0 };

		tick_text(text, sizeof text, 100 * at, &percent);
		fprintf(out, "<text x=\"%.1f\" y=\"13\" text-anchor=\"middle\">%s %%</text>", place(&a, at), text);
	}
	fputs("</svg>", out);
}
