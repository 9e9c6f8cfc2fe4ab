/* exchange - models of other programs: import of published ViT and MAE weights, export for timm, MAE and Hugging Face
   */
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
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Largest difference from the fixed position embedding that other orders of operations explain, and the largest
   rounding of a value up to 1 in F16 and BF16. */
#define POSITION_TOLERANCE 1e-4
#define POSITION_ROUNDING_F16 0x1p-12
#define POSITION_ROUNDING_BF16 0x1p-9

/* Declare the parameters of the encoder alone, or of MAE with its decoder. */
static void
declare(struct params *p, const struct config *c, bool decoder)
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

/* ---- import */

struct import {
	const struct exchange_import *how;
	const char *path;
	struct safetensors file;
	struct guess from;
	struct config *config;
	struct params *params;
	bool decoder;			/* the file has the decoder of MAE */
	unsigned char *loaded;		/* for each parameter, a bit for each of its 3 slices */
	char left_out[200];		/* the first names of tensors that were left out, for one warning */
	int left_out_count;
};

enum { ALL_SLICES = 7 };

/* Layers of a classifier, which follow the encoder: the encoder's outputs do not depend on them. */
static bool
is_head(const char *name)
{
	static const char *const heads[] = {
		"head.", "head_dist.", "fc_norm.", "pre_logits.", "classifier.", "pooler.", "vit.pooler."
	};
	size_t i;

	for (i = 0; i < sizeof heads / sizeof *heads; i++)
		if (strncmp(name, heads[i], strlen(heads[i])) == 0)
			return true;
	return false;
}

static int
read_config(struct import *in)
{
	if (safetensors_metadata(&in->file, "config.depth"))
		return model_file_config(&in->file, in->path, in->config);
	if (guess_config(&in->from, &in->how->known, in->config) < 0)
		return err_in("%s", in->path);
	in->config->mean_std = in->how->normalize;
	in->config->norm_pix = in->how->norm_pix;
	return 0;
}

/* The largest difference between a position embedding (1, 1 + grid^2, D) and the fixed one. */
static double
position_difference(const float *values, int grid, int D)
{
	double worst = 0;
	struct pos_embed p;
	long i;

	pos_embed_open(&p, grid, grid, D);
	for (i = 0; i < (1L + grid * grid) * D; i++)
		worst = fmax(worst, fabs((double)values[i] - (i < D ? 0 : (double)p.table[i - D])));
	pos_embed_close(&p);
	return worst;
}

/* The tolerance of a position embedding. A table that was rounded to F16 or BF16 may be stored as F32 again, so the
   values tell the type: those of BF16 and F16 end in 16 and 13 zero bits. */
static double
position_tolerance(const float *values, long count)
{
	bool f16 = true, bf16 = true;
	uint32_t bits;
	long i;

	for (i = 0; i < count && (f16 || bf16); i++) {
		memcpy(&bits, &values[i], sizeof bits);
		bf16 = bf16 && (bits & 0xffff) == 0;
		/* below 2^-14 F16 has multiples of 2^-24 */
		f16 = f16 && ((bits & 0x1fff) == 0 || (fabsf(values[i]) < 0x1p-14f &&
			values[i] * 0x1p24f == rintf(values[i] * 0x1p24f)));
	}
	return POSITION_TOLERANCE + (bf16 ? POSITION_ROUNDING_BF16 : f16 ? POSITION_ROUNDING_F16 : 0);
}

/* Models of this program have fixed position embeddings only: a learned one is an error, or replaced with a warning. */
static int
check_positions(const struct import *in, const char *name, const struct tensor *t, int D)
{
	const int grid = (int)(in->config->image / in->config->patch);
	double worst, tolerance;
	float *values;

	if (t->rank != 3 || t->shape[0] != 1 || t->shape[1] != 1 + grid * grid || t->shape[2] != D)
		return err(ERR_DATA, "%s: tensor '%s' is not 1 x %d x %d", in->path, name, 1 + grid * grid, D);
	values = mem_array((size_t)tensor_count(t), sizeof *values);
	if (safetensors_floats(t, values) < 0) {
		free(values);
		return err_in("%s: tensor '%s'", in->path, name);
	}
	worst = position_difference(values, grid, D);
	tolerance = position_tolerance(values, tensor_count(t));
	free(values);
	if (worst <= tolerance)
		return 0;
	if (!in->how->drop_positions)
		return err(ERR_DATA, "%s: tensor '%s' is a learned position embedding, which is not supported: it differs "
			"from the fixed one by up to %.3g; use --drop-pos-embed to replace it and train further",
			in->path, name, worst);
	in->how->warn("%s: tensor '%s' differs from the fixed position embedding by up to %.3g and was replaced: "
		"features differ from those of the original until the model is trained further", in->path, name, worst);
	return 0;
}

/* Copy a tensor into its slice of parameter `id`. */
static int
load_tensor(struct import *in, const char *name, const struct tensor *t, int id, const struct param_names_slice *slice)
{
	const struct param *p = &in->params->list[id];
	float *values = in->params->values + p->offset + (size_t)slice->part * (p->count / (size_t)slice->parts);
	bool same = t->rank == p->rank;
	char shape[64];
	int k;

	for (k = 0; same && k < p->rank; k++)
		same = t->shape[k] * (k ? 1 : slice->parts) == p->shape[k];
	if (!same)
		return err(ERR_DATA, "%s: tensor '%s' is %s, which does not fit a ViT of width %ld and patch size %ld",
			in->path, name, tensor_show(t, shape, sizeof shape), in->config->embed_dim, in->config->patch);
	if (safetensors_floats(t, values) < 0)
		return err_in("%s: tensor '%s'", in->path, name);
	in->loaded[id] |= (unsigned char)(slice->parts == 1 ? ALL_SLICES : 1 << slice->part);
	return 0;
}

static int
leave_out(struct import *in, const char *name)
{
	size_t used = strlen(in->left_out);

	if (used + strlen(name) + 3 < sizeof in->left_out)
		snprintf(in->left_out + used, sizeof in->left_out - used, "%s%s", used ? ", " : "", name);
	in->left_out_count++;
	return 0;
}

static int
import_tensor(struct import *in, const struct safetensors_entry *e)
{
	const char *name = guess_name(&in->from, e->name);
	struct param_names_slice slice;
	int id;

	if (!name || is_head(name))
		return leave_out(in, e->name);
	if (!param_names_from_foreign(in->from.style, name, &slice))
		return err(ERR_DATA, "%s: tensor '%s' is not one of a ViT or MAE", in->path, e->name);
	id = params_find(in->params, slice.name);
	if (strcmp(slice.name, "pos_embed") == 0)
		return check_positions(in, e->name, &e->tensor, (int)in->config->embed_dim);
	if (strcmp(slice.name, "decoder_pos_embed") == 0 && in->decoder)
		return check_positions(in, e->name, &e->tensor, (int)in->config->decoder_embed_dim);
	if (id >= 0)
		return load_tensor(in, e->name, &e->tensor, id, &slice);
	if (strncmp(slice.name, "blocks.", strlen("blocks.")) == 0 || in->decoder)
		return err(ERR_DATA, "%s: tensor '%s' follows a gap in the blocks", in->path, e->name);
	return leave_out(in, e->name);
}

static int
import_all(struct import *in)
{
	int i;

	if (read_config(in) < 0)
		return -1;
	in->decoder = in->config->objective == OBJECTIVE_MAE && guess_find(&in->from, "decoder_embed.weight", 2);
	declare(in->params, in->config, in->decoder);
	in->loaded = mem_new((size_t)in->params->count);
	for (i = 0; i < in->file.count; i++)
		if (import_tensor(in, &in->file.entries[i]) < 0)
			return -1;
	if (in->left_out_count > 0)
		in->how->warn("%s: left out %d of %d tensors: %s ...", in->path, in->left_out_count, in->file.count,
			in->left_out);
	for (i = 0; i < in->params->count; i++)
		if (in->loaded[i] != ALL_SLICES)
			return err(ERR_DATA, "%s: no tensor for all of '%s'", in->path, in->params->list[i].name);
	return 0;
}

int
exchange_import(const struct exchange_import *how, const char *path, struct config *config, struct params *params)
{
	struct import in = { .how = how, .path = path, .config = config, .params = params };
	int result;

	if (safetensors_open(&in.file, path) < 0)
		return -1;
	in.from = (struct guess){ .file = &in.file, .prefix = how->prefix };
	guess_style(&in.from);
	result = import_all(&in);
	free(in.loaded);
	safetensors_close(&in.file);
	return result;
}

/* ---- export */

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

	declare(&params, &m->config, decoder);
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
