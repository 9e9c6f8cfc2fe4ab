/* iou - boxes, run-length-encoded maps, and their intersection over union */
#ifndef METRICS_IOU_H
#define METRICS_IOU_H

#include "annotation/raster.h"

#include <stdbool.h>
#include <stdint.h>

/* A box in pixels from 0, ends outside. Corners and size are both kept as the file has one of them: the references
   compute from that one, and the last bit can decide. */
struct iou_box {
	double left, top, right, bottom;
	double width, height;	/* as in COCO; right = left + width in double precision, or the reverse */
};

/* A map of labels as runs of equal pixels. */
struct rle {
	int height, width;	/* 0: no map */
	long count;
	uint32_t *runs; /* (count) label in the low 8 bits, number of pixels above; row by row, across row ends */
};

struct iou_box iou_corners(double left, double top, double right, double bottom);
struct iou_box iou_size(double left, double top, double width, double height);

/* True if all numbers and the area are finite and neither width nor height is negative. The boxes of files have this
   validator; those of records have that of annotation/boxes.h before, with the same rules but for the area, which
   cannot overflow there. */
bool iou_is_valid(const struct iou_box *b);

/* COCO: intersection / union, from width and height; for a crowd: intersection / area of the detection. 0 without
   intersection. */
double iou_coco(const struct iou_box *detection, const struct iou_box *gt, bool crowd);

/* VOC: from the first and last pixel, counted from 1, ends inclusive (widths + 1). `edges`: the same numbers as edges,
   widths without the + 1, as in some ports. */
double iou_voc(const struct iou_box *detection, const struct iou_box *gt, bool edges);

/* Encode a dense map of labels. rle_free() it. */
void rle_pack(struct rle *r, const uint8_t *labels, int height, int width);

/* The same for a map that is 0 outside of a part; only this part is read. */
void rle_pack_part(struct rle *r, const uint8_t *labels, int height, int width, struct raster_box part);

/* Number of pixels with a label other than 0: in a map, in both of two maps of equal size. */
long rle_area(const struct rle *r);
long rle_intersection(const struct rle *a, const struct rle *b);

void rle_free(struct rle *r);

#endif
