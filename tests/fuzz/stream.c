/* stream - fuzz target: any bytes as a stream, and as what follows a good header; what is accepted is written back the
   same */
#define _GNU_SOURCE	/* memfd_create */
#include "base/err.h"
#include "stream/reader.h"
#include "stream/record.h"
#include "stream/writer.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char head[] = "\xa7tscae/1\x81\xa4kind\xa1x";

static void
read_all(const char *path)
{
	struct reader *r = reader_open(path);
	struct writer *w = r ? writer_open("/dev/null", reader_header(r)) : NULL;
	struct record rec = { 0 }, copy = { 0 };
	int got = -1;

	while (r && (got = reader_next(r, &rec)) > 0) {
		record_copy(&copy, &rec);
		if (w && writer_put(w, &copy) < 0)
			abort();
	}
	if (got < 0 && err_status() != ERR_DATA)
		abort();
	writer_abandon(w);
	record_free(&rec);
	record_free(&copy);
	reader_close(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char path[64];
	int fd = memfd_create("fuzz", 0), whole;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	for (whole = 0; whole < 2; whole++) {
		if (ftruncate(fd, 0) < 0 || (!whole && pwrite(fd, head, sizeof head - 1, 0) < 0)
		    || pwrite(fd, bytes, size, whole ? 0 : sizeof head - 1) < 0)
			abort();
		read_all(path);
	}
	close(fd);
	return 0;
}
