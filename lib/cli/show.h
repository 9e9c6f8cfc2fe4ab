/* show - headers and records as text on standard output: tab-separated lines, or JSON */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "stream/record.h"

#include <stdbool.h>

/* Print a text with control characters, and bytes that are not UTF-8, as \xHH. */
void show_text(const char *text);

/* Print a header: a line `kind`, then a line for each `field`, `extra` and `history`, with tabs between the parts. */
void show_header(const struct header *h);

/* Print the column names of show_record(). */
void show_title(void);

/* Print a record on one line, separated by tabs: key, epoch, class, fields; "-" for a missing one. */
void show_record(const struct header *h, const struct record *r);

/* Print a record as a JSON object on one line: tensors as type and shape, and their numbers if `values` is set. */
void show_json(const struct header *h, const struct record *r, bool values);

#endif
