/* progress - progress of a tool on stderr */
#include "cli/progress.h"
#include "cli/cli.h"

#include <stdio.h>
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
show(const struct progress *p, double now, const char *before, const char *after)
{
	double seconds = now - p->begun;

	fprintf(stderr, "%s%s: %ld", before, cli_tool(), p->records);
	if (p->total > 0)
		fprintf(stderr, " of %ld", p->total);
	fprintf(stderr, " %s, %ld skipped", p->noun, p->skipped);
	if (p->mended)
		fprintf(stderr, ", %ld mended (the first: %s)", p->mended, p->first_mended);
	fprintf(stderr, ", %.2f s, %.0f/s%s%s%s", seconds, seconds > 0 ? (double)p->records / seconds : 0,
		p->note ? ", " : "", p->note ? p->note : "", after);
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
progress_mended(struct progress *p, const char *name, const char *what)
{
	if (p->mended++ == 0)
		snprintf(p->first_mended, sizeof p->first_mended, "%s: %s", name, what);
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
