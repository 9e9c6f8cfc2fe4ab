/* safetensors - fuzz target: any bytes as a safetensors file; every element of an accepted file can be read */
#include "base/mem.h"
#include "checkpoint/safetensors.h"
#include "memory_file.h"
#include "stream/tensor.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct memory_file f = memory_file("", 0, bytes, size);
	struct safetensors c;
	int i;

	if (safetensors_open(&c, f.path) == 0) {
		for (i = 0; i < c.count; i++) {
			const struct tensor *t = &c.entries[i].tensor;
			float *x = mem_array((size_t)tensor_count(t), sizeof *x);

			if (!safetensors_get(&c, c.entries[i].name))
				abort();
			(void)safetensors_floats(t, x);
			free(x);
		}
		safetensors_close(&c);
	}
	close(f.fd);
	return 0;
}
