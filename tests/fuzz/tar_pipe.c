/* tar_pipe - fuzz target: any bytes as an archive from a pipe; half of the inputs get valid checksums */
#include "base/err.h"
#include "dataset/tar.h"
#include "dataset/tar_stream.h"
#include "memory_file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 512, SUM = 148, LIMIT = 4096 };

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
	const size_t head = size < BLOCK ? size : BLOCK;
	unsigned char *copy = malloc(size + 1);
	struct tar_image image;
	struct tar t;
	struct tar_stream s = { .tar = &t, .limit = LIMIT, .accept_open = size % 2 };
	size_t at;
	int got;

	memcpy(copy, data, size);
	/* an even first byte: valid checksums */
	for (at = 0; size > 0 && data[0] % 2 == 0 && at + BLOCK <= size; at += BLOCK)
		fix_checksum(copy + at);
	tar_open_pipe(&t, memory_file("", 0, copy + head, size - head).fd, "fuzz", copy, head, NULL);
	while ((got = tar_stream_next(&s, &image)) > 0) {
		if (image.key > strlen(image.name) || (image.bytes && image.size > LIMIT))
			abort();
		free(image.name);
		free(image.bytes);
	}
	if (got < 0 && err_status() != ERR_DATA)
		abort();
	tar_stream_free(&s);
	tar_close(&t);
	free(copy);
	return 0;
}
