/* tscae-eval - score predictions: classes, boxes, segmentation maps */
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/progress.h"
#include "cli/scores.h"
#include "dataset/coco_index.h"
#include "dataset/label.h"
#include "metrics/ap.h"
#include "metrics/confusion.h"
#include "metrics/evaluation.h"
#include "metrics/records.h"
#include "metrics/results.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TASKS(X) X(AUTO, "auto") X(CLASSIFY, "classify") X(DETECT, "detect") X(SEGMENT, "segment")
enum { TASKS(OPT_CONSTANT) };

static struct {
	int task;
	const char *compat, *write_coco, *write_gt, *write_voc, *part;
	double overlap, least;
	long samples;
	bool restricted, masks, per_class, confusion, json, strict;
} args = {
	.compat = "", .write_coco = "", .write_gt = "", .write_voc = "",
	.overlap = 0.5 /* VOC's */, .least = -INFINITY
};

static const struct cli cli = {
	"tscae-eval", "score predicted classes, boxes and segmentation maps", "GT [PREDICTIONS]",
	(const struct opt[]){
		{ 0, "task", OPT_CHOICE, &args.task, 0, 0,
			"task to score (auto: all tasks that both inputs have)", OPT_NAMES(TASKS) },
		{ 0, "per-class", OPT_FLAG, &args.per_class, 0, 0, "also print the scores of each class", NULL },
		{ 0, "confusion", OPT_FLAG, &args.confusion, 0, 0, "also print the confusion matrix", NULL },
		{ 'j', "json", OPT_FLAG, &args.json, 0, 0,
			"print one JSON object with all digits instead of tables", NULL },
		{ 0, "intersect", OPT_FLAG, &args.restricted, 0, 0,
			"score only the classes and images that both inputs have", NULL },
		{ 0, "score-threshold", OPT_REAL, &args.least, -1e300, 1e300,
			"minimum score of a predicted box", NULL },
		{ 0, "masks", OPT_FLAG, &args.masks, 0, 0, "score the masks of COCO files instead of the boxes", NULL },
		{ 0, "bootstrap", OPT_INT, &args.samples, 0, 100000,
			"print 95 % intervals from N random samples of the images (0: only those of classes)", "N" },
		{ 0, "iou-threshold", OPT_REAL, &args.overlap, 0, 1, "IoU threshold of VOC average precision", NULL },
		{ 0, "compat", OPT_TEXT, &args.compat, 0, 0,
			"reproduce other programs: py,edges,recall,ignore,zero-id,absent", "LIST" },
		{ 0, "write-coco", OPT_PATH, &args.write_coco, 0, 0,
			"write the predicted boxes as a COCO results file", "FILE" },
		{ 0, "write-gt", OPT_PATH, &args.write_gt, 0, 0,
			"write the ground-truth boxes as a COCO annotation file", "FILE" },
		{ 0, "write-voc", OPT_PATH, &args.write_voc, 0, 0,
			"write the predicted boxes as VOC comp4 files", "DIR" },
		{ 0, "split", OPT_TEXT, &args.part, 0, 0,
			"split of a VOC folder, and SET in the names of VOC result files", "NAME" },
		CLI_STRICT(&args.strict),
		{ 0 }
	}
};

enum { ABSENT = 1 << 16 };	/* beside enum ap_compat: segmentation maps: an absent class counts as 0 */

/* The names of --compat. */
static const struct { const char *name; unsigned flag; } compats[] = {
	{ "py", AP_PY }, { "edges", AP_EDGES }, { "recall", AP_RECALL }, { "ignore", AP_IGNORE },
	{ "zero-id", AP_ZERO_ID }, { "absent", ABSENT }
};

/* The flags of the list --compat. */
static unsigned
compat_flags(void)
{
	const char *at = args.compat;
	unsigned sum = 0;
	size_t i;

	for (; *at; at += *at == ',') {
		size_t n = strcspn(at, ","), count = sizeof compats / sizeof *compats;

		for (i = 0; i < count && !(strlen(compats[i].name) == n && strncmp(compats[i].name, at, n) == 0); i++)
			;
		if (i == count)
			die_with(ERR_USAGE,
				"--compat: '%.*s' is not one of py, edges, recall, ignore, zero-id, absent",
				(int)n, at);
		sum |= compats[i].flag;
		at += n;
	}
	return sum;
}

enum form { STREAM, JSON, FOLDER };

/* The form of an operand, from its type and its first byte. */
static enum form
form(const char *path)
{
	struct stat s;
	FILE *f;
	int c;

	if (strcmp(path, "-") == 0)
		return STREAM;
	if (stat(path, &s) < 0)
		die_with(file_status(errno), "%s: %s", path, strerror(errno));
	if (S_ISDIR(s.st_mode))
		return FOLDER;
	if (!S_ISREG(s.st_mode))
		return STREAM;
	if (!(f = fopen(path, "rb")))
		die_with(file_status(errno), "%s: %s", path, strerror(errno));
	/* skip white space and a byte order mark */
	do
		c = getc(f);
	while (strchr(" \n\r\t\xef\xbb\xbf", c) && c > 0);
	if (ferror(f))
		die_with(file_status(errno), "%s: %s", path, strerror(errno));
	fclose(f);
	return c == '{' || c == '[' ? JSON : STREAM;
}

static enum form
form_of(const char *path)
{
	enum form f = form(path);

	if (args.masks && f != JSON)
		die_with(ERR_USAGE, "%s: --masks needs COCO files", path);
	return f;
}

/* for the closing line and --strict: what was left out or guessed */
static struct progress_count odd;

static void
count_odd(long n, const char *what)
{
	if (n && odd.count == 0)
		snprintf(odd.first, sizeof odd.first, "%s", what);
	odd.count += n;
}

static void
warn_count(long n, const char *what, const char *first)
{
	if (n && first)
		warn("%ld %s; the first: %s", n, what, first);
	else if (n)
		warn("%ld %s", n, what);
	count_odd(n, what);
}

static void
read_voc(struct evaluation *s, const char *path, const char *predictions, const struct evaluation_rules *rules)
{
	struct label_notes notes = { { 0 } };
	bool maps = args.task == SEGMENT || (args.task == AUTO && form(predictions) == FOLDER &&
		!results_has_voc(predictions));
	int i;

	if (records_read_voc(s, path, args.part, maps, rules, &notes) < 0)
		die();
	for (i = 0; i < LABEL_NOTES; i++)
		warn_count(notes.count[i], label_note_text(i), NULL);
}

/* Read the ground truth. `predictions` is the path of the predictions; NULL: the records of the ground truth have
   them. */
static void
read_gt(struct evaluation *s, const char *path, const char *predictions, const struct evaluation_rules *rules)
{
	enum form f = form_of(path);

	if (f != STREAM && !predictions)
		die_with(ERR_USAGE, "%s: no predictions given; try 'tscae-eval --help'", path);
	if (f == FOLDER)
		read_voc(s, path, predictions, rules);
	else if ((f == JSON ? results_read_gt(s, path, rules)
		: records_read(s, path, RECORDS_GT | (predictions ? 0 : (unsigned)RECORDS_PREDICTIONS), rules)) < 0)
		die();
	if (args.masks && results_read_masks(s, &s->gt, false, path) < 0)
		die();
}

static void
read_predictions(struct evaluation *s, const char *path, const struct evaluation_rules *rules)
{
	enum form f = form_of(path);
	bool maps = f == FOLDER && s->gt_tasks & EVALUATION_SEGMENT && !results_has_voc(path);
	int result = f == JSON ? results_read_coco(s, path, rules) : maps ? results_read_segmaps(s, path, rules)
		: f == FOLDER ? results_read_voc(s, path, rules) : records_read(s, path, RECORDS_PREDICTIONS, rules);
	int i;

	if (result < 0)
		die();
	if (args.masks && results_read_masks(s, &s->detections, true, path) < 0)
		die();
	/* lists of boxes do not name images without boxes */
	for (i = 0; f != STREAM && !maps && i < s->count; i++)
		s->images[i].predicted = true;
}

/* The names of a sum of enum evaluation_part. */
static const char *
names(unsigned parts)
{
	static const char *const list[] = {
		"nothing", "classes", "boxes", "classes and boxes", "segmentation maps",
		"classes and segmentation maps",
		"boxes and segmentation maps", "classes, boxes and segmentation maps"
	};

	return list[parts & 7];
}

/* The parts to score: those of --task that both inputs have. */
static unsigned
parts_to_score(const struct evaluation *s)
{
	unsigned both = s->gt_tasks & s->predicted_tasks & (args.task != AUTO ? 1U << (args.task - CLASSIFY) : 7U);

	if (!both)
		die_with(ERR_DATA, "nothing to score%s: the ground truth has %s, the predictions have %s",
			args.task ? " for this task" : "", names(s->gt_tasks), names(s->predicted_tasks));
	return both;
}

/* Images without predictions have no detections; for classes and segmentation maps they are an error. */
static void
check_missing(struct evaluation *s, unsigned parts)
{
	long missing = 0;
	int i, first = -1;

	for (i = s->count; i-- > 0;)
		if (!s->images[i].predicted) {
			missing++;
			first = i;
		}
	if (missing == 0)
		return;
	if (args.restricted)
		evaluation_drop_unpredicted(s);
	else if (parts & ~(unsigned)EVALUATION_DETECT)
		die_with(ERR_DATA,
			"%ld of %d images have no prediction, the first is '%s'; use --intersect to score the others",
			missing, s->count, s->images[first].key);
	warn("%ld of %d images have no prediction: %s; the first is '%s'", missing, s->count,
		args.restricted ? "left out" : "they count as images without detections", s->images[first].key);
	count_odd(missing, "images have no prediction");
}

static void
warn_all(const struct evaluation *s, unsigned parts)
{
	const struct evaluation_notes *n = &s->notes;
	char first[40];
	long out = 0;
	int i;

	for (i = 0; i < s->classes.count; i++)
		out += s->classes.list[i].left_out;
	for (i = 0; i < s->label_classes.count; i++)
		out += s->label_classes.list[i].left_out;
	for (i = 0; i < COCO_NOTES; i++) {
		snprintf(first, sizeof first, "at byte %lld", (long long)n->coco_first[i] - 1);
		warn_count(n->coco[i], coco_index_note_texts[i], n->coco_first[i] ? first : NULL);
	}
	warn_count(out, "classes of the ground truth left out: the predictions do not have them", NULL);
	warn_count(n->unmatched_images, "predictions left out: the ground truth does not have their image", NULL);
	warn_count(n->unmatched_classes, "boxes left out: the ground truth does not have their class", NULL);
	warn_count(n->no_area, "ground truth boxes have no field 'area': the area of the box is used", NULL);
	warn_count(n->empty_gt, "ground truth boxes have area 0: no detection can match them", NULL);
	warn_count(n->empty_detections, "predicted boxes have area 0: they match no ground truth", NULL);
	/* asked for, and no data of the ground truth or the predictions is left out */
	if (n->low_scores)
		warn("%ld boxes left out: their score is below --score-threshold", n->low_scores);
	if (s->pixels.unlabeled)
		warn("%ld pixels have no prediction (255): they count as wrong", s->pixels.unlabeled);
	if (parts & EVALUATION_DETECT && s->detections.count == 0 && s->notes.low_scores == 0)
		warn("no boxes are predicted: every score is 0");
}

static void
write_files(const struct evaluation *s)
{
	const char *part = args.part ? args.part : "test", *slash = strrchr(part, '/');
	int i, numbered = 0;

	for (i = 0; i < s->count; i++)
		numbered += s->images[i].has_id;
	if (*args.write_coco && numbered < s->count && !*args.write_gt)
		warn("%s: the ground truth does not number all images: they get 1, 2 ...; "
			"--write-gt writes a ground truth with these numbers",
			args.write_coco);
	if (numbered && numbered < s->count && (*args.write_coco || *args.write_gt))
		die_with(ERR_DATA, "only some images of the ground truth are numbered: cannot write COCO files");
	if ((*args.write_coco && results_write_coco(s, args.write_coco) < 0) ||
		(*args.write_gt && results_write_gt(s, args.write_gt) < 0) ||
		(*args.write_voc && results_write_voc(s, args.write_voc, slash ? slash + 1 : part) < 0))
		die();
}

int
main(int argc, char **argv)
{
	struct evaluation set = { 0 };
	struct scores show = { .set = &set };
	struct evaluation_rules rules;
	struct progress progress = { 0 };
	char **paths, *note = NULL;
	int operands = cli_parse(&cli, argc, argv, &paths);

	if (operands != 1 && operands != 2)
		die_with(ERR_USAGE, "one or two operands are required, GT and PREDICTIONS; try 'tscae-eval --help'");
	if (args.samples == 1)
		die_with(ERR_USAGE, "--bootstrap: an interval needs at least 2 samples");
	show.compat = compat_flags();
	rules = (struct evaluation_rules){ args.restricted, args.least, args.masks,
		args.task != AUTO ? 1U << (args.task - CLASSIFY) : 0, args.samples > 0 };
	progress_begin(&progress, "images");
	read_gt(&set, paths[0], operands == 2 ? paths[1] : NULL, &rules);
	if (set.count == 0)
		die_with(ERR_DATA, "%s: no images", paths[0]);
	if (operands == 2)
		read_predictions(&set, paths[1], &rules);
	show.parts = parts_to_score(&set);
	check_missing(&set, show.parts);
	warn_all(&set, show.parts);
	if (show.parts & EVALUATION_DETECT && !args.masks)
		write_files(&set);
	else if (*args.write_coco || *args.write_gt || *args.write_voc)
		die_with(ERR_USAGE, "no boxes to write; --write-coco, --write-gt and --write-voc need predicted boxes");
	show.absent_zero = show.compat & ABSENT;
	show.overlap = args.overlap;
	show.samples = (int)args.samples;
	show.per_class = args.per_class;
	show.confusion = args.confusion;
	show.masks = args.masks;
	scores_show(&show, args.json);
	progress.records = set.count;
	if (odd.count)
		progress.note = note = mem_format("%ld left out or guessed (the first: %s)", odd.count, odd.first);
	progress_end(&progress);
	free(note);
	evaluation_free(&set);
	return args.strict && odd.count ? ERR_SKIPPED : 0;
}
