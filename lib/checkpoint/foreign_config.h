/* foreign_config - config.json and preprocessor_config.json of other programs (timm, Hugging Face) */
#ifndef CHECKPOINT_FOREIGN_CONFIG_H
#define CHECKPOINT_FOREIGN_CONFIG_H

#include "annotation/class_list.h"
#include "base/err.h"

enum { FOREIGN_CONFIG_CHANNELS = 16 };

/* Numbers are -1 and texts are empty where the files have no value. */
struct foreign_config {
	char architecture[96];		/* timm: "vit_small_patch16_224" */
	char model_type[32];		/* Hugging Face: "vit_mae" */
	char activation[32];		/* of the MLP: "gelu" */
	double heads, decoder_heads, width, depth, patch, channels;
	double mlp_width, mlp_ratio;	/* width of the MLP, or this by that of the tokens */
	double qkv_bias;		/* 0: queries, keys and values have no bias */
	double image[2];		/* height and width in pixels, or a size of both and -1 */
	double norm_eps;
	double norm_pix;		/* MAE: 1 with normalized target patches */
	double swiglu;			/* 1: the MLP is SwiGLU */
	double qk_norm;			/* 1: queries and keys are normalized */
	double do_normalize, do_rescale;	/* 0: pixels are not normalized; not multiplied by `rescale` */
	double rescale;			/* factor of the pixels */
	/* of the pixels, by channel, from 0 to 1; -1 after the last */
	double mean[FOREIGN_CONFIG_CHANNELS], std[FOREIGN_CONFIG_CHANNELS];
	struct class_list classes;	/* timm: label_names */
	double class_count;		/* timm: num_classes */
	/* timm: global_pool, "avg"; and that of model_args, which takes precedence */
	char pool[16], model_pool[16];
};

enum { FOREIGN_CONFIG_BYTES = 16 << 20 };	/* largest file */

/* Nothing is known. foreign_config_free() at the end. */
struct foreign_config foreign_config_none(void);
void foreign_config_free(struct foreign_config *c);

/* Add the values of a JSON document; keys that are not in the table are ignored. -1 and err(ERR_DATA). */
int foreign_config_read(struct foreign_config *c, const void *text, unsigned long size) ERR_CHECK;

/* Add the values of the file at `path`; no error if there is none. -1 and err() with the file. */
int foreign_config_load(struct foreign_config *c, const char *path) ERR_CHECK;

#endif
