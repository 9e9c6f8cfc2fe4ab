/* tscae-detect - objects in images, from a trained model */
#include "annotation/boxes.h"
#include "base/err.h"
#include "transform/geometry.h"
#include "inference/detections.h"
#include "cli/predictor.h"

#include <math.h>

static void begin(struct header *h, const struct field_type *image);
static int each(struct record *r, const struct tensor *image, struct predict_context *d);

static struct predictor predictor = { .task = &detect_task, .classes = "predicted_classes", .begin = begin, .each = each, .path = "", .output = "-" };
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
begin(struct header *h, const struct field_type *image)
{
	(void)image;
	boxes_declare(h, BOXES_PREDICTED, COLUMNS);
}

/* How large the model sees an image. */
static struct geometry
place(int width, int height)
{
	const int longer = width > height ? width : height;
	const double scale = args.size ? (double)args.size / longer : 1;
	struct geometry p = { .part = { 0, 0, width, height } };

	p.width = (int)fmax(lround(width * scale), 1);
	p.height = (int)fmax(lround(height * scale), 1);
	p.placed = (struct rect){ 0, 0, p.width, p.height };
	return p;
}

static long
up(long x, long step)
{
	return (x + step - 1) / step * step;
}

/* Boxes of the image as it was seen, into the record, in pixels of its own image. */
static void
put(struct record *r, const struct geometry *p, const struct detection *list, int count)
{
	struct boxes to = boxes_new(&r->arena, COLUMNS, count);
	int i, k;

	for (i = 0; i < count; i++) {
		for (k = 0; k < 4; k++) {
			const int seen = k % 2 ? p->height : p->width, own = k % 2 ? p->part.height : p->part.width;

			to.box[i][k] = fminf((float)((double)list[i].box[k] * own / seen), (float)own);
		}
		to.class[i] = list[i].class;
		to.score[i] = list[i].score;
	}
	to.count = count;
	boxes_write(&to, r, BOXES_PREDICTED);
}

static int
each(struct record *r, const struct tensor *image, struct predict_context *d)
{
	const struct detect *self = predictor.model.self;
	const struct detections_options options = { (float)args.score, (float)args.overlap, (int)args.most };
	const struct geometry p = place((int)image->shape[1], (int)image->shape[0]);
	struct tensor seen = *image;
	struct image from, to;
	struct detection *found;

	seen.shape[0] = up(p.height, self->encoder.p);
	seen.shape[1] = up(p.width, self->encoder.p);
	/* the shape alone is looked at here */
	if (predict_context_open(d, &seen, &self->encoder, &predictor.model.params) < 0)
		return -1;
	if (seen.shape[0] != image->shape[0] || seen.shape[1] != image->shape[1] || args.size) {
		seen.data = arena_get(&r->arena, tensor_bytes(&seen));
		from = image_over(image->data, p.part.width, p.part.height, 3);
		to = image_over(seen.data, (int)seen.shape[1], (int)seen.shape[0], 3);
		geometry_image(&p, &r->arena, &to, &from, RESIZE_BICUBIC);
	}
	found = arena_get(&r->arena, sizeof *found * (size_t)args.most);
	put(r, &p, found, detections_find(self, &d->tape, &d->position, seen.data, (int)seen.shape[0], (int)seen.shape[1], p.height, p.width, &options, found));
	return 0;
}

int
main(int argc, char **argv)
{
	return predictor_run(&predictor, &cli, argc, argv);
}
