/* exchange - models of other programs: import of published ViT and MAE weights, export for timm, MAE and Hugging Face
   */
#ifndef CHECKPOINT_EXCHANGE_H
#define CHECKPOINT_EXCHANGE_H

#include "annotation/class_list.h"
#include "base/err.h"
#include "base/opt.h"
#include "checkpoint/guess_architecture.h"
#include "checkpoint/model_file.h"
#include "checkpoint/onnx.h"
#include "model/config.h"
#include "nn/params.h"

#include <stdbool.h>

/* What an import leaves out, assumes (a value that the file and its config.json do not state) and computes anew. */
enum exchange_note { EXCHANGE_LEFT_OUT, EXCHANGE_ASSUMED, EXCHANGE_REPLACED, EXCHANGE_NOTES };

/* Set by the caller: information that the file does not contain. */
struct exchange_import {
	const char *prefix;		/* of each name: "", "module." */
	struct guess_known known;
	/* enum patch_scale of the pixels it was trained with; NORMALIZE_AUTO: by config.json */
	int normalize;
	struct opt_list mean, std;	/* by channel; empty: by `normalize` */
	long bits;			/* of a sample; 0: 8 */
	bool norm_pix;			/* MAE: trained with normalized target patches */
	bool drop_positions;		/* replace a learned or missing position table by the fixed one */
	void (*warn)(void *arg, const char *format, ...) __attribute__((format(printf, 2, 3)));
	void *warn_arg;
	long *notes;			/* (EXCHANGE_NOTES) counted up; each has a warning */
};

/* The parameters that a model of another program has. */
enum exchange_parts {
	EXCHANGE_ENCODER,
	EXCHANGE_MAE_MODEL,	/* with the decoder of MAE */
	EXCHANGE_CLASSIFIER	/* with a norm of the mean and the linear layer `head` for config.classes */
};

/* Declare them. */
void exchange_declare(struct params *p, const struct config *c, enum exchange_parts parts);

/* Read the weights at `path` (foreign_file_open()): the configuration, and the parameters of the encoder, of MAE where
   the file has its decoder, or of a classifier with a head over the mean of the patches (fc_norm, head) whose class
   names are known: they are added to `classes`, which stays empty otherwise. A file of exchange_export() has its
   configuration in the metadata; that of any other is inferred from its config.json and its shapes. Every tensor is
   loaded, compared (position embeddings), left out by name with a warning, or an error. `params` and `classes` start
   empty; params_free() and class_list_free() them. -1 and err(): ERR_INPUT missing, ERR_DATA not such a model,
   ERR_USAGE naming the option to use. */
int exchange_import(const struct exchange_import *how, const char *path, struct config *config, struct params *params,
	struct class_list *classes) ERR_CHECK;

#define EXCHANGE_FORMATS(X) X(EXCHANGE_TIMM, "timm") X(EXCHANGE_TIMM_DIR, "timm-dir") X(EXCHANGE_MAE, "mae") \
	X(EXCHANGE_HF, "hf") X(EXCHANGE_ONNX, "onnx")
enum exchange_format { EXCHANGE_FORMATS(OPT_CONSTANT) };

struct exchange_export {
	enum exchange_format format;
	long image;		/* image size in pixels of the exported model; 0: that of the model */
	struct onnx_detections detections;	/* of a detector, for ONNX */
	void (*warn)(void *arg, const char *format, ...) __attribute__((format(printf, 2, 3)));
	void *warn_arg;
};

/* Write a model with the names of another program: a file, or for timm-dir and Hugging Face the directory `output`
   with model.safetensors, config.json and, for Hugging Face, preprocessor_config.json. The position table is that of
   the image size. The decoder of MAE is written unless the program is timm: timm takes a file with a mask_token for
   another model. A classifier has its head, in a directory of timm with the class names; the heads of other tasks are
   left out with a warning. -1 and err(): ERR_DATA also where the other program cannot have such a model. */
int exchange_export(const struct exchange_export *how, const struct model_file *m, const char *output) ERR_CHECK;

#endif
