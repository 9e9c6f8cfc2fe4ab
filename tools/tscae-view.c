/* tscae-view - inspect streams: tables, JSON, statistics, checks, contact sheets, label files of YOLO */
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/progress.h"
#include "cli/show.h"
#include "codec/image.h"
#include "codec/save.h"
#include "dataset/yolo_write.h"
#include "stream/reader.h"
#include "stream/record.h"
#include "stream/tensor.h"
#include "viz/class_color.h"
#include "viz/contact_sheet.h"
#include "viz/pca.h"
#include "viz/sheet.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static struct {
	bool header, json, values, check;
	bool heads, pca, strict;
	const char *key, *sheet, *stats, *yolo;
	long limit, columns, scale;
	double score;
} args = { .columns = 1, .score = 0.3 };

static const struct cli cli = {
	"tscae-view", "inspect streams, draw contact sheets, write label files", "[FILE ...]",
	(const struct opt[]){
		{ 'H', "header", OPT_FLAG, &args.header, 0, 0, "print the header instead of the records", NULL },
		{ 'j', "json", OPT_FLAG, &args.json, 0, 0, "print records as JSON objects, one per line", NULL },
		{ 0, "values", OPT_FLAG, &args.values, 0, 0, "with --json: also print the numbers of tensors", NULL },
		{ 0, "stats", OPT_TEXT, &args.stats, 0, 0, "print statistics of one tensor over all records", "FIELD" },
		{ 0, "check", OPT_FLAG, &args.check, 0, 0, "read everything and verify it", NULL },
		{ 0, "sheet", OPT_PATH, &args.sheet, 0, 0,
			"write a contact sheet of the images (.png or .jpg)", "FILE" },
		{ 0, "columns", OPT_INT, &args.columns, 1, 1000, "sheet: records per row", NULL },
		{ 0, "scale", OPT_INT, &args.scale, 0, 64,
			"sheet: magnification (0: cells of about 128 pixels)", NULL },
		{ 0, "heads", OPT_FLAG, &args.heads, 0, 0, "sheet: also draw the attention of each head", NULL },
		{ 0, "pca", OPT_FLAG, &args.pca, 0, 0,
			"sheet: also draw the principal components of patch features as colors", NULL },
		{ 0, "score-threshold", OPT_REAL, &args.score, 0, 1, "sheet: minimum score of a predicted box", NULL },
		{ 0, "yolo", OPT_PATH, &args.yolo, 0, 0,
			"write the boxes as label files of YOLO, and data.yaml", "FOLDER" },
		CLI_STRICT(&args.strict),
		CLI_LIMIT(&args.limit),
		{ 0, "key", OPT_TEXT, &args.key, 0, 0, "only records whose key matches the pattern", "GLOB" },
		{ 0 }
	}
};

/* Results over all records. */
struct view {
	struct contact_sheet sheet;
	struct class_colors colors;	/* of the header of the current input, in modes that name classes */
	struct summary summary;
	struct yolo_write yolo;
	struct progress progress;	/* of writing label files */
};

/* A mode: callbacks for the header, each record and the end of each input; NULL: nothing to do. */
struct mode {
	bool check;	/* an error in one input is a result: the other inputs are read, too */
	bool classes;	/* reads the class lists of the header */
	void (*begin)(const struct header *h);
	int (*each)(struct view *v, const struct header *h, const struct record *r);	/* 0, or -1 and err() */
	void (*end)(const char *path, const struct reader *r, long records);
};

static int
print_row(struct view *view, const struct header *h, const struct record *r)
{
	(void)h;
	return show_record(&view->colors.lists[CLASS_COLOR_GT], r);
}

static int
print_json(struct view *view, const struct header *h, const struct record *r)
{
	(void)h;
	return show_json(&view->colors.lists[CLASS_COLOR_GT], r, args.values);
}

static int
add_summary(struct view *view, const struct header *h, const struct record *r)
{
	const struct value *v = record_get(r, args.stats);

	(void)h;
	if (!v || v->kind != VALUE_TENSOR)
		return err(ERR_DATA, "no tensor '%s' in the record", args.stats);
	summary_add(&view->summary, &v->tensor);
	return 0;
}

static int
add_to_sheet(struct view *view, const struct header *h, const struct record *r)
{
	(void)h;
	return contact_sheet_add(&view->sheet, &view->colors, r);
}

static int
write_labels(struct view *view, const struct header *h, const struct record *r)
{
	const int got = yolo_write_put(&view->yolo, h, r);

	view->progress.records += got == 1;
	view->progress.skipped += got == 0;
	progress_step(&view->progress);
	return got < 0 ? -1 : 0;
}

static void
print_sound(const char *path, const struct reader *r, long records)
{
	show_text(strcmp(path, "-") == 0 ? "standard input" : path);
	fputs(": sound, kind ", stdout);
	show_text(reader_header(r)->kind);
	printf(", %ld records, %zu bytes\n", records, reader_offset(r));
}

enum { TABLE, HEADER, JSON, STATS, CHECK, SHEET, YOLO, MODES };

static const struct mode modes[MODES] = {
	[TABLE] = { .classes = true, .each = print_row },
	[HEADER] = { .begin = show_header },
	[JSON] = { .classes = true, .each = print_json },
	[STATS] = { .each = add_summary },
	[CHECK] = { .check = true, .end = print_sound },
	[SHEET] = { .classes = true, .each = add_to_sheet },
	[YOLO] = { .each = write_labels }
};

/* The mode that the options select. */
static int
select_mode(void)
{
	const bool chosen[MODES] = { [HEADER] = args.header, [JSON] = args.json, [STATS] = args.stats,
		[CHECK] = args.check, [SHEET] = args.sheet, [YOLO] = args.yolo };
	int i, mode = TABLE;

	for (i = 0; i < MODES; i++) {
		if (chosen[i] && mode)
			die_with(ERR_USAGE, "--header, --json, --stats, --check, --sheet and --yolo exclude each "
				"other; use one of them");
		if (chosen[i])
			mode = i;
	}
	if (args.values && mode != JSON)
		die_with(ERR_USAGE, "--values needs --json");
	if (args.heads && mode != SHEET)
		die_with(ERR_USAGE, "--heads needs --sheet");
	if (args.pca && mode != SHEET)
		die_with(ERR_USAGE, "--pca needs --sheet");
	if (args.strict && mode != YOLO && !args.pca)
		die_with(ERR_USAGE, "--strict needs --yolo or --pca");
	if (mode == CHECK && (args.limit || args.key))
		die_with(ERR_USAGE, "--check reads all records; it excludes --limit and --key");
	if (mode == SHEET && save_check_name(args.sheet) < 0)
		die();
	return mode;
}

static void
show_summary(const struct summary *s)
{
	puts("field\tnumbers\tnot-finite\tmin\tmax\tmean\tdeviation");
	show_text(args.stats);
	if (s->count)
		printf("\t%ld\t%ld\t%.9g\t%.9g\t%.9g\t%.9g\n", s->count, s->not_finite, s->min, s->max, s->mean,
			summary_std(s));
	else
		printf("\t0\t%ld\t-\t-\t-\t-\n", s->not_finite);
}

/* Draw the sheet and say which colors mean nothing. The exit status. */
static int
draw(struct contact_sheet *sheet)
{
	struct arena a = { 0 };
	struct image drawn;
	int missing;

	/* quality 95 keeps letters and the edges of patches sharp in a JPEG file */
	if (contact_sheet_draw(sheet, &a, &drawn) < 0 || save_image(&a, args.sheet, &drawn, 95) < 0)
		die();
	missing = args.pca ? PCA_COLORS - sheet->components.components : 0;
	if (missing)
		warn("%s: the patch features have variance in %d of %d components; the other colors are constant",
			args.sheet, PCA_COLORS - missing, PCA_COLORS);
	contact_sheet_free(sheet);
	arena_free(&a);
	return args.strict && missing ? ERR_SKIPPED : 0;
}

/* Complete the label files and say what they do not hold. The exit status. */
static int
finish_labels(struct view *view)
{
	struct yolo_write *y = &view->yolo;
	static char text[60];
	long notes = 0;
	int i;

	if (y->count == 0)
		die_with(ERR_DATA, "%ld records, none of them with boxes: no label files", view->progress.skipped);
	if (yolo_write_end(y) < 0)
		die();
	for (i = 0; i < YOLO_WRITE_NOTES; i++) {
		if (y->notes[i].count)
			warn("%ld %s; the first: %s", y->notes[i].count, yolo_write_note_texts[i], y->notes[i].first);
		notes += y->notes[i].count;
	}
	if (view->progress.skipped)
		warn("%ld records have no boxes: no label file", view->progress.skipped);
	snprintf(text, sizeof text, "%ld boxes left out or changed", notes);
	view->progress.note = notes ? text : NULL;
	progress_end(&view->progress);
	yolo_write_free(y);
	return args.strict && (notes || view->progress.skipped) ? ERR_SKIPPED : 0;
}

/* Process one input; *left is the number of records that --limit still allows. 0, or -1 and err(). */
static int
read_input(struct view *view, const struct mode *m, const char *path, struct record *r, long *left)
{
	struct reader *in = reader_open(path);
	long n = 0;
	int got = 0;

	if (!in)
		return -1;
	if (m->classes && class_colors_read(&view->colors, reader_header(in)) < 0) {
		reader_blame(in);
		reader_close(in);
		return -1;
	}
	if (m->begin)
		m->begin(reader_header(in));
	while ((m->each || m->end) && *left > 0 && (got = reader_next(in, r)) > 0) {
		n++;
		if (!m->each || (args.key && fnmatch(args.key, r->key, 0) != 0))
			continue;
		if (m->each(view, reader_header(in), r) < 0)
			return record_blame(r, path);
		*left -= args.limit > 0;
	}
	if (got == 0 && m->end)
		m->end(path, in, n);
	class_colors_free(&view->colors);
	reader_close(in);
	return got;
}

int
main(int argc, char **argv)
{
	struct view view = { 0 };
	struct record r = { 0 };
	int i, n, mode, status = 0;
	char **paths;
	long left;

	n = cli_parse(&cli, argc, argv, &paths);
	mode = select_mode();
	left = args.limit ? args.limit : 1;
	if (mode == TABLE)
		show_title();
	view.sheet.sheet.columns = (int)args.columns;
	view.sheet.sheet.scale = (int)args.scale;
	view.sheet.heads = args.heads;
	view.sheet.pca = args.pca;
	view.sheet.score = args.score;
	contact_sheet_begin(&view.sheet);
	view.yolo.folder = args.yolo;
	progress_begin(&view.progress, "label files");
	for (i = 0; i < (n ? n : 1) && left > 0; i++)
		if (read_input(&view, &modes[mode], n ? paths[i] : "-", &r, &left) < 0) {
			if (!modes[mode].check)
				die();
			status = err_status();
			warn("%s", err_text());
		}
	record_free(&r);
	if (mode == SHEET)
		status = draw(&view.sheet);
	if (mode == STATS)
		show_summary(&view.summary);
	if (mode == YOLO)
		status = finish_labels(&view);
	die_flush();
	return status;
}
