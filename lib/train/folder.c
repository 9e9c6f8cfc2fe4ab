/* folder - the snapshots in a run's directory: their names, which there are, clearing away */
#define _GNU_SOURCE
#include "train/folder.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

char *
folder_path(const char *folder, const char *name)
{
	size_t size = strlen(folder) + strlen(name) + 2;
	char *path = mem_new(size);

	snprintf(path, size, "%s/%s", folder, name);
	return path;
}

char *
folder_snapshot(const char *run, long step, const char *after)
{
	char name[64];

	snprintf(name, sizeof name, "snapshot-%08ld%s", step, after);
	return folder_path(run, name);
}

/* The step of a snapshot's name; what stands behind it goes to *after. -1: no such name. */
static long
step_of(const char *name, const char **after)
{
	static const char begin[] = "snapshot-";
	size_t digits;

	if (strncmp(name, begin, sizeof begin - 1) != 0)
		return -1;
	name += sizeof begin - 1;
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

struct folder_list
folder_steps(const char *run)
{
	struct folder_list list = { 0 };
	DIR *d = opendir(run);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		const char *after;
		long step = step_of(e->d_name, &after);

		if (step < 0 || *after)
			continue;
		list.steps = mem_grow(list.steps, sizeof *list.steps * (size_t)(list.count + 1));
		list.steps[list.count++] = step;
	}
	if (d)
		closedir(d);
	if (list.count)
		qsort(list.steps, (size_t)list.count, sizeof *list.steps, ascending);
	return list;
}

int
folder_clear(const char *run)
{
	DIR *d = opendir(run);
	struct dirent *e;
	int result = 0;

	while (d && result == 0 && (e = readdir(d))) {
		const char *after;

		if (step_of(e->d_name, &after) >= 0 && strcmp(after, ".tmp") == 0) {
			char *path = folder_path(run, e->d_name);

			result = file_remove(path);
			free(path);
		}
	}
	if (d)
		closedir(d);
	return result;
}

int
folder_prune(const char *run, long keep)
{
	struct folder_list list = folder_steps(run);
	int i, result = 0;

	for (i = 0; i < list.count - keep && result == 0; i++) {
		char *path = folder_snapshot(run, list.steps[i], "");

		result = file_remove(path);
		free(path);
	}
	free(list.steps);
	return result;
}

int
folder_lock(const char *run)
{
	char *path = folder_path(run, "lock");
	int fd = file_directory(run) < 0 ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		err(ERR_OUTPUT, "%s: %s", path, strerror(errno));
	else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		err(errno == EWOULDBLOCK ? ERR_USAGE : ERR_OUTPUT, "%s: %s", run, errno == EWOULDBLOCK ? "another tscae-train works in this directory" : strerror(errno));
		close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}
