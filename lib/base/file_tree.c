/* file_tree - entries of directories, whole directories and links (file.h) */
#define _GNU_SOURCE
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH = 16 };	/* directories held open by a walk */

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
