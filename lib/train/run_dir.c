/* run_dir - the directory of a run: names of checkpoints, list, cleanup, lock */
#define _GNU_SOURCE
#include "train/run_dir.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

char *
run_dir_path(const char *folder, const char *name)
{
	return mem_format("%s/%s", folder, name);
}

char *
run_dir_checkpoint(const char *run, long step, const char *after)
{
	return mem_format("%s/checkpoint-%08ld%s", run, step, after);
}

/* The step in the name of a checkpoint that begins with `begin`; *after: the rest of the name. -1: another name. */
static long
step_of(const char *name, const char *begin, const char **after)
{
	size_t digits;

	if (strncmp(name, begin, strlen(begin)) != 0)
		return -1;
	name += strlen(begin);
	digits = strspn(name, "0123456789");
	*after = name + digits;
	return digits >= 8 && digits <= 18 ? strtol(name, NULL, 10) : -1;
}

static int
ascending(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

/* Call each(name) for all entries of the directory, until a call returns -1. */
static int
walk(const char *run, int (*each)(const char *run, const char *name, void *arg), void *arg)
{
	DIR *d = opendir(run);
	struct dirent *e;
	int result = 0;

	if (!d)
		return errno == ENOENT ? 0 : err(file_status(errno), "%s: %s", run, strerror(errno));
	while (result == 0 && (result = file_entry(d, run, &e)) > 0)
		result = each(run, e->d_name, arg);
	closedir(d);
	return result;
}

static int
note_step(const char *run, const char *name, void *arg)
{
	struct run_dir_list *list = arg;
	const char *after;
	long step = step_of(name, "checkpoint-", &after);

	/* the name of a checkpoint before settings were renamed */
	if (step_of(name, "snapshot-", &after) >= 0 && !*after)
		return err(ERR_DATA,
		    "%s: '%s' is a checkpoint of an older version, which cannot be resumed: use another directory", run,
		    name);
	if (step >= 0 && !*after) {
		list->steps = mem_room(list->steps, &list->room, (size_t)list->count + 1, sizeof *list->steps);
		list->steps[list->count++] = step;
	}
	errno = 0;
	return 0;
}

int
run_dir_steps(const char *run, struct run_dir_list *list)
{
	*list = (struct run_dir_list){ 0 };
	if (walk(run, note_step, list) < 0) {
		free(list->steps);
		*list = (struct run_dir_list){ 0 };
		return -1;
	}
	if (list->count)
		qsort(list->steps, (size_t)list->count, sizeof *list->steps, ascending);
	return 0;
}

static int
clear(const char *run, const char *name, void *arg)
{
	const char *after;
	int result = 0;

	(void)arg;
	if (step_of(name, "checkpoint-", &after) >= 0 && strcmp(after, ".tmp") == 0) {
		char *path = run_dir_path(run, name);

		result = file_remove(path);
		free(path);
	}
	errno = 0;
	return result;
}

int
run_dir_clear(const char *run)
{
	return walk(run, clear, NULL);
}

int
run_dir_prune(const char *run, long keep)
{
	struct run_dir_list list;
	int i, result = run_dir_steps(run, &list);

	for (i = 0; i < list.count - keep && result == 0; i++) {
		char *path = run_dir_checkpoint(run, list.steps[i], "");

		result = file_remove(path);
		free(path);
	}
	free(list.steps);
	return result;
}

int
run_dir_lock(const char *run)
{
	char *path;
	int fd;

	if (file_directory(run) < 0)
		return -1;
	path = run_dir_path(run, "lock");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		err(ERR_OUTPUT, "%s: %s", path, strerror(errno));
	else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		err(errno == EWOULDBLOCK ? ERR_USAGE : ERR_OUTPUT, "%s: %s", run, errno == EWOULDBLOCK
		    ? "another tscae-train uses this directory" : strerror(errno));
		close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

/* Reads the kernel's list of locks: taking the lock could make a trainer that starts at this moment fail. */
bool
run_dir_locked(const char *run)
{
	char *path = run_dir_path(run, "lock"), line[256], *colon;
	FILE *list = fopen("/proc/locks", "re");
	bool locked = false;
	struct stat own;

	if (stat(path, &own) == 0)
		/* 1: FLOCK  ADVISORY  WRITE PID MAJOR:MINOR:INODE 0 EOF */
		while (list && !locked && fgets(line, sizeof line, list)) {
			colon = strrchr(line, ':');
			locked = strstr(line, "FLOCK") && colon && strtoull(colon + 1, NULL, 10) == own.st_ino;
		}
	if (list)
		fclose(list);
	free(path);
	return locked;
}
