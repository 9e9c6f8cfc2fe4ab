/* file - all file output of the project: a file appears complete or not at all */
#include "base/file.h"
#include "base/err.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOTS = 16 };	/* unfinished files of one process that a signal removes */

static int
system_open(const char *path, int flags, mode_t mode)
{
	return open(path, flags, mode);
}

struct file_calls file_calls = { system_open, write, writev, fsync, rename, close, unlink };

/* The names of unfinished files, which a signal handler removes. Each slot has one owner at a time and owners change by
   compare-and-swap: a file (SLOT_FILLING, SLOT_HELD) or file_abandon_all (SLOT_REMOVED). Names are never freed, and a
   slot that the handler has taken is never used again: the program is about to end. */
enum { SLOT_FREE, SLOT_FILLING, SLOT_HELD, SLOT_REMOVED };

static struct file_slot {
	atomic_int state;
	char name[PATH_MAX];	/* a longer one cannot be opened */
} slots[SLOTS];

static bool
slot_pass(struct file_slot *s, int from, int to)
{
	return atomic_compare_exchange_strong(&s->state, &from, to);
}

/* NULL: no slot is free or the name is too long; a signal then leaves the temporary file. */
static struct file_slot *
slot_take(const char *name)
{
	struct file_slot *s;

	for (s = slots; s < slots + SLOTS && strlen(name) < sizeof s->name; s++)
		if (slot_pass(s, SLOT_FREE, SLOT_FILLING)) {
			strcpy(s->name, name);
			atomic_store(&s->state, SLOT_HELD);
			return s;
		}
	return NULL;
}

static void
slot_give(struct file_slot *s)
{
	if (s)
		slot_pass(s, SLOT_HELD, SLOT_FREE);
}

void
file_abandon_all(void)
{
	struct file_slot *s;

	for (s = slots; s < slots + SLOTS; s++)
		if (slot_pass(s, SLOT_HELD, SLOT_REMOVED))
			file_calls.unlink(s->name);
}

static int
failed(const char *path)
{
	return err(file_output_status(errno), "%s: %s", strcmp(path, "-") ? path : "standard output", strerror(errno));
}

/* The open descriptor that a name stands for: standard output for "-", standard output or error for a link to what it
   is (/dev/stdout), N for /dev/fd/N; -1: another name. */
static int
descriptor(const char *path, bool is_link, const struct stat *st)
{
	struct stat own;
	int n, end = 0;

	if (strcmp(path, "-") == 0)
		return 1;
	for (n = 1; is_link && n <= 2; n++)
		if (fstat(n, &own) == 0 && st->st_dev == own.st_dev && st->st_ino == own.st_ino)
			return n;
	return (sscanf(path, "/dev/fd/%7d%n", &n, &end) == 1 || sscanf(path, "/proc/self/fd/%7d%n", &n, &end) == 1)
		&& !path[end] ? n : -1;
}

static int
create(struct file *f, const char *path)
{
	struct stat st = { 0 }, link;
	const bool device = stat(path, &st) == 0 && !S_ISREG(st.st_mode);
	const bool is_link = lstat(path, &link) == 0 && S_ISLNK(link.st_mode);
	const int open_already = descriptor(path, is_link, &st);
	char target[PATH_MAX];

	if (open_already >= 0) {
		path = open_already == 1 ? "-" : path;
		*f = (struct file){ .fd = open_already == 1 ? 1 : fcntl(open_already, F_DUPFD_CLOEXEC, 3) };
		if (fcntl(f->fd, F_GETFD) < 0)
			return failed(path);
		f->path = mem_text(path);
		return 0;
	}
	/* a rename would replace the link, not the file behind it */
	*f = (struct file){ .path = mem_text(is_link && realpath(path, target) ? target : path) };
	if (!device) {
		f->temporary = mem_format("%s.part.%ld", f->path, (long)getpid());
		f->slot = slot_take(f->temporary);
	}
	f->fd = file_calls.open(f->temporary ? f->temporary : f->path,
		O_RDWR * !device | O_WRONLY * device | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (f->fd < 0) {
		failed(f->path);
		slot_give(f->slot);
		free(f->path);
		free(f->temporary);
		*f = (struct file){ .fd = -1 };
		return -1;
	}
	if (f->temporary)
		flock(f->fd, LOCK_EX | LOCK_NB);	/* for file_remove_stale() */
	return 0;
}

int
file_create(struct file *f, const char *path)
{
	if (create(f, path) < 0)
		return -1;
	if (f->temporary)
		file_remove_stale(f->path);
	return 0;
}

static int
write_failed(struct file *f)
{
	if (errno == EPIPE) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	return failed(f->path);
}

size_t
file_write_at(int fd, off_t offset, const void *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		const char *from = (const char *)bytes + done;
		const ssize_t n = offset < 0 ? file_calls.write(fd, from, size - done)
			: pwrite(fd, from, size - done, offset + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENOSPC;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

int
file_write(struct file *f, const void *bytes, size_t size)
{
	const size_t done = file_write_at(f->fd, -1, bytes, size);

	f->written += done;
	return done < size ? write_failed(f) : 0;
}

int
file_writev(struct file *f, const struct iovec *pieces, int count)
{
	ssize_t n;
	int i;

	do
		n = file_calls.writev(f->fd, pieces, count);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return write_failed(f);
	f->written += (size_t)n;
	for (i = 0; i < count; i++) {
		size_t done = (size_t)n < pieces[i].iov_len ? (size_t)n : pieces[i].iov_len;

		n -= (ssize_t)done;
		if (file_write(f, (const char *)pieces[i].iov_base + done, pieces[i].iov_len - done) < 0)
			return -1;
	}
	return 0;
}

int
file_patch(struct file *f, size_t offset, const void *bytes, size_t size)
{
	return file_write_at(f->fd, (off_t)offset, bytes, size) < size ? failed(f->path) : 0;
}

int
file_sync(const char *path)
{
	int fd = file_calls.open(path, O_RDONLY | O_CLOEXEC, 0), result;

	if (fd < 0)
		return failed(path);
	result = file_calls.fsync(fd) < 0 ? failed(path) : 0;
	if (file_calls.close(fd) < 0 && result == 0)
		result = failed(path);
	return result;
}

int
file_sync_parent(const char *path)
{
	char *copy = mem_text(path), *slash = strrchr(copy, '/');
	int result;

	if (slash && slash != copy)
		*slash = 0;
	result = file_sync(!slash ? "." : slash == copy ? "/" : copy);
	free(copy);
	return result;
}

int
file_commit(struct file *f, bool sync)
{
	int result = 0;

	if (sync && f->temporary && file_calls.fsync(f->fd) < 0)
		result = failed(f->path);
	/* standard output is closed too: some errors (quota, network) are reported only then */
	if (file_calls.close(f->fd) < 0 && result == 0)
		result = failed(f->path);
	f->fd = -1;
	if (result == 0 && f->temporary) {
		if (file_calls.rename(f->temporary, f->path) < 0)
			result = failed(f->path);
		else {
			free(f->temporary);
			f->temporary = NULL;
			if (sync)
				result = file_sync_parent(f->path);
		}
	}
	file_abandon(f);
	return result;
}

void
file_abandon(struct file *f)
{
	if (f->fd > 1)
		file_calls.close(f->fd);
	if (f->temporary)
		file_calls.unlink(f->temporary);
	slot_give(f->slot);
	free(f->temporary);
	free(f->path);
	*f = (struct file){ .fd = -1 };
}

int
file_save(const char *path, const void *bytes, size_t size, bool sync)
{
	struct file f;

	if (create(&f, path) < 0)
		return -1;
	if (file_write(&f, bytes, size) < 0) {
		file_abandon(&f);
		return -1;
	}
	return file_commit(&f, sync);
}

ssize_t
file_read_at(int fd, off_t offset, void *to, size_t size)
{
	size_t done = 0;
	ssize_t n = 1;

	while (done < size && n != 0) {
		char *at = (char *)to + done;

		n = offset < 0 ? read(fd, at, size - done) : pread(fd, at, size - done, offset + (off_t)done);
		if (n < 0 && errno != EINTR)
			return -1;
		done += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)done;
}

/* expected: the size of the file, 0 if unknown */
static void *
read_all(int fd, const char *path, size_t expected, size_t limit, size_t *size)
{
	size_t held = limit && expected > limit ? 0 : expected ? expected + 1 : 1 << 16, n = 0;
	char *content = NULL;
	ssize_t got = 1;

	if (held == 0)
		return err(ERR_DATA, "%s: larger than %zu bytes", path, limit), NULL;
	content = mem_new(held);
	while (got > 0 && (expected == 0 || n < expected)) {
		content = mem_room(content, &held, n + 2, 1);
		got = read(fd, content + n, held - n - 1);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got < 0)
			err(file_status(errno), "%s: %s", path, strerror(errno));
		else
			n += (size_t)got;
		if (limit && n > limit)
			got = err(ERR_DATA, "%s: larger than %zu bytes", path, limit);
	}
	if (got < 0) {
		free(content);
		return NULL;
	}
	content[n] = 0;
	*size = n;
	return content;
}

int
file_status(int error)
{
	return error == ENOMEM || error == EMFILE || error == ENFILE ? ERR_OS : ERR_INPUT;
}

int
file_output_status(int error)
{
	return file_status(error) == ERR_OS ? ERR_OS : ERR_OUTPUT;
}

int
file_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		err(file_status(errno), "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err(ERR_INPUT, "%s: not a regular file", path);
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

FILE *
file_open_stream(const char *path)
{
	int fd = file_open(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "rb");

	if (fd >= 0 && !f) {
		err(file_status(errno), "%s: %s", path, strerror(errno));
		close(fd);
	}
	return f;
}

void *
file_read(const char *path, size_t limit, size_t *size)
{
	int fd = file_open(path);
	struct stat st;
	void *content = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0)
		err(file_status(errno), "%s: %s", path, strerror(errno));
	else
		content = read_all(fd, path, (size_t)st.st_size, limit, size);
	close(fd);
	return content;
}
