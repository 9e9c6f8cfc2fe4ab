/* tscae-uncrop - map predictions back to the images before tscae-crop */
#include "annotation/transform.h"
#include "base/opt.h"
#include "cli/cli.h"
#include "cli/filter.h"
#include "stream/record.h"

static struct {
	const char *output;
	long threads;
} args = { .output = "-" };

static const struct cli cli = {
	"tscae-uncrop", "map predictions back to the images before tscae-crop", "[FILE ...]",
	(const struct opt[]){
		CLI_THREADS(&args.threads),
		CLI_OUTPUT(&args.output),
		{ 0 }
	}
};

static int
begin(void *arg, struct header *h)
{
	(void)arg;
	return transform_back_header(h);
}

static int
each(void *arg, struct record *r, int worker)
{
	(void)arg, (void)worker;
	return transform_back_record(r) < 0 ? -1 : FILTER_KEEP;
}

int
main(int argc, char **argv)
{
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands);
	const struct filter f = { .begin = begin, .each = each, .threads = cli_threads(args.threads),
		.output = args.output };

	return filter(&f, n, operands);
}
