/* chart - line charts and intervals as inline SVG, in the colors of html.h */
#ifndef VIZ_CHART_H
#define VIZ_CHART_H

#include <stdio.h>

enum { CHART_COLORS = 6 };

struct chart_line {
	const double *x, *y;	/* x rises, from 0 on; NAN, or beyond 1e300: no value there */
	int count;
};

struct chart {
	const char *title, *x_label, *y_label;	/* labels with units */
	const struct chart_line *lines;	/* line i has color i % CHART_COLORS, dashed from there on */
	int count;
};

/* A figure with axes, ticks and lines; nothing where no line has two values. Returns 1 if it wrote one, else 0. */
int chart_write(FILE *out, const struct chart *c);

/* The classes of line i: "s1 dash". */
const char *chart_class(int i);

/* A point with its interval on a scale from 0 to `most`, as a small drawing for a cell of a table; low NAN: the point
   alone. */
void chart_interval(FILE *out, double x, double low, double high, double most);

/* The scale below a column of those, in per cent. */
void chart_scale(FILE *out, double most);

/* The least step of 1, 2 or 5 times a power of ten that divides `range` into at most `count` parts. */
double chart_step(double range, int count);

#endif
