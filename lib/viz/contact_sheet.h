/* contact_sheet - images of the fields of records, side by side (formats/records.md) */
#ifndef VIZ_CONTACT_SHEET_H
#define VIZ_CONTACT_SHEET_H

#include "base/err.h"
#include "base/mem.h"
#include "codec/image.h"
#include "stream/record.h"
#include "viz/class_color.h"
#include "viz/pca.h"
#include "viz/sheet.h"

#include <stdbool.h>

struct contact_sheet {
	struct sheet sheet;	/* the caller sets columns and scale */
	bool heads;		/* also draw the attention of each head */
	bool pca;		/* also draw the principal components of the patch features, which each record has */
	double score;		/* minimum score of a predicted box */
	struct pca components;	/* of all records added */
};

/* Set the titles of the cells: image, mask over the image, `masked`, `prediction`, boxes and segmentation maps (ground
   truth, predicted), principal components, attention (mean of heads), attention of each head. */
void contact_sheet_begin(struct contact_sheet *c);

/* Read a field as an image of bytes that can be drawn, over its memory or in the arena; missing: no pixels. Of 16 bits
   the high byte is drawn; of other channels than gray or RGB the first three, or the first of two. -1 and
   err(ERR_DATA). */
int contact_sheet_image(struct arena *a, const struct record *r, const char *name, struct image *p) ERR_CHECK;

/* Add a block of the cells that the record has fields for. The caption is class and key; `colors` are those of the
   header of the record. -1 and err(ERR_DATA): a field differs from records.md, or there are no patch features for the
   components; ERR_USAGE: the sheet or the features become too large. */
int contact_sheet_add(struct contact_sheet *c, const struct class_colors *colors, const struct record *r) ERR_CHECK;

/* Fit and paint the principal components of the records added, and draw the sheet with memory from the arena. -1 and
   err() as sheet_draw(). */
int contact_sheet_draw(struct contact_sheet *c, struct arena *a, struct image *drawn) ERR_CHECK;

void contact_sheet_free(struct contact_sheet *c);

#endif
