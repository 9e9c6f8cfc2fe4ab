/* decompress - fuzz target: any bytes as a gzip or zstd file, read in pieces; a tar archive in it is listed */
#include "base/err.h"
#include "dataset/decompress.h"
#include "dataset/tar.h"
#include "memory_file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 700, CONTENT_MAX = 4 << 20, HEAD = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Read to the end, or so far. */
static void
read_all(int fd, const uint8_t *bytes, size_t size)
{
	struct decompress *d = decompress_new(fd, "fuzz", bytes, size < HEAD ? size : HEAD);
	char *piece = malloc(PIECE);
	ssize_t n = PIECE;
	long sum = 0;

	while (n == PIECE && sum < CONTENT_MAX) {
		n = decompress_read(d, piece, PIECE);
		sum += n;
	}
	if (n < 0 && err_status() != ERR_DATA)
		abort();
	free(piece);
	decompress_free(d);
}

static void
list(int fd, const uint8_t *bytes, size_t size)
{
	struct decompress *d = decompress_new(fd, "fuzz", bytes, size < HEAD ? size : HEAD);
	char head[HEAD];
	const ssize_t n = decompress_read(d, head, sizeof head);
	struct tar_member m;
	struct tar t;
	long members = 0;

	if (n < 0 || !tar_is_archive(head, (size_t)n)) {
		decompress_free(d);
		return;
	}
	tar_open_pipe(&t, dup(fd), "fuzz", head, (size_t)n, d);
	while (members++ < 1000 && tar_next(&t, &m) > 0)
		;
	tar_close(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const size_t head = size < HEAD ? size : HEAD;
	const int fd = memory_file("", 0, bytes, size).fd;

	if (decompress_program(bytes, size)) {
		lseek(fd, (off_t)head, SEEK_SET);
		read_all(fd, bytes, size);
		lseek(fd, (off_t)head, SEEK_SET);
		list(fd, bytes, size);
	}
	close(fd);
	return 0;
}
