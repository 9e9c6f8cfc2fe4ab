/* table - fuzz target: any bytes as a table of labels; accepted rows have names and labels */
#define _GNU_SOURCE
#include "base/err.h"
#include "dataset/table.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct table t = { 0 };
	char path[40];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	long i;

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (table_read(&t, path) == 0) {
		for (i = 0; i < t.count; i++)
			if (!*t.rows[i].name || !*t.rows[i].label || (table_find(&t, t.rows[i].name) < 0 &&
			    err_status() != ERR_DATA))
				abort();
	} else if (err_status() != ERR_DATA)
		abort();
	table_free(&t);
	close(fd);
	return 0;
}
