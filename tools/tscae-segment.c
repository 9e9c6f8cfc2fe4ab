/* tscae-segment - predict the class of each pixel of images of any size */
#include "annotation/class_list.h"
#include "annotation/key.h"
#include "annotation/segmap.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "checkpoint/model_file.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/predictor.h"
#include "codec/image.h"
#include "codec/save.h"
#include "inference/predict.h"
#include "inference/sliding_window.h"
#include "model/config.h"
#include "stream/record.h"
#include "stream/tensor.h"
#include "task/segment.h"
#include "transform/color.h"
#include "transform/geometry.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static struct predictor_options predictor = { .path = "", .output = "-" };
static struct {
	const char *png;
	long crop, stride, resize;
} args = { .png = "" };

static const struct cli cli = {
	"tscae-segment", "predict the class of each pixel", "[FILE ...]",
	(const struct opt[]){
		PREDICTOR_MODEL(predictor),
		{ 0, "crop-size", OPT_INT, &args.crop, 0, CONFIG_IMAGE_MAX,
			"window size in pixels (0: size of the training images)", "N" },
		{ 0, "stride", OPT_INT, &args.stride, 0, CONFIG_IMAGE_MAX,
			"stride of the windows in pixels (0: two thirds of the window size)", "N" },
		{ 0, "resize", OPT_INT, &args.resize, 0, 65535,
			"resize the shorter side to N pixels before prediction (0: keep the size)", "N" },
		{ 0, "png", OPT_PATH, &args.png, 0, 0,
			"also write segmentation maps as PNG files in the colors of PASCAL VOC", "FOLDER" },
		PREDICTOR_OPTIONS(predictor),
		{ 0 }
	},
	NULL
};

static void
begin(const struct predictor *p, struct header *h, const struct field_type *image)
{
	(void)p;
	segmap_declare(h, SEGMAP_PREDICTED, image->shape[0], image->shape[1]);
}

static int
each(const struct predictor *p, struct record *r, const struct tensor *image, struct predict_context *c)
{
	struct sliding_window slide = { .crop = (int)args.crop, .stride = (int)args.stride };
	struct image from;
	uint8_t *labels;

	from = image_over_deep(image->data, (int)image->shape[1], (int)image->shape[0], (int)image->shape[2],
		(int)tensor_width(image->type));
	slide.width = from.width;
	slide.height = from.height;
	if (args.resize)
		rect_shorter(from.width, from.height, (int)args.resize, &slide.width, &slide.height);
	labels = segmap_put(r, SEGMAP_PREDICTED, from.height, from.width);
	return sliding_window_segment(p->model.self, c, &p->model.params, &from, &slide, labels);
}

/* The path FOLDER/STEM.png (stem: annotation/key.h); free() it. */
static char *
png_path(const char *key)
{
	int n;
	const char *stem = key_stem(key, &n);

	return mem_format("%s/%.*s.png", args.png, n, stem);
}

/* Write the segmentation map of a record as a PNG file with the palette of PASCAL VOC. */
static int
done(void *arg, const struct record *r)
{
	struct arena *arena = arg;
	const struct tensor *labels = segmap_read(r, SEGMAP_PREDICTED, 0, 0, 0);
	struct image p;
	uint8_t palette[256][3];
	size_t size;
	void *bytes;
	char *path;
	int result;

	if (!labels)
		return -1;
	path = png_path(r->key);
	p = image_over(labels->data, (int)labels->shape[1], (int)labels->shape[0], 1);
	color_voc(palette);
	arena_reset(arena);
	bytes = save_png(arena, &p, (const uint8_t (*)[3])palette, &size);
	result = !file_exists(path) ? file_save(path, bytes, size, false)
		: err(ERR_OUTPUT,
			"%s: file exists, from an earlier run or another image of that name; use another folder", path);
	free(path);
	return result;
}

static void
complete(struct predictor *p)
{
	const struct config *c = &p->model.model.config;

	if (args.crop == 0)
		args.crop = c->image;
	if (args.crop % c->patch)
		die_with(ERR_USAGE, "--crop-size %ld is not a multiple of the patch size, %ld", args.crop, c->patch);
	if (args.stride == 0)
		args.stride = args.crop > 1 ? args.crop * 2 / 3 : 1;
	if (args.stride > args.crop)
		die_with(ERR_USAGE, "--stride %ld is larger than --crop-size %ld, so that windows would miss pixels",
			args.stride, args.crop);
	if (*args.png && file_directory(args.png) < 0)
		die();
	p->done = *args.png ? done : NULL;
}

int
main(int argc, char **argv)
{
	struct arena arena = { 0 };
	struct predictor p = {
		.task = &segment_task, .classes = CLASS_LIST_PREDICTED_SEGMAP, .options = &predictor, .arg = &arena,
		.complete = complete, .begin = begin, .each = each
	};
	int status = predictor_run(&p, &cli, argc, argv);

	arena_free(&arena);
	return status;
}
