/* table - scores on standard output as text or JSON */
#include "cli/table.h"
#include "cli/die.h"
#include "cli/show.h"
#include "json/writer.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

static struct {
	struct json_writer *json;	/* NULL: text */
	const char *const *columns;	/* inside rows; else NULL */
	int count;
	int rows, cells;	/* rows begun; cells of the present one */
} table;

/* The name of the value that follows; in text, what goes before it. */
static const char *
before(const char *name)
{
	if (table.columns) {
		assert(table.rows && table.cells < table.count);
		if (!table.json && table.cells)
			putchar('\t');
		return table.columns[table.cells++];
	}
	if (!table.json) {
		show_text(name);
		putchar('\t');
	}
	return name;
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
	table.json = json ? json_writer_new(stdout, false) : NULL;
	if (json)
		json_put_object(table.json, NULL);
	else
		puts("name\tvalue");
}

void
table_count(const char *name, long n)
{
	name = before(name);
	if (table.json)
		json_put_int(table.json, name, n);
	else
		printf("%ld", n);
	after();
}

void
table_score(const char *name, double x)
{
	name = before(name);
	if (table.json)
		json_put_real(table.json, name, 17, x);
	else if (isfinite(x))
		printf("%.6f", x);
	else
		fputs("nan", stdout);
	after();
}

void
table_text(const char *name, const char *text)
{
	name = before(name);
	if (table.json)
		json_put_text(table.json, name, text);
	else
		show_text(text);
	after();
}

void
table_rows(const char *name, const char *const *columns, int count)
{
	int i;

	if (table.json)
		json_put_array(table.json, name);
	else {
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
	if (table.rows && table.json)
		json_put_object_end(table.json);
	else if (table.rows)
		putchar('\n');
}

void
table_row(void)
{
	finish_row();
	if (table.json) {
		json_put_line(table.json);
		json_put_object(table.json, NULL);
	}
	table.rows++;
	table.cells = 0;
}

void
table_rows_end(void)
{
	finish_row();
	if (table.json)
		json_put_array_end(table.json);
	table.columns = NULL;
}

void
table_close(void)
{
	if (table.json) {
		json_put_object_end(table.json);
		json_put_end(table.json);
		json_writer_free(table.json);
	}
	die_flush();
}
