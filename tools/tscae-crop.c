/* tscae-crop - crop and resize images to one size, with their boxes and segmentation maps */
#include "annotation/crop.h"
#include "base/opt.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/filter.h"
#include "stream/record.h"

#include <string.h>

static int
begin(void *arg, struct header *h)
{
	return crop_begin(arg, h);
}

static int
each(void *arg, struct record *r, int worker)
{
	(void)worker;
	return crop_record(arg, r) < 0 ? -1 : FILTER_KEEP;
}

int
main(int argc, char **argv)
{
	struct crop crop = crop_default();
	const char *output = "-";
	long threads = 0;
	const struct opt rest[] = {
		CLI_THREADS(&threads),
		CLI_OUTPUT(&output),
		{ 0 }
	};
	struct opt options[CROP_ROWS + sizeof rest / sizeof *rest];
	const struct cli cli = {
		"tscae-crop", "crop and resize images with their boxes and segmentation maps", "[FILE ...]", options
	};
	char **operands;
	struct filter f = { .begin = begin, .each = each, .arg = &crop };
	int n;

	crop_table(&crop, options);
	memcpy(options + CROP_ROWS, rest, sizeof rest);
	n = cli_parse(&cli, argc, argv, &operands);
	if (crop_complete(&crop) < 0)
		die();
	f.output = output;
	f.threads = cli_threads(threads);
	return filter(&f, n, operands);
}
