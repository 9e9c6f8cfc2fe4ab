/* table - the label of an image from a table of lines "name label": the only reader of such tables

   Fields are separated by tabs; in a line without tabs by the comma, semicolon or blanks after the name, which ends at
   the first of them that follows an image suffix (so a name may have blanks), or else at the first. A field may
   be in double quotes. Of fields separated by tabs, commas or semicolons the second is the label; of those separated by
   blanks too, if all further ones are numbers (boxes), else the rest of the line. Empty lines, lines that begin with
   `#` and a first line of column names (filename,label) are no rows; a byte order mark and CRLF are accepted.

   If all labels are numbers, a negative one means that there is no label, except in a column of only 1 and -1. */
#ifndef DATASET_TABLE_H
#define DATASET_TABLE_H

#include "annotation/key.h"
#include "base/err.h"
#include "base/mem.h"

#include <stddef.h>

struct table_row {
	/* as in the file system, without leading "./"; a path of Windows has slashes for its backslashes */
	const char *name;
	const char *label;	/* valid UTF-8, escaped as in records; NULL: none */
	long line;		/* from 1 */
};

struct table {			/* begins empty: { 0 } */
	struct table_row *rows;	/* (count) in the order of the file, names all different */
	long count;
	size_t room;
	long repeated;		/* rows with name and label of an earlier row, left out */
	const char *first_repeated;	/* name of the first of them; NULL: none */
	long unlabeled;		/* rows with a negative number for no label */
	const char *first_unlabeled;	/* name of the first of them; NULL: none */
	/* rows whose label and further fields are all 0, 1 or -1; others, but for the first row */
	long flag_rows, other_rows;
	const char *first_flag_row;	/* name of the first such row; NULL: none */
	struct key_index keys;	/* of the names */
	struct arena text;
};

/* Read a table. -1 and err(): ERR_INPUT; ERR_DATA with the line: a name without label or with two labels, an open
   quote, a zero byte, no row, no label. */
int table_read(struct table *t, const char *path) ERR_CHECK;

/* The index of the row of an image by the rule of annotation/key.h. -1: none; -2 and err(ERR_DATA): several. */
long table_find(const struct table *t, const char *name) ERR_CHECK;

/* The rows of a table with a column of 0 and 1 for each class, of which only the first is read; 0: another table. */
long table_flag_rows(const struct table *t);

void table_free(struct table *t);

#endif
