/* predictor - a tool that says what a trained model thinks of each image: its options, its model, its loop */
#include "cli/predictor.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/pool.h"
#include "cli/die.h"
#include "cli/filter.h"

#include <stdlib.h>

/* the one of this program: filter() knows none */
static struct predictor *self;

static int
begin(struct header *h)
{
	const struct field_type *image = header_field(h, "image");

	if (!image || image->rank != 3)
		return err(ERR_DATA, "a stream of kind '%s' without images", h->kind);
	self->begin(h, image);
	if (self->drop) {
		header_set_kind(h, "label");
		header_drop_field(h, "image");
		header_put_field(h, "size", TENSOR_I32, 1, (long[1]){ 2 });
	}
	class_list_write(&self->model.classes, h, self->classes);
	return 0;
}

static int
say(struct record *r, struct predict_context *d)
{
	const struct tensor *image = record_tensor(r, "image", TENSOR_U8, 3);
	int32_t height, width, *size;

	if (!image)
		return -1;
	if (image->shape[0] < 1 || image->shape[1] < 1)
		return err(ERR_DATA, "an image of %ldx%ld", image->shape[0], image->shape[1]);
	height = (int32_t)image->shape[0];
	width = (int32_t)image->shape[1];
	if (self->each(r, image, d) < 0)
		return -1;
	if (self->drop) {
		record_drop(r, "image");
		/* what its boxes and maps are measured by */
		size = record_put_tensor(r, "size", TENSOR_I32, 1, (long[1]){ 2 });
		size[0] = height;
		size[1] = width;
	}
	return FILTER_KEEP;
}

static int
each(struct record *r, int worker)
{
	int verdict;

	parallel_for_enter(&self->team);
	verdict = say(r, &self->contexts[worker]);
	parallel_for_leave(&self->team);
	return verdict;
}

int
predictor_run(struct predictor *p, const struct cli *cli, int argc, char **argv)
{
	struct filter f = { .begin = begin, .each_on = each };
	char **operands;
	int n = cli_parse(cli, argc, argv, &operands), status;
	long i;

	self = p;
	if (!*p->path)
		die_with(ERR_USAGE, "say which --model");
	if (p->threads == 0)
		p->threads = pool_default();
	p->team.pool = pool_new((int)p->threads);
	if (!p->team.pool || predict_open(&p->model, p->task, p->path, p->team.pool) < 0)
		die();
	if (p->complete)
		p->complete();
	p->contexts = mem_new((size_t)p->threads * sizeof *p->contexts);
	for (i = 0; i < p->threads; i++)
		p->contexts[i].tape.team = &p->team;
	f.done = p->done;
	f.threads = p->threads;
	f.pool = p->team.pool;
	f.output = p->output;
	status = filter(&f, n, operands);
	for (i = 0; i < p->threads; i++)
		predict_context_close(&p->contexts[i]);
	free(p->contexts);
	predict_close(&p->model);
	pool_free(p->team.pool);
	return status;
}
