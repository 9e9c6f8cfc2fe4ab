/* yaml - fuzz target: any bytes as data.yaml of YOLO; names are whole, and what is written of them is read back */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "dataset/yolo_config.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char path[64];

static void
clean(void)
{
	unlink(path);
}

/* Whether all names are valid UTF-8, as those that are written must be. */
static bool
is_text(const struct yolo_config *c)
{
	long i;

	for (i = 0; i < c->count; i++) {
		const char *name = c->names[i];
		size_t n, left = strlen(name);

		if (left == 0)
			abort();
		for (; left > 0; left -= n, name += n) {
			n = utf8_length(name, left);
			if (n == 0)
				return false;
		}
	}
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena a = { 0 };
	struct yolo_config c, again;
	long i;

	if (!*path) {
		snprintf(path, sizeof path, "/dev/shm/tscae-fuzz-yaml.%d", (int)getpid());
		atexit(clean);
	}
	if (file_save(path, (const char *)bytes, size, false) < 0)
		abort();
	if (yolo_config_read(&c, path, &a) == 0 && c.count > 0 && is_text(&c)) {
		if (yolo_config_write(path, c.names, c.count) < 0 || yolo_config_read(&again, path, &a) < 0 ||
			again.count != c.count)
			abort();
		for (i = 0; i < c.count; i++)
			if (strcmp(again.names[i], c.names[i]) != 0)
				abort();
	} else if (err_status() == ERR_OS)
		abort();
	arena_free(&a);
	return 0;
}
