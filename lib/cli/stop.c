/* stop - signals to a long job: stop well at the next good moment, or tell how far it is */
#include "cli/stop.h"
#include "base/file.h"

#include <fcntl.h>
#include <stddef.h>
#include <unistd.h>

volatile sig_atomic_t stop_asked, stop_status;
static int nothing;	/* /dev/null */

static void
on_stop(int sig)
{
	if (stop_asked) {
		file_abandon_all();
		signal(sig, SIG_DFL);
		raise(sig);
	}
	stop_asked = 1;
	/* a read that waits for a producer returns, and the next one finds the end */
	dup2(nothing, 0);
}

static void
on_status(int sig)
{
	(void)sig;
	stop_status = 1;
}

void
stop_watch(void)
{
	/* without SA_RESTART: each of them interrupts a read that waits */
	static const struct { int sig; void (*act)(int); } table[] = {
		{ SIGINT, on_stop }, { SIGTERM, on_stop }, { SIGUSR2, on_stop }, { SIGUSR1, on_status }
	};
	struct sigaction old;
	size_t i;

	nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	for (i = 0; i < sizeof table / sizeof *table; i++) {
		struct sigaction act = { .sa_handler = table[i].act };

		if (sigaction(table[i].sig, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(table[i].sig, &act, NULL);
	}
}
