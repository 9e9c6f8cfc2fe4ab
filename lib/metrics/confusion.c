/* confusion - which class was taken for which */
#include "metrics/confusion.h"
#include "annotation/segmap.h"
#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

void
confusion_open(struct confusion *c, int classes)
{
	c->classes = classes;
	c->counts = mem_new(sizeof *c->counts * (size_t)classes * (size_t)(classes + 1) + 1);
}

static long *
cell(const struct confusion *c, int truth, int said)
{
	return &c->counts[(size_t)truth * (size_t)(c->classes + 1) + (size_t)(said < 0 ? c->classes : said)];
}

void
confusion_add(struct confusion *c, int truth, int said, long n)
{
	assert(truth >= 0 && truth < c->classes && said < c->classes);
	*cell(c, truth, said) += n;
}

long
confusion_pixels(struct confusion *c, const struct runs *truth, const uint8_t *said, const int truth_map[256], const int said_map[256], int out)
{
	long r, i, at = 0;

	for (r = 0; r < truth->count; r++) {
		long n = truth->list[r] >> 8;

		if (truth_map[truth->list[r] & 255] >= 0)
			for (i = at; i < at + n; i++)
				if (said[i] >= out && said[i] != SEGMAP_IGNORE)
					return i;
		at += n;
	}
	for (at = r = 0; r < truth->count; r++) {
		long n = truth->list[r] >> 8;
		int row = truth_map[truth->list[r] & 255];

		if (row >= 0)
			for (i = at; i < at + n; i++) {
				++*cell(c, row, said_map[said[i]]);
				c->silent += said[i] == SEGMAP_IGNORE;
			}
		at += n;
	}
	return -1;
}

long
confusion_true(const struct confusion *c, int class)
{
	long n = 0;
	int i;

	for (i = 0; i <= c->classes; i++)
		n += c->counts[(size_t)class * (size_t)(c->classes + 1) + (size_t)i];
	return n;
}

long
confusion_said(const struct confusion *c, int class)
{
	long n = 0;
	int i;

	for (i = 0; i < c->classes; i++)
		n += *cell(c, i, class);
	return n;
}

double
confusion_iou(const struct confusion *c, int class)
{
	long right = *cell(c, class, class), all = confusion_true(c, class) + confusion_said(c, class) - right;

	return all ? (double)right / (double)all : NAN;
}

struct confusion_sums
confusion_sum(const struct confusion *c, int absent_zero, const bool *left_out)
{
	struct confusion_sums s = { 0 };
	int i, ious = 0, rows = 0;

	for (i = 0; i < c->classes; i++) {
		long n = confusion_true(c, i), right = *cell(c, i, i);
		double iou = confusion_iou(c, i);

		if (left_out && left_out[i])
			continue;
		s.n += n;
		s.right += right;
		s.absent += isnan(iou);
		if (!isnan(iou) || absent_zero) {
			s.mean_iou += isnan(iou) ? 0 : iou;
			ious++;
		}
		if (n) {
			s.class_accuracy += (double)right / (double)n;
			rows++;
		}
	}
	s.mean_iou = ious ? s.mean_iou / ious : NAN;
	s.class_accuracy = rows ? s.class_accuracy / rows : NAN;
	s.accuracy = s.n ? (double)s.right / (double)s.n : NAN;
	return s;
}

void
confusion_close(struct confusion *c)
{
	free(c->counts);
	*c = (struct confusion){ 0 };
}
