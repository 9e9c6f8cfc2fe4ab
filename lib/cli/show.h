/* show - headers and records as text on standard output: lines for people, JSON for programs */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "stream/record.h"

/* Print a text whose control characters (and bytes that are not UTF-8) are \xHH. */
void show_text(const char *text);

/* Print a header: a line `kind`, then one for each `field`, `extra` and `history`, parts divided by tabs. */
void show_header(const struct header *h);

/* Print what the columns of show_record() are called. */
void show_title(void);

/* Print a record on a line: key, epoch, class, fields, divided by tabs; "-" where there is none. */
void show_record(const struct header *h, const struct record *r);

/* Print a record as a JSON object on a line; tensors as type and shape, with `values` their numbers too. */
void show_json(const struct header *h, const struct record *r, bool values);

/* The name of the record's class, NULL if it has none (or no known one). Borrowed. */
const char *show_class(const struct header *h, const struct record *r);

#endif
