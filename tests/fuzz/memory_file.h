/* memory_file - the bytes of a fuzz run as a file in memory, and as a stream of records */
#ifndef FUZZ_MEMORY_FILE_H
#define FUZZ_MEMORY_FILE_H

#include <linux/memfd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <syscall.h>
#include <unistd.h>

enum { MEMORY_FILE_PATH = 40 };

struct memory_file {
	int fd;
	char path[MEMORY_FILE_PATH];
};

/* A file of `head` (`n` bytes) and the bytes after it, to be read from its beginning by path or descriptor; the caller
   closes fd. */
static inline struct memory_file
memory_file(const void *head, size_t n, const void *bytes, size_t size)
{
	/* memfd_create() is declared for GNU sources only */
	struct memory_file f = { (int)syscall(SYS_memfd_create, "fuzz", MFD_CLOEXEC), "" };

	if (f.fd < 0 || pwrite(f.fd, head, n, 0) != (ssize_t)n || pwrite(f.fd, bytes, size, (off_t)n) != (ssize_t)size)
		abort();
	snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
	return f;
}

/* Read the bytes as a file that follows a good head, and as a whole file. */
static inline void
memory_file_twice(const void *head, size_t n, const uint8_t *bytes, size_t size, void (*read_file)(const char *path))
{
	int whole;

	for (whole = 0; whole < 2; whole++) {
		const struct memory_file f = memory_file(head, whole ? 0 : n, bytes, size);

		read_file(f.path);
		close(f.fd);
	}
}

/* The head of a stream of records. */
static inline void
memory_file_stream(const uint8_t *bytes, size_t size, void (*read_file)(const char *path))
{
	static const char head[] = "\xa7tscae/1\x81\xa4kind\xa1x";

	memory_file_twice(head, sizeof head - 1, bytes, size, read_file);
}

#endif
