/* table - scores on standard output: name and value divided by a tab, or one JSON object

   Values come first, then lists of rows: in text each is a table of its own behind an empty line, in JSON a list of
   objects. A value that is not defined is "nan" in text and null in JSON. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>

/* Begin: everything until table_close() belongs to one table. */
void table_open(bool json);

void table_count(const char *name, long n);

/* A score: six decimals in text, every digit in JSON. */
void table_score(const char *name, double x);

void table_text(const char *name, const char *text);

/* Rows under this name. Until table_rows_end(), the functions above give the cells, their names come from `columns`
   (borrowed, one for each cell). */
void table_rows(const char *name, const char *const *columns, int count);
void table_row(void);
void table_rows_end(void);

/* End, flush; dies where the output fails. */
void table_close(void);

#endif
