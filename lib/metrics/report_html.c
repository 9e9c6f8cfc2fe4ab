/* report_html - the sections of a page about runs: curves of their logs, tables of their scores with intervals */
#include "metrics/report_html.h"
#include "base/mem.h"
#include "metrics/report.h"
#include "metrics/tsv.h"
#include "viz/chart.h"
#include "viz/html.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A column of a log: its title, its unit, and the factor to that unit. The title of a column without a row is its
   name. */
struct report_column {
	const char *name, *title, *unit;
	double factor;
};

static const struct report_column columns[] = {
	{ "loss", "Loss", "loss", 1 },
	{ "loss_pixel", "Loss of the pixels", "loss", 1 },
	{ "loss_image_contrast", "Loss of the contrast of images", "loss", 1 },
	{ "loss_patch_contrast", "Loss of the contrast of patches", "loss", 1 },
	{ "loss_student_pixel", "Loss of the student's pixels", "loss", 1 },
	{ "loss_class", "Loss of the classes", "loss", 1 },
	{ "loss_box", "Loss of the boxes", "loss", 1 },
	{ "loss_centerness", "Loss of the centerness", "loss", 1 },
	{ "top1", "Top-1 accuracy, training images", "%", 100 },
	{ "pixel_accuracy", "Pixel accuracy, training images", "%", 100 },
	{ "positives", "Points with a box", "points per image", 1 },
	{ "lr", "Learning rate", "learning rate", 1 },
	{ "grad_norm", "Norm of the gradient", "norm", 1 },
	{ "spread", "Spread of the representations", "standard deviation", 1 },
	{ "entropy", "Entropy of the similarities", "nats", 1 },
	{ "images_per_s", "Throughput", "images/s", 1 },
	{ "tokens_per_s", "Throughput in patches", "patches/s", 1 },
	{ "gflops", "Arithmetic", "GFLOP/s", 1 },
	{ "memory", "Largest memory", "MiB", 1.0 / (1 << 20) },
};

static struct report_column
column_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof columns / sizeof *columns; i++)
		if (strcmp(columns[i].name, name) == 0)
			return columns[i];
	return (struct report_column){ name, name, name, 1 };
}

/* A field of a log as a number; NAN: none, or an overflow. */
static double
number(const struct tsv *t, int row, int column)
{
	const char *text = t->fields[(row + 1) * t->columns + column];
	char *end;
	const double x = strtod(text, &end);

	return end == text || *end || !isfinite(x) ? NAN : x;
}

/* The last value of a column. */
static void
put_last(const struct tsv *t, const char *name, int digits, FILE *out)
{
	const int column = t ? tsv_column(t, name) : -1;
	const double x = column < 0 ? NAN : number(t, t->rows - 1, column) * column_of(name).factor;

	fputs("<td class=\"number\">", out);
	if (!isnan(x))
		fprintf(out, "%.*f", digits, x);
	fputs("</td>", out);
}

static void
write_runs(const struct report_log *logs, int count, FILE *out)
{
	int i;

	fputs("<div class=\"table\"><table class=\"keys\"><thead><tr><th>run</th><th>state</th><th>step</th>"
		"<th>epoch</th><th>loss</th><th>images/s</th><th>memory, MiB</th></tr></thead>\n<tbody>\n", out);
	for (i = 0; i < count; i++) {
		fprintf(out, "<tr><td><span class=\"key %s\"></span>", chart_class(i));
		html_text(out, logs[i].name);
		fprintf(out, "</td><td>%s</td>", logs[i].training ? "training" : logs[i].steps ? "not running"
			: "no step yet");
		put_last(logs[i].steps, "step", 0, out);
		put_last(logs[i].steps, "epoch", 0, out);
		put_last(logs[i].steps, "loss", 4, out);
		put_last(logs[i].steps, "images_per_s", 1, out);
		put_last(logs[i].steps, "memory", 0, out);
		fputs("</tr>\n", out);
	}
	fputs("</tbody></table></div>\n"
		"<p class=\"note\">The numbers are means over the last interval of a curve.</p>\n", out);
}

/* The values of a column of the log; none if it has no such column. The caller frees x and y. */
static struct chart_line
read_line(const struct tsv *t, const struct report_column *c)
{
	const int column = t ? tsv_column(t, c->name) : -1, rows = column < 0 ? 0 : t->rows;
	double *x = mem_array((size_t)rows + 1, sizeof *x), *y = mem_array((size_t)rows + 1, sizeof *y);
	int k;

	for (k = 0; k < rows; k++) {
		x[k] = number(t, k, 0);
		y[k] = number(t, k, column) * c->factor;
	}
	return (struct chart_line){ x, y, rows };
}

static int
write_chart(const struct report_log *logs, int count, const char *name, FILE *out)
{
	const struct report_column c = column_of(name);
	struct chart_line *lines = mem_array((size_t)count, sizeof *lines);
	const struct chart chart = { c.title, "step", c.unit, lines, count };
	int i, written;

	for (i = 0; i < count; i++)
		lines[i] = read_line(logs[i].steps, &c);
	written = chart_write(out, &chart);
	for (i = 0; i < count; i++) {
		free((double *)lines[i].x);
		free((double *)lines[i].y);
	}
	free(lines);
	return written;
}

/* Does one of the first `count` logs have that column? */
static bool
have_column(const struct report_log *logs, int count, const char *name)
{
	int k;

	for (k = 0; k < count; k++)
		if (logs[k].steps && tsv_column(logs[k].steps, name) >= 0)
			return true;
	return false;
}

/* The charts of the known columns in the order of the table, then of all others. */
static int
write_charts(const struct report_log *logs, int count, FILE *out)
{
	const size_t known = sizeof columns / sizeof *columns;
	int i, k, written = 0;
	size_t c;

	for (c = 0; c < known; c++)
		if (have_column(logs, count, columns[c].name))
			written += write_chart(logs, count, columns[c].name, out);
	for (i = 0; i < count; i++)
		for (k = 0; logs[i].steps && k < logs[i].steps->columns; k++) {
			const char *name = logs[i].steps->fields[k];

			for (c = 0; c < known && strcmp(columns[c].name, name) != 0; c++)
				;
			if (c == known && strcmp(name, "step") != 0 && strcmp(name, "epoch") != 0 &&
			    !have_column(logs, i, name))
				written += write_chart(logs, count, name, out);
		}
	return written;
}

void
report_html_logs(const struct report_log *logs, int count, FILE *out)
{
	fputs("<section>\n<h2>Training</h2>\n", out);
	write_runs(logs, count, out);
	fputs("<div class=\"charts\">\n", out);
	if (write_charts(logs, count, out) == 0)
		fputs("<p>No curves yet: a curve needs two steps.</p>\n", out);
	fputs("</div>\n</section>\n", out);
}

/* The scale of a group: from 0 to a tick above its largest bound. */
static double
scale_of(const struct report_row *rows, int from, int count)
{
	double most = 0, step;
	int i;

	for (i = from; i < count; i++)
		if (strcmp(rows[i].group, rows[from].group) == 0)
			most = fmax(most, fmax(isnan(rows[i].score.mean) ? 0 : rows[i].score.mean,
				isnan(rows[i].score.high) ? 0 : rows[i].score.high));
	if (most == 0)
		return 1;
	step = chart_step(most, 4);
	return fmin(1, step * ceil(most / step - 1e-9));
}

static void
write_row(const struct report_row *r, double scale, FILE *out)
{
	const struct report_mean *score = &r->score;

	fputs("<tr><td>", out);
	html_text(out, r->label);
	if (isnan(score->mean))
		fputs("</td><td class=\"number\">not defined</td>", out);
	else
		fprintf(out, "</td><td class=\"number\">%.1f</td>", 100 * score->mean);
	fputs("<td class=\"number\">", out);
	if (!isnan(score->low))
		fprintf(out, "%.1f to %.1f", 100 * score->low, 100 * score->high);
	fprintf(out, "</td><td class=\"number\">%d</td><td class=\"number\">", r->runs - r->undefined);
	report_difference(r, out);
	fputs("</td><td class=\"plot\">", out);
	chart_interval(out, score->mean, score->low, score->high, scale);
	fputs("</td></tr>\n", out);
}

static void
write_group(const struct report_row *rows, int from, int count, FILE *out)
{
	const double scale = scale_of(rows, from, count);
	int i;

	fputs("<h2>", out);
	html_text(out, rows[from].group);
	fputs("</h2>\n<div class=\"table\"><table>\n<thead><tr><th></th><th>%</th><th>95 % interval</th><th>runs</th>"
		"<th>first row minus this one</th><th class=\"plot\">", out);
	chart_scale(out, scale);
	fputs("</th></tr></thead>\n<tbody>\n", out);
	for (i = from; i < count; i++)
		if (strcmp(rows[i].group, rows[from].group) == 0)
			write_row(&rows[i], scale, out);
	fputs("</tbody></table></div>\n", out);
	for (i = from; i < count; i++)
		if (strcmp(rows[i].group, rows[from].group) == 0 && !report_protocol_listed(rows, i)) {
			fputs("<p>", out);
			html_text(out, rows[i].protocol);
			fputs("</p>\n", out);
		}
	fputs("<pre>", out);
	for (i = from; i < count; i++)
		if (strcmp(rows[i].group, rows[from].group) == 0 && *rows[i].command) {
			html_text(out, rows[i].command);
			fputs("\t# ", out);
			html_text(out, rows[i].label);
			fputc('\n', out);
		}
	fputs("</pre>\n", out);
}

void
report_html_scores(const struct report_row *rows, int count, FILE *out)
{
	int i;

	fputs("<section>\n<p class=\"note\">", out);
	html_text(out, report_intervals);
	fputs("</p>\n", out);
	for (i = 0; i < count; i++)
		if (report_group_begins(rows, i))
			write_group(rows, i, count, out);
	fputs("</section>\n", out);
}
