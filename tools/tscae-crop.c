/* tscae-crop - pictures of one size, with their boxes and label maps: random crops, scale jitter, centre, whole */
#include "base/err.h"
#include "base/pool.h"
#include "base/range.h"
#include "data/relabel.h"
#include "tool/cli.h"
#include "tool/die.h"
#include "tool/filter.h"

#include <stdio.h>
#include <string.h>

enum kind { RANDOM, CENTER, STRETCH, FIT, JITTER };

static struct {
	long resize, seed, threads;
	int kind, filter;
	const char *size, *scale, *ratio, *output;
	double flip, visible;
} args = { .size = "224", .scale = "", .ratio = "0.75,1.3333333333333333", .flip = 0.5, .visible = 0.1, .output = "-" };

static const struct cli cli = {
	"tscae-crop", "cut and resize pictures to one size, with their boxes and label maps", "[FILE ...]",
	(const struct opt[]){
		{ 's', "size", OPT_TEXT, &args.size, 0, 0, "of the result, in pixels; one number: both sides", "WxH" },
		{ 'k', "kind", OPT_CHOICE, &args.kind, 0, 0, "what is cut out", "random|center|stretch|fit|jitter" },
		{ 0, "scale", OPT_TEXT, &args.scale, 0, 0, "random: part of the area, default 0.2,1; jitter: of what fits, default 0.1,2", "MIN,MAX" },
		{ 0, "ratio", OPT_TEXT, &args.ratio, 0, 0, "random: width to height", "MIN,MAX" },
		{ 0, "flip", OPT_REAL, &args.flip, 0, 1, "random, jitter: how often left and right are swapped", "X" },
		{ 0, "seed", OPT_INT, &args.seed, 0, 9e15, "random, jitter: seed", "N" },
		{ 0, "resize", OPT_INT, &args.resize, 0, 65535, "center: shorter side before the cut; 0: just covers the size", "N" },
		{ 0, "min-visible", OPT_REAL, &args.visible, 0, 1, "boxes of which less is left are left out", "X" },
		{ 'f', "filter", OPT_CHOICE, &args.filter, 0, 0, "resampling", "bicubic|bilinear" },
		{ 't', "threads", OPT_INT, &args.threads, 0, 1024, "threads; 0: one for each processor", "N" },
		{ 'o', "output", OPT_TEXT, &args.output, 0, 0, "where the stream goes", "FILE" },
		{ 0 }
	}
};

static double scale[2], ratio[2];
static struct relabel to;

static uint64_t seed;	/* of this run among those of the pipe */

static int
begin(struct header *h)
{
	const struct field_type *f = header_field(h, "image");
	char kind[16];
	long channels;

	seed = header_seed(h, cli_tool(), (uint64_t)args.seed);
	if (!f || f->type != TENSOR_U8 || f->rank != 3)
		return err(ERR_DATA, "the stream has no image field of bytes (H, W, channels)");
	channels = f->shape[2];
	header_put_field(h, "image", TENSOR_U8, 3, (long[3]){ to.height, to.width, channels });
	header_put_field(h, "crop", TENSOR_I32, 1, (long[1]){ 4 });
	record_put_text(&h->extra, "crop", opt_show(opt_find(cli.options, "kind"), kind, sizeof kind));
	relabel_header(&to, h);
	return 0;
}

static struct placement
place(const struct record *r, int width, int height)
{
	struct rng rng = rng_at(seed, r->epoch < 0 ? 0 : r->epoch, "crop", r->key);
	struct placement p;
	double times;

	switch (args.kind) {
	case RANDOM:
		p = placement_part(geometry_random(&rng, width, height, scale, ratio), to.width, to.height);
		break;
	case CENTER:
		return placement_center(width, height, (int)args.resize, to.width, to.height);
	case STRETCH:
		return placement_part((struct geometry){ 0, 0, width, height }, to.width, to.height);
	case FIT:
		return placement_fit(NULL, width, height, 1, to.width, to.height);
	default:
		times = scale[0] + (scale[1] - scale[0]) * rng_unit(&rng);
		p = placement_fit(&rng, width, height, times, to.width, to.height);
	}
	p.flip = rng_unit(&rng) < args.flip;
	return p;
}

static int
each(struct record *r)
{
	const struct tensor *t = record_tensor(r, "image", TENSOR_U8, 3);
	struct picture from, image;
	struct placement p;
	struct geometry seen;

	if (!t)
		return -1;
	if (t->shape[0] < 1 || t->shape[1] < 1 || (t->shape[2] != 1 && t->shape[2] != 3))
		return err(ERR_DATA, "a picture of %ldx%ldx%ld", t->shape[0], t->shape[1], t->shape[2]);
	from = picture_over(t->data, (int)t->shape[1], (int)t->shape[0], (int)t->shape[2]);
	p = place(r, from.width, from.height);
	seen = placement_seen(&p);
	image = picture_over(record_put_tensor(r, "image", TENSOR_U8, 3, (long[3]){ to.height, to.width, from.channels }), to.width, to.height, from.channels);
	placement_draw(&p, &r->arena, &image, &from, (enum resize_filter)args.filter);
	if (args.kind == RANDOM || args.kind == JITTER)
		record_put_int(r, "flip", p.flip);
	memcpy(record_put_tensor(r, "crop", TENSOR_I32, 1, (long[1]){ 4 }), (int32_t[4]){ seen.left, seen.top, seen.width, seen.height }, 4 * sizeof(int32_t));
	return relabel_record(&to, r, &p, from.width, from.height) < 0 ? -1 : FILTER_KEEP;
}

/* `224` or `320x240`. */
static void
size(const char *text)
{
	enum { MOST = 4096 };
	char rest;

	if (sscanf(text, "%5dx%5d%c", &to.width, &to.height, &rest) != 2) {
		if (sscanf(text, "%5d%c", &to.width, &rest) != 1)
			to.width = 0;
		to.height = to.width;
	}
	if (to.width < 1 || to.width > MOST || to.height < 1 || to.height > MOST)
		die_with(ERR_USAGE, "--size: '%s' is not N or WxH, each from 1 to %d", text, MOST);
}

int
main(int argc, char **argv)
{
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands);
	struct filter f = { .begin = begin, .each = each, .output = args.output };

	size(args.size);
	to.visible = args.visible;
	/* a picture 10 times as large as fits shows a hundredth of itself */
	if (range_read("scale", *args.scale ? args.scale : args.kind == JITTER ? "0.1,2" : "0.2,1", args.kind == JITTER ? 10 : 1, scale) < 0 ||
	    range_read("ratio", args.ratio, 1000, ratio) < 0)
		die();
	if (args.resize && (args.resize < to.width || args.resize < to.height))
		die_with(ERR_USAGE, "--resize %ld is smaller than --size %s", args.resize, args.size);
	f.threads = args.threads ? args.threads : pool_default();
	return filter(&f, n, operands);
}
