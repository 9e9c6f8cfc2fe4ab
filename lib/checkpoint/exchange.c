/* exchange - models of other programs: export for timm, MAE and Hugging Face */
#include "checkpoint/exchange.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "checkpoint/safetensors.h"
#include "json/writer.h"
#include "model/block.h"
#include "model/encoder.h"
#include "model/mae.h"
#include "model/token_sequence.h"
#include "stream/tensor.h"
#include "transform/patch.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
exchange_declare(struct params *p, const struct config *c, bool decoder)
{
	struct encoder encoder;
	struct mae mae;

	if (decoder) {
		mae_open(&mae, c, p);
		mae_close(&mae);
	} else {
		encoder_open(&encoder, c, p);
		encoder_close(&encoder);
	}
	params_build(p);
}

/* Add one of our tensors with its foreign name; one of q, k and v as three where the other program separates them. */
static void
add(struct safetensors *c, enum param_names_style style, const char *name, int rank, const long *shape,
	const float *values)
{
	struct param_names_slice slices[3];
	int i, k, n = param_names_to_foreign(style, name, slices);

	assert(n > 0);
	for (i = 0; i < n; i++) {
		struct tensor t = { .type = TENSOR_F32, .rank = rank };

		for (k = 0; k < rank; k++)
			t.shape[k] = shape[k];
		t.shape[0] /= slices[i].parts;
		safetensors_add(c, slices[i].name, t.type, rank, t.shape, values + slices[i].part * tensor_count(&t));
	}
}

/* Add a position embedding as other programs store it: (1, 1 + P, D), zeros for the class token. free() it after
   writing. */
static float *
add_positions(struct safetensors *c, enum param_names_style style, const char *name, const struct config *config, int D)
{
	const int grid = (int)(config->image / config->patch);
	const long shape[3] = { 1, 1 + grid * grid, D };
	float *table = mem_array((size_t)(shape[1] * D), sizeof *table);
	struct pos_embed p;

	pos_embed_open(&p, grid, grid, D);
	memcpy(table + D, p.table, (size_t)(grid * grid * D) * sizeof *table);
	pos_embed_close(&p);
	add(c, style, name, 3, shape, table);
	return table;
}

static int
write_tensors(const struct model_file *m, enum param_names_style style, const char *path)
{
	const bool decoder = style != PARAM_NAMES_TIMM && m->config.objective == OBJECTIVE_MAE;
	float *positions, *decoder_positions = NULL;
	struct safetensors c = { 0 };
	struct params params = { 0 };
	int i, result;

	exchange_declare(&params, &m->config, decoder);
	result = model_file_params(m, &params);
	for (i = 0; i < params.count; i++) {
		const struct param *p = &params.list[i];
		const struct tensor t = model_file_shape(p);

		add(&c, style, p->name, t.rank, t.shape, params.values + p->offset);
	}
	positions = add_positions(&c, style, "pos_embed", &m->config, (int)m->config.embed_dim);
	if (decoder)
		decoder_positions = add_positions(&c, style, "decoder_pos_embed", &m->config, (int)m->config.decoder_embed_dim);
	/* other programs ignore the configuration; exchange_import() reads it instead of guessing */
	model_file_describe(&c, &m->config);
	if (result == 0)
		result = safetensors_write(&c, path, true);
	safetensors_close(&c);
	free(positions);
	free(decoder_positions);
	params_free(&params);
	return result;
}

/* End the document, write it as DIRECTORY/NAME and free the writer. */
static int
write_json(struct json_writer *w, const char *directory, const char *name)
{
	char *path = mem_format("%s/%s", directory, name);
	const char *text;
	size_t size;
	int result;

	json_put_object_end(w);
	json_put_end(w);
	text = json_writer_text(w, &size);
	result = file_save(path, text, size, true);
	json_writer_free(w);
	free(path);
	return result;
}

/* The model for transformers. Its default layer_norm_eps is 1e-12, that of MAE and ours is 1e-6. */
static int
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
	json_put_int(w, "hidden_size", c->embed_dim);
	json_put_int(w, "image_size", c->image);
	json_put_number(w, "initializer_range", "0.02");
	json_put_int(w, "intermediate_size", BLOCK_MLP_RATIO * c->embed_dim);
	json_put_number(w, "layer_norm_eps", "1e-06");
	json_put_real(w, "mask_ratio", 6, c->mask_ratio);
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
	return write_json(w, directory, "config.json");
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

/* The preprocessing of images for transformers. */
static int
write_processor(const struct config *c, const char *directory)
{
	const struct patch_statistics *p = &patch_statistics[c->mean_std];
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
	return write_json(w, directory, "preprocessor_config.json");
}

int
exchange_export(const struct model_file *m, enum param_names_style style, const char *output)
{
	char *path;
	int result;

	if (style != PARAM_NAMES_HF)
		return write_tensors(m, style, output);
	if (file_directory(output) < 0)
		return -1;
	path = mem_format("%s/model.safetensors", output);
	result = write_tensors(m, style, path);
	if (result == 0)
		result = write_config(&m->config, output);
	if (result == 0)
		result = write_processor(&m->config, output);
	free(path);
	return result;
}
