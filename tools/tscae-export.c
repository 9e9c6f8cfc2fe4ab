/* tscae-export - write a model as others read it: timm, MAE, Hugging Face */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "json/writer.h"
#include "checkpoint/model_file.h"
#include "model/mae.h"
#include "checkpoint/param_names.h"
#include "cli/cli.h"
#include "cli/die.h"

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
		{ 0, "format", OPT_CHOICE, &args.style, 0, 0, "whose names: timm and MAE agree but for the decoder", "timm|mae|hf" },
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
	int i, k, n = param_names_theirs((enum param_names_style)args.style, ours, places);

	if (n == 0)
		die_with(ERR_INTERNAL, "no name for the parameter '%s'", ours);
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
	struct position p;

	position_open(&p, side, side, D);
	memcpy(table + D, p.table, (size_t)(side * side * D) * sizeof *table);
	position_close(&p);
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
		decoder_positions = add_positions(&c, "decoder_pos_embed", &l->config, (int)l->config.decoder_embed_dim);
	/* others pass over it; tscae-import then need not guess */
	model_file_describe(&c, &l->config);
	if (safetensors_write(&c, path, true) < 0)
		die();
	safetensors_close(&c);
	free(positions);
	free(decoder_positions);
	release(&o);
}

static void
write_json(struct json_writer *w, const char *directory, const char *name)
{
	char *path = mem_format("%s/%s", directory, name);
	const char *text;
	size_t size;

	json_put_object_end(w);
	json_put_end(w);
	text = json_writer_text(w, &size);
	if (file_save(path, text, size, true) < 0)
		die();
	json_writer_free(w);
	free(path);
}

/* config.json of transformers. Its default layer_norm_eps is 1e-12; ours, as MAE's, is 1e-6. */
static void
write_config(const struct config *c, const char *directory)
{
	struct json_writer *w = json_writer_new(NULL, true);

	json_put_object(w, NULL);
	json_put_array(w, "architectures");
	json_put_text(w, NULL, c->objective == OBJECTIVE_MAE ? "ViTMAEForPreTraining" : "ViTMAEModel");
	json_put_array_end(w);
	json_put_text(w, "model_type", "vit_mae");
	json_put_number(w, "attention_probs_dropout_prob", "0.0");
	json_put_text(w, "hidden_act", "gelu");
	json_put_number(w, "hidden_dropout_prob", "0.0");
	json_put_int(w, "hidden_size", c->dim);
	json_put_int(w, "image_size", c->image);
	json_put_number(w, "initializer_range", "0.02");
	json_put_int(w, "intermediate_size", BLOCK_MLP_RATIO * c->dim);
	json_put_number(w, "layer_norm_eps", "1e-06");
	json_put_real(w, "mask_ratio", 6, c->ratio);
	json_put_bool(w, "norm_pix_loss", c->norm_pix);
	json_put_int(w, "num_attention_heads", c->heads);
	json_put_int(w, "num_channels", 3);
	json_put_int(w, "num_hidden_layers", c->depth);
	json_put_int(w, "patch_size", c->patch);
	json_put_bool(w, "qkv_bias", true);
	json_put_int(w, "decoder_hidden_size", c->decoder_embed_dim);
	json_put_int(w, "decoder_intermediate_size", BLOCK_MLP_RATIO * c->decoder_embed_dim);
	json_put_int(w, "decoder_num_attention_heads", c->decoder_heads);
	json_put_int(w, "decoder_num_hidden_layers", c->decoder_depth);
	json_put_text(w, "torch_dtype", "float32");
	write_json(w, directory, "config.json");
}

static void
put_three(struct json_writer *w, const char *key, const double x[3])
{
	int i;

	json_put_array(w, key);
	for (i = 0; i < 3; i++)
		json_put_real(w, NULL, 6, x[i]);
	json_put_array_end(w);
}

/* How transformers prepares an image. */
static void
write_processor(const struct config *c, const char *directory)
{
	const struct patch_statistics *p = &patch_statistics[c->normalize];
	struct json_writer *w = json_writer_new(NULL, true);

	json_put_object(w, NULL);
	json_put_text(w, "image_processor_type", "ViTImageProcessor");
	json_put_bool(w, "do_resize", true);
	json_put_object(w, "size");
	json_put_int(w, "height", c->image);
	json_put_int(w, "width", c->image);
	json_put_object_end(w);
	json_put_int(w, "resample", 3);	/* bicubic */
	json_put_bool(w, "do_rescale", true);
	json_put_number(w, "rescale_factor", "0.00392156862745098");	/* 1/255 */
	json_put_bool(w, "do_normalize", true);
	put_three(w, "image_mean", p->mean);
	put_three(w, "image_std", p->std);
	write_json(w, directory, "preprocessor_config.json");
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
		write_config(&l.config, args.output);
		write_processor(&l.config, args.output);
	} else
		write_tensors(&l, args.output);
	model_file_close(&l);
	return 0;
}
