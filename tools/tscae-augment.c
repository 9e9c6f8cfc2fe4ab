/* tscae-augment - change the colors of training images at random, erase parts of them, RandAugment */
#include "annotation/boxes.h"
#include "annotation/segmap.h"
#include "base/err.h"
#include "base/pool.h"
#include "transform/augment.h"
#include "transform/color.h"
#include "transform/filter.h"
#include "cli/cli.h"
#include "cli/filter.h"

static struct {
	struct augment_jitter jitter;
	double jittered, photometric, gray, blur, solarize, erase;
	long operations, magnitude, seed, threads;
	int fill;
	double sigma[2], area[2], ratio[2];
	const char *output;
} args = { .jittered = 1, .sigma = { 0.1, 2 }, .area = { 0.02, 0.33 }, .ratio = { 0.3, 3.3 }, .magnitude = 9, .output = "-" };

enum { SIGMA_MOST = 32, HALF = 128 };

static const struct cli cli = {
	"tscae-augment", "apply random color changes, erasing and RandAugment to images", "[FILE ...]",
	(const struct opt[]){
		{ 0, "randaugment", OPT_INT, &args.operations, 0, 100, "number of RandAugment operations", "N" },
		{ 0, "magnitude", OPT_INT, &args.magnitude, 0, AUGMENT_LEVELS,
			"magnitude of the RandAugment operations", "N" },
		{ 0, "brightness", OPT_REAL, &args.jitter.brightness, 0, 10,
			"draw the factor from 1 - X to 1 + X", "X" },
		{ 0, "contrast", OPT_REAL, &args.jitter.contrast, 0, 10, "draw the factor from 1 - X to 1 + X", "X" },
		{ 0, "saturation", OPT_REAL, &args.jitter.saturation, 0, 10,
			"draw the factor from 1 - X to 1 + X", "X" },
		{ 0, "hue", OPT_REAL, &args.jitter.hue, 0, 0.5, "rotate the hue by -X to X of the color circle", "X" },
		{ 0, "jitter", OPT_REAL, &args.jittered, 0, 1, "probability of these four color changes", "X" },
		{ 0, "photometric", OPT_REAL, &args.photometric, 0, 1,
			"probability of the SSD photometric distortion", "X" },
		{ 0, "gray", OPT_REAL, &args.gray, 0, 1, "probability of conversion to gray", "X" },
		{ 0, "blur", OPT_REAL, &args.blur, 0, 1, "probability of Gaussian blur", "X" },
		{ 0, "blur-sigma", OPT_RANGE, args.sigma, 0, SIGMA_MOST,
			"standard deviation of the blur in pixels", "MIN,MAX" },
		{ 0, "solarize", OPT_REAL, &args.solarize, 0, 1, "probability of inverting bytes from 128 on", "X" },
		{ 0, "erase", OPT_REAL, &args.erase, 0, 1, "probability of erasing a rectangle", "X" },
		{ 0, "erase-area", OPT_RANGE, args.area, 0, 1,
			"area of the erased rectangle, as a fraction of the image", "MIN,MAX" },
		{ 0, "erase-ratio", OPT_RANGE, args.ratio, 0, 1000,
			"aspect ratio of the erased rectangle (width / height)", "MIN,MAX" },
		{ 0, "erase-fill", OPT_CHOICE, &args.fill, 0, 0,
			"fill of the erased rectangle", OPT_NAMES(AUGMENT_FILLS) },
		{ 's', "seed", OPT_INT, &args.seed, 0, 9e15, "seed of the random numbers", "N" },
		{ 't', "threads", OPT_INT, &args.threads, 0, 1024, "number of threads (0: all processors)", "N" },
		{ 'o', "output", OPT_TEXT, &args.output, 0, 0, "output file (-: standard output)", "FILE" },
		{ 0 }
	}
};

/* What speaks of where pixels are is true only while none is moved. */
static const char *const places[] = { "crop", "transform", "source_size", "placed", NULL };
static bool moving;

/* RandAugment moves pixels only where nothing else would have to move with them. */
static bool
bound(const struct record *r)
{
	return boxes_has(r, BOXES_GT) || segmap_has(r, SEGMAP_GT);
}

static uint64_t seed;	/* of this run among those of the pipe */

static int
begin(struct header *h)
{
	const struct field_type *f = header_field(h, "image");
	int i;

	seed = header_seed(h, cli_tool(), (uint64_t)args.seed);
	if (!f || f->type != TENSOR_U8 || f->rank != 3)
		return err(ERR_DATA, "the stream has no image field of bytes (H, W, channels)");
	moving = args.operations > 0 && !(boxes_declared(h, BOXES_GT) & BOXES_BOX) && !segmap_declared(h, SEGMAP_GT);
	for (i = 0; moving && places[i]; i++)
		header_drop_field(h, places[i]);
	return 0;
}

static void
jitter(struct rng *r, struct arena *a, const struct image *p)
{
	(void)a;
	augment_jitter(r, p, &args.jitter);
}

static void
photometric(struct rng *r, struct arena *a, const struct image *p)
{
	(void)a;
	augment_photometric(r, p);
}

static void
gray(struct rng *r, struct arena *a, const struct image *p)
{
	(void)r, (void)a;
	color_gray(p);
}

static void
blur(struct rng *r, struct arena *a, const struct image *p)
{
	filter_blur(a, p, args.sigma[0] + (args.sigma[1] - args.sigma[0]) * rng_unit(r));
}

static void
solarize(struct rng *r, struct arena *a, const struct image *p)
{
	(void)r, (void)a;
	color_solarize(p, HALF);
}

static void
erase(struct rng *r, struct arena *a, const struct image *p)
{
	(void)a;
	augment_erase(r, p, args.area, args.ratio, (enum augment_fill)args.fill);
}

/* In this order; each has random numbers of its own, so that one more step changes nothing in the others. */
static const struct step {
	const char *purpose;
	const double *chance;
	void (*apply)(struct rng *r, struct arena *a, const struct image *p);
} steps[] = {
	{ "augment jitter", &args.jittered, jitter },
	{ "augment photometric", &args.photometric, photometric },
	{ "augment gray", &args.gray, gray },
	{ "augment blur", &args.blur, blur },
	{ "augment solarize", &args.solarize, solarize },
	{ "augment erase", &args.erase, erase },
	{ NULL }
};

static int
each(struct record *r)
{
	const struct tensor *t = record_tensor(r, "image", TENSOR_U8, 3);
	const long epoch = r->epoch < 0 ? 0 : r->epoch;
	const struct step *s;
	struct image p;
	struct rng rng;
	int i;

	if (!t)
		return -1;
	if (t->shape[0] < 1 || t->shape[1] < 1 || (t->shape[2] != 1 && t->shape[2] != 3))
		return err(ERR_DATA, "an image of %ldx%ldx%ld", t->shape[0], t->shape[1], t->shape[2]);
	p = image_over(t->data, (int)t->shape[1], (int)t->shape[0], (int)t->shape[2]);
	rng = rng_at(seed, epoch, "augment randaugment", r->key);
	augment_rand(&rng, &r->arena, &p, (int)args.operations, (int)args.magnitude, moving && !bound(r));
	for (s = steps; s->purpose; s++) {
		rng = rng_at(seed, epoch, s->purpose, r->key);
		if (rng_unit(&rng) < *s->chance)
			s->apply(&rng, &r->arena, &p);
	}
	for (i = 0; moving && places[i]; i++)
		record_drop(r, places[i]);
	return FILTER_KEEP;
}

int
main(int argc, char **argv)
{
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands);
	struct filter f = { .begin = begin, .each = each, .output = args.output };

	f.threads = args.threads ? args.threads : pool_default();
	return filter(&f, n, operands);
}
