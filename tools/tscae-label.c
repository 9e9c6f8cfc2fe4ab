/* tscae-label - attach classes, boxes and segmentation maps to records, or send them by themselves */
#include "base/err.h"
#include "base/pool.h"
#include "base/utf8.h"
#include "dataset/label.h"
#include "stream/writer.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/filter.h"
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum on_missing { FAIL, SKIP, KEEP };

static struct {
	struct label_options label;
	const char *output;
	int layout, on_missing;
	bool emit, names, zero, strict;
	long threads;
} args = { .output = "-", .label = { .void_value = -1 } };

static const struct cli cli = {
	"tscae-label", "attach classes, boxes and segmentation maps to records", "[FILE ...]",
	(const struct opt[]){
		{ 'l', "layout", OPT_CHOICE, &args.layout, 0, 0, "layout of the dataset", LABEL_LAYOUT_NAMES },
		{ 'f', "from", OPT_TEXT, &args.label.from, 0, 0, "location of the annotations", "FOLDER|FILE" },
		{ 0, "split", OPT_TEXT, &args.label.set, 0, 0,
			"split of the dataset, or a file of image names", "NAME|FILE.txt" },
		{ 0, "image-dir", OPT_TEXT, &args.label.images, 0, 0,
			"folder of the images, if the layout does not define it", "FOLDER" },
		{ 0, "segmap-dir", OPT_TEXT, &args.label.maps, 0, 0,
			"folder of the segmentation maps, if the layout does not define it", "FOLDER" },
		{ 0, "classes", OPT_TEXT, &args.label.classes, 0, 0,
			"class names: a file with one name per line, or voc or camvid", "FILE|NAME" },
		{ 0, "ignore-index", OPT_INT, &args.label.void_value, -1, 255,
			"further ignore index of segmentation maps besides 255 (-1: none)", "N" },
		{ 0, "segmaps", OPT_FLAG, &args.label.want_maps, 0, 0, "also attach segmentation maps", NULL },
		{ 0, "segmentation", OPT_FLAG, &args.label.want_regions, 0, 0,
			"also attach polygons and RLE of the objects (COCO)", NULL },
		{ 0, "standalone", OPT_FLAG, &args.emit, 0, 0,
			"read no records; write one label record per image", NULL },
		{ 0, "names", OPT_FLAG, &args.names, 0, 0, "read no records; print the paths of the images", NULL },
		{ '0', "null", OPT_FLAG, &args.zero, 0, 0, "with --names: end each path with a zero byte", NULL },
		{ 0, "on-missing", OPT_CHOICE, &args.on_missing, 0, 0,
			"action for images without annotations", "fail|skip|keep" },
		{ 0, "strict", OPT_FLAG, &args.strict, 0, 0, "exit with 1 if a record was skipped", NULL },
		{ 't', "threads", OPT_INT, &args.threads, 0, 1024, "number of threads (0: all processors)", "N" },
		{ 'o', "output", OPT_TEXT, &args.output, 0, 0, "output file (-: standard output)", "FILE" },
		{ 0 }
	}
};

static struct label label;
static struct tally {		/* one for each thread */
	struct label_notes notes;
	long labeled, bare;	/* records that have got labels, or have not */
} *tallies;
static int threads;

static int
begin(struct header *h)
{
	return label_header(&label, h, args.on_missing != KEEP);
}

/* What becomes of a record without labels. */
static int
missing(int worker)
{
	tallies[worker].bare++;
	if (args.on_missing == KEEP)
		return FILTER_KEEP;
	err(ERR_DATA, "no labels for it in %s (--on-missing says what to do then)", label.options.from);
	return args.on_missing == SKIP ? FILTER_SKIP : -1;
}

static int
each(struct record *r, int worker)
{
	long i = label_find(&label, r->key);
	int got = i == -2 ? -1 : i < 0 ? 0 : label_put(&label, i, r, &tallies[worker].notes);

	if (got < 0)
		return -1;
	tallies[worker].labeled += got;
	return got ? FILTER_KEEP : missing(worker);
}

/* Say what was mended and left out, once for each kind. Returns how many records have no labels. */
static long
conclude(void)
{
	long total, bare = 0;
	int k, i;

	for (k = 0; k < LABEL_NOTES; k++) {
		total = label.notes.count[k];
		for (i = 0; i < threads; i++)
			total += tallies[i].notes.count[k];
		if (total)
			warn("%s: %ld %s", label.options.from, total, label_note_text(k));
	}
	for (i = 0; i < threads; i++)
		bare += tallies[i].bare;
	if (bare && args.on_missing == KEEP)
		warn("%s: %ld records are without labels", label.options.from, bare);
	return bare;
}

static int
attach(int n, char **operands)
{
	const struct filter f = { .begin = begin, .each_on = each, .threads = threads, .output = args.output, .strict = args.strict };
	int status = filter(&f, n, operands), i;
	long labeled = 0, bare = conclude();

	for (i = 0; i < threads; i++)
		labeled += tallies[i].labeled;
	if (bare > 0 && labeled == 0)
		die_with(ERR_DATA, "%s: no record has labels there", label.options.from);
	return status;
}

static int
emit(void)
{
	struct progress p = { 0 };
	struct header h = { 0 };
	struct record r = { 0 };
	struct writer *w;
	long i;

	progress_begin(&p, "records");
	header_set_kind(&h, "label");
	record_put_int(&h.extra, "records", label.images.count);
	if (begin(&h) < 0)
		die();
	header_add_history(&h, cli_history());
	w = writer_open(args.output, &h);
	if (!w)
		die();
	header_free(&h);
	p.total = label.images.count;
	for (i = 0; i < label.images.count; i++) {
		const char *key;
		int got;

		record_reset(&r);
		key = listing_key(&label.images, i, &r.arena);
		record_set_key(&r, key);
		record_put_text(&r, "file", key);
		record_put_int(&r, "place", i);
		got = label_put(&label, i, &r, &tallies[0].notes);
		tallies[0].labeled += got > 0;
		if (got == 0)
			got = missing(0);
		if (got < 0) {
			err_in("%s", key);
			writer_abandon(w);
			die();
		}
		if (got == FILTER_SKIP) {
			warn("%s: %s (skipped)", key, err_text());
			p.skipped++;
		} else if (writer_put(w, &r) < 0)
			die();
		else
			p.records++;
		progress_step(&p);
	}
	if (conclude() > 0 && tallies[0].labeled == 0) {
		writer_abandon(w);
		die_with(ERR_DATA, "%s: no record has labels there", label.options.from);
	}
	if (writer_close(w) < 0)
		die();
	record_free(&r);
	progress_end(&p);
	return args.strict && p.skipped ? ERR_SKIPPED : 0;
}

static int
print_names(void)
{
	long i;

	for (i = 0; i < label.images.count; i++) {
		fputs(label.images.items[i].name, stdout);
		putchar(args.zero ? 0 : '\n');
	}
	die_flush();
	return 0;
}

int
main(int argc, char **argv)
{
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands), status;

	if (!args.label.from)
		die_with(ERR_USAGE, "--layout and --from say which labels; try 'tscae-label --help'");
	if (n && (args.emit || args.names))
		die_with(ERR_USAGE, "--standalone and --names read no records: %s is too much", operands[0]);
	threads = args.threads ? (int)args.threads : pool_default();
	tallies = mem_new(sizeof *tallies * (size_t)threads);
	if (label_open(&label, label_layouts[args.layout], &args.label) < 0)
		die();
	status = args.names ? print_names() : args.emit ? emit() : attach(n, operands);
	label_close(&label);
	free(tallies);
	return status;
}
