/* tscae-detect - objects in pictures, from a trained model

   Each picture goes through the network alone, on one thread: what is found depends on the picture and the model,
   never on its neighbours in the stream or on the number of threads. */
#include "base/err.h"
#include "base/mem.h"
#include "base/pool.h"
#include "image/placement.h"
#include "model/desk.h"
#include "task/detect.h"
#include "task/predict.h"
#include "tool/cli.h"
#include "tool/die.h"
#include "tool/filter.h"

#include <math.h>
#include <stdlib.h>

static struct {
	const char *model, *output;
	double score, overlap;
	long most, size, threads;
	bool drop;
} args = { .model = "", .output = "-", .score = 0.05, .overlap = 0.6, .most = 100 };

static const struct cli cli = {
	"tscae-detect", "objects in pictures, from a trained model", "[FILE ...]",
	(const struct opt[]){
		{ 'm', "model", OPT_TEXT, &args.model, 0, 0, "model file, snapshot or run directory", "MODEL" },
		{ 's', "size", OPT_INT, &args.size, 0, 4096, "longer side of a picture as the model sees it, in pixels; 0: as it is", "N" },
		{ 0, "score", OPT_REAL, &args.score, 0, 1, "boxes of a lower score are left out", "X" },
		{ 0, "overlap", OPT_REAL, &args.overlap, 0, 1, "of boxes of one class that overlap by more, the best stays", "X" },
		{ 0, "most", OPT_INT, &args.most, 1, 10000, "boxes of a picture", "N" },
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
	static const long boxes[2] = { 0, 4 }, each[1] = { 0 };
	const struct field_type *image = header_field(h, "image");

	if (!image)
		return err(ERR_DATA, "a stream of kind '%s' without pictures", h->kind);
	if (args.drop) {
		header_set_kind(h, "label");
		header_drop_field(h, "image");
	}
	header_put_field(h, "predicted_boxes", TENSOR_F32, 2, boxes);
	header_put_field(h, "predicted_box_class", TENSOR_I32, 1, each);
	header_put_field(h, "predicted_box_score", TENSOR_F32, 1, each);
	classes_write(&model.classes, h, "predicted_classes");
	return 0;
}

/* How large the model sees a picture. */
static struct placement
place(int width, int height)
{
	const int longer = width > height ? width : height;
	const double scale = args.size ? (double)args.size / longer : 1;
	struct placement p = { .part = { 0, 0, width, height } };

	p.width = (int)fmax(lround(width * scale), 1);
	p.height = (int)fmax(lround(height * scale), 1);
	p.placed = (struct geometry){ 0, 0, p.width, p.height };
	return p;
}

static long
up(long x, long step)
{
	return (x + step - 1) / step * step;
}

/* Boxes of the picture as it was seen, into the record, in pixels of its own picture. */
static void
put(struct record *r, const struct placement *p, const struct nms_box *list, int count)
{
	const long boxes[2] = { count, 4 }, each[1] = { count };
	float *box = record_put_tensor(r, "predicted_boxes", TENSOR_F32, 2, boxes);
	int32_t *class = record_put_tensor(r, "predicted_box_class", TENSOR_I32, 1, each);
	float *score = record_put_tensor(r, "predicted_box_score", TENSOR_F32, 1, each);
	int i, k;

	for (i = 0; i < count; i++) {
		for (k = 0; k < 4; k++) {
			const int seen = k % 2 ? p->height : p->width, own = k % 2 ? p->part.height : p->part.width;

			box[4 * i + k] = fminf((float)((double)list[i].box[k] * own / seen), (float)own);
		}
		class[i] = list[i].class;
		score[i] = list[i].score;
	}
}

static int
each(struct record *r, int number)
{
	const struct detect *self = model.self;
	const struct detect_options options = { (float)args.score, (float)args.overlap, (int)args.most };
	const struct tensor *image = record_tensor(r, "image", TENSOR_U8, 3);
	struct desk *d = &desks[number];
	struct tensor seen;
	struct placement p;
	struct picture from, to;
	struct nms_box *found;

	if (!image)
		return -1;
	if (image->shape[0] < 1 || image->shape[1] < 1)
		return err(ERR_DATA, "a picture of %ldx%ld", image->shape[0], image->shape[1]);
	p = place((int)image->shape[1], (int)image->shape[0]);
	seen = *image;
	seen.shape[0] = up(p.height, self->encoder.p);
	seen.shape[1] = up(p.width, self->encoder.p);
	/* the shape alone is looked at here */
	if (desk_open(d, &seen, &self->encoder, &model.params) < 0)
		return -1;
	if (seen.shape[0] != image->shape[0] || seen.shape[1] != image->shape[1] || args.size) {
		seen.data = arena_get(&r->arena, tensor_bytes(&seen));
		from = picture_over(image->data, p.part.width, p.part.height, 3);
		to = picture_over(seen.data, (int)seen.shape[1], (int)seen.shape[0], 3);
		placement_draw(&p, &r->arena, &to, &from, RESIZE_BICUBIC);
	}
	found = arena_get(&r->arena, sizeof *found * (size_t)args.most);
	put(r, &p, found, detect_find(self, &d->tape, &d->position, seen.data, (int)seen.shape[0], (int)seen.shape[1], p.height, p.width, &options, found));
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
	if (predict_open(&model, &detect_task, args.model) < 0)
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
