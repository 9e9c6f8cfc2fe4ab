/* tscae-decode - decode image files into a stream of image records */
#include "annotation/class_list.h"
#include "annotation/crop.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/pool.h"
#include "cli/attach_image.h"
#include "cli/cli.h"
#include "cli/decode_images.h"
#include "cli/die.h"
#include "cli/inputs.h"
#include "cli/pipe_order.h"
#include "cli/progress.h"
#include "codec/decode.h"
#include "codec/image.h"
#include "dataset/epoch_order.h"
#include "dataset/listing.h"
#include "dataset/tar.h"
#include "stream/record.h"
#include "stream/writer.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
	const char *shard, *crop;
	bool records, dct_scale, shuffle;
	int exif;
	long seed, epochs, start, limit, buffer, threads, max_memory;
} args = { .epochs = 1, .max_memory = DECODE_MAX_MEMORY };

/* memory that the threads share */
static struct decode_budget budget = DECODE_BUDGET(0);

/* which images to read */
static struct inputs sought = { .count = -1, .class_field = "label" };

/* how to decode an image: used with and without --records */
static struct attach_image attach = { .max_bytes = DECODE_MAX_BYTES, .output = "-", .channels = 3, .depth = 8,
	.options = { .max_pixels = DECODE_MAX_PIXELS, .max_expansion = DECODE_MAX_EXPANSION,
		.max_scans = DECODE_MAX_SCANS } };

static const struct cli cli = {
	"tscae-decode", "decode image files into image records", "[FILE|FOLDER|SHARD.tar|- ...]",
	(const struct opt[]){
		{ 'T', "files-from", OPT_PATH, &sought.files_from, 0, 0,
			"read image names from a file, one per line (-: standard input)", "FILE" },
		{ '0', "null", OPT_FLAG, &sought.zero, 0, 0, "names in - and --files-from end with a zero byte", NULL },
		{ 0, "records", OPT_FLAG, &args.records, 0, 0, "add the images that records name", NULL },
		{ 0, "image-member", OPT_TEXT, &sought.image_member, 0, 0,
			"extension of the image of a sample in archives, first of a list", "EXT,..." },
		CLI_OUTPUT(&attach.output),
		{ 'S', "size", OPT_INT, &attach.size, 0, 65535,
		    "resize the shorter side to N pixels (0: keep the size)", "N" },
		{ 0, "dct-scale", OPT_FLAG, &args.dct_scale, 0, 0,
			"with --size: decode JPEG at reduced size (faster, other pixels)", NULL },
		{ 0, "crop", OPT_TEXT, &args.crop, 0, 0, "crop and resize, with options of tscae-crop", "OPTIONS" },
		{ 'g', "gray", OPT_FLAG, &attach.options.gray, 0, 0, "decode to one gray channel", NULL },
		{ 0, "channels", OPT_INT, &attach.channels, 1, IMAGE_CHANNELS_MAX,
			"channels of the records; other numbers than 1 and 3: of images that have so many", "N" },
		{ 0, "depth", OPT_INT, &attach.depth, 8, 16, "bits of a sample, 8 or 16", "N" },
		{ 0, "exif", OPT_CHOICE, &args.exif, 0, 0, "EXIF orientation", OPT_NAMES(DECODE_EXIF) },
		{ 0, "labels", OPT_CHOICE, &sought.labels, 0, 0,
		    "class of an image: its folder, or KEY.cls or KEY.json in archives", OPT_NAMES(INPUTS_LABELS) },
		{ 0, "class-field", OPT_TEXT, &sought.class_field, 0, 0, "field of KEY.json with the class", "NAME" },
		{ 0, "label-table", OPT_PATH, &sought.table, 0, 0, "class of an image: lines 'NAME LABEL'", "FILE" },
		{ 0, "pages", OPT_CHOICE, &sought.pages, 0, 0,
			"pages of TIFF files, frames of GIF and WebP", OPT_NAMES(INPUTS_PAGES) },
		{ 'e', "on-error", OPT_CHOICE, &attach.on_error, 0, 0, "action for damaged images",
		    OPT_NAMES(ATTACH_IMAGE_ON_ERROR) },
		CLI_STRICT(&attach.strict),
		{ 0, "shuffle", OPT_FLAG, &args.shuffle, 0, 0, "shuffle the images in each epoch", NULL },
		{ 0, "shuffle-buffer", OPT_INT, &args.buffer, 0, 1e9, "draw each image of a pipe from a buffer of N",
		    "N" },
		CLI_SEED(&args.seed),
		{ 0, "epochs", OPT_INT, &args.epochs, 1, 1e9, "number of passes over the images", "N" },
		{ 0, "start-index", OPT_INT, &args.start, 0, 9e15, "index in the sequence to start at", "INDEX" },
		CLI_LIMIT(&args.limit),
		{ 0, "shard", OPT_TEXT, &args.shard, 0, 0,
			"only indices with index mod N = I (auto: from the launcher)", "I/N|auto" },
		{ 0, "count", OPT_INT, &sought.count, -1, 9e15, "required images in an epoch (-1: any)", "N" },
		CLI_THREADS(&args.threads),
		{ 0, "max-pixels", OPT_REAL, &attach.options.max_pixels, 0, 1e15, "reject images with more pixels",
		    "X" },
		{ 0, "max-expansion", OPT_REAL, &attach.options.max_expansion, 0, 1e15,
			"reject images with more pixels per byte of the file", "X" },
		{ 0, "max-scans", OPT_INT, &attach.options.max_scans, 1, 1e9, "reject JPEGs with more scans", "N" },
		{ 0, "max-memory", OPT_BYTES, &args.max_memory, 1, 1e15,
			"reject images that need more memory; the threads together use no more", "BYTES" },
		{ 0, "max-bytes", OPT_BYTES, &attach.max_bytes, 1, 2e9, "reject files with more bytes", "BYTES" },
		{ 0 }
	}
};

static void
begin_sequence(struct epoch_order *sequence, long count)
{
	*sequence = (struct epoch_order){ .count = count, .epochs = args.epochs, .shuffle = args.shuffle,
		.seed = (uint64_t)args.seed, .start = args.start, .limit = args.limit, .part = 0, .parts = 1 };
	if (args.shard && epoch_order_shard(sequence, args.shard) < 0)
		die_with(ERR_USAGE, "--shard: %s", err_text());
	epoch_order_begin(sequence);
}

/* The number of images from the start on. */
static long
records_left(const struct epoch_order *sequence)
{
	const long left = epoch_order_records(sequence) - sequence->index / sequence->parts;

	return left > 0 ? left : 0;
}

/* Complete the options and refuse those that exclude each other. */
static void
complete_options(struct crop *crop)
{
	static char exif[16];

	if (attach_image_options(&attach) < 0)
		die();
	budget.max = attach.options.max_memory = (double)args.max_memory;
	attach.options.budget = &budget;
	attach.options.upright = args.exif == DECODE_EXIF_APPLY;
	attach.options.side = args.dct_scale ? (int)attach.size : 0;
	attach.exif = opt_show(opt_find(cli.options, "exif"), exif, sizeof exif);
	attach.threads = (int)cli_threads(args.threads);
	sought.max_bytes = attach.max_bytes;
	sought.strict = attach.on_error == ATTACH_IMAGE_FAIL;
	if (sought.labels && sought.table)
		die_with(ERR_USAGE, "--labels excludes --label-table: both give the class of an image");
	if (!args.crop) {
		if (args.dct_scale && !attach.size)
			die_with(ERR_USAGE, "--dct-scale needs --size");
		return;
	}
	if (args.records)
		die_with(ERR_USAGE, "--crop excludes --records; use tscae-crop, which crops annotations, too");
	if (attach.size || args.dct_scale)
		die_with(ERR_USAGE, "--crop excludes --size and --dct-scale, because it resizes images itself");
	if (crop_read(crop, args.crop) < 0) {
		err_in("--crop");
		die();
	}
}

/* --records: add images to the records of streams. */
static int
add_images(int n, char **operands)
{
	if (sought.files_from || sought.zero || sought.labels || sought.table || args.shuffle || args.epochs != 1 ||
		args.start || args.limit || args.shard || args.buffer || sought.count >= 0 || sought.pages ||
		sought.image_member)
		die_with(ERR_USAGE, "--records excludes the options for lists, archives, labels, pages, order and "
			"number of images");
	return attach_image_records(&attach, n, operands);
}

/* Change the header as tscae-crop does. */
static void
begin_crop(struct crop *crop, struct header *h)
{
	char *line = mem_format("tscae-crop %s %s", TSCAE_VERSION, args.crop);

	if (crop_begin(crop, h) < 0)
		die();
	header_add_history(h, line);
	free(line);
}

static struct writer *
begin(struct decode_images *job)
{
	struct header h = { 0 };
	struct writer *w;

	header_set_kind(&h, "image");
	attach_image_field(&attach, &h);
	if (!sought.pipe)
		record_put_int(&h.extra, "records", epoch_order_records(&job->sequence));
	record_put_int(&h.extra, "start", args.start);
	record_put_text(&h.extra, "exif", attach.exif);
	if (sought.labels || sought.table)
		class_list_write(&job->listing.classes, &h, CLASS_LIST_GT);
	header_add_history(&h, cli_history());
	if (args.crop)
		begin_crop(&job->crop, &h);
	w = writer_open(attach.output, &h);
	if (!w)
		die();
	header_free(&h);
	return w;
}

/* Prepare for an archive from a pipe; refuse what needs to read a member again, or at another time. */
static void
begin_pipe(struct decode_images *job)
{
	const bool labels = sought.labels || sought.table;
	const char *option = args.shuffle ? "--shuffle" : args.epochs > 1 ? "--epochs" : args.start ? "--start-index"
		: args.shard ? "--shard" : sought.pages ? "--pages all" : labels ? "--labels and --label-table" : NULL;

	if (option)
		die_with(ERR_USAGE, "%s: %s is read once, in its order, without %s; use %sa file%s%s%s",
			sought.pipe->path, sought.packed ? "a compressed archive" : "an archive from a pipe", option,
			args.shuffle ? "--shuffle-buffer or " : labels ? "tscae-label -l table or " : "",
			sought.packed ? " that is not compressed (" : "", sought.packed ? sought.packed : "",
			sought.packed ? " -d)" : "");
	job->pipe = (struct pipe_order){ .room = args.buffer, .limit = args.limit, .seed = args.seed };
	pipe_order_begin(&job->pipe, &sought, attach.max_bytes);
}

/* After the last image: what was left out of an archive from a pipe, or its error; and whether anything was usable. */
static void
finish(struct decode_images *job)
{
	struct progress *p = &job->progress;
	const long before = sought.skipped;

	if (sought.pipe && pipe_order_end(&job->pipe, &sought) < 0) {
		/* the records before the error are written; without its end mark the output counts as cut */
		writer_flush(job->writer);
		writer_abandon(job->writer);
		die();
	}
	p->skipped += sought.skipped - before;
	p->note = sought.note;
	if (p->records == 0 && p->skipped) {
		writer_abandon(job->writer);
		die_with(ERR_DATA, "no image could be read: %ld skipped", p->skipped);
	}
	if (writer_close(job->writer) < 0)
		die();
}

int
main(int argc, char **argv)
{
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands);
	struct decode_images job = { .attach = &attach };
	struct pool *pool;

	complete_options(&job.crop);
	if (args.records)
		return add_images(n, operands);
	progress_begin(&job.progress, "images");
	inputs(&sought, &job.listing, n, operands);
	job.progress.skipped = sought.skipped;
	job.from_pipe = sought.pipe != NULL;
	job.cropped = args.crop != NULL;
	job.several_epochs = args.epochs > 1;
	if (sought.pipe)
		begin_pipe(&job);
	else if (args.buffer)
		die_with(ERR_USAGE, "--shuffle-buffer is for an archive from a pipe; use --shuffle, which is exact");
	else
		begin_sequence(&job.sequence, job.listing.count);
	pool = pool_new(attach.threads);
	if (!pool)
		die();
	job.progress.total = sought.pipe ? 0 : records_left(&job.sequence);
	job.writer = begin(&job);
	if (decode_images_run(&job, pool) < 0) {
		writer_abandon(job.writer);
		die();
	}
	finish(&job);
	pool_free(pool);
	epoch_order_free(&job.sequence);
	listing_free(&job.listing);
	progress_end(&job.progress);
	return attach.strict && (progress_incomplete(&job.progress) || sought.irregular) ? ERR_SKIPPED : 0;
}
