/* progress - progress of a tool on stderr */
#include "cli/progress.h"
#include "base/err.h"
#include "base/mem.h"
#include "cli/cli.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const double REDRAW = 0.1, PLAIN = 30;	/* seconds */
static int drawn;		/* a redrawn line is on the terminal */

double
progress_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void
progress_begin(struct progress *p, const char *noun)
{
	p->noun = noun;
	p->begun = p->drawn = progress_clock();
}

static void
show_count(FILE *out, const struct progress_count *c, const char *what)
{
	if (c->count)
		fprintf(out, ", %ld %s (the first: %s)", c->count, what, c->first);
}

/* The tools of a pipe share stderr, so a line is written at once. */
static void
show(const struct progress *p, double now, const char *before, const char *after)
{
	const double seconds = now - p->begun;
	struct mem_stream line;
	char *text;

	mem_stream_open(&line);
	fprintf(line.file, "%s: %ld", cli_tool(), p->records);
	if (p->total > 0)
		fprintf(line.file, " of %ld", p->total);
	fprintf(line.file, " %s, %ld skipped", p->noun, p->skipped);
	show_count(line.file, &p->repaired, "repaired");
	show_count(line.file, &p->partial, "partial");
	if (p->pages)
		fprintf(line.file, ", %ld pages or frames left out", p->pages);
	fprintf(line.file, ", %.2f s, %.0f/s%s%s", seconds, seconds > 0 ? (double)p->records / seconds : 0,
		p->note ? ", " : "", p->note ? p->note : "");
	mem_stream_close(&line);
	/* names of files may hold newlines */
	text = mem_format("%s%s%s", before, err_plain(line.text), after);
	fputs(text, stderr);
	free(text);
	free(line.text);
}

void
progress_step(struct progress *p)
{
	double now;

	if (cli_common.quiet)
		return;
	now = progress_clock();
	if (now - p->drawn < REDRAW)
		return;
	if (isatty(2)) {
		show(p, now, "\r", "\033[K");
		drawn = 1;
		p->drawn = now;
	} else if (now - p->drawn >= PLAIN) {
		show(p, now, "", "\n");
		p->drawn = now;
	}
}

void
progress_count(struct progress_count *c, const char *name, const char *what)
{
	if (c->count++ == 0)
		snprintf(c->first, sizeof c->first, "%s: %s", name, what);
}

bool
progress_incomplete(const struct progress *p)
{
	return p->skipped || p->repaired.count || p->partial.count;
}

void
progress_clear(void)
{
	if (drawn)
		fputs("\r\033[K", stderr);
	drawn = 0;
}

void
progress_end(struct progress *p)
{
	progress_clear();
	if (!cli_common.quiet)
		show(p, progress_clock(), "", "\n");
}
