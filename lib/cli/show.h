/* show - headers and records as text on standard output: tab-separated lines, or JSON */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "annotation/class_list.h"
#include "base/err.h"
#include "stream/record.h"

#include <stdbool.h>

/* Print a text with control characters, and bytes that are not UTF-8, as \xHH. */
void show_text(const char *text);

/* Print a header: a line `kind`, then a line for each `field`, `extra` and `history`, with tabs between the parts. */
void show_header(const struct header *h);

/* Print the column names of show_record(). */
void show_title(void);

/* Print a record on one line, separated by tabs: key, epoch, class, fields; "-" for a missing one. `classes`: of its
   header, may be empty. -1 and err(ERR_DATA), with nothing printed: an error of image_class_read(). */
int show_record(const struct class_list *classes, const struct record *r) ERR_CHECK;

/* Print a record as a JSON object on one line: tensors as type and shape, and their numbers if `values` is set.
   The rest as show_record(). */
int show_json(const struct class_list *classes, const struct record *r, bool values) ERR_CHECK;

#endif
