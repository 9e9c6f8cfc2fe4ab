/* crop - the crops of tscae-crop, for all tools that crop */
#include "annotation/crop.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "codec/image.h"
#include "stream/tensor.h"
#include "transform/geometry.h"
#include "transform/resize.h"

#include <stdlib.h>
#include <string.h>

static const char name[] = "crop";

#define CROP_MODES(X) X(RANDOM, "random") X(CENTER, "center") X(STRETCH, "stretch") X(FIT, "fit") X(JITTER, "jitter")
enum crop_mode { CROP_MODES(OPT_CONSTANT) };

enum { SIZE_MAX_PIXELS = 4096 };
enum { SCALE_MAX = 10 };	/* at 10 times the fitting size a hundredth of the image is visible */

struct crop
crop_default(void)
{
	return (struct crop){ .size = { 224, 224 }, .ratio = { 0.75, 1.3333333333333333 }, .flip = 0.5,
		.visible = 0.1 };
}

void
crop_table(struct crop *c, struct opt *table)
{
	const struct opt rows[CROP_ROWS] = {
		{ 'S', "size", OPT_SIZE, c->size, 1, SIZE_MAX_PIXELS, "output size in pixels (one number: a square)",
			NULL },
		{ 0, "mode", OPT_CHOICE, &c->mode, 0, 0,
			"region to take from the image", OPT_NAMES(CROP_MODES) },
		{ 0, "scale", OPT_RANGE, c->scale, 0, SCALE_MAX,
			"random: area fraction [0.2,1]; jitter: multiple of the fitting size [0.1,2]", "MIN,MAX" },
		{ 0, "ratio", OPT_RANGE, c->ratio, 0, 1000, "random: aspect ratio (width / height)", "MIN,MAX" },
		{ 0, "flip", OPT_REAL, &c->flip, 0, 1, "random, jitter: probability of a horizontal flip", "X" },
		{ 's', "seed", OPT_INT, &c->seed, 0, 9e15, "seed of the random numbers", "N" },
		{ 0, "resize", OPT_INT, &c->resize, 0, 65535,
			"center: shorter side before the crop (0: smallest that covers --size)", "N" },
		{ 0, "min-visible", OPT_REAL, &c->visible, 0, 1,
			"drop boxes with a smaller fraction of their area left", "X" },
		{ 0, "interpolation", OPT_CHOICE, &c->filter, 0, 0, "resampling filter", OPT_NAMES(RESIZE_FILTERS) },
	};

	memcpy(table, rows, sizeof rows);
}

int
crop_complete(struct crop *c)
{
	static const double fraction[2] = { 0.2, 1 }, size[2] = { 0.1, 2 };

	c->to.width = (int)c->size[0];
	c->to.height = (int)c->size[1];
	c->to.visible = c->visible;
	if (c->scale[0] == 0)
		memcpy(c->scale, c->mode == JITTER ? size : fraction, sizeof c->scale);
	if (c->mode != JITTER && c->scale[1] > 1)
		return err(ERR_USAGE, "--scale: %g is more than 1, the whole area; only jitter enlarges", c->scale[1]);
	if (c->resize && (c->resize < c->to.width || c->resize < c->to.height))
		return err(ERR_USAGE, "--resize %ld is smaller than --size %dx%d", c->resize, c->to.width,
		    c->to.height);
	return 0;
}

int
crop_read(struct crop *c, const char *text)
{
	struct opt table[CROP_ROWS + 1] = { 0 };
	const struct opt *tables[] = { table, NULL };
	char *words = mem_text(text), *rest = NULL, **argv = mem_array(strlen(text) / 2 + 3, sizeof *argv), *word;
	int argc = 0, first, result;

	argv[argc++] = words;
	for (word = strtok_r(words, " \t\n", &rest); word; word = strtok_r(NULL, " \t\n", &rest))
		argv[argc++] = word;
	*c = crop_default();
	crop_table(c, table);
	first = opt_parse(tables, argc, argv);
	if (first >= 0 && first < argc)
		first = err(ERR_USAGE, "'%s' is not an option", argv[first]);
	result = first < 0 ? -1 : crop_complete(c);
	free(argv);
	free(words);
	return result;
}

int
crop_begin(struct crop *c, struct header *h)
{
	struct opt table[CROP_ROWS + 1] = { 0 };
	const struct field_type *f = header_field(h, "image");
	char mode[16];
	long channels;

	c->drawn = header_seed(h, "tscae-crop", (uint64_t)c->seed);
	if (!f || (f->type != TENSOR_U8 && f->type != TENSOR_U16) || f->rank != 3)
		return err(ERR_DATA, "the stream has no field 'image' of type u1 or u2 and shape (H, W, channels)");
	if (header_field(h, "student_image"))
		return err(ERR_DATA, "the stream has a field student_image, which would keep its place: use tscae-crop"
		    " before tscae-augment --student-image");
	channels = f->shape[2];
	header_put_field(h, "image", f->type, 3, (long[3]){ c->to.height, c->to.width, channels });
	header_put_field(h, name, TENSOR_I32, 1, (long[1]){ 4 });
	crop_table(c, table);
	record_put_text(&h->extra, "crop", opt_show(opt_find(table, "mode"), mode, sizeof mode));
	transform_header(&c->to, h);
	return 0;
}

static struct geometry
draw_geometry(const struct crop *c, const struct record *r, int width, int height)
{
	struct rng rng = rng_at(c->drawn, r->epoch < 0 ? 0 : r->epoch, "crop", r->key);
	const int to_width = c->to.width, to_height = c->to.height;
	struct geometry p;
	double multiple;

	switch (c->mode) {
	case RANDOM:
		p = geometry_resized_crop(rect_random(&rng, width, height, c->scale, c->ratio), to_width, to_height);
		break;
	case CENTER:
		return geometry_center_crop(width, height, (int)c->resize, to_width, to_height);
	case STRETCH:
		return geometry_resized_crop((struct rect){ 0, 0, width, height }, to_width, to_height);
	case FIT:
		return geometry_fit(NULL, width, height, 1, to_width, to_height);
	default:
		multiple = c->scale[0] + (c->scale[1] - c->scale[0]) * rng_unit(&rng);
		p = geometry_fit(&rng, width, height, multiple, to_width, to_height);
	}
	p.flip = rng_unit(&rng) < c->flip;
	return p;
}

int
crop_image(const struct crop *c, struct record *r, const struct image *from)
{
	const struct geometry p = draw_geometry(c, r, from->width, from->height);
	const struct rect visible = geometry_visible(&p);
	const long shape[3] = { c->to.height, c->to.width, from->channels };
	const enum tensor_type type = from->bytes == 2 ? TENSOR_U16 : TENSOR_U8;
	const struct image image = image_over_deep(record_put_tensor(r, "image", type, 3, shape), c->to.width,
		c->to.height, from->channels, from->bytes);

	geometry_image(&p, &r->arena, &image, from, (enum resize_filter)c->filter);
	if (c->mode == RANDOM || c->mode == JITTER)
		record_put_int(r, "flip", p.flip);
	memcpy(record_put_tensor(r, name, TENSOR_I32, 1, (long[1]){ 4 }),
		(int32_t[4]){ visible.left, visible.top, visible.width, visible.height }, 4 * sizeof(int32_t));
	return transform_record(&c->to, r, &p, from->width, from->height);
}

int
crop_record(const struct crop *c, struct record *r)
{
	struct image from;

	if (image_read(r, "image", &from) < 0)
		return -1;
	return crop_image(c, r, &from);
}

void
crop_drop(struct record *r)
{
	record_drop(r, name);
	transform_drop(r);
}

void
crop_undeclare(struct header *h)
{
	header_drop_field(h, name);
	transform_undeclare(h);
}
