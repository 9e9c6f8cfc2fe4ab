/* contact_sheet - the cells of a contact sheet from a record's fields (formats/records.md) */
#ifndef VIZ_CONTACT_SHEET_H
#define VIZ_CONTACT_SHEET_H

#include "base/err.h"
#include "base/mem.h"
#include "codec/image.h"
#include "stream/record.h"
#include "viz/sheet.h"

#include <stdbool.h>

/* Set the titles of the cells: image, mask over the image, `masked`, `prediction`, boxes and segmentation maps (ground
   truth, predicted), attention (mean of heads), attention of each head. */
void contact_sheet_begin(struct sheet *s);

/* Read a field as an image of bytes that can be drawn, over its memory or in the arena; missing: no pixels. Of 16 bits
   the high byte is drawn; of other channels than gray or RGB the first three, or the first of two. -1 and
   err(ERR_DATA). */
int contact_sheet_image(struct arena *a, const struct record *r, const char *name, struct image *p) ERR_CHECK;

/* Add a block of the cells that the record has fields for. heads: with the attention of each head. score: the least
   score of predicted boxes. The caption is class and key. -1 and err(ERR_DATA): a field differs from records.md;
   ERR_USAGE: the sheet becomes too large. */
int contact_sheet_add(struct sheet *s, const struct header *h, const struct record *r, bool heads, double score)
	ERR_CHECK;

#endif
