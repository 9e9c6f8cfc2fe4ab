/* meter - time and memory of a command: meter TIMES COMMAND [ARGUMENT ...]

   Runs the command TIMES times and prints the medians of wall-clock seconds, of processor seconds (those of the command
   and of the children that it waited for) and of its peak memory in bytes. The output of the command is discarded.
   posix_spawn starts the child, so its peak memory does not include pages of this process. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

enum { WALL, CPU, MEMORY, NUMBERS };

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double
of(struct timeval t)
{
	return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

/* -1: the command could not be run, or it failed */
static int
once(char **command, double *out)
{
	posix_spawn_file_actions_t files;
	struct rusage use;
	int state;
	pid_t child;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	out[WALL] = seconds();
	if (posix_spawnp(&child, command[0], &files, NULL, command, environ) != 0 || wait4(child, &state, 0, &use) < 0)
		return -1;
	out[WALL] = seconds() - out[WALL];
	out[CPU] = of(use.ru_utime) + of(use.ru_stime);
	out[MEMORY] = 1024.0 * (double)use.ru_maxrss;
	posix_spawn_file_actions_destroy(&files);
	return state == 0 ? 0 : -1;
}

static int
ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int
main(int argc, char **argv)
{
	int times = argc > 2 ? atoi(argv[1]) : 0, i, k;
	double *list[NUMBERS];

	if (times < 1) {
		fprintf(stderr, "meter TIMES COMMAND [ARGUMENT ...]\n");
		return 2;
	}
	for (k = 0; k < NUMBERS; k++)
		if (!(list[k] = calloc((size_t)times, sizeof **list)))
			abort();
	for (i = 0; i < times; i++) {
		double out[NUMBERS];

		if (once(argv + 2, out) < 0) {
			fprintf(stderr, "meter: %s failed\n", argv[2]);
			exit(1);
		}
		for (k = 0; k < NUMBERS; k++)
			list[k][i] = out[k];
	}
	for (k = 0; k < NUMBERS; k++) {
		qsort(list[k], (size_t)times, sizeof **list, ascending);
		printf(k == MEMORY ? "%.0f\n" : "%.6f ", list[k][times / 2]);
		free(list[k]);
	}
	return 0;
}
