/* tscae-mask - add a random patch mask to each image record */
#include "base/err.h"
#include "base/opt.h"
#include "base/rng.h"
#include "cli/cli.h"
#include "cli/filter.h"
#include "codec/image.h"
#include "stream/record.h"
#include "stream/tensor.h"
#include "transform/patch_mask.h"

#include <stdint.h>

static struct {
	double ratio;
	long patch, seed, threads;
	int kind;
	const char *output;
} args = { .ratio = 0.75, .patch = 16, .threads = 1, .output = "-" };

static const struct cli cli = {
	"tscae-mask", "add a random patch mask to each image record", "[FILE ...]",
	(const struct opt[]){
		{ 'r', "mask-ratio", OPT_REAL, &args.ratio, 0, 1, "fraction of the patches to mask" },
		{ 'p', "patch", OPT_INT, &args.patch, 1, 1024, "patch size in pixels" },
		{ 0, "pattern", OPT_CHOICE, &args.kind, 0, 0, "pattern of the masked patches",
			OPT_NAMES(PATCH_MASK_KINDS) },
		CLI_SEED(&args.seed),
		CLI_THREADS(&args.threads),
		CLI_OUTPUT(&args.output),
		{ 0 }
	}
};

static int
begin(void *arg, struct header *h)
{
	const struct field_type *image = header_field(h, "image");
	long shape[2] = { 0, 0 };

	(void)arg;
	if (!image)
		return err(ERR_DATA, "a stream of kind '%s' without images; tscae-decode makes one with images",
			h->kind);
	/* if all images have one size, refuse a wrong one before any work */
	if (image->rank == 3 && image->shape[0] && image->shape[1]) {
		shape[0] = image->shape[0] / args.patch;
		shape[1] = image->shape[1] / args.patch;
		if (patch_mask_check((enum patch_mask_kind)args.kind, (int)shape[0], (int)shape[1], args.ratio) < 0)
			return -1;
	}
	header_put_field(h, "mask", TENSOR_U8, 2, shape);
	record_put_int(&h->extra, "patch", args.patch);
	record_put_real(&h->extra, "mask_ratio", args.ratio);
	record_put_int(&h->extra, "seed", args.seed);
	return 0;
}

static int
each(void *arg, struct record *r, int worker)
{
	struct image image;
	struct rng random;
	long shape[2];

	(void)arg, (void)worker;
	if (image_read(r, "image", &image) < 0)
		return -1;
	shape[0] = image.height / args.patch;
	shape[1] = image.width / args.patch;
	if (image.height % args.patch || image.width % args.patch)
		return err(ERR_DATA,
			"an image of %dx%d pixels is not divisible into patches of %ld; use tscae-crop or --patch",
			image.width, image.height, args.patch);
	if (patch_mask_check((enum patch_mask_kind)args.kind, (int)shape[0], (int)shape[1], args.ratio) < 0)
		return -1;
	random = rng_at((uint64_t)args.seed, r->epoch < 0 ? 0 : r->epoch, "mask", r->key);
	patch_mask_make((enum patch_mask_kind)args.kind, (int)shape[0], (int)shape[1], args.ratio, &random,
		record_put_tensor(r, "mask", TENSOR_U8, 2, shape));
	return FILTER_KEEP;
}

int
main(int argc, char **argv)
{
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands);
	const struct filter f = { .begin = begin, .each = each, .threads = cli_threads(args.threads),
		.output = args.output };

	return filter(&f, n, operands);
}
