/* tscae-decode - image files to image records */
#include "annotation/crop.h"
#include "base/err.h"
#include "base/ordered.h"
#include "base/pool.h"
#include "dataset/epoch_order.h"
#include "codec/decode.h"
#include "stream/writer.h"
#include "cli/cli.h"
#include "cli/attach_image.h"
#include "cli/die.h"
#include "cli/inputs.h"
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	const char *shard, *crop;
	bool records, dct_scale, shuffle;
	int exif;
	long seed, epochs, start, limit, threads;
} args = { .epochs = 1 };

static struct inputs sought = { .count = -1 };

/* what becomes of an image, in either job */
static struct attach_image attach = { .max_bytes = 256000000, .output = "-",
	.options = { .max_pixels = DECODE_MAX_PIXELS, .max_expansion = DECODE_MAX_EXPANSION, .max_scans = DECODE_MAX_SCANS } };

static const struct cli cli = {
	"tscae-decode", "decode image files into image records", "[FILE|FOLDER|SHARD.tar|- ...]",
	(const struct opt[]){
		{ 'T', "files-from", OPT_TEXT, &sought.files_from, 0, 0,
			"read image names from a file, one per line (-: standard input)", "FILE" },
		{ '0', "null", OPT_FLAG, &sought.zero, 0, 0, "names in - and --files-from end with a zero byte", NULL },
		{ 0, "records", OPT_FLAG, &args.records, 0, 0, "add the images that records name", NULL },
		{ 'o', "output", OPT_TEXT, &attach.output, 0, 0, "output file (-: standard output)", "FILE" },
		{ 'S', "size", OPT_INT, &attach.size, 0, 65535,
			"resize the shorter side to N pixels (0: keep the size)", "N" },
		{ 0, "dct-scale", OPT_FLAG, &args.dct_scale, 0, 0,
			"with --size: decode JPEG at reduced size (faster, other pixels)", NULL },
		{ 0, "crop", OPT_TEXT, &args.crop, 0, 0, "crop and resize, with options of tscae-crop", "OPTIONS" },
		{ 'g', "gray", OPT_FLAG, &attach.options.gray, 0, 0, "decode to one gray channel", NULL },
		{ 0, "exif", OPT_CHOICE, &args.exif, 0, 0, "EXIF orientation", "ignore|apply" },
		{ 0, "labels", OPT_CHOICE, &sought.labels, 0, 0,
			"class of an image: its folder, or KEY.cls in archives", "none|dirs|cls" },
		{ 0, "label-table", OPT_TEXT, &sought.table, 0, 0, "class of an image: lines 'NAME LABEL'", "FILE" },
		{ 'e', "on-error", OPT_CHOICE, &attach.on_error, 0, 0, "action for damaged images", "skip|fail|keep" },
		{ 0, "strict", OPT_FLAG, &attach.strict, 0, 0, "exit with 1 if an image was skipped", NULL },
		{ 0, "shuffle", OPT_FLAG, &args.shuffle, 0, 0, "shuffle the images in each epoch", NULL },
		{ 's', "seed", OPT_INT, &args.seed, 0, 9e15, "seed of the shuffling", "N" },
		{ 0, "epochs", OPT_INT, &args.epochs, 1, 1e9, "number of passes over the images", "N" },
		{ 0, "start-index", OPT_INT, &args.start, 0, 9e15, "index in the sequence to start at", "INDEX" },
		{ 'n', "limit", OPT_INT, &args.limit, 0, 9e15, "number of indices to process (0: to the end)", "N" },
		{ 0, "shard", OPT_TEXT, &args.shard, 0, 0,
			"only indices with index mod N = I (auto: from the launcher)", "I/N|auto" },
		{ 0, "count", OPT_INT, &sought.count, -1, 9e15, "required images in an epoch (-1: any)", "N" },
		{ 't', "threads", OPT_INT, &args.threads, 0, 1024, "decoding threads (0: all processors)", "N" },
		{ 0, "max-pixels", OPT_REAL, &attach.options.max_pixels, 0, 1e15,
			"reject images with more pixels", "X" },
		{ 0, "max-expansion", OPT_REAL, &attach.options.max_expansion, 0, 1e15,
			"reject images with more pixels per byte of the file", "X" },
		{ 0, "max-scans", OPT_INT, &attach.options.max_scans, 1, 1e9, "reject JPEGs with more scans", "N" },
		{ 0, "max-bytes", OPT_BYTES, &attach.max_bytes, 1, 2e9, "reject files with more bytes", "BYTES" },
		{ 0 }
	}
};

struct slot {
	struct record record;
	long place, epoch, item;
	int status;		/* of the error; 0: there is an image */
	char what[400];		/* error or damage, "" if clean */
};

static struct crop crop;	/* where args.crop says one */
static struct listing listing;
static struct epoch_order sequence;
static struct progress progress;
static struct writer *writer;
static struct slot *slots;
static struct arena *workers;	/* one each: decoded images and work space */

static int
take(void *arg, int i)
{
	struct slot *s = &slots[i];

	(void)arg;
	return epoch_order_next(&sequence, &s->place, &s->epoch, &s->item);
}

static int
fill(struct record *r, const struct slot *s, const struct image *p, const struct decode_report *whole, struct arena *a)
{
	const struct listing_item *item = &listing.items[s->item];

	record_set_key(r, listing_key(&listing, s->item, a));
	r->epoch = args.epochs > 1 ? s->epoch : -1;
	record_put_int(r, "place", s->place);
	if (item->class >= 0)
		record_put_int(r, "class", item->class);
	return args.crop ? crop_image(&crop, r, p) : attach_image_put(r, p, whole, attach.size, a);
}

static int
decode(struct slot *s, struct arena *work)
{
	/* what is not resized is decoded to its place */
	struct arena *a = attach.size || args.crop ? work : &s->record.arena;
	struct decode_report report;
	struct image p;
	size_t size;
	void *bytes = listing_read(&listing, s->item, (size_t)attach.max_bytes, &size);
	int result = bytes ? decode_image(bytes, size, &attach.options, a, &p, &report) : -1;

	free(bytes);
	if (result < 0)
		return -1;
	if (report.damage == DECODE_DAMAGED) {
		snprintf(s->what, sizeof s->what, "%s", report.what);
		if (attach.on_error != ATTACH_IMAGE_KEEP)
			return err(ERR_DATA, "%s", report.what);
	}
	return fill(&s->record, s, &p, &report, a);
}

static void
work(void *arg, int i, int number)
{
	struct slot *s = &slots[i];

	(void)arg;
	record_reset(&s->record);
	arena_reset(&workers[number]);
	*s->what = 0;
	s->status = 0;
	if (decode(s, &workers[number]) < 0) {
		s->status = err_status();
		snprintf(s->what, sizeof s->what, "%s", err_text());
	}
}

/* A file that cannot be read says its name itself. */
static void
complain(const struct slot *s, const char *after)
{
	struct arena a = { 0 };
	const char *name = listing_name(&listing, s->item, &a);

	if (strncmp(s->what, name, strlen(name)) == 0)
		warn("%s%s", s->what, after);
	else
		warn("%s: %s%s", name, s->what, after);
	arena_free(&a);
}

static int
put(void *arg, int i)
{
	struct slot *s = &slots[i];

	(void)arg;
	if (s->status && attach.on_error == ATTACH_IMAGE_FAIL) {
		struct arena a = { 0 };

		err(s->status, "%s: %s", listing_name(&listing, s->item, &a), s->what);
		arena_free(&a);
		return -1;
	}
	if (s->status) {
		complain(s, " (skipped)");
		progress.skipped++;
	} else {
		if (*s->what)
			complain(s, " (kept)");
		if (writer_put(writer, &s->record) < 0)
			return -1;
		progress.records++;
	}
	progress_step(&progress);
	return 0;
}

static size_t
size(void *arg, int i)
{
	(void)arg;
	return slots[i].record.arena.used;
}

static void
arrange(void)
{
	sequence = (struct epoch_order){ .count = listing.count, .epochs = args.epochs, .shuffle = args.shuffle, .seed = (uint64_t)args.seed,
		.start = args.start, .limit = args.limit, .part = 0, .parts = 1 };
	if (args.shard && epoch_order_shard(&sequence, args.shard) < 0)
		die_with(ERR_USAGE, "--shard: %s", err_text());
	epoch_order_begin(&sequence);
}

/* What two options say together. */
static void
choose(void)
{
	static char exif[16];

	attach.options.upright = args.exif;
	attach.options.side = args.dct_scale ? (int)attach.size : 0;
	attach.exif = opt_show(opt_find(cli.options, "exif"), exif, sizeof exif);
	attach.threads = args.threads ? (int)args.threads : pool_default();
	sought.strict = attach.on_error == ATTACH_IMAGE_FAIL;
	if (!args.crop)
		return;
	if (attach.size || args.dct_scale || args.records)
		die_with(ERR_USAGE, "--crop does not go with %s", args.records ? "--records: tscae-crop takes their labels along" : "--size and --dct-scale: it resizes itself");
	if (crop_read(&crop, args.crop) < 0) {
		err_in("--crop");
		die();
	}
}

/* The other job: records come in, images are added. */
static int
add(int n, char **operands)
{
	if (sought.files_from || sought.zero || sought.labels || sought.table || args.shuffle || args.epochs != 1 || args.start || args.limit || args.shard || sought.count >= 0)
		die_with(ERR_USAGE, "--records takes records as they come: nothing about lists, labels, order or number goes with it");
	return attach_image_records(&attach, n, operands);
}

/* The header as tscae-crop would leave it. */
static void
begin_crop(struct header *h)
{
	char *line = mem_format("tscae-crop %s %s", TSCAE_VERSION, args.crop);

	if (crop_begin(&crop, h) < 0)
		die();
	header_add_history(h, line);
	free(line);
}

static struct writer *
begin(void)
{
	struct header h = { 0 };
	struct writer *w;

	header_set_kind(&h, "image");
	header_put_field(&h, "image", TENSOR_U8, 3, (long[3]){ 0, 0, attach.options.gray ? 1 : 3 });
	record_put_int(&h.extra, "records", epoch_order_records(&sequence));
	record_put_int(&h.extra, "start", args.start);
	record_put_text(&h.extra, "exif", attach.exif);
	if (sought.labels || sought.table)
		record_put(&h.extra, "classes", (struct value){ .kind = VALUE_TEXTS, .texts = { listing.classes, listing.class_count } });
	header_add_history(&h, cli_history());
	if (args.crop)
		begin_crop(&h);
	w = writer_open(attach.output, &h);
	if (!w)
		die();
	header_free(&h);
	return w;
}

int
main(int argc, char **argv)
{
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands);
	struct ordered o = { .take = take, .work = work, .put = put, .size = size };

	choose();
	if (args.records)
		return add(n, operands);
	progress_begin(&progress, "images");
	progress.skipped = inputs(&sought, &listing, n, operands);
	arrange();
	o.pool = pool_new(attach.threads);
	if (!o.pool)
		die();
	o.slots = ordered_slots(o.pool);
	slots = mem_new(sizeof *slots * (size_t)o.slots);
	workers = mem_new(sizeof *workers * (size_t)attach.threads);
	progress.total = epoch_order_records(&sequence);
	writer = begin();
	if (ordered_run(&o) < 0) {
		writer_abandon(writer);
		die();
	}
	if (writer_close(writer) < 0)
		die();
	pool_free(o.pool);
	epoch_order_free(&sequence);
	listing_free(&listing);
	progress_end(&progress);
	return attach.strict && progress.skipped ? ERR_SKIPPED : 0;
}
