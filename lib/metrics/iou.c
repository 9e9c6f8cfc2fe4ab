/* iou - boxes and how much of them is in common

   The order of operations is that of the references: COCO's maskApi (bbIou) and VOC's VOCevaldet. */
#include "metrics/iou.h"

#include <math.h>

struct iou_box
iou_corners(double left, double top, double right, double bottom)
{
	return (struct iou_box){ left, top, right, bottom, right - left, bottom - top };
}

struct iou_box
iou_size(double left, double top, double width, double height)
{
	return (struct iou_box){ left, top, left + width, top + height, width, height };
}

bool
iou_sound(const struct iou_box *b)
{
	return isfinite(b->left) && isfinite(b->top) && isfinite(b->right) && isfinite(b->bottom) && b->width >= 0 && b->height >= 0
		&& isfinite(b->width * b->height);
}

double
iou_coco(const struct iou_box *found, const struct iou_box *truth, bool crowd)
{
	double w = fmin(found->right, truth->right) - fmax(found->left, truth->left);
	double h = fmin(found->bottom, truth->bottom) - fmax(found->top, truth->top);
	double area = found->width * found->height;

	if (!(w > 0 && h > 0))
		return 0;
	return w * h / (crowd ? area : area + truth->width * truth->height - w * h);
}

double
iou_voc(const struct iou_box *found, const struct iou_box *truth, bool edges)
{
	/* the first pixel of [left, right) is left + 1 counted from 1, the last one is right */
	const double end = edges ? 0 : 1;
	double fl = found->left + 1, ft = found->top + 1, tl = truth->left + 1, tt = truth->top + 1;
	double w = fmin(found->right, truth->right) - fmax(fl, tl) + end, h = fmin(found->bottom, truth->bottom) - fmax(ft, tt) + end;

	if (!(w > 0 && h > 0))
		return 0;
	return w * h / ((found->right - fl + end) * (found->bottom - ft + end) + (truth->right - tl + end) * (truth->bottom - tt + end) - w * h);
}
