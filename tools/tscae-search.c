/* tscae-search - find nearest neighbors of images, and near-duplicates, by their features */
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/pool.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/progress.h"
#include "cli/row_sheet.h"
#include "cli/show.h"
#include "codec/save.h"
#include "metrics/duplicates.h"
#include "metrics/feature_set.h"
#include "metrics/feature_source.h"
#include "metrics/neighbors.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	const char *sheet;
	long k, rows, threads;
	double duplicates;
	bool others, strict;
} args = { .k = 10, .rows = 50 };

static const struct cli cli = {
	"tscae-search", "find nearest neighbors and near-duplicates of images by their features",
	"[QUERIES] COLLECTION ...",
	(const struct opt[]){
		{ 0, "neighbors", OPT_INT, &args.k, 1, 1e4, "number of neighbors", NULL },
		{ 0, "exclude-self", OPT_FLAG, &args.others, 0, 0,
			"leave out neighbors with the key of the query", NULL },
		{ 0, "duplicates", OPT_REAL, &args.duplicates, 0, 1,
			"print groups of images with at least this similarity (0: off)", NULL },
		{ 0, "sheet", OPT_PATH, &args.sheet, 0, 0,
			"write a contact sheet of the images (.png or .jpg)", "FILE" },
		{ 0, "sheet-rows", OPT_INT, &args.rows, 1, 1e6, "sheet: number of queries or groups, at most", "N" },
		CLI_STRICT(&args.strict),
		CLI_THREADS(&args.threads),
		{ 0 }
	}
};

static void
step(void *arg, long rows)
{
	struct progress *p = arg;

	p->records = rows;
	progress_step(p);
}

/* Warn of rows that were left out, and count them. */
static void
count_left_out(struct progress *p, const struct feature_left_out *l, const char *what)
{
	if (l->count)
		warn("%ld %s left out, first %s", l->count, what, l->first);
	p->skipped += l->count;
}

/* The rows of the inputs in memory. */
static void
read_rows(struct progress *p, struct feature_rows *f, bool unique, char **paths, int n)
{
	struct feature_source s;

	if (feature_source_open(&s, paths, n) < 0 || feature_rows_read(f, &s, unique) < 0)
		die();
	count_left_out(p, &s.zeros, "records whose features are all zeros");
	count_left_out(p, &f->repeated, "records with the key of an earlier record");
	feature_source_close(&s);
}

/* A similarity as text; without a sign where it is 0. */
static const char *
shown(double similarity, int decimals, char text[16])
{
	snprintf(text, 16, "%.*f", decimals, fabs(similarity) < 0.5 * pow(10, -decimals) ? 0 : similarity);
	return text;
}

static void
show_neighbors(const struct neighbors *found, const struct feature_rows *queries)
{
	char text[16];
	long query;
	int i;

	puts("query\trank\tkey\tsimilarity");
	for (query = 0; query < found->queries; query++)
		for (i = 0; i < found->kept[query]; i++) {
			const struct neighbor *n = &found->lists[query * found->k + i];

			show_text(queries->list[query].key);
			printf("\t%d\t", i + 1);
			show_text(n->key);
			printf("\t%s\n", shown(n->similarity, 6, text));
		}
}

/* Write the sheet, which has the first of `count` lines. */
static void
save_sheet(struct row_sheet *sheet, long count, const char *what)
{
	if (row_sheet_save(sheet, args.sheet) < 0)
		die();
	if (count > args.rows)
		warn("%s: the first %ld of %ld %s; --sheet-rows for more", args.sheet, args.rows, count, what);
}

static void
draw_neighbors(const struct neighbors *found, const struct feature_rows *queries, char **paths, int n)
{
	struct row_sheet sheet = { 0 };
	char text[16];
	long query;
	int i;

	/* three decimals leave room for the key */
	for (query = 0; query < found->queries && query < args.rows; query++) {
		row_sheet_line(&sheet);
		row_sheet_put(&sheet, paths, 1, queries->list[query].number, "query", queries->list[query].key);
		for (i = 0; i < found->kept[query]; i++) {
			const struct neighbor *near = &found->lists[query * found->k + i];

			row_sheet_put(&sheet, paths + 1, n - 1, near->row, shown(near->similarity, 3, text),
				near->key);
		}
	}
	save_sheet(&sheet, found->queries, "queries");
	row_sheet_free(&sheet);
}

/* Search for the neighbors of the first input in the others. Returns the note for the closing line. */
static char *
search(struct progress *p, struct pool *pool, char **paths, int n)
{
	struct feature_rows queries;
	struct feature_source collection;
	struct neighbors found;
	char *note;

	read_rows(p, &queries, false, paths, 1);
	if (feature_source_open(&collection, paths + 1, n - 1) < 0 ||
		neighbors_find(&found, &queries, (int)args.k, args.others, &collection, pool, step, p) < 0)
		die();
	p->records = collection.row + 1 - collection.zeros.count;
	count_left_out(p, &collection.zeros, "records whose features are all zeros");
	show_neighbors(&found, &queries);
	if (args.sheet)
		draw_neighbors(&found, &queries, paths, n);
	note = mem_format("%ld queries", queries.n);
	neighbors_free(&found);
	feature_source_close(&collection);
	feature_rows_free(&queries);
	return note;
}

/* Groups of two or more rows as lists: the rows of a group in ascending order, groups in the order of their first. */
struct groups {
	int *first;	/* (n) the first row of the group of each row */
	int *next;	/* (n) the next row of the same group, -1: none */
};

static struct groups
groups_new(const struct feature_rows *f, struct pool *pool, struct progress *p)
{
	const size_t n = (size_t)f->n;
	struct groups g = { mem_array(n, sizeof *g.first), mem_array(n, sizeof *g.next) };
	int *last = mem_array(n, sizeof *last), i;

	duplicates_group(f->x, f->n, f->d, args.duplicates, pool, g.first, step, p);
	for (i = 0; i < f->n; i++) {
		g.next[i] = -1;
		if (g.first[i] != i)
			g.next[last[g.first[i]]] = i;
		last[g.first[i]] = i;
	}
	free(last);
	return g;
}

/* Print the groups and draw the first ones. Returns the note for the closing line. */
static char *
show_groups(const struct groups *g, const struct feature_rows *f, char **paths, int n)
{
	struct row_sheet sheet = { 0 };
	long groups = 0, duplicates = 0;
	int i, row;

	puts("group\tstate\tkey");
	for (i = 0; i < f->n; i++) {
		if (g->first[i] != i || g->next[i] < 0)
			continue;
		groups++;
		if (groups <= args.rows)
			row_sheet_line(&sheet);
		for (row = i; row >= 0; row = g->next[row]) {
			printf("%ld\t%s\t", groups, row == i ? "keep" : "duplicate");
			show_text(f->list[row].key);
			putchar('\n');
			duplicates += row != i;
			if (args.sheet && groups <= args.rows)
				row_sheet_put(&sheet, paths, n, f->list[row].number, row == i ? "keep" : NULL,
					f->list[row].key);
		}
	}
	if (args.sheet && groups == 0)
		warn("no groups, so no contact sheet is written");
	else if (args.sheet)
		save_sheet(&sheet, groups, "groups");
	row_sheet_free(&sheet);
	return mem_format("%ld groups, %ld duplicates", groups, duplicates);
}

static char *
group(struct progress *p, struct pool *pool, char **paths, int n)
{
	struct feature_rows f;
	struct groups g;
	char *note;

	read_rows(p, &f, true, paths, n);
	p->total = f.n;
	g = groups_new(&f, pool, p);
	p->records = f.n;
	p->total = 0;
	note = show_groups(&g, &f, paths, n);
	free(g.first);
	free(g.next);
	feature_rows_free(&f);
	return note;
}

/* Check what can be checked before hours of work. */
static void
check(char **paths, int n)
{
	int i, standard = 0, has;

	if (n < (args.duplicates > 0 ? 1 : 2))
		die_with(ERR_USAGE, "%s; try 'tscae-search --help'", args.duplicates > 0
			? "an operand is required, COLLECTION" : "two operands are required, QUERIES and COLLECTION");
	for (i = 0; i < n; i++)
		standard += strcmp(paths[i], "-") == 0;
	if (standard > 1)
		die_with(ERR_USAGE, "standard input can be only one of the operands");
	if (args.duplicates > 0 && args.others)
		die_with(ERR_USAGE, "--exclude-self is for queries; --duplicates has none");
	for (i = 0; args.others && i < n; i++)
		if ((has = feature_source_has_keys(paths[i])) < 0)
			die();
		else if (!has)
			die_with(ERR_USAGE, "--exclude-self: %s.keys is missing: its rows have no keys", paths[i]);
	if (args.sheet && (save_check_name(args.sheet) < 0 || row_sheet_check(paths, n) < 0))
		die();
}

int
main(int argc, char **argv)
{
	struct progress progress = { 0 };
	struct pool *pool;
	char **paths, *note;
	int n = cli_parse(&cli, argc, argv, &paths);

	check(paths, n);
	pool = pool_new((int)cli_threads(args.threads));
	if (!pool)
		die();
	progress_begin(&progress, "records");
	note = (args.duplicates > 0 ? group : search)(&progress, pool, paths, n);
	die_flush();
	progress.note = note;
	progress_end(&progress);
	free(note);
	pool_free(pool);
	return args.strict && progress.skipped ? ERR_SKIPPED : 0;
}
