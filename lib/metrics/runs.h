/* runs - a segmentation map as runs of equal pixels: what is true of many images fits into memory */
#ifndef METRICS_RUNS_H
#define METRICS_RUNS_H

#include <stdint.h>

struct runs {
	int height, width;	/* 0: no map */
	long count;
	uint32_t *list;		/* (count) label in the low 8 bits, pixels above; row by row, runs go on over row ends */
};

/* Pack a dense map of labels. runs_free() it. */
void runs_pack(struct runs *r, const uint8_t *labels, int height, int width);

/* Pixels whose label is not 0, in a map, and in both of two maps of one size. */
long runs_area(const struct runs *r);
long runs_common(const struct runs *a, const struct runs *b);

void runs_free(struct runs *r);

#endif
