/* die - the only way out with an error: one line `tool: place: what` and an exit status */
#include "cli/die.h"
#include "base/err.h"
#include "base/file.h"
#include "cli/progress.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *tool = "tscae";

void
die(void)
{
	progress_clear();
	file_abandon_all();
	fprintf(stderr, "%s: %s\n", tool, err_text());
	exit(err_status() ? err_status() : ERR_INTERNAL);
}

void
die_with(int status, const char *format, ...)
{
	va_list ap;
	char line[1024];

	va_start(ap, format);
	vsnprintf(line, sizeof line, format, ap);
	va_end(ap);
	err(status, "%s", line);
	die();
}

void
die_flush(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return;
	if (errno == EPIPE) {
		/* SIGPIPE may have been inherited ignored */
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	die_with(ERR_OUTPUT, "standard output: %s", strerror(errno));
}

void
warn(const char *format, ...)
{
	va_list ap;
	char line[2048];

	va_start(ap, format);
	vsnprintf(line, sizeof line, format, ap);
	va_end(ap);
	progress_clear();
	fprintf(stderr, "%s: %s\n", tool, err_plain(line));
}

static void
clean_up(int sig)
{
	file_abandon_all();
	/* assert() has said which law is broken */
	if (sig == SIGABRT)
		_exit(ERR_INTERNAL);
	signal(sig, SIG_DFL);
	raise(sig);
}

void
die_as(const char *name)
{
	/* SIGABRT: a broken law leaves no half-written file either */
	static const int ends[] = { SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGABRT };
	struct sigaction old, act = { .sa_handler = clean_up, .sa_flags = SA_RESETHAND | SA_NODEFER };
	size_t i;

	tool = name;
	for (i = 0; i < sizeof ends / sizeof *ends; i++)
		if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(ends[i], &act, NULL);
}
