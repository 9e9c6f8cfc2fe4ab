/* tscae-degrade - make images worse: JPEG compression, low resolution, blur, noise, in any chain */
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
#include "transform/degrade.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static struct {
	const char *chain, *output;
	double probability;
	long seed, threads;
} args = { .chain = "", .output = "-", .probability = 1 };

static const struct cli cli = {
	"tscae-degrade", "degrade images by JPEG compression, downsampling, blur and noise", "[FILE ...]",
	(const struct opt[]){
		{ 0, "ops", OPT_TEXT, &args.chain, 0, 0,
			"operations in order: jpeg=QUALITY downup=FACTOR blur=SIGMA noise=SIGMA", "OP,..." },
		{ 0, "probability", OPT_REAL, &args.probability, 0, 1, "probability that an image is degraded", "X" },
		CLI_SEED(&args.seed),
		CLI_THREADS(&args.threads),
		CLI_OUTPUT(&args.output),
		{ 0 }
	}
};

struct degrade_job {
	struct degrade degrade;
	uint64_t seed;		/* of this run, different from those of other runs in the pipe */
};

/* Add the steps in `done` to the field `degrade`, after those of an earlier run of the tool. */
static int
add(struct record *r, const char *done)
{
	const struct value *was = record_get(r, "degrade");
	char *text;

	if (was && was->kind != VALUE_TEXT)
		return err(ERR_DATA, "the field 'degrade' is not a string");
	if (was && *was->text && *done) {
		const size_t size = strlen(was->text) + strlen(done) + 2;

		text = arena_get(&r->arena, size);
		snprintf(text, size, "%s,%s", was->text, done);
		record_put_text(r, "degrade", text);
	} else if (!was || *done) {
		record_put_text(r, "degrade", done);
	}
	return 0;
}

static int
begin(void *arg, struct header *h)
{
	struct degrade_job *job = arg;
	const struct field_type *f = header_field(h, "image");

	job->seed = header_seed(h, cli_tool(), (uint64_t)args.seed);
	if (!f || f->type != TENSOR_U8 || f->rank != 3)
		return err(ERR_DATA, f && f->type == TENSOR_U16 ? "images of 16 bits; only those of 8 are supported "
			"(tscae-decode --depth 8)" : "the stream has no field 'image' of bytes (H, W, channels)");
	return add(&h->extra, args.chain);
}

static int
each(void *arg, struct record *r, int worker)
{
	const struct degrade_job *job = arg;
	const struct tensor *t = record_tensor(r, "image", TENSOR_U8, 3);
	struct rng rng = rng_at(job->seed, r->epoch < 0 ? 0 : r->epoch, "degrade", r->key);
	char done[DEGRADE_TEXT] = "";
	struct image p;

	(void)worker;
	if (!t)
		return -1;
	if (t->shape[0] < 1 || t->shape[1] < 1 || (t->shape[2] != 1 && t->shape[2] != 3))
		return err(ERR_DATA, "an image of shape %ldx%ldx%ld; 1 or 3 channels are supported", t->shape[0],
			t->shape[1], t->shape[2]);
	p = image_over(t->data, (int)t->shape[1], (int)t->shape[0], (int)t->shape[2]);
	if (rng_unit(&rng) < args.probability && degrade_image(&job->degrade, &rng, &r->arena, &p, done) < 0)
		return -1;
	return add(r, done) < 0 ? -1 : FILTER_KEEP;
}

int
main(int argc, char **argv)
{
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands);
	struct degrade_job job = { 0 };
	struct filter f = { .begin = begin, .each = each, .arg = &job, .output = args.output };

	if (degrade_read(&job.degrade, args.chain) < 0) {
		err_in("--ops");
		die();
	}
	f.threads = cli_threads(args.threads);
	return filter(&f, n, operands);
}
