/* table - fuzz target: any bytes as a table of labels; accepted rows have names and labels */
#include "base/err.h"
#include "dataset/table.h"
#include "memory_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct table t = { 0 };
	const struct memory_file f = memory_file("", 0, bytes, size);
	long i;

	if (table_read(&t, f.path) == 0) {
		for (i = 0; i < t.count; i++)
			if (!*t.rows[i].name || (t.rows[i].label && !*t.rows[i].label) ||
				(table_find(&t, t.rows[i].name) < 0 && err_status() != ERR_DATA))
				abort();
	} else if (err_status() != ERR_DATA)
		abort();
	table_free(&t);
	close(f.fd);
	return 0;
}
