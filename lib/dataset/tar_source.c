/* tar_source - the bytes of a tar archive: of a file by offset, of a pipe in order */
#include "dataset/tar_source.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "dataset/decompress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reading from a pipe: bytes that were read ahead come first. */
struct tar_pipe {
	unsigned char *ahead;
	size_t ahead_size;
	int64_t done;		/* bytes consumed so far */
	struct decompress *packed;	/* reads the descriptor; NULL: its bytes are the archive */
};

void
tar_open_pipe(struct tar *t, int fd, const char *name, const void *head, size_t size, struct decompress *packed)
{
	*t = (struct tar){ .fd = fd, .path = mem_text(name), .pipe = mem_new(sizeof *t->pipe), .size = INT64_MAX };
	t->pipe->ahead = mem_new(size + 1);
	memcpy(t->pipe->ahead, head, size);
	t->pipe->ahead_size = size;
	t->pipe->packed = packed;
}

int
tar_open(struct tar *t, const char *path)
{
	struct stat st;

	*t = (struct tar){ .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) };
	if (t->fd < 0 || fstat(t->fd, &st) < 0)
		err(file_status(errno), "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err(ERR_INPUT, "%s: not a regular file; an archive is read by offset", path);
	else {
		t->path = mem_text(path);
		t->size = st.st_size;
		return 0;
	}
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	return -1;
}

void
tar_close(struct tar *t)
{
	if (t->fd >= 0)
		close(t->fd);
	if (t->pipe) {
		free(t->pipe->ahead);
		decompress_free(t->pipe->packed);
	}
	free(t->pipe);
	free(t->path);
	free(t->name);
	*t = (struct tar){ .fd = -1 };
}

/* Read up to `size` bytes at an offset, -1: the next ones of a pipe; fewer at the end. Their number, or -1 and
   err(ERR_INPUT). */
static ssize_t
read_all(const struct tar *t, int64_t offset, char *to, size_t size)
{
	const ssize_t n = file_read_at(t->fd, offset, to, size);

	return n < 0 ? err(file_status(errno), "%s: %s", t->path, strerror(errno)) : n;
}

/* The next bytes of a pipe: what was read ahead, then the rest. */
static ssize_t
read_pipe(const struct tar *t, char *to, size_t size)
{
	struct tar_pipe *p = t->pipe;
	size_t done = 0;
	ssize_t n;

	if (p->done < (int64_t)p->ahead_size) {
		done = p->ahead_size - (size_t)p->done < size ? p->ahead_size - (size_t)p->done : size;
		memcpy(to, p->ahead + p->done, done);
	}
	n = p->packed ? decompress_read(p->packed, to + done, size - done) : read_all(t, -1, to + done, size - done);
	if (n < 0)
		return -1;
	p->done += (int64_t)done + n;
	return (ssize_t)done + n;
}

ssize_t
tar_source_read(const struct tar *t, int64_t offset, void *to, size_t size)
{
	char skipped[1 << 14];

	if (!t->pipe)
		return read_all(t, offset, to, size);
	while (t->pipe->done < offset) {
		const int64_t left = offset - t->pipe->done;
		const size_t wanted = left < (int64_t)sizeof skipped ? (size_t)left : sizeof skipped;
		const ssize_t n = read_pipe(t, skipped, wanted);

		if (n < (ssize_t)wanted)
			return n < 0 ? -1 : 0;
	}
	return read_pipe(t, to, size);
}

int
tar_read(const struct tar *t, int64_t offset, void *to, size_t size)
{
	const ssize_t n = tar_source_read(t, offset, to, size);

	if (n >= 0 && (size_t)n < size)
		return err(ERR_DATA, "%s: cut short at byte %lld", t->path, (long long)(offset + n));
	return n < 0 ? -1 : 0;
}

int64_t
tar_source_done(const struct tar *t)
{
	return t->pipe->done;
}
