/* file_tree - entries of directories, whole directories, links, temporary files of killed processes (file.h) */
#define _GNU_SOURCE
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH = 16 };	/* directories held open by a walk */

bool
file_has_suffix(const char *path, const char *suffix)
{
	const size_t n = strlen(path), m = strlen(suffix);

	return n > m && strcasecmp(path + n - m, suffix) == 0;
}

bool
file_exists(const char *path)
{
	return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG);
}

int
file_entry(DIR *d, const char *path, struct dirent **entry)
{
	errno = 0;
	*entry = readdir(d);
	if (!*entry && errno)
		return err(file_status(errno), "%s: %s", path, strerror(errno));
	return *entry != NULL;
}

static int
failed(const char *path)
{
	return err(file_output_status(errno), "%s: %s", path, strerror(errno));
}

/* nftw returns -1 for its own failures; an entry returns 1 after err() */
static int
walk(const char *path, int (*entry)(const char *, const struct stat *, int, struct FTW *))
{
	int result = nftw(path, entry, DEPTH, FTW_DEPTH | FTW_PHYS);

	return result == 0 ? 0 : result < 0 ? failed(path) : -1;
}

static int
sync_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	return (type == FTW_F || type == FTW_DP) && file_sync(path) < 0;
}

int
file_publish(const char *temporary, const char *path)
{
	if (walk(temporary, sync_entry) < 0)
		return -1;
	if (file_calls.rename(temporary, path) < 0)
		return failed(path);
	return file_sync_parent(path);
}

int
file_link(const char *target, const char *path)
{
	char *temporary = mem_format("%s.tmp", path);
	int result = 0;

	if ((unlink(temporary) < 0 && errno != ENOENT) || symlink(target, temporary) < 0)
		result = failed(temporary);
	else if (file_calls.rename(temporary, path) < 0)
		result = failed(path);
	else
		result = file_sync_parent(path);
	free(temporary);
	return result;
}

int
file_directory(const char *path)
{
	char *copy = mem_text(path), *p;
	int result = 0;

	for (p = copy + 1; result == 0 && *copy; p++) {
		char c = *p;

		if (c != '/' && c != 0)
			continue;
		*p = 0;
		if (mkdir(copy, 0777) < 0 && errno != EEXIST)
			result = failed(copy);
		*p = c;
		if (c == 0)
			break;
	}
	free(copy);
	return result;
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	if (remove(path) == 0 || errno == ENOENT)
		return 0;
	failed(path);
	return 1;
}

int
file_remove(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : failed(path);
	return walk(path, remove_entry);
}

#define PART ".part."

/* The temporary files of the folder that was read last: most often none. */
static struct {
	pthread_mutex_t lock;
	bool read;
	dev_t device;
	ino_t inode;
	char **names;
	size_t count, room;
} parts = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
read_parts(int folder, const struct stat *st)
{
	const int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (parts.count > 0)
		free(parts.names[--parts.count]);
	parts.read = true;
	parts.device = st->st_dev;
	parts.inode = st->st_ino;
	while (d && (e = readdir(d)))
		if (strstr(e->d_name, PART)) {
			parts.names = mem_room(parts.names, &parts.room, parts.count + 1, sizeof *parts.names);
			parts.names[parts.count++] = mem_text(e->d_name);
		}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
}

/* The number of the process whose unfinished file of output `base` has that name; 0: another file. */
static long
part_owner(const char *name, const char *base)
{
	const size_t n = strlen(base);
	const char *digits = name + n + sizeof PART - 1;
	char *end;
	long pid;

	if (strncmp(name, base, n) != 0 || strncmp(name + n, PART, sizeof PART - 1) != 0 ||
		*digits < '1' || *digits > '9')
		return 0;
	pid = strtol(digits, &end, 10);
	return *end || pid > INT_MAX ? 0 : pid;
}

static void
remove_part(int folder, const char *name, long pid)
{
	int fd;

	if (!pid || kill((pid_t)pid, 0) == 0 || errno != ESRCH)
		return;
	fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	/* a process of another host holds its lock */
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(folder, name, 0);
	if (fd >= 0)
		close(fd);
}

void
file_remove_stale(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	char *name = slash ? mem_format("%.*s", (int)(base - path), path) : mem_text(".");
	const int folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;
	size_t i;

	free(name);
	if (folder < 0)
		return;
	pthread_mutex_lock(&parts.lock);
	if (fstat(folder, &st) == 0 && (!parts.read || st.st_dev != parts.device || st.st_ino != parts.inode))
		read_parts(folder, &st);
	for (i = 0; i < parts.count; i++)
		remove_part(folder, parts.names[i], part_owner(parts.names[i], base));
	pthread_mutex_unlock(&parts.lock);
	close(folder);
}
