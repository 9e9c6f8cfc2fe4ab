/* tscae-crop - pictures of one size: random resized crop and flip, or resize and centre crop */
#include "base/err.h"
#include "base/pool.h"
#include "image/geometry.h"
#include "image/resize.h"
#include "tool/cli.h"
#include "tool/die.h"
#include "tool/filter.h"

#include <stdio.h>
#include <string.h>

enum kind { RANDOM, CENTER, STRETCH };

static struct {
	long size, resize, seed, threads;
	int kind, filter;
	const char *scale, *ratio, *output;
	double flip;
} args = { .size = 224, .scale = "0.2,1", .ratio = "0.75,1.3333333333333333", .flip = 0.5, .output = "-" };

static const struct cli cli = {
	"tscae-crop", "cut and resize pictures to one size", "[FILE ...]",
	(const struct opt[]){
		{ 's', "size", OPT_INT, &args.size, 1, 4096, "sides of the result, in pixels", "N" },
		{ 'k', "kind", OPT_CHOICE, &args.kind, 0, 0, "what is cut out", "random|center|stretch" },
		{ 0, "scale", OPT_TEXT, &args.scale, 0, 0, "random: part of the area", "MIN,MAX" },
		{ 0, "ratio", OPT_TEXT, &args.ratio, 0, 0, "random: width to height", "MIN,MAX" },
		{ 0, "flip", OPT_REAL, &args.flip, 0, 1, "random: how often left and right are swapped", "X" },
		{ 0, "seed", OPT_INT, &args.seed, 0, 9e15, "random: seed", "N" },
		{ 0, "resize", OPT_INT, &args.resize, 0, 65535, "center: shorter side before the cut; 0: the size", "N" },
		{ 'f', "filter", OPT_CHOICE, &args.filter, 0, 0, "resampling", "bicubic|bilinear" },
		{ 't', "threads", OPT_INT, &args.threads, 0, 1024, "threads; 0: one for each processor", "N" },
		{ 'o', "output", OPT_TEXT, &args.output, 0, 0, "where the stream goes", "FILE" },
		{ 0 }
	}
};

static double scale[2], ratio[2];

static int
begin(struct header *h)
{
	const struct field_type *f = header_field(h, "image");
	char kind[16];
	long channels;

	if (!f || f->type != TENSOR_U8 || f->rank != 3)
		return err(ERR_DATA, "the stream has no image field of bytes (H, W, channels)");
	channels = f->shape[2];
	header_put_field(h, "image", TENSOR_U8, 3, (long[3]){ args.size, args.size, channels });
	header_put_field(h, "crop", TENSOR_I32, 1, (long[1]){ 4 });
	record_put_text(&h->extra, "crop", opt_show(opt_find(cli.options, "kind"), kind, sizeof kind));
	return 0;
}

/* The middle of the whole resized so that its shorter side fits; the box in pixels of the picture that came. */
static struct geometry
center(struct arena *a, const struct picture *to, const struct picture *from)
{
	int shorter = (int)(args.resize ? args.resize : args.size), w, h;
	struct geometry g;

	geometry_shorter(from->width, from->height, shorter, &w, &h);
	g = geometry_center(w, h, to->width, to->height);
	resize_part(a, to, from, w, h, g.left, g.top, (enum resize_filter)args.filter);
	return (struct geometry){ (int)((long)g.left * from->width / w), (int)((long)g.top * from->height / h),
		(int)((long)g.width * from->width / w), (int)((long)g.height * from->height / h) };
}

/* Only the cut is seen by the filter, as when Pillow crops first. */
static struct geometry
random_crop(struct record *r, const struct picture *to, const struct picture *from)
{
	struct rng rng = rng_at((uint64_t)args.seed, r->epoch < 0 ? 0 : r->epoch, "crop", r->key);
	struct geometry g = geometry_random(&rng, from->width, from->height, scale, ratio);
	struct picture part = picture_part(from, g.left, g.top, g.width, g.height);
	int flip = rng_unit(&rng) < args.flip;

	resize(&r->arena, to, &part, NULL, (enum resize_filter)args.filter);
	if (flip)
		picture_flip(to);
	record_put_int(r, "flip", flip);
	return g;
}

static int
each(struct record *r)
{
	const struct tensor *t = record_tensor(r, "image", TENSOR_U8, 3);
	struct picture from, to;
	struct geometry g;
	int32_t *box;

	if (!t)
		return -1;
	if (t->shape[0] < 1 || t->shape[1] < 1 || (t->shape[2] != 1 && t->shape[2] != 3))
		return err(ERR_DATA, "a picture of %ldx%ldx%ld", t->shape[0], t->shape[1], t->shape[2]);
	from = picture_over(t->data, (int)t->shape[1], (int)t->shape[0], (int)t->shape[2]);
	to = picture_over(record_put_tensor(r, "image", TENSOR_U8, 3, (long[3]){ args.size, args.size, from.channels }), (int)args.size, (int)args.size, from.channels);
	if (args.kind == RANDOM) {
		g = random_crop(r, &to, &from);
	} else if (args.kind == CENTER) {
		g = center(&r->arena, &to, &from);
	} else {
		resize(&r->arena, &to, &from, NULL, (enum resize_filter)args.filter);
		g = (struct geometry){ 0, 0, from.width, from.height };
	}
	box = record_put_tensor(r, "crop", TENSOR_I32, 1, (long[1]){ 4 });
	memcpy(box, (int32_t[4]){ g.left, g.top, g.width, g.height }, 4 * sizeof *box);
	return FILTER_KEEP;
}

static void
range(const char *name, const char *text, double most, double to[2])
{
	char rest;

	if (sscanf(text, "%lf,%lf%c", &to[0], &to[1], &rest) != 2 || !(to[0] > 0 && to[0] <= to[1] && to[1] <= most))
		die_with(ERR_USAGE, "--%s: '%s' is not MIN,MAX with 0 < MIN <= MAX <= %g", name, text, most);
}

int
main(int argc, char **argv)
{
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands);
	struct filter f = { .begin = begin, .each = each, .output = args.output };

	range("scale", args.scale, 1, scale);
	range("ratio", args.ratio, 1000, ratio);
	if (args.resize && args.resize < args.size)
		die_with(ERR_USAGE, "--resize %ld is smaller than --size %ld", args.resize, args.size);
	f.threads = args.threads ? args.threads : pool_default();
	return filter(&f, n, operands);
}
