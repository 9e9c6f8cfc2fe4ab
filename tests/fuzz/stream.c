/* stream - fuzz target: any bytes as a stream, and as what follows a good header; what is accepted is written back the
   same */
#include "base/err.h"
#include "memory_file.h"
#include "stream/reader.h"
#include "stream/record.h"
#include "stream/writer.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

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
	memory_file_stream(bytes, size, read_all);
	return 0;
}
