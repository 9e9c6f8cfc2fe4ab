/* nms - what a detector found, without what it found twice: non-maximum suppression, class by class */
#include "inference/nms.h"
#include "annotation/boxes.h"

#include <stdbool.h>
#include <stdlib.h>

static int
order(const void *va, const void *vb)
{
	const struct detection *a = va, *b = vb;
	int i;

	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	for (i = 0; i < 4; i++)
		if (a->box[i] != b->box[i])
			return a->box[i] < b->box[i] ? -1 : 1;
	return 0;
}

void
detections_sort(struct detection *list, int count)
{
	qsort(list, (size_t)count, sizeof *list, order);
}

int
detections_suppress(struct detection *list, int count, float overlap, int most)
{
	int i, k, kept = 0;

	detections_sort(list, count);
	for (i = 0; i < count && kept < most; i++) {
		bool twice = false;

		for (k = 0; k < kept && !twice; k++)
			twice = list[k].class == list[i].class && boxes_iou(list[k].box, list[i].box) > overlap;
		if (!twice)
			list[kept++] = list[i];
	}
	return kept;
}
