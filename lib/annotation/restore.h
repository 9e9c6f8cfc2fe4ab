/* restore - predictions back to pixels of the image as it was decoded

   relabel.h's `transform` (t0, t1, t2, t3) took (x, y) to (t0 + t1 x, t2 + t3 y): boxes go back by its inverse and are cut to
   `source_size`; a pixel of a segmentation map becomes what was predicted where its center went, 255 where that is nowhere. */
#ifndef ANNOTATION_RESTORE_H
#define ANNOTATION_RESTORE_H

#include "stream/record.h"

/* Make the header that of what comes out: kind "label"; predictions are the only tensors, beside `size`. -1 and err(ERR_DATA):
   there is no transform. */
int restore_header(struct header *h);

/* Move `predicted_boxes` and `predicted_labels`; boxes of which nothing lies in the image are left out with their rows; other
   tensors go. -1 and err(ERR_DATA): a transform that is none, boxes that are not finite, rows that do not belong together,
   a map of another size than the image. */
int restore_record(struct record *r);

#endif
