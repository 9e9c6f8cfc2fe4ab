/* predictor - a tool that adds the predictions of a trained model to each image: its options, its model, its loop */
#include "cli/predictor.h"
#include "annotation/class_list.h"
#include "annotation/image_size.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/pool.h"
#include "cli/die.h"
#include "cli/filter.h"
#include "codec/image.h"
#include "nn/tape.h"

#include <stdlib.h>

/* Predictions of another task must not get the names of this model. */
static int
match_others(const struct predictor *p, const struct header *h)
{
	struct class_list theirs = { 0 };
	int result = 0;

	if (p->others && header_field(h, p->others)) {
		result = class_list_read(&theirs, h, p->classes, NULL);
		if (result == 0 && theirs.count && class_list_match(&p->model.classes, &theirs) < 0)
			result = err_in("field '%s' is of a model with other classes; apply each model to the images "
				"alone", p->others);
		class_list_free(&theirs);
	}
	return result;
}

static int
begin(void *arg, struct header *h)
{
	const struct predictor *p = arg;
	const struct field_type *image = header_field(h, "image");

	if (!image || image->rank != 3)
		return err(ERR_DATA, "a stream of kind '%s' without images", h->kind);
	if (match_others(p, h) < 0)
		return -1;
	p->begin(p, h, image);
	if (p->options->drop) {
		header_set_kind(h, "label");
		header_drop_field(h, "image");
		image_size_declare(h);
	}
	class_list_write(&p->model.classes, h, p->classes);
	return 0;
}

/* Add the prediction; replace the image by its size if asked for. */
static int
predict(const struct predictor *p, struct record *r, struct predict_context *c)
{
	const struct tensor *image = image_tensor(r, "image");
	int height, width;

	if (!image)
		return -1;
	height = (int)image->shape[0];
	width = (int)image->shape[1];
	if (p->each(p, r, image, c) < 0)
		return -1;
	if (p->options->drop) {
		record_drop(r, "image");
		/* boxes and segmentation maps refer to it */
		image_size_put(r, height, width);
	}
	return FILTER_KEEP;
}

static int
each(void *arg, struct record *r, int worker)
{
	struct predictor *p = arg;
	int result;

	parallel_for_enter(&p->team);
	result = predict(p, r, &p->contexts[worker]);
	parallel_for_leave(&p->team);
	return result;
}

static int
done(void *arg, const struct record *r)
{
	const struct predictor *p = arg;

	return p->done ? p->done(p->arg, r) : 0;
}

int
predictor_run(struct predictor *p, const struct cli *cli, int argc, char **argv)
{
	struct filter f = { .begin = begin, .each = each, .done = done, .arg = p };
	char **operands;
	int n = cli_parse(cli, argc, argv, &operands), status;
	long i;

	if (!*p->options->path)
		die_with(ERR_USAGE, "no model given; use --model");
	f.threads = cli_threads(p->options->threads);
	f.output = p->options->output;
	f.pool = p->team.pool = pool_new((int)f.threads);
	if (!f.pool || predict_open(&p->model, p->task, p->options->path, f.pool) < 0)
		die();
	if (p->complete)
		p->complete(p);
	p->contexts = mem_array((size_t)f.threads, sizeof *p->contexts);
	for (i = 0; i < f.threads; i++)
		p->contexts[i].tape.team = &p->team;
	status = filter(&f, n, operands);
	for (i = 0; i < f.threads; i++)
		predict_context_close(&p->contexts[i]);
	free(p->contexts);
	predict_close(&p->model);
	pool_free(f.pool);
	return status;
}
