/* tscae-export - write a model as others read it: timm, MAE, Hugging Face */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "checkpoint/model_file.h"
#include "model/mae.h"
#include "checkpoint/param_names.h"
#include "cli/cli.h"
#include "cli/die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	const char *model, *output;
	int style;
} args = { .model = "", .output = "" };

static const struct cli cli = {
	"tscae-export", "write a model as others read it", "",
	(const struct opt[]){
		{ 'm', "model", OPT_TEXT, &args.model, 0, 0, "model file, checkpoint or run directory", "MODEL" },
		{ 'f', "for", OPT_CHOICE, &args.style, 0, 0, "whose names: timm and MAE agree but for the decoder", "timm|mae|hf" },
		{ 'o', "output", OPT_TEXT, &args.output, 0, 0, "file to write; for hf, a directory", "FILE" },
		{ 0 }
	},
	NULL
};

/* The parameters that go out. MAE's and Hugging Face's files hold MAE's decoder; timm takes a file with a mask_token
   for another model, so its file is the encoder alone, as it is for every model without MAE's decoder. */
struct out {
	struct params params;
	struct encoder encoder;
	struct mae mae;
	bool whole;
};

static void
declare(struct out *o, const struct config *c)
{
	o->whole = args.style != PARAM_NAMES_TIMM && c->objective == OBJECTIVE_MAE;
	if (o->whole)
		mae_open(&o->mae, c, &o->params);
	else
		encoder_open(&o->encoder, c, &o->params);
	params_build(&o->params);
}

static void
release(struct out *o)
{
	if (o->whole)
		mae_close(&o->mae);
	else
		encoder_close(&o->encoder);
	params_free(&o->params);
}

/* Add one of our tensors under their names; a matrix of q, k and v in three where they keep it so. */
static void
add(struct safetensors *c, const char *ours, int rank, const long *shape, const float *values)
{
	struct param_names_slice places[3];
	int i, k, n = param_names_to_foreign((enum param_names_style)args.style, ours, places);

	if (n == 0)
		die_with(ERR_LAW, "no name for the parameter '%s'", ours);
	for (i = 0; i < n; i++) {
		struct tensor t = { .type = TENSOR_F32, .rank = rank };

		for (k = 0; k < rank; k++)
			t.shape[k] = shape[k];
		t.shape[0] /= places[i].parts;
		safetensors_add(c, places[i].name, TENSOR_F32, rank, t.shape, values + places[i].part * tensor_count(&t));
	}
}

/* The position table as they keep it: (1, 1 + P, D), the class token's row zero. Free it after writing. */
static float *
add_positions(struct safetensors *c, const char *ours, const struct config *config, int D)
{
	const int side = (int)(config->image / config->patch);
	const long shape[3] = { 1, 1 + side * side, D };
	float *table = mem_new((size_t)(shape[1] * D) * sizeof *table);
	struct pos_embed p;

	pos_embed_open(&p, side, side, D);
	memcpy(table + D, p.table, (size_t)(side * side * D) * sizeof *table);
	pos_embed_close(&p);
	add(c, ours, 3, shape, table);
	return table;
}

static void
write_tensors(const struct model_file *l, const char *path)
{
	struct safetensors c = { 0 };
	struct out o = { 0 };
	float *positions, *decoder_positions = NULL;
	int i;

	declare(&o, &l->config);
	if (model_file_params(l, &o.params) < 0)
		die();
	for (i = 0; i < o.params.count; i++) {
		const struct param *p = &o.params.list[i];
		const struct tensor t = model_file_shape(p);

		add(&c, p->name, t.rank, t.shape, o.params.values + p->offset);
	}
	positions = add_positions(&c, "pos_embed", &l->config, (int)l->config.dim);
	if (o.whole)
		decoder_positions = add_positions(&c, "decoder_pos_embed", &l->config, (int)l->config.dec_dim);
	/* others pass over it; tscae-import then need not guess */
	model_file_describe(&c, &l->config);
	if (safetensors_write(&c, path, true) < 0)
		die();
	safetensors_close(&c);
	free(positions);
	free(decoder_positions);
	release(&o);
}

__attribute__((format(printf, 3, 4))) static void
write_text(const char *directory, const char *name, const char *format, ...)
{
	char *path = mem_format("%s/%s", directory, name), text[4096];
	struct file f;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	if (file_create(&f, path) < 0 || file_write(&f, text, (size_t)n) < 0 || file_commit(&f, true) < 0)
		die();
	free(path);
}

/* What transformers wants beside the tensors. Its default layer_norm_eps is 1e-12; ours, as MAE's, is 1e-6. */
static void
write_configs(const struct config *c, const char *directory)
{
	const bool mae = c->objective == OBJECTIVE_MAE;
	const double *mean = patch_statistics[c->normalize].mean, *deviation = patch_statistics[c->normalize].deviation;

	write_text(directory, "config.json",
		"{\n  \"architectures\": [\"%s\"],\n  \"model_type\": \"vit_mae\",\n  \"attention_probs_dropout_prob\": 0.0,\n"
		"  \"hidden_act\": \"gelu\",\n  \"hidden_dropout_prob\": 0.0,\n  \"hidden_size\": %ld,\n  \"image_size\": %ld,\n"
		"  \"initializer_range\": 0.02,\n  \"intermediate_size\": %ld,\n  \"layer_norm_eps\": 1e-06,\n  \"mask_ratio\": %.6g,\n"
		"  \"norm_pix_loss\": %s,\n  \"num_attention_heads\": %ld,\n  \"num_channels\": 3,\n  \"num_hidden_layers\": %ld,\n"
		"  \"patch_size\": %ld,\n  \"qkv_bias\": true,\n  \"decoder_hidden_size\": %ld,\n  \"decoder_intermediate_size\": %ld,\n"
		"  \"decoder_num_attention_heads\": %ld,\n  \"decoder_num_hidden_layers\": %ld,\n  \"torch_dtype\": \"float32\"\n}\n",
		mae ? "ViTMAEForPreTraining" : "ViTMAEModel", c->dim, c->image, BLOCK_MLP_RATIO * c->dim, c->ratio,
		c->norm_pix ? "true" : "false", c->heads, c->depth, c->patch, c->dec_dim, BLOCK_MLP_RATIO * c->dec_dim, c->dec_heads, c->dec_depth);
	/* 3: bicubic; 0.00392... = 1/255 */
	write_text(directory, "preprocessor_config.json",
		"{\n  \"image_processor_type\": \"ViTImageProcessor\",\n  \"do_resize\": true,\n  \"size\": { \"height\": %ld, \"width\": %ld },\n"
		"  \"resample\": 3,\n  \"do_rescale\": true,\n  \"rescale_factor\": 0.00392156862745098,\n  \"do_normalize\": true,\n"
		"  \"image_mean\": [%g, %g, %g],\n  \"image_std\": [%g, %g, %g]\n}\n", c->image, c->image,
		mean[0], mean[1], mean[2], deviation[0], deviation[1], deviation[2]);
}

int
main(int argc, char **argv)
{
	struct model_file l;
	char **operands, *path;

	cli_parse(&cli, argc, argv, &operands);
	if (!*args.model || !*args.output)
		die_with(ERR_USAGE, "say which --model and where to (--output)");
	if (model_file_open(&l, args.model) < 0)
		die();
	if (args.style == PARAM_NAMES_HF) {
		if (file_directory(args.output) < 0)
			die();
		path = mem_format("%s/model.safetensors", args.output);
		write_tensors(&l, path);
		free(path);
		write_configs(&l.config, args.output);
	} else
		write_tensors(&l, args.output);
	model_file_close(&l);
	return 0;
}
