/* npy - fuzz target: any bytes as a .npy file, and as what follows a good beginning; every row of an accepted file can
   be read */
#include "base/err.h"
#include "base/mem.h"
#include "memory_file.h"
#include "stream/npy.h"

#include <stdint.h>
#include <stdlib.h>

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

	memory_file_twice(head, HEAD, bytes, size, read_all);
	return 0;
}
