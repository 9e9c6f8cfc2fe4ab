/* log_table - a run's log as a table: every number averaged over equal stretches of steps */
#include "train/log_table.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "json/json.h"
#include "train/run_dir.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 32, NAME_MAX_BYTES = 32 };	/* the trainer writes about 15 of up to 14 letters */

struct stretch {
	double sum[NAMES_MAX];
	long count[NAMES_MAX];
};

struct table {
	int names;
	char name[NAMES_MAX][NAME_MAX_BYTES];	/* of the first line, in its order; the first is "step" */
	int at;					/* the name whose value comes next, -1: none of ours */
	bool first;				/* the first line makes the names */
	struct stretch *now;
};

static int
name_of(struct table *t, const char *text)
{
	int i;

	for (i = 0; i < t->names; i++)
		if (strcmp(t->name[i], text) == 0)
			return i;
	if (!t->first || t->names == NAMES_MAX)
		return -1;
	snprintf(t->name[t->names], NAME_MAX_BYTES, "%s", text);
	return t->names++;
}

static int
each(void *arg, const struct json_token *token)
{
	struct table *t = arg;

	if (token->kind == JSON_KEY)
		t->at = name_of(t, token->text);
	else if ((token->kind == JSON_INT || token->kind == JSON_REAL) && t->at >= 0) {
		/* the step is the last one of its stretch, everything else a mean */
		t->now->sum[t->at] = t->at == 0 ? token->real : t->now->sum[t->at] + token->real;
		t->now->count[t->at] = t->at == 0 ? 1 : t->now->count[t->at] + 1;
	}
	return 0;
}

static void
show(const struct table *t, FILE *out)
{
	int i;

	for (i = 0; i < t->names; i++) {
		const char *end = i + 1 < t->names ? "\t" : "\n";

		if (t->now->count[i] && i == 0)
			fprintf(out, "%.0f%s", t->now->sum[i] / (double)t->now->count[i], end);
		else if (t->now->count[i])
			fprintf(out, "%.5g%s", t->now->sum[i] / (double)t->now->count[i], end);
		else
			fprintf(out, "-%s", end);
	}
}

static long
count_lines(const char *text)
{
	long n = 0;

	while ((text = strchr(text, '\n'))) {
		n++;
		text++;
	}
	return n;
}

static int
write_rows(struct table *t, char *text, long lines, int rows, FILE *out)
{
	const struct json_rules rules = { .each = each, .arg = t };
	char *line = text;
	long i;
	int row = 0, j;

	for (i = 0; i < lines; i++) {
		char *end = strchr(line, '\n');

		t->at = -1;
		t->first = i == 0;
		if (json_read(&rules, line, (size_t)(end - line)) < 0)
			return err_in("line %ld", i + 1);
		if (t->names == 0 || strcmp(t->name[0], "step") != 0)
			return err(ERR_DATA, "line %ld: not a line of a training log", i + 1);
		if (i == 0)
			for (j = 0; j < t->names; j++)
				fprintf(out, "%s%s", t->name[j], j + 1 < t->names ? "\t" : "\n");
		/* line i is the last one of stretch `row` of `rows` */
		if ((i + 1) * rows / lines > row) {
			show(t, out);
			memset(t->now, 0, sizeof *t->now);
			row = (int)((i + 1) * rows / lines);
		}
		line = end + 1;
	}
	return 0;
}

int
log_write_table(const char *run, int rows, FILE *out)
{
	char *path = run_dir_path(run, "log.jsonl"), *text;
	struct stretch now = { { 0 }, { 0 } };
	struct table t = { .now = &now };
	size_t size;
	long lines;
	int result = -1;

	text = file_read(path, 0, &size);
	lines = text ? count_lines(text) : 0;
	if (text && lines == 0)
		err(ERR_DATA, "%s: no line in the log yet", path);
	else if (text && (result = write_rows(&t, text, lines, lines < rows ? (int)lines : rows, out)) < 0)
		err_in("%s", path);
	free(text);
	free(path);
	return result;
}
