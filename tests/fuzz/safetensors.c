/* safetensors - fuzz target: any bytes as a safetensors file; every element of an accepted file can be read */
#define _GNU_SOURCE	/* memfd_create */
#include "base/mem.h"
#include "checkpoint/safetensors.h"
#include "stream/tensor.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("fuzz", 0), i;
	struct safetensors c;
	char path[64];

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (safetensors_open(&c, path) == 0) {
		for (i = 0; i < c.count; i++) {
			const struct tensor *t = &c.entries[i].tensor;
			float *x = mem_new((size_t)tensor_count(t) * sizeof *x);

			if (!safetensors_get(&c, c.entries[i].name))
				abort();
			(void)safetensors_floats(t, x);
			free(x);
		}
		safetensors_close(&c);
	}
	close(fd);
	return 0;
}
