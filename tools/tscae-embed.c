/* tscae-embed - features of images, from a trained encoder or an untrained one

   Each image goes through the encoder alone: a feature depends on the image and the model, never on its neighbors in the stream or
   on the number of threads. It has a thread to itself, and all of them where no other is in work. */
#include "base/err.h"
#include "base/mem.h"
#include "base/pool.h"
#include "stream/npy.h"
#include "inference/predict.h"
#include "checkpoint/model_file.h"
#include "nn/parallel_for.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/filter.h"

#include <stdlib.h>
#include <string.h>

enum pool_kind { POOL_MEAN, POOL_CLASS, POOL_BOTH, POOL_PATCHES };

static struct {
	const char *model, *output, *npy;
	int pool;
	long block, threads, seed;
	bool attention, drop;
} args = { .model = "", .output = "-", .npy = "", .seed = -1 };

static const struct cli cli = {
	"tscae-embed", "compute features of images with a trained encoder", "[FILE ...]",
	(const struct opt[]){
		{ 'm', "model", OPT_TEXT, &args.model, 0, 0, "model file, checkpoint or run directory", "MODEL" },
		{ 0, "pool", OPT_CHOICE, &args.pool, 0, 0,
			"pooling of the encoder outputs", "mean|class|both|patches" },
		{ 'b', "block", OPT_INT, &args.block, 0, CONFIG_DEPTH_MAX,
			"encoder block to read, from 1 (0: last block, after the final norm)", "N" },
		{ 'a', "attention", OPT_FLAG, &args.attention, 0, 0,
			"add the attention of the class token to the patches in that block", NULL },
		{ 'd', "drop-image", OPT_FLAG, &args.drop, 0, 0, "leave the images out of the stream", NULL },
		{ 0, "npy", OPT_TEXT, &args.npy, 0, 0,
			"also write the features as a NumPy array, and the keys to FILE.keys", "FILE" },
		{ 0, "init-seed", OPT_INT, &args.seed, -1, 9e15,
			"use random weights from this seed instead of the trained ones (-1: off)", "N" },
		{ 't', "threads", OPT_INT, &args.threads, 0, 1024, "number of threads (0: all processors)", "N" },
		{ 'o', "output", OPT_TEXT, &args.output, 0, 0, "output file (-: standard output)", "FILE" },
		{ 0 }
	},
	NULL
};

static struct model_file model;
static struct params params;
static struct encoder encoder;

static struct predict_context *contexts;	/* one a thread */
static struct parallel_for team;	/* threads that load the model, go through the stream, and help where only one image is in work */

static struct {
	struct npy array;
	struct file keys;
	long count;	/* records to come, -1: unknown */
	bool open, keyed;
} npy = { .count = -1 };

static int
open_npy(const struct tensor *row)
{
	char *path;

	if (npy_create(&npy.array, args.npy, row, npy.count) < 0)
		return -1;
	/* beside a pipe or a device there is no place for another file: its keys are those of the stream */
	npy.keyed = npy.array.file.temporary != NULL;
	path = mem_format("%s.keys", args.npy);
	npy.open = !npy.keyed || file_create(&npy.keys, path) == 0;
	free(path);
	if (npy.open)
		return 0;
	npy_abandon(&npy.array);
	return -1;
}

static int
close_npy(void)
{
	const struct tensor none = { .type = TENSOR_F32, .rank = 2, .shape = { 0, model.config.embed_dim } };

	/* no image told how many patches there are */
	if (!npy.open && open_npy(&none) < 0)
		return -1;
	if (npy_close(&npy.array) < 0) {
		if (npy.keyed)
			file_abandon(&npy.keys);
		return -1;
	}
	return npy.keyed ? file_commit(&npy.keys, false) : 0;
}

static int
begin(struct header *h)
{
	const long D = model.config.embed_dim;
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
	header_put_field(h, "feature", TENSOR_F32, args.pool == POOL_PATCHES ? 2 : 1, args.pool == POOL_PATCHES ? patches : one);
	if (args.attention)
		header_put_field(h, "attention", TENSOR_F32, 3, (const long[]){ model.config.heads, 0, 0 });
	record_put_text(&h->extra, "pool", opt_show(opt_find(cli.options, "pool"), pool, sizeof pool));
	record_put_int(&h->extra, "block", args.block);
	if (records && records->kind == VALUE_INT)
		npy.count = records->integer;
	if (npy.count >= 0 && start && start->kind == VALUE_INT)
		npy.count = start->integer < npy.count ? npy.count - start->integer : 0;
	return *args.npy && args.pool != POOL_PATCHES ? open_npy(&row) : 0;
}

/* The pooled outputs x (1, 1 + P, D), class token first, into the record. */
static void
put_feature(struct record *r, struct tape *t, struct var *x)
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
		memcpy(to, op_mean_tokens(t, x, 1, P)->x, (size_t)D * sizeof *to);
}

static int
embed(struct record *r, struct predict_context *d)
{
	const struct tensor *image = record_tensor(r, "image", TENSOR_U8, 3);
	const struct pos_embed *grid = &d->position;
	float *attention = NULL;
	struct var *x;

	if (!image || predict_context_open(d, image, &encoder, &params) < 0)
		return -1;
	if (args.attention)
		attention = record_put_tensor(r, "attention", TENSOR_F32, 3, (const long[]){ model.config.heads, grid->rows, grid->columns });
	/* the record's fields may have moved */
	image = record_tensor(r, "image", TENSOR_U8, 3);
	x = encoder_features(&encoder, &d->tape, grid, image->data, 1, (int)image->shape[0], (int)image->shape[1], (int)args.block, attention);
	put_feature(r, &d->tape, x);
	if (args.drop)
		record_drop(r, "image");
	record_drop(r, "mask");
	return FILTER_KEEP;
}

static int
each(struct record *r, int worker)
{
	int verdict;

	parallel_for_enter(&team);
	verdict = embed(r, &contexts[worker]);
	parallel_for_leave(&team);
	return verdict;
}

/* The feature as a row of the array, the key as a line of its list. */
static int
done(const struct record *r)
{
	const struct tensor *x = record_tensor(r, "feature", TENSOR_F32, args.pool == POOL_PATCHES ? 2 : 1);

	if (!x || (!npy.open && open_npy(x) < 0))
		return -1;
	if (x->shape[0] != npy.array.row.shape[0])
		return err(ERR_DATA, "%ld patches where the rows of the array before have %ld", x->shape[0], npy.array.row.shape[0]);
	if (npy_write(&npy.array, x->data, 1) < 0)
		return -1;
	if (!npy.keyed)
		return 0;
	if (strchr(r->key, '\n'))
		return err(ERR_DATA, "a newline in the key, which a list of keys cannot hold");
	if (file_write(&npy.keys, r->key, strlen(r->key)) < 0)
		return -1;
	return file_write(&npy.keys, "\n", 1);
}

static void
open_model(void)
{
	if (!*args.model)
		die_with(ERR_USAGE, "say which --model");
	/* weights that are not the file's: only its configuration is read */
	if ((args.seed >= 0 ? model_file_open : model_file_open_unverified)(&model, args.model) < 0)
		die();
	encoder_open(&encoder, &model.config, &params);
	params_build(&params);
	if (args.seed >= 0) {
		params_init(&params, (uint64_t)args.seed);
		params_pack(&params);
	} else if (model_file_params_packed(&model, &params, team.pool) < 0)
		die();
	if (args.block == 0)
		args.block = model.config.depth;
	if (args.block > model.config.depth)
		die_with(ERR_USAGE, "--block: %ld of a model with %ld blocks", args.block, model.config.depth);
}

static void
open_desks(void)
{
	long i;

	contexts = mem_new((size_t)args.threads * sizeof *contexts);
	for (i = 0; i < args.threads; i++)
		contexts[i].tape.team = &team;
}

static void
close_all(void)
{
	long i;

	for (i = 0; i < args.threads; i++)
		predict_context_close(&contexts[i]);
	free(contexts);
	encoder_close(&encoder);
	params_free(&params);
	model_file_close(&model);
	pool_free(team.pool);
}

int
main(int argc, char **argv)
{
	struct filter f = { .begin = begin, .each_on = each };
	char **operands;
	int n = cli_parse(&cli, argc, argv, &operands), status;

	if (args.threads == 0)
		args.threads = pool_default();
	team.pool = pool_new((int)args.threads);
	if (!team.pool)
		die();
	open_model();
	open_desks();
	f.done = *args.npy ? done : NULL;
	f.threads = args.threads;
	f.pool = team.pool;
	f.output = args.output;
	status = filter(&f, n, operands);
	if (*args.npy && close_npy() < 0)
		die();
	close_all();
	return status;
}
