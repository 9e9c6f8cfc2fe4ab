/* scores - what a set of truth and predictions comes to, as tables on standard output */
#ifndef CLI_SCORES_H
#define CLI_SCORES_H

#include "metrics/evaluation.h"

struct scores {
	const struct evaluation *set;
	unsigned parts;		/* enum evaluation_part: what to score */
	unsigned compat;	/* enum ap_compat */
	double overlap;		/* least one of VOC's average precision */
	bool absent_zero;	/* segmentation maps: a class that is nowhere counts as 0 */
	bool masks;		/* the boxes have masks: VOC's numbers are not defined */
	bool per_class;		/* a table of the classes too */
	bool confusion;		/* a table of which class was taken for which too */
};

/* Print as text or as a JSON object. Dies where the output fails. */
void scores_show(const struct scores *s, bool json);

#endif
