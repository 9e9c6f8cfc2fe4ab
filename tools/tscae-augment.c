/* tscae-augment - change the colors of training images at random, erase parts of them, degrade them, RandAugment */
#include "annotation/boxes.h"
#include "annotation/crop.h"
#include "annotation/segmap.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/rng.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/filter.h"
#include "codec/image.h"
#include "stream/record.h"
#include "stream/tensor.h"
#include "transform/augment.h"
#include "transform/color.h"
#include "transform/degrade.h"
#include "transform/resize.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static struct {
	struct augment_jitter jitter;
	double jittered, gain, photometric, gray, blur, solarize, erase, degraded;
	long operations, magnitude, seed, threads;
	int fill;
	double sigma[2], area[2], ratio[2];
	bool student;
	const char *chain, *output;
} args = { .jittered = 1, .degraded = 1, .sigma = { 0.1, 2 }, .area = { 0.02, 0.33 }, .ratio = { 0.3, 3.3 },
	.magnitude = 9, .chain = "", .output = "-" };

enum { SIGMA_MOST = 32, HALF = 128 };

static const struct cli cli = {
	"tscae-augment", "apply random color changes, erasing, degradation and RandAugment to images", "[FILE ...]",
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
		{ 0, "gain", OPT_REAL, &args.gain, 0, 1, "multiply each channel by a factor from 1 - X to 1 + X", "X" },
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
		{ 0, "degrade", OPT_TEXT, &args.chain, 0, 0,
			"degradations at the end: jpeg=QUALITY downup=FACTOR blur=SIGMA noise=SIGMA", "OP,..." },
		{ 0, "degrade-probability", OPT_REAL, &args.degraded, 0, 1,
			"probability that an image is degraded", "X" },
		{ 0, "student-image", OPT_FLAG, &args.student, 0, 0,
			"keep the image and write the result to the field student_image", NULL },
		CLI_SEED(&args.seed),
		CLI_THREADS(&args.threads),
		CLI_OUTPUT(&args.output),
		{ 0 }
	}
};

struct augment {
	struct degrade degrade;
	uint64_t seed;		/* of this run, different from those of other runs in the pipe */
	bool move;		/* RandAugment may move pixels: the stream has no annotations */
};

static bool
has_annotations(const struct record *r)
{
	return boxes_has(r, BOXES_GT) || segmap_has(r, SEGMAP_GT);
}

static int
begin(void *arg, struct header *h)
{
	struct augment *a = arg;
	const struct field_type *f = header_field(h, "image");

	a->seed = header_seed(h, cli_tool(), (uint64_t)args.seed);
	if (!f || f->type != TENSOR_U8 || f->rank != 3)
		return err(ERR_DATA, f && f->type == TENSOR_U16
			? "images of 16 bits, but colors are defined for 8; leave "
			"tscae-augment out (a student without student_image sees the teacher's colors)"
			: "the stream has no field 'image' of bytes (H, W, channels)");
	if (args.student && header_field(h, "student_image"))
		return err(ERR_USAGE, "--student-image: the stream has the field student_image already");
	if (args.student)
		header_put_field(h, "student_image", TENSOR_U8, 3, f->shape);
	/* teacher and student see the same patches: only colors may differ */
	a->move = args.operations > 0 && !args.student && !(boxes_declared(h, BOXES_GT) & BOXES_BOX) &&
	    !segmap_declared(h, SEGMAP_GT);
	/* how the image was placed is wrong once RandAugment has moved its pixels */
	if (a->move)
		crop_undeclare(h);
	return 0;
}

static void
jitter(struct rng *r, struct arena *a, const struct image *p)
{
	(void)a;
	augment_jitter(r, p, &args.jitter);
}

static void
gain(struct rng *r, struct arena *a, const struct image *p)
{
	(void)a;
	augment_gain(r, p, args.gain);
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
	resize_blur(a, p, args.sigma[0] + (args.sigma[1] - args.sigma[0]) * rng_unit(r));
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

/* The steps in their order. Each has its own random numbers: a further step does not change the others. */
static const struct step {
	const char *purpose;
	const double *probability;
	void (*apply)(struct rng *r, struct arena *a, const struct image *p);
} steps[] = {
	{ "augment jitter", &args.jittered, jitter },
	{ "augment gain", &(const double){ 1 }, gain },
	{ "augment photometric", &args.photometric, photometric },
	{ "augment gray", &args.gray, gray },
	{ "augment blur", &args.blur, blur },
	{ "augment solarize", &args.solarize, solarize },
	{ "augment erase", &args.erase, erase },
	{ NULL }
};

/* The pixels of student_image, a copy of `image`. */
static uint8_t *
copy(struct record *r, const struct tensor *image)
{
	return memcpy(record_put_tensor(r, "student_image", TENSOR_U8, 3, image->shape), image->data,
	    tensor_bytes(image));
}

static int
each(void *arg, struct record *r, int worker)
{
	const struct augment *a = arg;
	const struct tensor *t = record_tensor(r, "image", TENSOR_U8, 3);
	const long epoch = r->epoch < 0 ? 0 : r->epoch;
	char done[DEGRADE_TEXT];
	const struct step *s;
	struct image p;
	struct rng rng;

	(void)worker;
	if (!t)
		return -1;
	if (t->shape[0] < 1 || t->shape[1] < 1 || (t->shape[2] != 1 && t->shape[2] != 3))
		return err(ERR_DATA, "an image of shape %ldx%ldx%ld, but colors are defined for 1 or 3 channels; leave "
			"tscae-augment out (a student without student_image sees the teacher's colors)", t->shape[0],
			t->shape[1], t->shape[2]);
	p = image_over(args.student ? copy(r, t) : t->data, (int)t->shape[1], (int)t->shape[0], (int)t->shape[2]);
	rng = rng_at(a->seed, epoch, "augment randaugment", r->key);
	augment_rand(&rng, &r->arena, &p, (int)args.operations, (int)args.magnitude, a->move && !has_annotations(r));
	for (s = steps; s->purpose; s++) {
		rng = rng_at(a->seed, epoch, s->purpose, r->key);
		if (rng_unit(&rng) < *s->probability)
			s->apply(&rng, &r->arena, &p);
	}
	rng = rng_at(a->seed, epoch, "augment degrade", r->key);
	if (rng_unit(&rng) < args.degraded && degrade_image(&a->degrade, &rng, &r->arena, &p, done) < 0)
		return -1;
	if (a->move)
		crop_drop(r);
	return FILTER_KEEP;
}

int
main(int argc, char **argv)
{
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands);
	struct augment a = { 0 };
	struct filter f = { .begin = begin, .each = each, .arg = &a, .output = args.output };

	if (degrade_read(&a.degrade, args.chain) < 0) {
		err_in("--degrade");
		die();
	}
	f.threads = cli_threads(args.threads);
	return filter(&f, n, operands);
}
