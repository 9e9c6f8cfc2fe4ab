/* tscae-classify - the class of each image, from a trained model */
#include "task/classify.h"
#include "cli/predictor.h"

#include <math.h>

static void begin(struct header *h, const struct field_type *image);
static int each(struct record *r, const struct tensor *image, struct predict_context *d);

static struct predictor predictor = { .task = &classify_task, .classes = "predicted_classes", .begin = begin, .each = each, .path = "", .output = "-" };

static const struct cli cli = {
	"tscae-classify", "predict the class of each image", "[FILE ...]",
	(const struct opt[]){ PREDICTOR_MODEL(predictor), PREDICTOR_OPTIONS(predictor), { 0 } },
	NULL
};

static void
begin(struct header *h, const struct field_type *image)
{
	const long shape[1] = { predictor.model.classes.count };

	(void)image;
	header_put_field(h, "class_score", TENSOR_F32, 1, shape);
}

/* p = softmax(x), its sum in double; the place of the greatest, the first of equal ones */
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
each(struct record *r, const struct tensor *image, struct predict_context *d)
{
	const struct classify *self = predictor.model.self;
	const long shape[1] = { predictor.model.classes.count };
	struct var *x;

	if (predict_context_open(d, image, &self->encoder, &predictor.model.params) < 0)
		return -1;
	x = classify_logits(self, &d->tape, &d->position, image->data, 1, (int)image->shape[0], (int)image->shape[1], NULL);
	record_put_int(r, "predicted_class", softmax(predictor.model.classes.count, x->x, record_put_tensor(r, "class_score", TENSOR_F32, 1, shape)));
	return 0;
}

int
main(int argc, char **argv)
{
	return predictor_run(&predictor, &cli, argc, argv);
}
