/* tscae-label - add classes, boxes and segmentation maps to records, or write them as a stream of their own */
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/opt.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/filter.h"
#include "cli/progress.h"
#include "codec/decode.h"
#include "dataset/label.h"
#include "dataset/listing.h"
#include "stream/record.h"
#include "stream/writer.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ON_MISSING(X) X(FAIL, "fail") X(SKIP, "skip") X(KEEP, "keep")
enum { ON_MISSING(OPT_CONSTANT) };
#define UNLISTED(X) X(UNLISTED_FAIL, "fail") X(UNLISTED_DROP, "drop")
enum { UNLISTED(OPT_CONSTANT) };

static struct {
	struct label_options label;
	const char *output;
	int layout, on_missing, exif, unlisted;
	bool standalone, names, zero, strict;
	long threads;
} args = { .output = "-", .label = { .ignore_index = -1 } };

static const struct cli cli = {
	"tscae-label", "attach classes, boxes and segmentation maps to records", "[FILE ...]",
	(const struct opt[]){
		{ 'l', "layout", OPT_CHOICE, &args.layout, 0, 0, "layout of the dataset", LABEL_LAYOUT_NAMES },
		{ 'f', "from", OPT_PATH, &args.label.from, 0, 0, "location of the annotations", "FOLDER|FILE" },
		{ 0, "split", OPT_PATH, &args.label.split, 0, 0,
			"split of the dataset, or a file of image names", "NAME|FILE.txt" },
		{ 0, "image-dir", OPT_PATH, &args.label.image_dir, 0, 0,
			"folder of the images, if the layout does not define it", "FOLDER" },
		{ 0, "segmap-dir", OPT_PATH, &args.label.segmap_dir, 0, 0,
			"folder of the segmentation maps, if the layout does not define it", "FOLDER" },
		{ 0, "classes", OPT_PATH, &args.label.classes, 0, 0,
			"class names: a file with one name per line, or voc or camvid", "FILE|NAME" },
		{ 0, "ignore-index", OPT_INT, &args.label.ignore_index, -1, 255,
			"further ignore index of segmentation maps besides 255 (-1: none)", "N" },
		{ 0, "binary", OPT_FLAG, &args.label.binary, 0, 0,
			"segmentation maps: 0 is the first class, any other value the second", NULL },
		{ 0, "unlisted", OPT_CHOICE, &args.unlisted, 0, 0,
			"objects and map values of classes that are not listed", OPT_NAMES(UNLISTED) },
		{ 0, "exif", OPT_CHOICE, &args.exif, 0, 0, "EXIF orientation", OPT_NAMES(DECODE_EXIF) },
		{ 0, "on-size", OPT_CHOICE, &args.label.on_size, 0, 0,
			"action for annotations of another size than the image", OPT_NAMES(LABEL_ON_SIZES) },
		{ 0, "segmaps", OPT_FLAG, &args.label.want_segmaps, 0, 0, "also attach segmentation maps", NULL },
		{ 0, "segmentation", OPT_FLAG, &args.label.want_segmentation, 0, 0,
			"also attach polygons and RLE of the objects (COCO)", NULL },
		{ 0, "standalone", OPT_FLAG, &args.standalone, 0, 0,
			"read no records; write one label record per image", NULL },
		{ 0, "names", OPT_FLAG, &args.names, 0, 0, "read no records; print the paths of the images", NULL },
		{ '0', "null", OPT_FLAG, &args.zero, 0, 0, "with --names: end each path with a zero byte", NULL },
		{ 0, "on-missing", OPT_CHOICE, &args.on_missing, 0, 0,
			"action for images without annotations", OPT_NAMES(ON_MISSING) },
		CLI_STRICT(&args.strict),
		CLI_THREADS(&args.threads),
		CLI_OUTPUT(&args.output),
		{ 0 }
	}
};

struct tally {
	struct label_notes notes;
	long labeled, unlabeled;	/* records with and without labels */
};

/* Keys of the records that an image fits: a digest of one of them, odd, or 0; whether there were others. */
struct owner { _Atomic uint64_t key; atomic_bool several; };

struct job {
	struct label label;
	struct owner *owners;		/* one for each image */
	struct tally *tallies;		/* one for each thread */
	long threads;
};

static int
begin(void *arg, struct header *h)
{
	const struct job *job = arg;

	return label_header(&job->label, h, args.on_missing != KEEP);
}

/* Note that image i fits a record with this key. */
static void
note_owner(struct owner *o, const char *key)
{
	const uint64_t mine = digest_of(key, strlen(key)) | 1;
	uint64_t first = 0;

	if (!atomic_compare_exchange_strong(&o->key, &first, mine) && first != mine)
		atomic_store(&o->several, true);
}

/* Count a record without labels and apply --on-missing. */
static int
missing(struct job *job, int worker)
{
	job->tallies[worker].unlabeled++;
	if (args.on_missing == KEEP)
		return FILTER_KEEP;
	err(ERR_DATA, "no labels in '%s'; use --on-missing skip or keep", job->label.options.from);
	return args.on_missing == SKIP ? FILTER_SKIP : -1;
}

static int
each(void *arg, struct record *r, int worker)
{
	struct job *job = arg;
	long i = label_find_image(&job->label, r->key);
	int got;

	if (i >= 0)
		note_owner(&job->owners[i], r->key);
	got = i == -2 ? -1 : i < 0 ? 0 : label_put(&job->label, i, r, &job->tallies[worker].notes);

	if (got < 0)
		return -1;
	if (got == LABEL_SKIPPED)
		return FILTER_SKIP;
	job->tallies[worker].labeled += got;
	return got ? FILTER_KEEP : missing(job, worker);
}

/* Sum the notes of all threads. */
static struct tally
sum_tallies(const struct job *job)
{
	struct tally sum = { .notes = job->label.notes };
	long i;
	int k;

	for (i = 0; i < job->threads; i++) {
		for (k = 0; k < LABEL_NOTES; k++) {
			const long first = job->tallies[i].notes.first[k];

			sum.notes.count[k] += job->tallies[i].notes.count[k];
			if (first && (!sum.notes.first[k] || first < sum.notes.first[k]))
				sum.notes.first[k] = first;
		}
		sum.labeled += job->tallies[i].labeled;
		sum.unlabeled += job->tallies[i].unlabeled;
	}
	for (i = 0; i < job->label.images.count; i++)
		if (job->owners[i].several && sum.notes.count[LABEL_SHARED]++ == 0)
			sum.notes.first[LABEL_SHARED] = i + 1;
	return sum;
}

/* For the closing line: the number of notes about annotations, and of records without labels. NULL: none. */
static const char *
note(void *arg)
{
	static char text[100];
	const struct tally sum = sum_tallies(arg);
	long notes = 0;
	int k, n;

	for (k = 0; k < LABEL_NOTES; k++)
		notes += sum.notes.count[k];
	n = notes ? snprintf(text, sizeof text, "%ld annotations dropped or repaired", notes) : 0;
	if (sum.unlabeled && args.on_missing == KEEP)
		n += snprintf(text + n, sizeof text - (size_t)n, "%s%ld without labels", n ? ", " : "", sum.unlabeled);
	return n ? text : NULL;
}

/* Warn about annotations that were corrected or left out, once for each kind, and about records without labels.
   -1 and err() if no record at all has labels. */
static int
summarize(void *arg)
{
	const struct job *job = arg;
	const char *from = job->label.options.from;
	const struct tally sum = sum_tallies(job);
	int k;

	for (k = 0; k < LABEL_NOTES; k++)
		if (sum.notes.count[k] && sum.notes.first[k])
			warn("%s: %ld %s; the first: %s", from, sum.notes.count[k], label_note_text(k),
				job->label.images.items[sum.notes.first[k] - 1].name);
		else if (sum.notes.count[k] && sum.notes.name[k])
			warn("%s: %ld %s; the first: %s", from, sum.notes.count[k], label_note_text(k),
				sum.notes.name[k]);
		else if (sum.notes.count[k] && sum.notes.at[k])
			warn("%s: %ld %s; the first: at byte %lld", from, sum.notes.count[k], label_note_text(k),
				(long long)sum.notes.at[k] - 1);
		else if (sum.notes.count[k])
			warn("%s: %ld %s", from, sum.notes.count[k], label_note_text(k));
	if (sum.unlabeled && args.on_missing == KEEP)
		warn("%s: %ld records have no labels", from, sum.unlabeled);
	if (sum.unlabeled == 0 || sum.labeled > 0)
		return 0;
	return err(ERR_DATA, "%s: no labels for any record", from);
}

static int
attach(struct job *job, int n, char **operands)
{
	const struct filter f = {
		.begin = begin, .each = each, .note = note, .end = summarize, .arg = job, .threads = job->threads,
		.output = args.output, .strict = args.strict
	};

	return filter(&f, n, operands);
}

/* Put the labels of image i into an empty record. As each(). */
static int
make_record(struct job *job, long i, struct record *r)
{
	const char *key;
	int got;

	record_reset(r);
	key = listing_key(&job->label.images, i, &r->arena);
	record_set_key(r, key);
	record_put_text(r, "file", key);
	record_put_int(r, "index", i);
	got = label_put(&job->label, i, r, &job->tallies[0].notes);
	job->tallies[0].labeled += got == 1;
	return got ? got : missing(job, 0);
}

/* Print the closing line. Returns the exit status. */
static int
finish(struct job *job, struct progress *p)
{
	p->note = note(job);
	progress_end(p);
	return args.strict && (p->skipped || p->note) ? ERR_SKIPPED : 0;
}

static int
write_standalone(struct job *job)
{
	const long count = job->label.images.count;
	struct progress p = { 0 };
	struct header h = { 0 };
	struct record r = { 0 };
	struct writer *w;
	long i;

	progress_begin(&p, "records");
	header_set_kind(&h, "label");
	record_put_int(&h.extra, "records", count);
	if (begin(job, &h) < 0)
		die();
	header_add_history(&h, cli_history());
	w = writer_open(args.output, &h);
	if (!w)
		die();
	header_free(&h);
	p.total = count;
	for (i = 0; i < count; i++) {
		int got = make_record(job, i, &r);

		if (got < 0) {
			err_in("%s", r.key);
			writer_abandon(w);
			die();
		}
		if (got == FILTER_SKIP) {
			warn("%s: %s (skipped)", r.key, err_text());
			p.skipped++;
		} else if (writer_put(w, &r) < 0)
			die();
		else
			p.records++;
		progress_step(&p);
	}
	if (p.records == 0 && p.skipped)
		err(ERR_DATA, "no record could be made: %ld skipped", p.skipped);
	if (summarize(job) < 0 || (p.records == 0 && p.skipped)) {
		writer_abandon(w);
		die();
	}
	if (writer_close(w) < 0)
		die();
	record_free(&r);
	return finish(job, &p);
}

static int
print_names(struct job *job)
{
	struct progress p = { .records = job->label.images.count };
	long i;

	progress_begin(&p, "names");
	for (i = 0; i < p.records; i++) {
		fputs(job->label.images.items[i].name, stdout);
		putchar(args.zero ? 0 : '\n');
	}
	die_flush();
	if (summarize(job) < 0)
		die();
	return finish(job, &p);
}

int
main(int argc, char **argv)
{
	struct job job = { 0 };
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands), status;

	if (!args.label.from)
		die_with(ERR_USAGE, "no labels given; use --layout and --from");
	if (n && (args.standalone || args.names))
		die_with(ERR_USAGE, "unexpected operand '%s': --standalone and --names read no records", operands[0]);
	args.label.upright = args.exif == DECODE_EXIF_APPLY;
	args.label.drop_unlisted = args.unlisted;
	job.threads = cli_threads(args.threads);
	job.tallies = mem_array((size_t)job.threads, sizeof *job.tallies);
	if (label_open(&job.label, label_layouts[args.layout], &args.label) < 0)
		die();
	job.owners = mem_array((size_t)job.label.images.count, sizeof *job.owners);
	status = args.names ? print_names(&job) : args.standalone ? write_standalone(&job)
		: attach(&job, n, operands);
	label_close(&job.label);
	free(job.owners);
	free(job.tallies);
	return status;
}
