/* tscae-segment - the class of each pixel of pictures of any size, from a trained model

   Each picture goes through the network alone, on one thread: what is said of it depends on the picture and the model,
   never on its neighbours in the stream or on the number of threads. */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/pool.h"
#include "image/colour.h"
#include "image/geometry.h"
#include "image/save.h"
#include "task/predict.h"
#include "task/segment.h"
#include "tool/cli.h"
#include "tool/die.h"
#include "tool/filter.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
	const char *model, *output, *png;
	bool drop;
	long crop, stride, resize, threads;
} args = { .model = "", .output = "-", .png = "" };

static const struct cli cli = {
	"tscae-segment", "the class of each pixel of pictures, from a trained model", "[FILE ...]",
	(const struct opt[]){
		{ 'm', "model", OPT_TEXT, &args.model, 0, 0, "model file, snapshot or run directory", "MODEL" },
		{ 0, "crop", OPT_INT, &args.crop, 0, CONFIG_IMAGE_MAX, "side of the windows that are looked at; 0: of the pictures it was trained on", "N" },
		{ 's', "stride", OPT_INT, &args.stride, 0, CONFIG_IMAGE_MAX, "pixels from one window to the next; 0: two thirds of the crop", "N" },
		{ 'r', "resize", OPT_INT, &args.resize, 0, 65535, "resize to this shorter side first; 0: not", "N" },
		{ 0, "png", OPT_TEXT, &args.png, 0, 0, "write label maps as PNG files with the colours of PASCAL VOC, too", "FOLDER" },
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
	const struct field_type *image = header_field(h, "image");

	if (!image || image->rank != 3)
		return err(ERR_DATA, "a stream of kind '%s' without pictures", h->kind);
	header_put_field(h, "predicted_labels", TENSOR_U8, 2, (const long[2]){ image->shape[0], image->shape[1] });
	if (args.drop) {
		header_set_kind(h, "label");
		header_drop_field(h, "image");
	}
	classes_write(&model.classes, h, "predicted_label_classes");
	return 0;
}

static int
each(struct record *r, int number)
{
	const struct tensor *image = record_tensor(r, "image", TENSOR_U8, 3);
	struct segment_slide slide = { .crop = (int)args.crop, .stride = (int)args.stride };
	struct picture from;
	uint8_t *labels;

	if (!image)
		return -1;
	if (image->shape[2] != 3)
		return err(ERR_DATA, "a picture with %ld channels where the model takes 3 (tscae-decode without --gray)", image->shape[2]);
	if (image->shape[0] < 1 || image->shape[1] < 1)
		return err(ERR_DATA, "a picture of %ldx%ld", image->shape[0], image->shape[1]);
	from = picture_over(image->data, (int)image->shape[1], (int)image->shape[0], 3);
	slide.width = from.width;
	slide.height = from.height;
	if (args.resize)
		geometry_shorter(from.width, from.height, (int)args.resize, &slide.width, &slide.height);
	labels = record_put_tensor(r, "predicted_labels", TENSOR_U8, 2, (const long[2]){ from.height, from.width });
	if (segment_label(model.self, &desks[number], &model.params, &from, &slide, labels) < 0)
		return -1;
	if (args.drop)
		record_drop(r, "image");
	return FILTER_KEEP;
}

/* FOLDER/NAME.png for the last part of the key, without what follows its last dot; free() it. */
static char *
png_path(const char *key)
{
	const char *slash = strrchr(key, '/'), *name = slash ? slash + 1 : key, *dot = strrchr(name, '.');
	const int length = (int)(dot && dot > name ? (size_t)(dot - name) : strlen(name));

	return mem_format("%s/%.*s.png", args.png, length, name);
}

/* The map of a record as a file, as PASCAL VOC takes them: an index into its colours for each pixel. */
static int
done(const struct record *r)
{
	static struct arena arena;
	const struct tensor *labels = record_tensor(r, "predicted_labels", TENSOR_U8, 2);
	struct picture p;
	uint8_t palette[256][3];
	size_t size;
	void *bytes;
	char *path;
	int result;

	if (!labels)
		return -1;
	path = png_path(r->key);
	p = picture_over(labels->data, (int)labels->shape[1], (int)labels->shape[0], 1);
	colour_voc(palette);
	arena_reset(&arena);
	bytes = save_png(&arena, &p, (const uint8_t (*)[3])palette, &size);
	result = access(path, F_OK) == 0 ? err(ERR_OUTPUT, "%s: is there already (two pictures of one name, or an older run's)", path) : save_bytes(path, bytes, size);
	free(path);
	return result;
}

static void
complete(void)
{
	const struct config *c = &model.model.config;

	if (args.crop == 0)
		args.crop = c->image;
	if (args.crop % c->patch)
		die_with(ERR_USAGE, "--crop %ld is not a multiple of the patch, %ld", args.crop, c->patch);
	if (args.stride == 0)
		args.stride = args.crop > 1 ? args.crop * 2 / 3 : 1;
	if (args.stride > args.crop)
		die_with(ERR_USAGE, "--stride %ld is more than the crop, %ld: pixels would be left out", args.stride, args.crop);
	if (*args.png && file_directory(args.png) < 0)
		die();
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
	if (predict_open(&model, &segment_task, args.model) < 0)
		die();
	complete();
	desks = mem_new((size_t)args.threads * sizeof *desks);
	f.done = *args.png ? done : NULL;
	f.threads = args.threads;
	f.output = args.output;
	status = filter(&f, n, operands);
	for (i = 0; i < args.threads; i++)
		desk_close(&desks[i]);
	free(desks);
	predict_close(&model);
	return status;
}
