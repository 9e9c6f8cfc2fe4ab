/* exchange - models of other programs: export for timm, MAE and Hugging Face */
#include "checkpoint/exchange.h"
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "checkpoint/onnx.h"
#include "checkpoint/param_names.h"
#include "checkpoint/safetensors.h"
#include "json/writer.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/layer.h"
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
exchange_declare(struct params *p, const struct config *c, enum exchange_parts parts)
{
	struct encoder encoder;
	struct mae mae;

	if (parts == EXCHANGE_MAE_MODEL) {
		mae_open(&mae, c, p);
		mae_close(&mae);
	} else {
		encoder_open(&encoder, c, p);
		encoder_close(&encoder);
	}
	if (parts == EXCHANGE_CLASSIFIER)
		layer_linear(p, (int)c->classes, (int)c->embed_dim, "head");
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

/* Add the position table of the encoder or the decoder as other programs store it: (1, 1 + P, D), zeros for the class
   token, which has its position already; with registers or without class token (1, P, D). free() it after writing. */
static float *
add_positions(struct safetensors *c, enum param_names_style style, const char *name, const struct config *config, int D,
	const float *learned)
{
	const int grid = (int)(config->image / config->patch), from = (int)config->variant.position_grid;
	const bool front = !config->variant.no_class_token && config->variant.registers == 0;
	const long shape[3] = { 1, front + grid * grid, D };
	float *table = mem_array(mem_product((size_t)shape[1], (size_t)D), sizeof *table);
	struct pos_embed p;

	if (learned)
		pos_embed_resample(learned, from, grid, grid, D, table + front * D);
	else {
		pos_embed_open(&p, grid, grid, D);
		memcpy(table + front * D, p.table, (size_t)(grid * grid * D) * sizeof *table);
		pos_embed_close(&p);
	}
	add(c, style, name, 3, shape, table);
	return table;
}

/* Add the register tokens as one tensor (1, R, D). free() it after writing; NULL: none. */
static float *
add_registers(struct safetensors *c, const struct params *p, const struct config *config)
{
	const long shape[3] = { 1, config->variant.registers, config->embed_dim };
	char name[PARAM_NAMES_SIZE];
	float *all;
	long i;

	if (shape[1] == 0)
		return NULL;
	all = mem_array(mem_product((size_t)shape[1], (size_t)shape[2]), sizeof *all);
	for (i = 0; i < shape[1]; i++) {
		snprintf(name, sizeof name, "reg_token.%ld", i);
		memcpy(all + i * shape[2], p->values + p->list[params_find(p, name)].offset,
		    (size_t)shape[2] * sizeof *all);
	}
	safetensors_add(c, "reg_token", TENSOR_F32, 3, shape, all);
	return all;
}

static void
add_params(struct safetensors *c, enum param_names_style style, const struct params *params)
{
	int i;

	for (i = 0; i < params->count; i++) {
		const struct param *p = &params->list[i];
		const struct tensor t = model_file_shape(p);

		if (strcmp(p->name, "pos_embed") != 0 && strncmp(p->name, "reg_token.", 10) != 0)
			add(c, style, p->name, t.rank, t.shape, params->values + p->offset);
	}
}

/* `target`: the configuration with the image size of the export; `classes`: of a classifier. */
static int
write_tensors(const struct model_file *m, enum param_names_style style, const struct config *target,
	const struct class_list *classes, const char *path)
{
	const bool decoder = style != PARAM_NAMES_TIMM && m->config.objective == OBJECTIVE_MAE && !classes->count;
	float *positions, *registers, *decoder_positions = NULL;
	struct config described = *target;
	struct safetensors c = { 0 };
	struct params params = { 0 };
	int result, learned;

	exchange_declare(&params, &m->config, classes->count ? EXCHANGE_CLASSIFIER : decoder ? EXCHANGE_MAE_MODEL
		: EXCHANGE_ENCODER);
	if (model_file_has_params(m, &params) < 0) {
		params_free(&params);
		return -1;
	}
	params_build(&params);
	result = model_file_params(m, &params);
	add_params(&c, style, &params);
	learned = params_find(&params, "pos_embed");
	positions = add_positions(&c, style, "pos_embed", target, (int)target->embed_dim,
		learned < 0 ? NULL : params.values + params.list[learned].offset);
	registers = add_registers(&c, &params, target);
	if (decoder)
		decoder_positions = add_positions(&c, style, "decoder_pos_embed", target,
		    (int)target->decoder_embed_dim, NULL);
	/* other programs ignore the configuration; exchange_import() reads it instead of guessing */
	if (learned >= 0)
		described.variant.position_grid = target->image / target->patch;
	model_file_describe(&c, &described);
	if (classes->count)
		safetensors_classes_save(classes, &c);
	result = result < 0 ? -1 : safetensors_write(&c, path, true);
	safetensors_close(&c);
	free(positions);
	free(registers);
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
	json_put_int(w, "intermediate_size", c->variant.mlp_dim ? c->variant.mlp_dim : BLOCK_MLP_RATIO * c->embed_dim);
	json_put_real(w, "layer_norm_eps", 9, c->variant.norm_eps);
	json_put_int(w, "mask_ratio", 0);	/* features of the whole image; reconstruction sets its own */
	json_put_bool(w, "norm_pix_loss", c->norm_pix);
	json_put_int(w, "num_attention_heads", c->heads);
	json_put_int(w, "num_channels", c->channels);
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
put_list(struct json_writer *w, const char *key, int count, const double *x)
{
	char text[32];
	int i;

	json_put_array(w, key);
	for (i = 0; i < count; i++)
		json_put_number(w, NULL, opt_show_real(x[i], text, sizeof text));
	json_put_array_end(w);
}

/* The preprocessing of images for transformers. */
static int
write_processor(const struct config *c, const char *directory)
{
	const struct patch_pixels p = config_pixels(c);
	struct json_writer *w = json_writer_new(NULL, true);

	json_put_object(w, NULL);
	/* tscae-crop --mode center: the shorter side to the image size, then the center; ViTImageProcessor cannot
	   crop */
	json_put_text(w, "image_processor_type", "BitImageProcessor");
	json_put_bool(w, "do_convert_rgb", p.channels == 3);
	json_put_bool(w, "do_resize", true);
	json_put_object(w, "size");
	json_put_int(w, "shortest_edge", c->image);
	json_put_object_end(w);
	json_put_bool(w, "do_center_crop", true);
	json_put_object(w, "crop_size");
	json_put_int(w, "height", c->image);
	json_put_int(w, "width", c->image);
	json_put_object_end(w);
	json_put_int(w, "resample", 3);	/* bicubic */
	json_put_bool(w, "do_rescale", true);
	json_put_number(w, "rescale_factor",
	    p.bytes == 1 ? "0.00392156862745098" : "1.5259021896696422e-05");	/* 1/255, 1/65535 */
	json_put_bool(w, "do_normalize", true);
	put_list(w, "image_mean", p.channels, p.mean);
	put_list(w, "image_std", p.channels, p.std);
	return write_json(w, directory, "preprocessor_config.json");
}

/* The model for timm.create_model('local-dir:DIRECTORY', pretrained=True). The architecture is only a starting point:
   model_args has every size. */
static int
write_timm_config(const struct config *c, const struct class_list *classes, const char *directory)
{
	static const char *const architectures[] = {
		[SIZE_MICRO] = "vit_tiny_patch16_224", [SIZE_TINY] = "vit_tiny_patch16_224",
		[SIZE_SMALL] = "vit_small_patch16_224", [SIZE_BASE] = "vit_base_patch16_224",
		[SIZE_LARGE] = "vit_large_patch16_224", [SIZE_AUTO] = "vit_base_patch16_224"
	};
	const struct patch_pixels p = config_pixels(c);
	const struct config_variant *v = &c->variant;
	struct json_writer *w = json_writer_new(NULL, true);
	int i;

	json_put_object(w, NULL);
	json_put_text(w, "architecture", architectures[c->model]);
	json_put_int(w, "num_classes", classes->count);
	if (classes->count)
		class_list_write_json(classes, w, "label_names");
	json_put_int(w, "num_features", c->embed_dim);
	json_put_text(w, "global_pool", "avg");
	json_put_object(w, "model_args");
	json_put_int(w, "img_size", c->image);
	json_put_int(w, "patch_size", c->patch);
	json_put_int(w, "in_chans", c->channels);
	json_put_int(w, "embed_dim", c->embed_dim);
	json_put_int(w, "depth", c->depth);
	json_put_int(w, "num_heads", c->heads);
	json_put_real(w, "mlp_ratio", 17, v->mlp_dim ? (double)v->mlp_dim / (double)c->embed_dim : BLOCK_MLP_RATIO);
	json_put_bool(w, "class_token", !v->no_class_token);
	json_put_int(w, "reg_tokens", v->registers);
	json_put_bool(w, "no_embed_class", v->no_class_token || v->registers > 0);
	json_put_bool(w, "fc_norm", v->pool_norm);
	json_put_text(w, "global_pool", "avg");
	json_put_int(w, "num_classes", classes->count);
	json_put_object_end(w);
	json_put_object(w, "pretrained_cfg");
	json_put_array(w, "input_size");
	json_put_int(w, NULL, c->channels);
	for (i = 0; i < 2; i++)
		json_put_int(w, NULL, c->image);
	json_put_array_end(w);
	json_put_bool(w, "fixed_input_size", true);
	json_put_text(w, "interpolation", "bicubic");
	json_put_real(w, "crop_pct", 6, 1);
	json_put_text(w, "crop_mode", "center");
	put_list(w, "mean", p.channels, p.mean);
	put_list(w, "std", p.channels, p.std);
	json_put_int(w, "num_classes", classes->count);
	json_put_text(w, "global_pool", "avg");
	json_put_text(w, "first_conv", "patch_embed.proj");
	json_put_text(w, "classifier", "head");
	json_put_object_end(w);
	return write_json(w, directory, "config.json");
}

/* Can the other program have such a model? */
static int
check_target(enum exchange_format format, const struct config *c)
{
	const struct config_variant *v = &c->variant;

	if (c->image % c->patch || c->image == 0)
		return err(ERR_USAGE, "an image size of %ld is not a multiple of the patch size, %ld", c->image,
		    c->patch);
	if ((format == EXCHANGE_HF || format == EXCHANGE_MAE) && (v->no_class_token || v->registers > 0))
		return err(ERR_DATA, "an encoder with register tokens or without class token: not for this format, "
			"use --format timm-dir");
	if (format == EXCHANGE_HF && v->pool_norm)
		return err(ERR_DATA, "a classifier, or another encoder with a norm of the mean of the patches: ViTMAE "
			"of transformers has none, use --format timm-dir");
	if (format != EXCHANGE_HF && format != EXCHANGE_ONNX && v->norm_eps != config_default().variant.norm_eps)
		return err(ERR_DATA, "layer norm epsilon %g: this format has no place for another one than 1e-6, "
		    "use --format hf",
			v->norm_eps);
	return 0;
}

/* The classes of a classifier, whose head is exported too. -1 and err(). */
static int
read_classes(const struct model_file *m, struct class_list *classes)
{
	const char *task = safetensors_metadata(&m->file, "task");

	if (!task || strcmp(task, "classify") != 0)
		return 0;
	if (safetensors_classes_load(classes, &m->file) < 0)
		return -1;
	if (classes->count != m->config.classes || !m->config.variant.pool_norm)
		return err(ERR_DATA, "not a classifier of this version, with %d classes and a norm of the mean",
			classes->count);
	return 0;
}

/* Write for timm, MAE or Hugging Face. */
static int
write_weights(const struct exchange_export *how, const struct model_file *m, const struct config *target,
	const struct class_list *classes, const char *output)
{
	static const enum param_names_style styles[] = {
		[EXCHANGE_TIMM] = PARAM_NAMES_TIMM, [EXCHANGE_TIMM_DIR] = PARAM_NAMES_TIMM,
		    [EXCHANGE_MAE] = PARAM_NAMES_MAE,
		[EXCHANGE_HF] = PARAM_NAMES_HF
	};
	const bool directory = how->format == EXCHANGE_TIMM_DIR || how->format == EXCHANGE_HF;
	char *path;
	int result;

	if (!classes->count && safetensors_metadata(&m->file, "classes"))
		how->warn(how->warn_arg, "%s: left out the head of the task: only classifiers have one in these "
		    "formats", m->path);
	if (directory && file_directory(output) < 0)
		return -1;
	path = directory ? mem_format("%s/model.safetensors", output) : mem_text(output);
	result = write_tensors(m, styles[how->format], target, classes, path);
	if (result == 0 && how->format == EXCHANGE_HF)
		result = write_config(target, output) < 0 ? -1 : write_processor(target, output);
	if (result == 0 && how->format == EXCHANGE_TIMM_DIR)
		result = write_timm_config(target, classes, output);
	free(path);
	return result;
}

int
exchange_export(const struct exchange_export *how, const struct model_file *m, const char *output)
{
	struct class_list classes = { 0 };
	struct config target = m->config;
	int result;

	if (how->image)
		target.image = how->image;
	if (check_target(how->format, &target) < 0 || read_classes(m, &classes) < 0)
		result = err_in("%s", m->path);
	else if (how->format == EXCHANGE_ONNX)
		result = onnx_write(m, &target, &how->detections, output);
	else
		result = write_weights(how, m, &target, &classes, output);
	class_list_free(&classes);
	return result;
}
