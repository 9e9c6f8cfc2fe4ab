/* source - bytes in: counted and digested; small reads through a buffer, large ones directly to their destination */
#define _GNU_SOURCE
#include "stream/source.h"
#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BUFFER = 256 << 10,	/* fastest on a pipe of 1 MiB: 64 to 256 KiB a read (tests/bench/pipe.sh) */
	PIPE = 1 << 20,
	WAIT_MS = 1000,	/* between two calls of wait() */
	DIRECT = 64 << 10	/* a payload with more than this missing is read directly */
};

static const char *
shown_name(const struct stream_source *s)
{
	return strcmp(s->path, "-") ? s->path : "standard input";
}

int
source_open(struct stream_source *s, const char *path)
{
	struct stat st;

	*s = (struct stream_source){ .path = mem_text(path) };
	if (strcmp(path, "-"))
		s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (s->fd < 0 || fstat(s->fd, &st) < 0)
		err(file_status(errno), "%s: %s", shown_name(s), strerror(errno));
	else if (S_ISDIR(st.st_mode))
		err(ERR_INPUT, "%s: is a directory, not a stream", shown_name(s));
	else if (isatty(s->fd))
		err(ERR_INPUT, "%s: is a terminal: a stream comes from a pipe or a file", shown_name(s));
	else {
		if (S_ISFIFO(st.st_mode))
			fcntl(s->fd, F_SETPIPE_SZ, PIPE);	/* without it, only slower */
		s->buffer = mem_new(BUFFER);
		s->digest = digest_new();
		return 0;
	}
	source_close(s);
	return -1;
}

/* One read of 1 to n bytes; 0 at the end. */
static ssize_t
get(struct stream_source *s, void *into, size_t n)
{
	struct pollfd p = { s->fd, POLLIN, 0 };
	ssize_t got;
	int timeout;

	/* a signal may arrive just before poll(), which then does not see it: hence the time limit */
	for (timeout = 0; s->wait && (got = poll(&p, 1, timeout)) <= 0 && (got == 0 || errno == EINTR);
		timeout = WAIT_MS)
		if (s->wait(s->wait_arg))
			return 0;
	while ((got = read(s->fd, into, n)) < 0) {
		if (errno == EAGAIN)
			poll(&p, 1, -1);
		else if (errno != EINTR)
			return err(file_status(errno), "%s: %s", shown_name(s), strerror(errno));
	}
	return got;
}

static void
catch_up(struct stream_source *s)
{
	digest_add(s->digest, s->buffer + s->digested, s->begin - s->digested);
	s->digested = s->begin;
}

int
source_need(struct stream_source *s, size_t n)
{
	ssize_t got;

	if (s->end - s->begin >= n)
		return 1;
	catch_up(s);
	memmove(s->buffer, s->buffer + s->begin, s->end - s->begin);
	s->end -= s->begin;
	s->begin = s->digested = 0;
	while (s->end < n) {
		got = get(s, s->buffer + s->end, BUFFER - s->end);
		if (got <= 0)
			return (int)got;
		s->end += (size_t)got;
	}
	return 1;
}

const unsigned char *
source_take(struct stream_source *s, size_t n)
{
	s->begin += n;
	s->offset += n;
	return s->buffer + s->begin - n;
}

int
source_read(struct stream_source *s, void *into, size_t n)
{
	unsigned char *p = into;
	ssize_t got;
	int there;

	while (n > 0) {
		size_t part = s->end - s->begin < n ? s->end - s->begin : n;

		memcpy(p, source_take(s, part), part);
		p += part;
		n -= part;
		if (n > DIRECT) {
			catch_up(s);
			got = get(s, p, n);
			if (got <= 0)
				return (int)got;
			digest_add(s->digest, p, (size_t)got);
			s->offset += (size_t)got;
			p += got;
			n -= (size_t)got;
		} else if (n > 0 && (there = source_need(s, 1)) <= 0)
			return there;
	}
	return 1;
}

uint64_t
source_digest(struct stream_source *s)
{
	catch_up(s);
	return digest_value(s->digest);
}

void
source_restart(struct stream_source *s)
{
	s->digested = s->begin;
	digest_reset(s->digest);
}

void
source_close(struct stream_source *s)
{
	if (s->fd > 0)
		close(s->fd);
	free(s->path);
	free(s->buffer);
	digest_free(s->digest);
	*s = (struct stream_source){ .fd = -1 };
}
