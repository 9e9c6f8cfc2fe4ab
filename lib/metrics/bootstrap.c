/* bootstrap - 95 % intervals of scores over the test images, by resampling */
#include "metrics/bootstrap.h"
#include "annotation/class_list.h"
#include "base/mem.h"
#include "base/rng.h"
#include "metrics/ap.h"
#include "metrics/confusion.h"
#include "metrics/evaluation.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void
bootstrap_draw(int sample, int *times, int images)
{
	struct rng g = rng_at(0, sample, "bootstrap", "");
	int i;

	memset(times, 0, sizeof *times * (size_t)images);
	for (i = 0; i < images; i++)
		times[rng_below(&g, images)]++;
}

/* The running mean and squares of Welford (Technometrics 4, 1962). */
void
bootstrap_add(struct bootstrap *b, double score)
{
	double d = score - b->mean;

	if (isnan(score) || score < 0)
		return;
	b->mean += d / (double)++b->n;
	b->squares += d * (score - b->mean);
}

void
bootstrap_interval(const struct bootstrap *b, double score, double *low, double *high)
{
	const double z = 1.959963984540054;	/* 97.5 % point of the normal distribution */
	double half = b->n > 1 ? z * sqrt(b->squares / (double)(b->n - 1)) : NAN;

	*low = *high = NAN;
	if (isnan(half) || isnan(score) || score < 0)
		return;
	*low = fmax(0, score - half);
	*high = fmin(1, score + half);
}

void
bootstrap_boxes(struct bootstrap_boxes *b, const struct evaluation *s, const struct ap_coco_matches *coco,
	const struct ap_voc_matches *voc, int samples)
{
	const size_t n = (size_t)s->classes.count + 1;
	struct ap_score *coco_classes = mem_array(n, sizeof *coco_classes), mean;
	struct ap_voc *voc_classes = mem_array(n, sizeof *voc_classes), voc_mean;
	int *times = mem_array((size_t)s->count, sizeof *times), i, k, without;

	for (i = 0; i < samples && s->count > 1; i++) {
		bootstrap_draw(i, times, s->count);
		ap_coco_score(coco, times, AP_MAIN, coco_classes, &mean);
		voc_mean = ap_voc_score(voc, times, voc_classes, &without);
		for (k = 0; k < AP_MAIN; k++)
			bootstrap_add(&b->coco[k], mean.value[k]);
		bootstrap_add(&b->eleven, voc_mean.eleven);
		bootstrap_add(&b->area, voc_mean.area);
	}
	free(coco_classes);
	free(voc_classes);
	free(times);
}

/* Add the counts of the classes of an image that is `times` times in a sample. */
static void
add_classes(struct confusion_class *sum, const struct confusion_class *one, int count, int times)
{
	int i;

	for (i = 0; i < count; i++) {
		sum[i].correct += times * one[i].correct;
		sum[i].gt += times * one[i].gt;
		sum[i].predicted += times * one[i].predicted;
	}
}

void
bootstrap_maps(struct bootstrap_maps *b, const struct evaluation *s, bool absent_zero, int samples)
{
	const int n = s->label_classes.count;
	struct confusion_class *sum = mem_array((size_t)n, sizeof *sum);
	int *times = mem_array((size_t)s->count, sizeof *times), i, k;

	for (i = 0; i < samples && s->count > 1; i++) {
		struct confusion_sums sums;

		bootstrap_draw(i, times, s->count);
		memset(sum, 0, sizeof *sum * (size_t)n);
		for (k = 0; k < s->count; k++)
			if (times[k] && s->images[k].map_classes)
				add_classes(sum, s->images[k].map_classes, n, times[k]);
		sums = confusion_sum_classes(sum, n, absent_zero, &s->label_classes);
		bootstrap_add(&b->mean_iou, sums.mean_iou);
		bootstrap_add(&b->accuracy, sums.accuracy);
		bootstrap_add(&b->class_accuracy, sums.class_accuracy);
	}
	free(sum);
	free(times);
}
