/* conf - fuzz target: any bytes as a configuration file of tscae-train and as a chain of settings; accepted values are
   in their ranges and are shown as texts that are accepted again */
#define _GNU_SOURCE
#include "base/err.h"
#include "base/opt.h"
#include "model/config.h"
#include "train/settings.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
check(const struct opt *rows)
{
	char text[256], again[256];

	for (; rows->name; rows++) {
		opt_show(rows, text, sizeof text);
		/* a text ends at its first NULL byte; longer ones are cut */
		if (rows->type == OPT_TEXT || (rows->type == OPT_RANGE && !*text))
			continue;
		if (opt_set(rows, text) < 0 || strcmp(opt_show(rows, again, sizeof again), text) != 0)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct settings s = settings_default();
	struct opt rows[SETTINGS_ROWS], of_config[CONFIG_ROWS_MAX];
	struct config c = config_default();
	char path[40];
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	settings_table(&s, rows);
	config_table(&c, of_config);
	if (opt_load(rows, path) < 0 && err_status() != ERR_USAGE)
		abort();
	if (opt_load(of_config, path) < 0 && err_status() != ERR_USAGE)
		abort();
	check(rows);
	check(of_config);
	close(fd);
	return 0;
}
