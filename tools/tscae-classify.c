/* tscae-classify - predict the class of each image */
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "annotation/image_class.h"
#include "base/opt.h"
#include "cli/cli.h"
#include "cli/predictor.h"
#include "inference/predict.h"
#include "nn/tape.h"
#include "stream/record.h"
#include "stream/tensor.h"
#include "task/classify.h"

#include <math.h>
#include <stddef.h>

static struct predictor_options predictor = { .path = "", .output = "-" };

static const struct cli cli = {
	"tscae-classify", "predict the class of each image", "[FILE ...]",
	(const struct opt[]){ PREDICTOR_MODEL(predictor), PREDICTOR_OPTIONS(predictor), { 0 } },
	NULL
};

static void
begin(const struct predictor *p, struct header *h, const struct field_type *image)
{
	(void)image;
	image_class_declare_score(h, p->model.classes.count);
}

/* p = softmax(x), summed in double precision. Returns the index of the largest value, the first of equal ones. */
static int
softmax(int n, const float *x, float *p)
{
	double sum = 0;
	int i, top = 0;

	for (i = 1; i < n; i++)
		if (x[i] > x[top])
			top = i;
	for (i = 0; i < n; i++)
		sum += exp((double)x[i] - x[top]);
	for (i = 0; i < n; i++)
		p[i] = (float)(exp((double)x[i] - x[top]) / sum);
	return top;
}

static int
each(const struct predictor *p, struct record *r, const struct tensor *image, struct predict_context *c)
{
	const struct classify *self = p->model.self;
	const int classes = p->model.classes.count;
	float *scores;
	struct var *x;

	if (predict_context_open(c, image, &self->encoder, &p->model.params) < 0)
		return -1;
	x = classify_logits(self, &c->tape, &c->position, image->data, 1, (int)image->shape[0], (int)image->shape[1],
		NULL);
	if (var_check_finite("the logits", classes, x->x) < 0)
		return -1;
	scores = image_class_put_score(r, classes);
	image_class_put(r, IMAGE_CLASS_PREDICTED, softmax(classes, x->x, scores));
	return 0;
}

int
main(int argc, char **argv)
{
	struct predictor p = { .task = &classify_task, .classes = CLASS_LIST_PREDICTED,
		.others = boxes_name(BOXES_PREDICTED), .options = &predictor, .begin = begin, .each = each };

	return predictor_run(&p, &cli, argc, argv);
}
