/* boxes - the boxes of an image: their fields in a record, one validator, geometry

   Ground truth has `boxes`, `box_class`, `box_flags`, `box_area`; predictions have `predicted_boxes`,
   `predicted_box_class`, `predicted_box_score` (formats/records.md). */
#ifndef ANNOTATION_BOXES_H
#define ANNOTATION_BOXES_H

#include "base/err.h"
#include "base/mem.h"
#include "stream/record.h"

#include <stdbool.h>
#include <stdint.h>

/* Bits of box_flags. BOX_IGNORE: COCO's field `ignore`, which counts only on demand (tscae-eval --compat ignore). */
enum box_flag { BOX_DIFFICULT = 1, BOX_CROWD = 2, BOX_TRUNCATED = 4, BOX_IGNORE = 8 };

enum boxes_kind { BOXES_GT, BOXES_PREDICTED, BOXES_KINDS };

/* Columns, as bits. */
enum boxes_column { BOXES_BOX = 1, BOXES_CLASS = 2, BOXES_FLAGS = 4, BOXES_AREA = 8, BOXES_SCORE = 16 };
enum { BOXES_COLUMNS = 5 };

struct boxes {
	long count;		/* rows; 0: background alone */
	unsigned columns;	/* a sum of enum boxes_column; the other columns are NULL */
	union {
		struct {
			float (*box)[4];	/* (count) left, top, right, bottom in pixels from 0, ends outside */
			int32_t *class;		/* (count) */
			uint8_t *flags;		/* (count) a sum of enum box_flag */
			float *area;		/* (count) in pixels, COCO: of the mask; below 0: not known */
			float *score;		/* (count) confidence */
		};
		void *column[BOXES_COLUMNS];	/* the same in the order of enum boxes_column */
	};
};

/* The name of the field of the boxes. */
const char *boxes_name(enum boxes_kind kind);

/* True if `name` is a field of boxes of that kind: the boxes or one of their columns. */
bool boxes_is_field(const char *name, enum boxes_kind kind);

/* True if the record has boxes of that kind. */
bool boxes_has(const struct record *r, enum boxes_kind kind);

/* Read the boxes of a record and check them: the only validator of records (boxes of files, in double precision:
   iou_is_valid() of metrics/iou.h). The columns are borrowed from the record.
   `needed`: columns that must be there (a sum of enum boxes_column); other columns are read where the record has them.
   `classes`: number of classes; 0: not known, every class is accepted. Boxes of zero area and boxes beyond the image
   are accepted. -1 and err(ERR_DATA): a needed column is missing; another type or shape; a column without boxes or
   with another number of rows; a box, area or score that is not finite; a box that ends before it begins; a class out
   of range. */
int boxes_read(struct boxes *b, const struct record *r, enum boxes_kind kind, unsigned needed, long classes) ERR_CHECK;

/* Replace the record's boxes of that kind by a copy of these, in exactly their columns. */
void boxes_write(const struct boxes *b, struct record *r, enum boxes_kind kind);

/* The columns of that kind that a header declares, and declare exactly these. */
unsigned boxes_declared(const struct header *h, enum boxes_kind kind);
void boxes_declare(struct header *h, enum boxes_kind kind, unsigned columns);

/* No boxes yet, with room for `room` rows of these columns, not zeroed, from the arena. */
struct boxes boxes_new(struct arena *a, unsigned columns, long room);

/* Append row i of `from`; a column that `from` lacks becomes 0. There must be room. */
void boxes_append(struct boxes *to, const struct boxes *from, long i);

/* Clip to the image. False: no area is left. */
bool boxes_clip(float box[4], float width, float height);

/* (right - left) (bottom - top). */
float boxes_area(const float box[4]);

/* Intersection over union; 0 where neither has an area. Scores use metrics/iou.h, with the rounding of COCO and VOC. */
float boxes_iou(const float a[4], const float b[4]);

#endif
