/* tscae-classify - the class of each picture, from a trained model

   Each picture goes through the network alone, on one thread: what is said of it depends on the picture and the model,
   never on its neighbours in the stream or on the number of threads. */
#include "base/err.h"
#include "base/mem.h"
#include "base/pool.h"
#include "model/desk.h"
#include "task/classify.h"
#include "task/predict.h"
#include "tool/cli.h"
#include "tool/die.h"
#include "tool/filter.h"

#include <math.h>
#include <stdlib.h>

static struct {
	const char *model, *output;
	bool drop;
	long threads;
} args = { .model = "", .output = "-" };

static const struct cli cli = {
	"tscae-classify", "the class of each picture, from a trained model", "[FILE ...]",
	(const struct opt[]){
		{ 'm', "model", OPT_TEXT, &args.model, 0, 0, "model file, snapshot or run directory", "MODEL" },
		{ 'd', "drop-image", OPT_FLAG, &args.drop, 0, 0, "leave the pictures out of the stream", NULL },
		{ 't', "threads", OPT_INT, &args.threads, 0, 1024, "threads; 0: one for each processor", "N" },
		{ 'o', "output", OPT_TEXT, &args.output, 0, 0, "where the stream goes", "FILE" },
		{ 0 }
	},
	NULL
};

static struct predict model;
static struct desk *desks;	/* one a thread */

static int
begin(struct header *h)
{
	const long shape[1] = { model.classes.count };

	if (!header_field(h, "image"))
		return err(ERR_DATA, "a stream of kind '%s' without pictures", h->kind);
	if (args.drop) {
		header_set_kind(h, "label");
		header_drop_field(h, "image");
	}
	header_put_field(h, "class_score", TENSOR_F32, 1, shape);
	classes_write(&model.classes, h, "predicted_classes");
	return 0;
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
each(struct record *r, int number)
{
	const struct classify *self = model.self;
	const struct tensor *image = record_tensor(r, "image", TENSOR_U8, 3);
	const long shape[1] = { model.classes.count };
	struct desk *d = &desks[number];
	struct var *x;

	if (!image || desk_open(d, image, &self->encoder, &model.params) < 0)
		return -1;
	x = classify_logits(self, &d->tape, &d->position, image->data, 1, (int)image->shape[0], (int)image->shape[1], NULL);
	record_put_int(r, "predicted_class", softmax(model.classes.count, x->x, record_put_tensor(r, "class_score", TENSOR_F32, 1, shape)));
	if (args.drop)
		record_drop(r, "image");
	return FILTER_KEEP;
}

int
main(int argc, char **argv)
{
	struct filter f = { .begin = begin, .each_on = each };
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands), status;
	long i;

	if (!*args.model)
		die_with(ERR_USAGE, "say which --model");
	if (args.threads == 0)
		args.threads = pool_default();
	if (predict_open(&model, &classify_task, args.model) < 0)
		die();
	desks = mem_new((size_t)args.threads * sizeof *desks);
	f.threads = args.threads;
	f.output = args.output;
	status = filter(&f, n, operands);
	for (i = 0; i < args.threads; i++)
		desk_close(&desks[i]);
	free(desks);
	predict_close(&model);
	return status;
}
