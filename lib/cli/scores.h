/* scores - the scores of predictions as tables on standard output */
#ifndef CLI_SCORES_H
#define CLI_SCORES_H

#include <stdbool.h>

struct scores {
	const struct evaluation *set;
	unsigned parts;		/* enum evaluation_part: parts to score */
	unsigned compat;	/* enum ap_compat */
	double overlap;		/* IoU threshold of VOC's average precision */
	bool absent_zero;	/* segmentation maps: an absent class counts as 0 in the mean */
	bool masks;		/* masks are scored in place of boxes: VOC's numbers are not defined */
	int samples;		/* of the images, for the intervals of the scores of boxes and maps; 0: no intervals */
	bool per_class;		/* print the scores of each class, too */
	bool confusion;		/* print the confusion matrix, too */
};

/* Print as text or as a JSON object. Dies if the output fails. */
void scores_show(const struct scores *s, bool json);

#endif
