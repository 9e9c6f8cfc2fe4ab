/* confusion - confusion matrix, intersection over union of classes, accuracy */
#include "metrics/confusion.h"
#include "annotation/class_list.h"
#include "annotation/segmap.h"
#include "base/mem.h"
#include "metrics/evaluation.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

void
confusion_open(struct confusion *c, int classes)
{
	c->classes = classes;
	c->counts = mem_array(mem_product((size_t)classes, (size_t)classes + 1), sizeof *c->counts);
}

static long *
cell(const struct confusion *c, int gt, int predicted)
{
	return &c->counts[(size_t)gt * (size_t)(c->classes + 1) + (size_t)(predicted < 0 ? c->classes : predicted)];
}

/* Add `n` with class `gt` and prediction `predicted` (-1: a class that the ground truth lacks). */
static void
add(struct confusion *c, int gt, int predicted, long n)
{
	assert(gt >= 0 && gt < c->classes && predicted < c->classes);
	*cell(c, gt, predicted) += n;
}

void
confusion_pixels(struct confusion *c, const struct rle *gt, const uint8_t *predicted, const int gt_map[256],
	const int predicted_map[256])
{
	long r, i, at = 0;

	for (r = 0; r < gt->count; r++) {
		long n = gt->runs[r] >> 8;
		int row = gt_map[gt->runs[r] & 255];

		if (row >= 0)
			for (i = at; i < at + n; i++) {
				++*cell(c, row, predicted_map[predicted[i]]);
				c->unlabeled += predicted[i] == SEGMAP_IGNORE;
			}
		at += n;
	}
}

struct confusion_class
confusion_of(const struct confusion *c, int class)
{
	struct confusion_class n = { .correct = *cell(c, class, class), .gt = *cell(c, class, -1) };
	int i;

	for (i = 0; i < c->classes; i++) {
		n.gt += *cell(c, class, i);
		n.predicted += *cell(c, i, class);
	}
	return n;
}

double
confusion_iou(const struct confusion_class *c)
{
	const long all = c->gt + c->predicted - c->correct;

	return all ? (double)c->correct / (double)all : NAN;
}

struct confusion_sums
confusion_sum_classes(const struct confusion_class *classes, int count, bool absent_zero,
	const struct class_list *names)
{
	struct confusion_sums s = { 0 };
	int i, ious = 0, rows = 0;

	for (i = 0; i < count; i++) {
		const struct confusion_class *c = &classes[i];
		const double iou = confusion_iou(c);

		if (names && names->list[i].left_out)
			continue;
		s.n += c->gt;
		s.correct += c->correct;
		s.absent += isnan(iou);
		if (!isnan(iou) || absent_zero) {
			s.mean_iou += isnan(iou) ? 0 : iou;
			ious++;
		}
		if (c->gt) {
			s.class_accuracy += (double)c->correct / (double)c->gt;
			rows++;
		}
	}
	s.mean_iou = ious ? s.mean_iou / ious : NAN;
	s.class_accuracy = rows ? s.class_accuracy / rows : NAN;
	s.accuracy = s.n ? (double)s.correct / (double)s.n : NAN;
	return s;
}

struct confusion_sums
confusion_sum(const struct confusion *c, bool absent_zero, const struct class_list *names)
{
	struct confusion_class *classes = mem_array((size_t)c->classes, sizeof *classes);
	struct confusion_sums s;
	int i;

	for (i = 0; i < c->classes; i++)
		classes[i] = confusion_of(c, i);
	s = confusion_sum_classes(classes, c->classes, absent_zero, names);
	free(classes);
	return s;
}

void
confusion_close(struct confusion *c)
{
	free(c->counts);
	*c = (struct confusion){ 0 };
}

void
accuracy_add(struct accuracy *a, int gt, const int top[5])
{
	int i;

	a->n++;
	a->top1 += top[0] == gt;
	for (i = 0; i < 5; i++)
		a->top5 += top[i] == gt;
}

void
accuracy_interval(long correct, long n, double *low, double *high)
{
	const double z = 1.959963984540054;	/* 97.5 % point of the normal distribution */
	double p = n ? (double)correct / (double)n : 0, m = n ? (double)n : 1;
	double middle = (p + z * z / (2 * m)) / (1 + z * z / m);
	double half = z / (1 + z * z / m) * sqrt(p * (1 - p) / m + z * z / (4 * m * m));

	*low = fmax(0, middle - half);
	*high = fmin(1, middle + half);
}

void
accuracy_count(struct accuracy *a, struct confusion *matrix, const struct evaluation *s)
{
	int i;

	confusion_open(matrix, s->classes.count);
	for (i = 0; i < s->count; i++) {
		const struct evaluation_image *image = &s->images[i];

		if (!image->predicted || image->class < 0 || s->classes.list[image->class].left_out)
			continue;
		accuracy_add(a, image->class, image->top);
		add(matrix, image->class, image->top[0], 1);
	}
}
