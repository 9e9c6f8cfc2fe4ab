/* tscae-embed - compute features of images with a trained or randomly initialized encoder

   Each image goes through the encoder alone: its feature depends on the image and the model only, not on its neighbors
   in the stream or on the number of threads. One thread works on an image, and all idle threads help it. */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/pool.h"
#include "checkpoint/model_file.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/filter.h"
#include "codec/image.h"
#include "inference/predict.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/token_sequence.h"
#include "nn/parallel.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "stream/npy.h"
#include "stream/record.h"
#include "stream/tensor.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define POOLS(X) X(POOL_MEAN, "mean") X(POOL_CLASS, "class") X(POOL_BOTH, "both") X(POOL_PATCHES, "patches")
enum { POOLS(OPT_CONSTANT) };

static struct {
	const char *model, *output, *npy;
	int pool;
	long block, threads, seed;
	bool attention, drop;
} args = { .model = "", .output = "-", .npy = "", .seed = -1 };

static const struct cli cli = {
	"tscae-embed", "compute features of images with a trained encoder", "[FILE ...]",
	(const struct opt[]){
		CLI_MODEL(&args.model),
		{ 0, "pool", OPT_CHOICE, &args.pool, 0, 0,
			"pooling of the encoder outputs", OPT_NAMES(POOLS) },
		{ 'b', "block", OPT_INT, &args.block, 0, CONFIG_DEPTH_MAX,
			"encoder block to read, from 1 (0: last block, after the final norm)", "N" },
		{ 'a', "attention", OPT_FLAG, &args.attention, 0, 0,
			"add the attention of the class token to the patches in that block", NULL },
		CLI_DROP_IMAGE(&args.drop),
		{ 0, "npy", OPT_PATH, &args.npy, 0, 0,
			"also write the features as a NumPy array, and the keys to FILE.keys", "FILE" },
		{ 0, "init-seed", OPT_INT, &args.seed, -1, 9e15,
			"use random weights from this seed instead of the trained ones (-1: off)", "N" },
		CLI_THREADS(&args.threads),
		CLI_OUTPUT(&args.output),
		{ 0 }
	},
	NULL
};

/* The array of --npy and the list of keys beside it. */
struct embed_array {
	struct npy array;
	struct file keys;
	long count;	/* records to come, -1: unknown */
	bool open;
	bool keyed;	/* there is a list of keys; not if the array goes to a pipe or a device */
};

struct embed {
	struct model_file model;
	struct params params;
	struct encoder encoder;
	struct predict_context *contexts;	/* one for each thread */
	struct parallel_for team;	/* threads that load the model and process the stream */
	struct embed_array npy;
};

static int
open_npy(struct embed_array *npy, const struct tensor *row)
{
	char *path;

	if (npy_create(&npy->array, args.npy, row, npy->count) < 0)
		return -1;
	npy->keyed = npy->array.file.temporary != NULL;
	path = mem_format("%s.keys", args.npy);
	npy->open = !npy->keyed || file_create(&npy->keys, path) == 0;
	free(path);
	if (npy->open)
		return 0;
	npy_abandon(&npy->array);
	return -1;
}

static int
close_npy(struct embed *e)
{
	const struct tensor none = { .type = TENSOR_F32, .rank = 2, .shape = { 0, e->model.config.embed_dim } };
	struct embed_array *npy = &e->npy;

	/* without any image the number of patches is unknown */
	if (!npy->open && open_npy(npy, &none) < 0)
		return -1;
	if (npy_close(&npy->array) < 0) {
		if (npy->keyed)
			file_abandon(&npy->keys);
		return -1;
	}
	return npy->keyed ? file_commit(&npy->keys, false) : 0;
}

static int
begin(void *arg, struct header *h)
{
	struct embed *e = arg;
	struct embed_array *npy = &e->npy;
	const long D = e->model.config.embed_dim;
	const long one[1] = { args.pool == POOL_BOTH ? 2 * D : D }, patches[2] = { 0, D };
	const struct tensor row = { .type = TENSOR_F32, .rank = 1, .shape = { one[0] } };
	const struct field_type *image = header_field(h, "image");
	const struct value *records = record_get(&h->extra, "records"), *start = record_get(&h->extra, "start");
	char pool[16];

	if (!image)
		return err(ERR_DATA, "a stream of kind '%s' without images", h->kind);
	header_set_kind(h, "feature");
	if (args.drop)
		header_drop_field(h, "image");
	header_drop_field(h, "mask");
	header_put_field(h, "feature", TENSOR_F32, args.pool == POOL_PATCHES ? 2 : 1,
		args.pool == POOL_PATCHES ? patches : one);
	if (args.attention)
		header_put_field(h, "attention", TENSOR_F32, 3, (const long[]){ e->model.config.heads, 0, 0 });
	record_put_text(&h->extra, "pool", opt_show(opt_find(cli.options, "pool"), pool, sizeof pool));
	record_put_int(&h->extra, "block", args.block);
	if (records && records->kind == VALUE_INT)
		npy->count = records->integer;
	if (npy->count >= 0 && start && start->kind == VALUE_INT)
		npy->count = start->integer < npy->count ? npy->count - start->integer : 0;
	return *args.npy && args.pool != POOL_PATCHES ? open_npy(npy, &row) : 0;
}

/* Pool the outputs x (1, 1 + P, D), class token first, and put the result into the record. */
static void
put_feature(struct record *r, const struct encoder *e, struct tape *t, struct var *x)
{
	const int D = x->shape[2], P = x->shape[1] - 1;
	const long shape[2] = { P, D }, twice = 2 * D, once = D;
	float *to;

	if (args.pool == POOL_PATCHES) {
		to = record_put_tensor(r, "feature", TENSOR_F32, 2, shape);
		memcpy(to, x->x + D, (size_t)P * (size_t)D * sizeof *to);
		return;
	}
	to = record_put_tensor(r, "feature", TENSOR_F32, 1, args.pool == POOL_BOTH ? &twice : &once);
	if (args.pool != POOL_MEAN) {
		memcpy(to, x->x, (size_t)D * sizeof *to);
		to += D;
	}
	if (args.pool != POOL_CLASS)
		memcpy(to, encoder_mean(e, t, x, (int)args.block)->x, (size_t)D * sizeof *to);
}

/* Features and attention must be finite. */
static int
check_outputs(const struct record *r)
{
	const struct tensor *feature = &record_get(r, "feature")->tensor;
	const struct value *attention = args.attention ? record_get(r, "attention") : NULL;

	if (var_check_finite("the feature", tensor_count(feature), feature->data) < 0)
		return -1;
	return attention ? var_check_finite("the attention", tensor_count(&attention->tensor), attention->tensor.data)
		: 0;
}

static int
embed(const struct embed *e, struct record *r, struct predict_context *c)
{
	const struct tensor *image = image_tensor(r, "image");
	const struct pos_embed *grid = &c->position;
	float *attention = NULL;
	struct var *x;

	if (!image || predict_context_open(c, image, &e->encoder, &e->params) < 0)
		return -1;
	if (args.attention)
		attention = record_put_tensor(r, "attention", TENSOR_F32, 3,
			(const long[]){ e->model.config.heads, grid->rows, grid->columns });
	/* the record's fields may have moved */
	image = image_tensor(r, "image");
	x = encoder_features(&e->encoder, &c->tape, grid, image->data, 1, (int)image->shape[0], (int)image->shape[1],
		(int)args.block, attention);
	put_feature(r, &e->encoder, &c->tape, x);
	if (check_outputs(r) < 0)
		return -1;
	if (args.drop)
		record_drop(r, "image");
	record_drop(r, "mask");
	return FILTER_KEEP;
}

static int
each(void *arg, struct record *r, int worker)
{
	struct embed *e = arg;
	int result;

	parallel_for_enter(&e->team);
	result = embed(e, r, &e->contexts[worker]);
	parallel_for_leave(&e->team);
	return result;
}

/* Append the feature to the array, and the key to the list of keys. */
static int
done(void *arg, const struct record *r)
{
	struct embed_array *npy = &((struct embed *)arg)->npy;
	const struct tensor *x = record_tensor(r, "feature", TENSOR_F32, args.pool == POOL_PATCHES ? 2 : 1);

	if (!x || (!npy->open && open_npy(npy, x) < 0))
		return -1;
	if (x->shape[0] != npy->array.row.shape[0])
		return err(ERR_DATA, "%ld patches, but the rows of '%s' have %ld", x->shape[0], args.npy,
			npy->array.row.shape[0]);
	if (npy_write(&npy->array, x->data, 1) < 0)
		return -1;
	if (!npy->keyed)
		return 0;
	if (strchr(r->key, '\n'))
		return err(ERR_DATA, "the key has a newline, which '%s.keys' cannot hold", args.npy);
	if (file_write(&npy->keys, r->key, strlen(r->key)) < 0)
		return -1;
	return file_write(&npy->keys, "\n", 1);
}

static void
open_model(struct embed *e)
{
	if (!*args.model)
		die_with(ERR_USAGE, "no model given; use --model");
	/* with --init-seed only the configuration of the file is read */
	if ((args.seed >= 0 ? model_file_open : model_file_open_unverified)(&e->model, args.model) < 0)
		die();
	encoder_open(&e->encoder, &e->model.config, &e->params);
	if (args.seed < 0 && model_file_has_params(&e->model, &e->params) < 0) {
		model_file_check_error(&e->model);
		die();
	}
	params_build(&e->params);
	if (args.seed >= 0) {
		params_init(&e->params, (uint64_t)args.seed);
		params_pack(&e->params);
	} else if (model_file_params_packed(&e->model, &e->params, e->team.pool) < 0)
		die();
	if (args.block == 0)
		args.block = e->model.config.depth;
	if (args.block > e->model.config.depth)
		die_with(ERR_USAGE, "--block %ld: the model has %ld blocks", args.block, e->model.config.depth);
	if (e->encoder.cls_token < 0 && (args.attention || args.pool == POOL_CLASS || args.pool == POOL_BOTH))
		die_with(ERR_USAGE, "%s: the model has no class token; use --pool mean or patches, without --attention",
			args.model);
	/* on a grid that is larger than any window */
	if (args.attention && encoder_window(&e->encoder, (int)args.block - 1, INT_MAX, INT_MAX))
		die_with(ERR_USAGE, "--attention: block %ld of %ld attends within windows; use the last block, or "
			"another one with global attention", args.block, e->model.config.depth);
}

static void
open_contexts(struct embed *e, long threads)
{
	long i;

	e->contexts = mem_array((size_t)threads, sizeof *e->contexts);
	for (i = 0; i < threads; i++)
		e->contexts[i].tape.team = &e->team;
}

static void
close_all(struct embed *e, long threads)
{
	long i;

	for (i = 0; i < threads; i++)
		predict_context_close(&e->contexts[i]);
	free(e->contexts);
	encoder_close(&e->encoder);
	params_free(&e->params);
	model_file_close(&e->model);
	pool_free(e->team.pool);
}

int
main(int argc, char **argv)
{
	struct embed e = { .npy.count = -1 };
	struct filter f = { .begin = begin, .each = each, .arg = &e };
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands), status;

	f.done = *args.npy ? done : NULL;
	f.threads = cli_threads(args.threads);
	f.pool = e.team.pool = pool_new((int)f.threads);
	f.output = args.output;
	if (!f.pool)
		die();
	open_model(&e);
	open_contexts(&e, f.threads);
	status = filter(&f, n, operands);
	if (*args.npy && close_npy(&e) < 0)
		die();
	close_all(&e, f.threads);
	return status;
}
