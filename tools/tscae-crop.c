/* tscae-crop - images of one size, with their boxes and segmentation maps: random crops, scale jitter, center, whole */
#include "annotation/crop.h"
#include "base/pool.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/filter.h"

#include <string.h>

static struct crop crop;
static long threads;
static const char *output = "-";

static int
begin(struct header *h)
{
	return crop_begin(&crop, h);
}

static int
each(struct record *r)
{
	return crop_record(&crop, r) < 0 ? -1 : FILTER_KEEP;
}

int
main(int argc, char **argv)
{
	const struct opt rest[] = {
		{ 't', "threads", OPT_INT, &threads, 0, 1024, "number of threads (0: all processors)", "N" },
		{ 'o', "output", OPT_TEXT, &output, 0, 0, "output file (-: standard output)", "FILE" },
		{ 0 }
	};
	struct opt options[CROP_ROWS + sizeof rest / sizeof *rest];
	const struct cli cli = {
		"tscae-crop", "crop and resize images with their boxes and segmentation maps", "[FILE ...]", options
	};
	char **operands;
	struct filter f = { .begin = begin, .each = each };
	int n;

	crop = crop_default();
	crop_table(&crop, options);
	memcpy(options + CROP_ROWS, rest, sizeof rest);
	n = cli_parse(&cli, argc, argv, &operands);
	if (crop_complete(&crop) < 0)
		die();
	f.output = output;
	f.threads = threads ? threads : pool_default();
	return filter(&f, n, operands);
}
