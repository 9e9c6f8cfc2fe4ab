/* tscae-import - make a model of the weights of a published ViT or MAE (timm's, MAE's or Hugging Face's names)

   What the model is stands in the shapes of its tensors. What does not stand there (heads, mean and deviation of the
   pixels) is known for the published widths, said by an option, or an error: never guessed silently. */
#include "base/err.h"
#include "base/mem.h"
#include "checkpoint/guess_architecture.h"
#include "checkpoint/model_file.h"
#include "model/mae.h"
#include "checkpoint/param_names.h"
#include "cli/cli.h"
#include "cli/die.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	const char *output, *prefix;
	long heads, decoder_heads, image;
	int normalize;
	bool norm_pix, drop_positions;
} args = { .output = "", .prefix = "" };

static const struct cli cli = {
	"tscae-import", "make a model of the weights of a published ViT or MAE", "FILE",
	(const struct opt[]){
		{ 'o', "output", OPT_TEXT, &args.output, 0, 0, "model to write (.safetensors)", "FILE" },
		{ 0, "prefix", OPT_TEXT, &args.prefix, 0, 0, "what stands before each name, such as module.", "TEXT" },
		{ 0, "heads", OPT_INT, &args.heads, 0, CONFIG_HEADS_MAX, "attention heads (0: known for widths 192, 384, 768, 1024, 1280)", "N" },
		{ 0, "decoder-heads", OPT_INT, &args.decoder_heads, 0, CONFIG_HEADS_MAX, "attention heads of MAE's decoder (0: known for width 512)", "N" },
		{ 0, "image", OPT_INT, &args.image, 0, CONFIG_IMAGE_MAX, "side of an image (0: from the position table)", "N" },
		{ 0, "normalize", OPT_CHOICE, &args.normalize, 0, 0, "mean and deviation of the pixels it was trained on", "imagenet|half" },
		{ 0, "norm-pix", OPT_FLAG, &args.norm_pix, 0, 0, "MAE: it was trained on normalized patches", NULL },
		{ 0, "drop-positions", OPT_FLAG, &args.drop_positions, 0, 0, "put the fixed position table in place of learned ones", NULL },
		{ 0 }
	},
	NULL
};

/* Largest difference from the fixed table that rounding explains (float32 of values up to 1, computed in other orders). */
#define POSITION_TOLERANCE 1e-4

static struct {
	const char *path;
	struct safetensors file;
	struct guess from;
	struct config config;
	bool decoder;			/* MAE's decoder is there */
	struct params params;
	struct encoder encoder;
	struct mae mae;
	unsigned char *filled;		/* for each parameter, a bit for each part that came */
} in;

/* A classifier's own layers behind the encoder: what comes before them does not depend on them. */
static bool
is_head(const char *name)
{
	static const char *const heads[] = { "head.", "head_dist.", "fc_norm.", "pre_logits.", "classifier.", "pooler.", "vit.pooler." };
	size_t i;

	for (i = 0; i < sizeof heads / sizeof *heads; i++)
		if (strncmp(name, heads[i], strlen(heads[i])) == 0)
			return true;
	return false;
}

/* A file of tscae-export says in its metadata what it is; any other shows it in its shapes. */
static void
read_config(void)
{
	const struct guess_known said = { args.heads, args.decoder_heads, args.image };
	struct model_file described;

	if (!safetensors_metadata(&in.file, "config.dim")) {
		if (guess_config(&in.from, &said, &in.config) < 0) {
			err_in("%s", in.path);
			die();
		}
		in.config.normalize = args.normalize;
		in.config.norm_pix = args.norm_pix;
		return;
	}
	if (model_file_open(&described, in.path) < 0)
		die();
	in.config = described.config;
	model_file_close(&described);
}

/* Compare a position table with the fixed one of our models. */
static void
check_positions(const char *name, const struct tensor *t, int D)
{
	const int side = (int)(in.config.image / in.config.patch);
	double worst = 0;
	struct pos_embed p;
	float *values;
	long i;

	if (t->rank != 3 || t->shape[0] != 1 || t->shape[1] != 1 + side * side || t->shape[2] != D)
		die_with(ERR_DATA, "%s: tensor '%s' is not 1 x %d x %d", in.path, name, 1 + side * side, D);
	values = mem_new((size_t)tensor_count(t) * sizeof *values);
	if (safetensors_floats(t, values) < 0) {
		err_in("%s: tensor '%s'", in.path, name);
		die();
	}
	pos_embed_open(&p, side, side, D);
	for (i = 0; i < tensor_count(t); i++) {
		double off = fabs((double)values[i] - (i < D ? 0 : (double)p.table[i - D]));

		/* written so that a NaN counts as far off */
		if (!(off <= worst))
			worst = off;
	}
	pos_embed_close(&p);
	free(values);
	if (worst <= POSITION_TOLERANCE)
		return;
	if (!args.drop_positions)
		die_with(ERR_DATA, "%s: tensor '%s' differs from the fixed sine-cosine table by up to %.3g: learned positions, which this program's models do not have (--drop-positions goes on without them, to train further)", in.path, name, worst);
	warn("%s: tensor '%s' differs from the fixed table by up to %.3g and was replaced: features will differ from the original's until trained further", in.path, name, worst);
}

/* Copy a tensor of theirs into its place of ours. */
static void
take(const char *name, const struct tensor *t, int id, const struct param_names_slice *place)
{
	const struct param *p = &in.params.list[id];
	bool same = t->rank == p->rank;
	char is[64];
	int k;

	for (k = 0; same && k < p->rank; k++)
		same = t->shape[k] * (k ? 1 : place->parts) == p->shape[k];
	if (!same)
		die_with(ERR_DATA, "%s: tensor '%s' is %s, which does not fit a ViT %ld wide, patch %ld", in.path, name, tensor_show(t, is, sizeof is), in.config.dim, in.config.patch);
	if (safetensors_floats(t, in.params.values + p->offset + (size_t)place->part * (p->count / (size_t)place->parts)) < 0) {
		err_in("%s: tensor '%s'", in.path, name);
		die();
	}
	in.filled[id] |= (unsigned char)(place->parts == 1 ? 7 : 1 << place->part);
}

/* Names of what is left out, said at the end in one line: the first few, and how many. */
static struct {
	char names[200];
	int count;
} left;

static void
leave(const char *name)
{
	size_t used = strlen(left.names);

	if (used + strlen(name) + 3 < sizeof left.names)
		snprintf(left.names + used, sizeof left.names - used, "%s%s", used ? ", " : "", name);
	left.count++;
}

/* Every tensor is taken, compared, left out by name, or an error. */
static void
take_all(void)
{
	struct param_names_slice place;
	int i, id;

	for (i = 0; i < in.file.count; i++) {
		const char *whole = in.file.entries[i].name, *name = guess_name(&in.from, whole);
		const struct tensor *t = &in.file.entries[i].tensor;

		if (!name || is_head(name)) {
			leave(whole);
			continue;
		}
		if (!param_names_from_foreign(in.from.style, name, &place))
			die_with(ERR_DATA, "%s: tensor '%s' belongs to no ViT or MAE that this program knows", in.path, whole);
		id = params_find(&in.params, place.name);
		if (strcmp(place.name, "pos_embed") == 0)
			check_positions(whole, t, (int)in.config.dim);
		else if (strcmp(place.name, "decoder_pos_embed") == 0 && in.decoder)
			check_positions(whole, t, (int)in.config.dec_dim);
		else if (id >= 0)
			take(whole, t, id, &place);
		else if (strncmp(place.name, "blocks.", 7) == 0 || in.decoder)
			die_with(ERR_DATA, "%s: tensor '%s' follows a gap in the blocks", in.path, whole);
		else
			leave(whole);
	}
	if (left.count > 0)
		warn("%s: left out %d of %d tensors: %s ...", in.path, left.count, in.file.count, left.names);
	for (i = 0; i < in.params.count; i++)
		if (in.filled[i] != 7)
			die_with(ERR_DATA, "%s: no tensor for all of '%s'", in.path, in.params.list[i].name);
}

static void
declare(void)
{
	in.decoder = in.config.objective == OBJECTIVE_MAE && guess_find(&in.from, "decoder_embed.weight", 2);
	if (in.decoder)
		mae_open(&in.mae, &in.config, &in.params);
	else
		encoder_open(&in.encoder, &in.config, &in.params);
	params_build(&in.params);
	in.filled = mem_new((size_t)in.params.count);
}

static void
release(void)
{
	if (in.decoder)
		mae_close(&in.mae);
	else
		encoder_close(&in.encoder);
	params_free(&in.params);
	safetensors_close(&in.file);
	free(in.filled);
}

int
main(int argc, char **argv)
{
	struct safetensors out = { 0 };
	char **operands;

	if (cli_parse(&cli, argc, argv, &operands) != 1 || !*args.output)
		die_with(ERR_USAGE, "say which file to read and where to write to (--output)");
	in.path = operands[0];
	if (safetensors_open(&in.file, in.path) < 0)
		die();
	in.from = (struct guess){ .file = &in.file, .prefix = args.prefix };
	guess_style(&in.from);
	read_config();
	declare();
	take_all();
	model_file_describe(&out, &in.config);
	model_file_add_params(&out, &in.params);
	if (safetensors_write(&out, args.output, true) < 0)
		die();
	if (!cli_common.quiet)
		warn("%s: width %ld, %ld blocks, %ld heads, patch %ld, images of %ld%s", args.output, in.config.dim, in.config.depth, in.config.heads, in.config.patch, in.config.image, in.decoder ? ", with MAE's decoder" : "");
	safetensors_close(&out);
	release();
	return 0;
}
