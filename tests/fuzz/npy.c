/* npy - fuzz target: any bytes as a .npy file, and as what follows a good beginning; every row of an accepted file can
   be read */
#define _GNU_SOURCE	/* memfd_create */
#include "base/err.h"
#include "base/mem.h"
#include "stream/npy.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { HEAD = 10 };

static void
read_all(const char *path)
{
	struct npy_reader n;
	float *row;
	long rows = 0;
	int got;

	if (npy_reader_open(&n, path) < 0) {
		if (err_status() != ERR_DATA)
			abort();
		return;
	}
	row = mem_array((size_t)n.width, sizeof *row);
	while ((got = npy_reader_next(&n, row)) > 0)
		rows++;
	if (got < 0 || rows != n.rows)
		abort();
	free(row);
	npy_reader_close(&n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char head[HEAD] = NPY_READER_MAGIC "\1\0\x50";	/* version 1.0, a dictionary of 80 bytes */
	char path[64];
	int fd = memfd_create("fuzz", 0), whole;

	if (fd < 0)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	for (whole = 0; whole < 2; whole++) {
		if (ftruncate(fd, 0) < 0 || (!whole && pwrite(fd, head, HEAD, 0) < 0) ||
			pwrite(fd, bytes, size, whole ? 0 : HEAD) < 0)
			abort();
		read_all(path);
	}
	close(fd);
	return 0;
}
