/* foreign - fuzz target: any bytes as config.json and as the index of several safetensors files */
#include "checkpoint/foreign_config.h"
#include "checkpoint/foreign_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int
each(void *arg, const char *tensor, const char *shard)
{
	(void)arg;
	if (strchr(shard, '/') || !*shard || strlen(tensor) >= 1024)
		abort();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct foreign_config c = foreign_config_none();

	(void)!foreign_config_read(&c, bytes, size);
	if (strlen(c.architecture) >= sizeof c.architecture || strlen(c.model_type) >= sizeof c.model_type)
		abort();
	foreign_config_free(&c);
	(void)!foreign_file_index(bytes, size, each, NULL);
	return 0;
}
