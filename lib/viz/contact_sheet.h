/* contact_sheet - the cells of a contact sheet from a record's fields (formats/records.md) */
#ifndef VIZ_CONTACT_SHEET_H
#define VIZ_CONTACT_SHEET_H

#include "viz/sheet.h"
#include "stream/record.h"

/* Name the cells: image, its mask laid over it, `masked`, `prediction`, boxes and segmentation maps (true, predicted), attention (mean of
   heads), each head. */
void contact_sheet_begin(struct sheet *s);

/* Add a block of what the record has, with each head's attention if `heads` and predicted boxes of at least `score`; captions are
   class and key.
   -1 and err(ERR_DATA) where a field is not what records.md says; ERR_USAGE: the sheet grows too large. */
int contact_sheet_add(struct sheet *s, const struct header *h, const struct record *r, bool heads, double score);

#endif
