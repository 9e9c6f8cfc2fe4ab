/* tscae-reconstruct - reconstruct the masked patches of images

   The field `masked` is the image with its masked patches filled with the mean color, `prediction` the image with the
   predicted patches in their place. A model trained on normalized patches predicts them without mean and standard
   deviation: these are taken from the original patch. */
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "checkpoint/model_file.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/filter.h"
#include "model/config.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "stream/record.h"
#include "stream/tensor.h"
#include "task/batch.h"
#include "task/pretrain.h"
#include "task/task.h"
#include "transform/patch.h"
#include "transform/patch_mask.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct {
	const char *model, *output;
	long threads, seed;
} args = { .model = "", .output = "-" };

static const struct cli cli = {
	"tscae-reconstruct", "reconstruct the masked patches of images", "[FILE ...]",
	(const struct opt[]){
		CLI_MODEL(&args.model),
		CLI_SEED(&args.seed),
		CLI_THREADS(&args.threads),
		CLI_OUTPUT(&args.output),
		{ 0 }
	},
	NULL
};

struct workspace {
	struct tape tape;
	struct batch batch;	/* of one image */
	float *gray;		/* zeros: the mean color after denormalization */
};

struct reconstruct {
	struct model_file model;
	struct params params;
	struct pretrain *net;
	struct workspace *workspaces;	/* one for each thread */
	long threads;
};

/* The type and shape of the images. */
static enum tensor_type
image_type(const struct reconstruct *m, long shape[3])
{
	const struct config *c = &m->net->config;

	shape[0] = shape[1] = c->image;
	shape[2] = c->channels;
	return c->bits == 16 ? TENSOR_U16 : TENSOR_U8;
}

/* The mask ratio of the stream gives the number of masked patches; the parameters do not depend on it. */
static int
begin(void *arg, struct header *h)
{
	struct reconstruct *m = arg;
	struct config *c = &m->model.config;
	const long S = c->image;
	long i, shape[3];
	enum tensor_type type;

	if (!header_field(h, "mask"))
		return err(ERR_DATA, "a stream of kind '%s' without masks; tscae-mask adds them", h->kind);
	if (patch_mask_ratio(h, &c->mask_ratio) < 0)
		return -1;
	m->net = pretrain_task.open(c, &m->params);
	if (!m->net)
		return -1;
	/* not an error of the stream */
	if (model_file_has_params(&m->model, &m->params) < 0)
		die();
	params_build(&m->params);
	if (model_file_params(&m->model, &m->params) < 0)
		die();
	for (i = 0; i < m->threads; i++) {
		struct workspace *w = &m->workspaces[i];

		batch_open(&w->batch, 1, &m->net->config, BATCH_MASKS);
		w->batch.seed = (uint64_t)args.seed;
		w->gray = mem_array(mem_product((size_t)(S * S), (size_t)m->net->config.channels), sizeof *w->gray);
	}
	type = image_type(m, shape);
	header_put_field(h, "masked", type, 3, shape);
	header_put_field(h, "prediction", type, 3, shape);
	return 0;
}

/* Fill the masked patches with the mean color. */
static void
fill(const struct config *c, const struct workspace *w, uint8_t *image)
{
	const struct patch grid = { w->batch.S, w->batch.S, (int)c->patch, &w->batch.pixels };
	int i;

	for (i = 0; i < w->batch.P; i++)
		if (w->batch.masks[i])
			patch_write(&grid, w->gray, &i, 1, false, image);
}

static int
each(void *arg, struct record *r, int worker)
{
	struct reconstruct *m = arg;
	struct workspace *w = &m->workspaces[worker];
	long shape[3];
	const enum tensor_type type = image_type(m, shape);
	uint8_t *masked, *prediction;

	batch_reset(&w->batch);
	if (batch_put(&w->batch, r) < 0)
		return -1;
	masked = record_put_tensor(r, "masked", type, 3, shape);
	memcpy(masked, w->batch.images, w->batch.image_bytes);
	fill(&m->net->config, w, masked);
	prediction = record_put_tensor(r, "prediction", type, 3, shape);
	tape_reset(&w->tape, false, &m->params, NULL);
	return pretrain_reconstruct(m->net, &w->tape, &w->batch, 0, 1, prediction) < 0 ? -1 : FILTER_KEEP;
}

static void
close_all(struct reconstruct *m)
{
	long i;

	for (i = 0; i < m->threads; i++) {
		tape_free(&m->workspaces[i].tape);
		batch_close(&m->workspaces[i].batch);
		free(m->workspaces[i].gray);
	}
	free(m->workspaces);
	pretrain_task.close(m->net);
	params_free(&m->params);
	model_file_close(&m->model);
}

int
main(int argc, char **argv)
{
	struct reconstruct m = { 0 };
	struct filter f = { .begin = begin, .each = each, .arg = &m };
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands), status;

	if (!*args.model)
		die_with(ERR_USAGE, "no model given; use --model");
	if (model_file_open(&m.model, args.model) < 0)
		die();
	f.threads = m.threads = cli_threads(args.threads);
	f.output = args.output;
	m.workspaces = mem_array((size_t)m.threads, sizeof *m.workspaces);
	status = filter(&f, n, operands);
	close_all(&m);
	return status;
}
