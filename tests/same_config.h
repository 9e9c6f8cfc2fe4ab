/* same_config - are two configurations equal, setting by setting? (a struct has padding) */
#ifndef TESTS_SAME_CONFIG_H
#define TESTS_SAME_CONFIG_H

#include "base/opt.h"
#include "model/config.h"

#include <stdbool.h>
#include <string.h>

static bool
same_rows(const struct opt *a, const struct opt *b)
{
	char a_text[OPT_SHOW_SIZE], b_text[OPT_SHOW_SIZE];

	for (; a->name && b->name; a++, b++)
		if (strcmp(opt_show(a, a_text, sizeof a_text), opt_show(b, b_text, sizeof b_text)) != 0)
			return false;
	return !a->name && !b->name;
}

static bool
same_config(const struct config *a, const struct config *b)
{
	struct config c = *a, d = *b;
	struct opt c_rows[CONFIG_ROWS_MAX], d_rows[CONFIG_ROWS_MAX];

	config_table(&c, c_rows);
	config_table(&d, d_rows);
	if (!same_rows(c_rows, d_rows))
		return false;
	config_variant_table(&c, c_rows);
	config_variant_table(&d, d_rows);
	return same_rows(c_rows, d_rows);
}

#endif
