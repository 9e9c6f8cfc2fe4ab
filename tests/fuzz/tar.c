/* tar - fuzz target: index and read an archive of any bytes; half of the inputs get valid checksums */
#include "dataset/tar.h"
#include "memory_file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512, SUM = 148 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Make the checksum of a header valid. */
static void
fix_checksum(unsigned char *h)
{
	unsigned long sum = 0;
	int i;

	memset(h + SUM, ' ', 8);
	for (i = 0; i < BLOCK; i++)
		sum += h[i];
	snprintf((char *)h + SUM, 8, "%06lo", sum);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *copy = malloc(size + 1), content[64];
	struct tar_member m;
	struct tar t = { .path = strdup("fuzz"), .size = (int64_t)size };
	size_t at;

	memcpy(copy, data, size);
	/* an even first byte: valid checksums */
	for (at = 0; size > 0 && data[0] % 2 == 0 && at + BLOCK <= size; at += BLOCK)
		fix_checksum(copy + at);
	t.fd = memory_file("", 0, copy, size).fd;
	while (tar_next(&t, &m) > 0) {
		if (m.offset < 0 || m.size < 0 || m.offset + m.size > t.size || tar_key(m.name) > strlen(m.name))
			abort();
		if (tar_read(&t, m.offset, content, m.size < 64 ? (size_t)m.size : sizeof content) < 0)
			abort();
	}
	tar_close(&t);
	free(copy);
	return 0;
}
