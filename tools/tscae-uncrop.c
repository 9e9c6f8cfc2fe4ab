/* tscae-uncrop - predictions back to pixels of the images as they were decoded */
#include "annotation/transform.h"
#include "base/pool.h"
#include "cli/cli.h"
#include "cli/filter.h"

static struct {
	const char *output;
	long threads;
} args = { .output = "-" };

static const struct cli cli = {
	"tscae-uncrop", "map predictions back to the images before tscae-crop", "[FILE ...]",
	(const struct opt[]){
		{ 't', "threads", OPT_INT, &args.threads, 0, 1024, "number of threads (0: all processors)", "N" },
		{ 'o', "output", OPT_TEXT, &args.output, 0, 0, "output file (-: standard output)", "FILE" },
		{ 0 }
	}
};

static int
each(struct record *r)
{
	return transform_back_record(r) < 0 ? -1 : FILTER_KEEP;
}

int
main(int argc, char **argv)
{
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands);
	struct filter f = { .begin = transform_back_header, .each = each, .output = args.output };

	f.threads = args.threads ? args.threads : pool_default();
	return filter(&f, n, operands);
}
