/* table - scores on standard output as text or JSON */
#include "cli/table.h"
#include "json/json.h"
#include "cli/die.h"
#include "cli/show.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
	bool json;
	bool begun;		/* a value was printed at this level */
	const char *const *columns;	/* inside rows; else NULL */
	int count;
	int rows, cells;	/* rows begun; cells of the present one */
} table;

static void
quoted(const char *text)
{
	char *q = json_quote(text);

	fputs(q, stdout);
	free(q);
}

/* What goes before a value. */
static void
before(const char *name)
{
	if (table.columns) {
		assert(table.rows && table.cells < table.count);
		name = table.columns[table.cells];
		table.begun = table.cells++ > 0;
	}
	if (table.json) {
		fputs(table.begun ? "," : "", stdout);
		quoted(name);
		putchar(':');
	} else if (table.columns)
		fputs(table.begun ? "\t" : "", stdout);
	else {
		show_text(name);
		putchar('\t');
	}
	table.begun = true;
}

static void
after(void)
{
	if (!table.json && !table.columns)
		putchar('\n');
}

void
table_open(bool json)
{
	table.json = json;
	table.begun = false;
	fputs(json ? "{" : "name\tvalue\n", stdout);
}

void
table_count(const char *name, long n)
{
	before(name);
	printf("%ld", n);
	after();
}

void
table_score(const char *name, double x)
{
	before(name);
	if (isfinite(x))
		printf(table.json ? "%.17g" : "%.6f", x);
	else
		fputs(table.json ? "null" : "nan", stdout);
	after();
}

void
table_text(const char *name, const char *text)
{
	before(name);
	if (table.json)
		quoted(text);
	else
		show_text(text);
	after();
}

void
table_rows(const char *name, const char *const *columns, int count)
{
	int i;

	if (table.json) {
		fputs(table.begun ? "," : "", stdout);
		quoted(name);
		fputs(":[", stdout);
	} else {
		putchar('\n');
		for (i = 0; i < count; i++) {
			fputs(i ? "\t" : "", stdout);
			show_text(columns[i]);
		}
		putchar('\n');
	}
	table.columns = columns;
	table.count = count;
	table.rows = table.cells = 0;
}

/* the end of the row before */
static void
finish_row(void)
{
	assert(table.rows == 0 || table.cells == table.count);
	if (table.rows)
		fputs(table.json ? "}" : "\n", stdout);
}

void
table_row(void)
{
	finish_row();
	if (table.json)
		fputs(table.rows ? ",\n{" : "\n{", stdout);
	table.rows++;
	table.cells = 0;
}

void
table_rows_end(void)
{
	finish_row();
	if (table.json)
		putchar(']');
	table.columns = NULL;
	table.begun = true;
}

void
table_close(void)
{
	fputs(table.json ? "}\n" : "", stdout);
	die_flush();
}
