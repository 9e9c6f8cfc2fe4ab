/* results - fuzz target: any bytes as COCO's ground truth, COCO's results or VOC's lines; what is accepted is scored */
#include "annotation/class_list.h"
#include "base/mem.h"
#include "metrics/ap.h"
#include "metrics/evaluation.h"
#include "metrics/results.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char truth[] =
	"{\"images\":[{\"id\":1,\"file_name\":\"a.jpg\"},{\"id\":2,\"file_name\":\"b.jpg\"}],"
	"\"categories\":[{\"id\":1,\"name\":\"x\"},{\"id\":2,\"name\":\"y\"}],"
	"\"annotations\":[{\"image_id\":1,\"category_id\":1,\"bbox\":[1,1,40,40],\"area\":1600},{\"image_id\":2,"
	"\"category_id\":1,\"bbox\":[1,1,9,9],\"iscrowd\":1}]}";

static void
score(const struct evaluation *s)
{
	size_t n = (size_t)s->classes.count;
	struct ap_score *each = mem_array(n + 1, sizeof *each), mean;
	struct ap_voc *voc = mem_array(n + 1, sizeof *voc);
	struct ap_coco_matches *coco = ap_coco_match(s, 0);
	struct ap_voc_matches *boxes = ap_voc_match(s, 0.5, 0);
	int without, i;

	ap_coco_score(coco, NULL, AP_NUMBERS, each, &mean);
	ap_voc_score(boxes, NULL, voc, &without);
	ap_coco_free(coco);
	ap_voc_free(boxes);
	for (i = 0; i < AP_NUMBERS; i++)
		if (!(mean.value[i] >= -1 && mean.value[i] <= 1))
			abort();
	free(each);
	free(voc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct evaluation_rules rules = { .intersect = size % 2, .score_threshold = -INFINITY };
	char *text = mem_new(size + 1);
	struct evaluation s = { 0 };
	int result;

	if (size)
		memcpy(text, bytes, size);
	if (*text == '{')
		result = results_parse_gt(&s, text, size, &rules);
	else if (results_parse_gt(&s, truth, strlen(truth), &rules) < 0)
		abort();
	else
		result = *text == '[' ? results_parse_coco(&s, text, size, &rules)
			: results_parse_voc(&s, text, 0, &rules);
	if (result == 0)
		score(&s);
	evaluation_free(&s);
	free(text);
	return 0;
}
