/* conf - fuzz target: any bytes as a configuration file of tscae-train and as a chain of settings; accepted values are
   in their ranges and are shown as texts that are accepted again */
#include "base/err.h"
#include "base/opt.h"
#include "memory_file.h"
#include "model/config.h"
#include "train/settings.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
check(const struct opt *rows)
{
	char text[256], again[256];

	for (; rows->name; rows++) {
		opt_show(rows, text, sizeof text);
		/* a text ends at its first NULL byte; longer ones are cut */
		if (rows->type == OPT_TEXT || rows->type == OPT_PATH || (rows->type == OPT_RANGE && !*text))
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
	const struct memory_file f = memory_file("", 0, bytes, size);

	settings_table(&s, rows);
	config_table(&c, of_config);
	if (opt_load(rows, f.path) < 0 && err_status() != ERR_USAGE)
		abort();
	if (opt_load(of_config, f.path) < 0 && err_status() != ERR_USAGE)
		abort();
	check(rows);
	check(of_config);
	close(f.fd);
	return 0;
}
