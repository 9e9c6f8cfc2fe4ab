/* bootstrap - 95 % intervals of scores over the test images, by resampling

   A sample draws as many images as there are, with replacement. The interval of a score is the score +-1.96 standard
   deviations of the scores of the samples, within 0 .. 1 (B. Efron, Bootstrap methods, Annals of Statistics 7, 1979).
   It shows how much other test images of the same kind would change the score, not other runs of training. */
#ifndef METRICS_BOOTSTRAP_H
#define METRICS_BOOTSTRAP_H

#include "metrics/ap.h"
#include "metrics/evaluation.h"

#include <stdbool.h>

/* The scores of the samples so far; zeroed: none. */
struct bootstrap {
	long n;
	double mean, squares;	/* sum of the squared differences from the mean */
};

/* Draw a sample, numbered from 0: times (images, from 1) is how often each image is in it. Equal arguments give equal
   samples. */
void bootstrap_draw(int sample, int *times, int images);

/* Add the score of a sample. One that is not defined there (NaN, or negative as COCO's -1) is left out. */
void bootstrap_add(struct bootstrap *b, double score);

/* The bounds of the interval of a score. NaN: it is not defined, or fewer than two samples have it. */
void bootstrap_interval(const struct bootstrap *b, double score, double *low, double *high);

/* The mean scores of boxes, and of segmentation maps, in samples. */
struct bootstrap_boxes {
	struct bootstrap coco[AP_MAIN], eleven, area;
};
struct bootstrap_maps {
	struct bootstrap mean_iou, accuracy, class_accuracy;
};

/* Add `samples` samples of the images of an evaluation, none where it has fewer than two images. For maps, the
   evaluation keeps the counts of its images (evaluation_rules.keep_images). */
void bootstrap_boxes(struct bootstrap_boxes *b, const struct evaluation *s, const struct ap_coco_matches *coco,
	const struct ap_voc_matches *voc, int samples);
void bootstrap_maps(struct bootstrap_maps *b, const struct evaluation *s, bool absent_zero, int samples);

#endif
