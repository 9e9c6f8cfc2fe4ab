/* tscae-reconstruct - what a model predicts for the masked patches of masked images

   `masked` is the image with its masked patches painted over, `prediction` the image with the model's patches in
   their place. A model trained on normalized patches predicts them without brightness and contrast: those are
   put back from the true patch. */
#include "base/err.h"
#include "base/mem.h"
#include "base/pool.h"
#include "checkpoint/model_file.h"
#include "task/pretrain.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/filter.h"

#include <stdlib.h>
#include <string.h>

static struct {
	const char *model, *output;
	long threads, seed;
} args = { .model = "", .output = "-" };

static const struct cli cli = {
	"tscae-reconstruct", "reconstruct the masked patches of images", "[FILE ...]",
	(const struct opt[]){
		{ 'm', "model", OPT_TEXT, &args.model, 0, 0, "model file, checkpoint or run directory", "MODEL" },
		{ 's', "seed", OPT_INT, &args.seed, 0, 9e15, "seed of the query noise (preset=paper)", "N" },
		{ 't', "threads", OPT_INT, &args.threads, 0, 1024, "number of threads (0: all processors)", "N" },
		{ 'o', "output", OPT_TEXT, &args.output, 0, 0, "output file (-: standard output)", "FILE" },
		{ 0 }
	},
	NULL
};

static struct model_file model;
static struct params params;
static struct pretrain *net;

static struct worker {
	struct tape tape;
	struct batch batch;	/* of one image */
	float *gray;		/* zeros: the mean color, once scaled back */
} *workers;

/* The stream's ratio decides how many patches are hidden; parameters do not depend on it. */
static int
begin(struct header *h)
{
	const struct value *ratio = record_get(&h->extra, "mask_ratio");
	struct config *c = &model.config;
	const long S = c->image, shape[3] = { S, S, 3 };
	long i;

	if (!header_field(h, "mask"))
		return err(ERR_DATA, "a stream of kind '%s' without masks (tscae-mask adds them)", h->kind);
	if (ratio && ratio->kind == VALUE_REAL)
		c->mask_ratio = ratio->real;
	net = pretrain_task.open(c, &params);
	if (!net)
		return -1;
	params_build(&params);
	if (model_file_params(&model, &params) < 0)
		return -1;
	for (i = 0; i < args.threads; i++) {
		batch_open(&workers[i].batch, 1, (int)S, config_patches(c), config_masked(c), BATCH_MASKS, 0);
		workers[i].batch.seed = (uint64_t)args.seed;
		workers[i].gray = mem_new((size_t)(S * S * 3) * sizeof *workers[i].gray);
	}
	header_put_field(h, "masked", TENSOR_U8, 3, shape);
	header_put_field(h, "prediction", TENSOR_U8, 3, shape);
	return 0;
}

/* Paint the masked patches over with the mean color. */
static void
paint(const struct worker *w, uint8_t *image)
{
	const struct config *c = &net->config;
	const struct patch grid = { w->batch.S, w->batch.S, (int)c->patch, (enum patch_scale)c->mean_std };
	int i;

	for (i = 0; i < w->batch.P; i++)
		if (w->batch.masks[i])
			patch_write(&grid, w->gray, &i, 1, false, image);
}

static int
each(struct record *r, int number)
{
	struct worker *w = &workers[number];
	const long S = model.config.image, shape[3] = { S, S, 3 };
	uint8_t *masked, *prediction;

	batch_reset(&w->batch);
	if (batch_put(&w->batch, r) < 0)
		return -1;
	masked = record_put_tensor(r, "masked", TENSOR_U8, 3, shape);
	memcpy(masked, w->batch.images, (size_t)(S * S * 3));
	paint(w, masked);
	prediction = record_put_tensor(r, "prediction", TENSOR_U8, 3, shape);
	tape_reset(&w->tape, false, &params, NULL);
	pretrain_reconstruct(net, &w->tape, &w->batch, 0, 1, prediction);
	return FILTER_KEEP;
}

static void
close_all(void)
{
	long i;

	for (i = 0; i < args.threads; i++) {
		tape_free(&workers[i].tape);
		batch_close(&workers[i].batch);
		free(workers[i].gray);
	}
	free(workers);
	pretrain_task.close(net);
	params_free(&params);
	model_file_close(&model);
}

int
main(int argc, char **argv)
{
	struct filter f = { .begin = begin, .each_on = each };
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands), status;

	if (!*args.model)
		die_with(ERR_USAGE, "say which --model");
	if (args.threads == 0)
		args.threads = pool_default();
	if (model_file_open(&model, args.model) < 0)
		die();
	workers = mem_new((size_t)args.threads * sizeof *workers);
	f.threads = args.threads;
	f.output = args.output;
	status = filter(&f, n, operands);
	close_all();
	return status;
}
