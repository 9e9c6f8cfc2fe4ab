/* tscae-stats - print mean and standard deviation of the pixels of a stream as settings of tscae-train */
#include "annotation/transform.h"
#include "base/err.h"
#include "base/opt.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/progress.h"
#include "codec/image.h"
#include "stream/reader.h"
#include "stream/record.h"
#include "transform/patch.h"

#include <stdbool.h>
#include <stdio.h>

static struct {
	long limit;
	bool strict;
} args;

static const struct cli cli = {
	"tscae-stats", "measure mean and standard deviation of the pixels of a stream", "[FILE ...]",
	(const struct opt[]){
		CLI_LIMIT(&args.limit),
		CLI_STRICT(&args.strict),
		{ 0 }
	},
	NULL
};

/* Count the pixels of the stream at `path`. */
static void
count(const char *path, struct pixel_count *c, struct progress *progress)
{
	struct reader *r = reader_open(path);
	struct record record = { 0 };
	struct image p;
	int got = 1;

	if (!r)
		die();
	/* after the last image that counts, the rest is read too: a damaged stream is an error */
	while ((got = reader_next(r, &record)) > 0) {
		if (args.limit > 0 && progress->records == args.limit)
			continue;
		if (image_read(&record, "image", &p) < 0 || transform_cut_padding(&record, &p) < 0 ||
			pixel_count_add(c, &p) < 0) {
			record_blame(&record, path);
			die();
		}
		progress->records++;
		progress_step(progress);
	}
	if (got < 0)
		die();
	record_free(&record);
	reader_close(r);
}

/* A channel of one value cannot be divided by its standard deviation, 0: that is printed as 1, with a warning. Returns
   the number of such channels. */
static int
repair(struct patch_pixels *p)
{
	int c, constant = 0;

	for (c = 0; c < p->channels; c++)
		if (p->std[c] == 0) {
			warn("channel %d has the value %.10g in all pixels: its standard deviation is printed as 1",
				c + 1, p->mean[c] * (p->bytes == 1 ? 255 : 65535));
			p->std[c] = 1;
			constant++;
		}
	return constant;
}

static void
print_list(const char *name, int count, const double *x)
{
	char text[32];
	int i;

	for (i = 0; i < count; i++)
		printf("%s%s", i ? "," : name, opt_show_real(x[i], text, sizeof text));
	putchar('\n');
}

int
main(int argc, char **argv)
{
	struct progress progress = { 0 };
	struct pixel_count c = { 0 };
	struct patch_pixels p;
	char **paths;
	int n = cli_parse(&cli, argc, argv, &paths), i, constant;

	progress_begin(&progress, "images");
	for (i = 0; i < (n ? n : 1); i++)
		count(n ? paths[i] : "-", &c, &progress);
	if (c.pixels == 0)
		die_with(ERR_DATA, "the input has no images, so there is nothing to measure");
	p = pixel_count_statistics(&c);
	constant = repair(&p);
	printf("channels=%d\nbits=%d\n", p.channels, 8 * p.bytes);
	print_list("mean=", p.channels, p.mean);
	print_list("std=", p.channels, p.std);
	die_flush();
	progress_end(&progress);
	pixel_count_free(&c);
	return args.strict && constant > 0 ? ERR_SKIPPED : 0;
}
