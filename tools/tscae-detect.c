/* tscae-detect - detect objects in images */
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "annotation/image_class.h"
#include "base/mem.h"
#include "base/opt.h"
#include "cli/cli.h"
#include "cli/predictor.h"
#include "codec/image.h"
#include "inference/detections.h"
#include "inference/predict.h"
#include "model/encoder.h"
#include "stream/record.h"
#include "stream/tensor.h"
#include "task/detect.h"
#include "transform/geometry.h"
#include "transform/resize.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

static struct predictor_options predictor = { .path = "", .output = "-" };
static struct {
	double score, overlap;
	long most, size;
} args = { .score = 0.05, .overlap = 0.6, .most = 100 };

enum { COLUMNS = BOXES_BOX | BOXES_CLASS | BOXES_SCORE };

static const struct cli cli = {
	"tscae-detect", "detect objects in images", "[FILE ...]",
	(const struct opt[]){
		PREDICTOR_MODEL(predictor),
		{ 'S', "size", OPT_INT, &args.size, 0, 4096,
			"resize the longer side to N pixels before detection (0: keep the size)", "N" },
		{ 0, "score-threshold", OPT_REAL, &args.score, 0, 1, "minimum score of a detection", "X" },
		{ 0, "iou-threshold", OPT_REAL, &args.overlap, 0, 1, "IoU threshold of non-maximum suppression", "X" },
		{ 0, "max-detections", OPT_INT, &args.most, 1, 10000, "maximum number of detections per image", "N" },
		PREDICTOR_OPTIONS(predictor),
		{ 0 }
	},
	NULL
};

static void
begin(const struct predictor *p, struct header *h, const struct field_type *image)
{
	(void)p, (void)image;
	boxes_declare(h, BOXES_PREDICTED, COLUMNS);
}

/* The size of an image as input of the model. */
static struct geometry
input_size(int width, int height)
{
	const int longer = width > height ? width : height;
	const double scale = args.size ? (double)args.size / longer : 1;
	struct geometry p = { .part = { 0, 0, width, height } };

	p.width = (int)fmax(round(width * scale), 1);
	p.height = (int)fmax(round(height * scale), 1);
	p.placed = (struct rect){ 0, 0, p.width, p.height };
	return p;
}

/* x rounded up to a multiple of step */
static long
round_up(long x, long step)
{
	return (x + step - 1) / step * step;
}

/* Put boxes, in pixels of the input of the model, into the record, in pixels of its image. */
static void
put(struct record *r, const struct geometry *p, const struct detection *list, int count)
{
	struct boxes to = boxes_new(&r->arena, COLUMNS, count);
	int i, k;

	for (i = 0; i < count; i++) {
		for (k = 0; k < 4; k++) {
			const int input = k % 2 ? p->height : p->width, own = k % 2 ? p->part.height : p->part.width;

			to.box[i][k] = fminf((float)((double)list[i].box[k] * own / input), (float)own);
		}
		to.class[i] = list[i].class;
		to.score[i] = list[i].score;
	}
	to.count = count;
	boxes_write(&to, r, BOXES_PREDICTED);
}

static int
each(const struct predictor *p, struct record *r, const struct tensor *image, struct predict_context *c)
{
	const struct detect *self = p->model.self;
	const struct detections_options options = { (float)args.score, (float)args.overlap, (int)args.most };
	const struct geometry g = input_size((int)image->shape[1], (int)image->shape[0]);
	struct tensor input = *image;
	struct image from, to;
	struct detection *found;
	int count;

	input.shape[0] = round_up(g.height, self->encoder.p);
	input.shape[1] = round_up(g.width, self->encoder.p);
	/* uses only the shape of its tensor */
	if (predict_context_open(c, &input, &self->encoder, &p->model.params) < 0)
		return -1;
	if (input.shape[0] != image->shape[0] || input.shape[1] != image->shape[1] || args.size) {
		input.data = arena_get(&r->arena, tensor_bytes(&input));
		from = image_over_deep(image->data, g.part.width, g.part.height, (int)image->shape[2],
			(int)tensor_width(image->type));
		to = image_over_deep(input.data, (int)input.shape[1], (int)input.shape[0], from.channels, from.bytes);
		geometry_image(&g, &r->arena, &to, &from, RESIZE_BICUBIC);
	}
	found = arena_array(&r->arena, (size_t)args.most, sizeof *found);
	count = detections_find(self, &c->tape, &c->position, input.data, (int)input.shape[0], (int)input.shape[1],
		g.height, g.width, &options, found);
	if (count < 0)
		return -1;
	put(r, &g, found, count);
	return 0;
}

int
main(int argc, char **argv)
{
	struct predictor p = { .task = &detect_task, .classes = CLASS_LIST_PREDICTED,
		.others = IMAGE_CLASS_SCORE, .options = &predictor, .begin = begin, .each = each };

	return predictor_run(&p, &cli, argc, argv);
}
