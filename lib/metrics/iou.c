/* iou - intersection over union of boxes and of run-length-encoded maps

   The order of operations is that of the references: COCO (maskApi, bbIou) and VOC (VOCevaldet). */
#include "metrics/iou.h"
#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
iou_is_valid(const struct iou_box *b)
{
	return isfinite(b->left) && isfinite(b->top) && isfinite(b->right) && isfinite(b->bottom)
		&& b->width >= 0 && b->height >= 0
		&& isfinite(b->width * b->height);
}

double
iou_coco(const struct iou_box *detection, const struct iou_box *gt, bool crowd)
{
	double w = fmin(detection->right, gt->right) - fmax(detection->left, gt->left);
	double h = fmin(detection->bottom, gt->bottom) - fmax(detection->top, gt->top);
	double area = detection->width * detection->height;

	if (!(w > 0 && h > 0))
		return 0;
	return w * h / (crowd ? area : area + gt->width * gt->height - w * h);
}

double
iou_voc(const struct iou_box *detection, const struct iou_box *gt, bool edges)
{
	/* the first pixel of [left, right) is left + 1 counted from 1, the last one is right */
	const double end = edges ? 0 : 1;
	double fl = detection->left + 1, ft = detection->top + 1, tl = gt->left + 1, tt = gt->top + 1;
	double w = fmin(detection->right, gt->right) - fmax(fl, tl) + end,
		h = fmin(detection->bottom, gt->bottom) - fmax(ft, tt) + end;

	if (!(w > 0 && h > 0))
		return 0;
	return w * h / ((detection->right - fl + end) * (detection->bottom - ft + end)
		+ (gt->right - tl + end) * (gt->bottom - tt + end) - w * h);
}

enum { RUN_MAX = (1 << 24) - 1 };	/* pixels of a run: the bits above the label */

/* The end of the run that begins at i; compares eight pixels at a time. */
static long
run_end(const uint8_t *labels, long i, long n)
{
	uint64_t eight, here;
	long end = i + 1;

	memset(&eight, labels[i], sizeof eight);
	for (; end + 8 <= n; end += 8) {
		memcpy(&here, labels + end, sizeof here);
		if (here != eight)
			break;
	}
	while (end < n && labels[end] == labels[i])
		end++;
	return end;
}

/* Append n pixels of a label. */
static void
add_run(struct rle *r, size_t *room, uint8_t label, long n)
{
	if (r->count && (r->runs[r->count - 1] & 255) == label) {
		uint32_t *last = &r->runs[r->count - 1];
		const long more = RUN_MAX - (long)(*last >> 8);

		*last += (uint32_t)(n < more ? n : more) << 8;
		n -= more;
	}
	for (; n > 0; n -= RUN_MAX) {
		r->runs = mem_room(r->runs, room, (size_t)r->count + 1, sizeof *r->runs);
		r->runs[r->count++] = (uint32_t)(n < RUN_MAX ? n : RUN_MAX) << 8 | label;
	}
}

void
rle_pack_part(struct rle *r, const uint8_t *labels, int height, int width, struct raster_box part)
{
	long x, end, outside = (long)part.top * width + part.left;
	size_t room = 0;
	int y;

	*r = (struct rle){ .height = height, .width = width };
	for (y = part.top; y < part.bottom; y++) {
		add_run(r, &room, 0, outside);
		for (x = part.left; x < part.right; x = end) {
			const uint8_t *row = labels + (long)y * width;

			end = run_end(row, x, part.right);
			add_run(r, &room, row[x], end - x);
		}
		outside = part.left + width - part.right;
	}
	add_run(r, &room, 0, part.top < part.bottom ? (long)(height - part.bottom) * width + width - part.right :
		(long)height * width);
	if (r->count)
		r->runs = mem_grow(r->runs, mem_product((size_t)r->count, sizeof *r->runs));
}

void
rle_pack(struct rle *r, const uint8_t *labels, int height, int width)
{
	rle_pack_part(r, labels, height, width, (struct raster_box){ 0, 0, width, height });
}

long
rle_area(const struct rle *r)
{
	long i, area = 0;

	for (i = 0; i < r->count; i++)
		area += r->runs[i] & 255 ? r->runs[i] >> 8 : 0;
	return area;
}

long
rle_intersection(const struct rle *a, const struct rle *b)
{
	long i = 0, j = 0, common = 0, x = 0, y = 0, n;	/* x, y: remaining pixels of the current runs */

	assert(a->height == b->height && a->width == b->width);
	for (;;) {
		if (x == 0) {
			if (i == a->count)
				return common;
			x = a->runs[i++] >> 8;
		}
		if (y == 0)
			y = b->runs[j++] >> 8;
		n = x < y ? x : y;
		if (a->runs[i - 1] & 255 && b->runs[j - 1] & 255)
			common += n;
		x -= n;
		y -= n;
	}
}

void
rle_free(struct rle *r)
{
	free(r->runs);
	*r = (struct rle){ 0 };
}
