/* die - the ways in which a program ends: errors, warnings, signals */
#include "cli/die.h"
#include "base/err.h"
#include "base/file.h"
#include "cli/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

volatile sig_atomic_t die_stop_asked, die_status_asked;
static const char *tool = "tscae";
static int null_input;	/* descriptor of /dev/null, for on_stop() */

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
		/* the parent process may have set SIGPIPE to be ignored */
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	die_with(ERR_OUTPUT, "standard output: %s", strerror(errno));
}

static void
print_warning(const char *format, va_list ap)
{
	char line[2048];

	vsnprintf(line, sizeof line, format, ap);
	progress_clear();
	fprintf(stderr, "%s: %s\n", tool, err_plain(line));
}

void
warn(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	print_warning(format, ap);
	va_end(ap);
}

void
die_warning(void *arg, const char *format, ...)
{
	va_list ap;

	(void)arg;
	va_start(ap, format);
	print_warning(format, ap);
	va_end(ap);
}

/* Act on a list of signals, except those that the parent process has set to be ignored. */
static void
handle(const int *signals, size_t count, const struct sigaction *act)
{
	struct sigaction old;
	size_t i;

	for (i = 0; i < count; i++)
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], act, NULL);
}

static void
clean_up(int sig)
{
	file_abandon_all();
	/* assert() has printed the condition that failed */
	if (sig == SIGABRT)
		_exit(ERR_INTERNAL);
	signal(sig, SIG_DFL);
	raise(sig);
}

void
die_as(const char *name)
{
	/* SIGABRT: a failed assertion leaves no partial output file either */
	static const int ends[] = { SIGHUP, SIGINT, SIGTERM, SIGPIPE, SIGABRT };
	const struct sigaction act = { .sa_handler = clean_up, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER) };

	tool = name;
	handle(ends, sizeof ends / sizeof *ends, &act);
}

static void
on_stop(int sig)
{
	if (die_stop_asked) {
		file_abandon_all();
		signal(sig, SIG_DFL);
		raise(sig);
	}
	die_stop_asked = 1;
	/* a read that waits for a producer returns, and the next read finds the end of the input */
	dup2(null_input, 0);
}

static void
on_status(int sig)
{
	(void)sig;
	die_status_asked = 1;
}

void
die_watch_signals(void)
{
	/* without SA_RESTART: each signal interrupts a read that waits */
	static const int stops[] = { SIGINT, SIGTERM, SIGUSR2 }, statuses[] = { SIGUSR1 };
	const struct sigaction stop = { .sa_handler = on_stop }, status = { .sa_handler = on_status };

	null_input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	handle(stops, sizeof stops / sizeof *stops, &stop);
	handle(statuses, 1, &status);
}
