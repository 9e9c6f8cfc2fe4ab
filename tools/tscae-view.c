/* tscae-view - look into streams: tables, JSON, checks */
#include "base/err.h"
#include "stream/reader.h"
#include "tool/cli.h"
#include "tool/die.h"
#include "tool/show.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

static struct {
	bool header, json, values, check;
	const char *key;
	long limit;
} args = { .limit = 0 };

static const struct cli cli = {
	"tscae-view", "look into streams: tables, JSON, checks", "[FILE ...]",
	(const struct opt[]){
		{ 'H', "header", OPT_FLAG, &args.header, 0, 0, "the header in place of the records", NULL },
		{ 'j', "json", OPT_FLAG, &args.json, 0, 0, "records as JSON objects, one a line", NULL },
		{ 0, "values", OPT_FLAG, &args.values, 0, 0, "json: the numbers of tensors too", NULL },
		{ 0, "check", OPT_FLAG, &args.check, 0, 0, "read everything, say whether it is sound", NULL },
		{ 'n', "limit", OPT_INT, &args.limit, 0, 1e12, "records to show; 0: all", NULL },
		{ 'k', "key", OPT_TEXT, &args.key, 0, 0, "only records whose key matches", "GLOB" },
		{ 0 }
	}
};

/* A way to look: what it does with the header of each input, with each record, and when an input is read to its end. */
struct mode {
	bool *chosen;
	bool whole;	/* damage is a finding: the other inputs are looked at too */
	void (*begin)(const struct header *h);
	void (*each)(const struct header *h, const struct record *r);
	void (*end)(const char *path, const struct reader *r, long records);
};

static void
json(const struct header *h, const struct record *r)
{
	show_json(h, r, args.values);
}

static void
sound(const char *path, const struct reader *r, long records)
{
	show_text(strcmp(path, "-") == 0 ? "standard input" : path);
	printf(": sound, kind %s, %ld records, %zu bytes\n", reader_header(r)->kind, records, reader_offset(r));
}

static const struct mode modes[] = {
	{ &args.header, .begin = show_header },
	{ &args.json, .each = json },
	{ &args.check, .whole = true, .end = sound },
	{ NULL, .each = show_record }
};

static const struct mode *
choose(void)
{
	const struct mode *m, *chosen = NULL;

	for (m = modes; m->chosen; m++) {
		if (*m->chosen && chosen)
			die_with(ERR_USAGE, "one of --header, --json and --check at a time");
		if (*m->chosen)
			chosen = m;
	}
	if (args.values && !args.json)
		die_with(ERR_USAGE, "--values needs --json");
	if (args.check && (args.limit || args.key))
		die_with(ERR_USAGE, "--check reads everything: no --limit, no --key");
	return chosen ? chosen : m;
}

/* Look at one input; `left` is what --limit still allows. 0, or -1 and err(). */
static int
look(const struct mode *m, const char *path, struct record *r, long *left)
{
	struct reader *in = reader_open(path);
	long n = 0;
	int got = 0;

	if (!in)
		return -1;
	if (m->begin)
		m->begin(reader_header(in));
	while ((m->each || m->end) && *left > 0 && (got = reader_next(in, r)) > 0) {
		n++;
		if (!m->each || (args.key && fnmatch(args.key, r->key, 0) != 0))
			continue;
		m->each(reader_header(in), r);
		*left -= args.limit > 0;
	}
	if (got == 0 && m->end)
		m->end(path, in, n);
	reader_close(in);
	return got;
}

int
main(int argc, char **argv)
{
	const struct mode *m;
	struct record r = { 0 };
	int i, n, status = 0;
	char **paths;
	long left;

	n = cli_parse(&cli, argc, argv, &paths);
	m = choose();
	left = args.limit ? args.limit : 1;
	if (!m->chosen)
		show_title();
	for (i = 0; i < (n ? n : 1) && left > 0; i++)
		if (look(m, n ? paths[i] : "-", &r, &left) < 0) {
			if (!m->whole)
				die();
			status = err_status();
			warn("%s", err_text());
		}
	record_free(&r);
	if (fflush(stdout) != 0 || ferror(stdout))
		die_with(ERR_OUTPUT, "standard output: %s", strerror(errno));
	return status;
}
