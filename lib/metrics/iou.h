/* iou - boxes and how much of them is in common (intersection over union) */
#ifndef METRICS_IOU_H
#define METRICS_IOU_H

#include <stdbool.h>

/* A box in pixels from 0, its end outside. Both forms are kept as the file had one of them: the references compute
   from it, and the last bit can decide. */
struct iou_box {
	double left, top, right, bottom;
	double width, height;	/* what COCO stores; right = left + width in double precision, or the reverse */
};

struct iou_box iou_corners(double left, double top, double right, double bottom);
struct iou_box iou_size(double left, double top, double width, double height);

/* All numbers and the area finite, no side negative. */
bool iou_sound(const struct iou_box *b);

/* COCO's: intersection / union, by width and height; of a crowd region: intersection / area of the found box. 0 without common area. */
double iou_coco(const struct iou_box *found, const struct iou_box *truth, bool crowd);

/* VOC's: computed from the first and last pixel, counted from 1, both inside (widths + 1). `edges`: from the same
   numbers as if they were edges, widths without the + 1, as some ports do. */
double iou_voc(const struct iou_box *found, const struct iou_box *truth, bool edges);

#endif
