/* nms - what a detector found, without what it found twice: non-maximum suppression, class by class */
#ifndef INFERENCE_NMS_H
#define INFERENCE_NMS_H

struct detection {
	float box[4];		/* left, top, right, bottom in pixels from 0, ends outside */
	float score;
	int class;
};

/* Put the highest scores first (equal ones by class, then by edges, so that the order they came in is of no matter). */
void detections_sort(struct detection *list, int count);

/* Sort, leave out each box that overlaps a better one of its class by more than `overlap`, and keep the best `most`. Returns how many are left. */
int detections_suppress(struct detection *list, int count, float overlap, int most);

#endif
