/* config - the configuration of a model: sizes, objective and switches (formats/method.md: Sizes, Presets and switches)

   One struct, one table. The table reads key=value operands, .conf files and the metadata of checkpoints, and writes
   that metadata, so that a checkpoint needs no other description. Settings with a default by preset or by model size
   start unset (sizes 0, weights -1, choices auto); config_complete() fills in the unset ones. */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include "base/err.h"
#include "base/opt.h"
#include "transform/patch.h"

#include <stdbool.h>

#define CONFIG_SIZES(X) \
	X(SIZE_MICRO, "micro") X(SIZE_TINY, "tiny") X(SIZE_SMALL, "small") X(SIZE_BASE, "base") \
	X(SIZE_LARGE, "large") X(SIZE_AUTO, "auto")
#define CONFIG_PRESETS(X) X(PRESET_DEFAULT, "default") X(PRESET_PAPER, "paper")
#define CONFIG_OBJECTIVES(X) X(OBJECTIVE_TSCAE, "tscae") X(OBJECTIVE_MAE, "mae")
#define CONFIG_IMAGE_CONTRASTS(X) \
	X(IMAGE_CONTRAST_OFF, "off") X(IMAGE_CONTRAST_INFONCE, "infonce") X(IMAGE_CONTRAST_NNCLR, "nnclr") \
	X(IMAGE_CONTRAST_CROSSENTROPY, "crossentropy") X(IMAGE_CONTRAST_AUTO, "auto")
#define CONFIG_PATCH_CONTRASTS(X) \
	X(PATCH_CONTRAST_OFF, "off") X(PATCH_CONTRAST_SIMSIAM, "simsiam") X(PATCH_CONTRAST_INFONCE, "infonce") \
	X(PATCH_CONTRAST_MSE, "mse") X(PATCH_CONTRAST_AUTO, "auto")
#define CONFIG_IMAGE_POOLS(X) \
	X(IMAGE_POOL_MEAN, "mean") X(IMAGE_POOL_CLASS, "class") X(IMAGE_POOL_QUERY, "query")
#define CONFIG_TARGETS(X) \
	X(TARGET_SYMMETRIC, "symmetric") X(TARGET_STUDENT, "student") X(TARGET_TEACHER, "teacher") \
	X(TARGET_AUTO, "auto")
#define CONFIG_SWITCHES(X) X(SWITCH_OFF, "off") X(SWITCH_ON, "on") X(SWITCH_AUTO, "auto")
#define CONFIG_MEAN_STDS(X) PATCH_SCALE_LIST(X) X(NORMALIZE_GIVEN, "given") X(NORMALIZE_AUTO, "auto")

enum config_size { CONFIG_SIZES(OPT_CONSTANT) };
enum config_preset { CONFIG_PRESETS(OPT_CONSTANT) };
enum config_objective { CONFIG_OBJECTIVES(OPT_CONSTANT) };
enum config_image_contrast { CONFIG_IMAGE_CONTRASTS(OPT_CONSTANT) };
enum config_patch_contrast { CONFIG_PATCH_CONTRASTS(OPT_CONSTANT) };
enum config_image_pool { CONFIG_IMAGE_POOLS(OPT_CONSTANT) };
enum config_target { CONFIG_TARGETS(OPT_CONSTANT) };
enum config_switch { CONFIG_SWITCHES(OPT_CONSTANT) };

enum { NORMALIZE_GIVEN = PATCH_SCALES, NORMALIZE_AUTO };

/* How the encoder of an imported model differs from ours. Set by tscae-import, kept in the metadata of the model, and
   taken over from init_from; never a setting of the user. Pre-training has the encoder without any of them. */
struct config_variant {
	long position_grid;	/* size of the grid of a learned position table; 0: the fixed one */
	bool no_class_token;	/* the encoder has patches only */
	long registers;		/* further tokens between class token and patches: registers, the distillation token */
	long mlp_dim;		/* hidden width of the blocks; 0: 4 D */
	double norm_eps;	/* of all layer norms */
	bool pool_norm;		/* no final norm of the tokens, but one of their mean (timm's fc_norm) */
};

struct config {
	int model;		/* enum config_size (auto: micro, or that of init): the defaults of the sizes below */
	int preset;		/* enum config_preset: the defaults of settings that are auto or -1 */
	int objective;		/* enum config_objective */
	long image;		/* image size in pixels (height = width) */
	long patch;		/* patch size p in pixels */
	long embed_dim;		/* width D, a multiple of 4 and of heads */
	long depth;		/* encoder blocks */
	long heads;		/* attention heads H */
	long decoder_depth;		/* decoder blocks */
	long decoder_embed_dim, decoder_heads;	/* width and attention heads of the decoder */
	int decoder_self_attention;	/* enum config_switch: self-attention of the TSCAE decoder's queries */
	double mask_ratio;		/* fraction of the patches that is masked; V = floor(P (1 - ratio)) */
	long channels;		/* of an image, 1 .. 16; 0: those of the stream or of init, else 3 */
	long bits;		/* of a sample, 8 or 16; 0: those of the stream or of init, else 8 */
	/* mean and std of the pixels: enum patch_scale, or NORMALIZE_GIVEN: `mean` and `std`. NORMALIZE_AUTO: the given
	   ones, those of init, ImageNet's for RGB */
	int mean_std;
	struct opt_list mean, std;	/* by channel, for samples from 0 to 1; empty: not given */
	/* TSCAE: image-level and patch-level contrast between teacher and student */
	int image_contrast;	/* loss_image_contrast: enum config_image_contrast (paper: crossentropy) */
	int image_pool;		/* the vector of an image: enum config_image_pool */
	int patch_contrast;	/* loss_patch_contrast: enum config_patch_contrast (paper: simsiam) */
	double image_temperature, patch_temperature;	/* of InfoNCE */
	long projection_hidden, projection_dim;	/* of the projection head of infonce and nnclr */
	long queue_size;	/* nnclr: vectors of earlier images */
	int crossentropy_target;	/* of image_contrast=crossentropy: enum config_target (paper: student) */
	int crossentropy_detach;	/* stop-gradient on that target (paper: off) */
	long contrast_start, contrast_ramp;	/* steps: weight 0 before the first, then rising linearly for so many */
	int student_image;	/* enum config_switch: the student has an image of its own (auto: if the stream has) */
	double student_keep;	/* fraction of the patches masked from the teacher that the student sees (paper: 1) */
	double predict_ratio;	/* fraction of the masked patches that the decoder predicts (paper: 1) */
	int mask_tokens;	/* enum config_switch: mask tokens in the encoder (paper: on) */
	bool norm_pix;		/* normalize each target patch by its own mean and std */
	double w_pixel, w_image_contrast, w_patch_contrast;	/* weights of the losses (paper: w_pixel = ratio) */
	double w_student_pixel;	/* weight of loss_student_pixel; 0: no prediction by the student */
	double dropout;		/* of the decoder's attention weights and residual branches (paper: 0.5) */
	int query_noise;	/* query content: fresh noise instead of a learned vector (paper: on) */
	int global_random;	/* global query position: random and frozen (paper: on) */
	/* downstream tasks; 0 and off in pre-training */
	long classes;		/* C; 0: from the stream's class names */
	bool freeze_encoder;		/* train only the head */
	double drop_path;	/* probability at the last block, rising linearly from 0 (Huang et al. 2016) */
	double label_smoothing;	/* classify */
	double mixup, cutmix;	/* classify: alpha of the beta distribution (Zhang et al. 2018; Yun et al. 2019) */
	long fpn_dim;		/* detect, segment: channels of the feature pyramid; 0: by model */
	long window_size;		/* detect, segment: size of attention windows in patches; 0: global attention */
	bool fold;		/* token folding; off only to verify it */
	struct config_variant variant;
	bool recompute;		/* activation checkpointing: keep only the input of each block */
};

enum {
	CONFIG_ROWS_MAX = 60,
	/* far above any published model, far below an overflow */
	CONFIG_IMAGE_MAX = 4096, CONFIG_PATCH_MAX = 256, CONFIG_DIM_MAX = 8192, CONFIG_DEPTH_MAX = 256,
	CONFIG_HEADS_MAX = 256, CONFIG_REGISTERS_MAX = 16, CONFIG_VARIANT_ROWS = 8,
	CONFIG_QUEUE_MAX = 1 << 20
};

/* All settings unset, or at their default. */
struct config config_default(void);

/* Fill `table` (CONFIG_ROWS_MAX rows) with the settings; it points into c. */
void config_table(struct config *c, struct opt *table);

/* The same for the variant (CONFIG_VARIANT_ROWS rows), which is no setting of the user. */
void config_variant_table(struct config *c, struct opt *table);

/* Is the encoder ours, with another epsilon or MLP width at most? Pre-training needs that. */
bool config_is_plain(const struct config *c);

/* Fill in the unset settings from `model`, `preset` and `objective`, and check the whole. A second call changes
   nothing. -1 and err(ERR_USAGE). */
int config_complete(struct config *c) ERR_CHECK;

/* The value of a setting that metadata may leave out, because earlier models do not have it; NULL: any other
   setting. */
const char *config_implied(const char *name);

/* The number of patches P, visible patches V and masked patches M of a completed configuration. */
int config_patches(const struct config *c);
int config_visible(const struct config *c);
int config_masked(const struct config *c);

/* Of the M masked patches of an image: the number that the student sees, and the number that the decoder predicts. */
int config_student(const struct config *c);
int config_predicted(const struct config *c);

/* How the samples of an image become numbers, in a completed configuration. */
struct patch_pixels config_pixels(const struct config *c);

/* Does this configuration have a projection head; a query for the whole image in the decoder? */
bool config_projects(const struct config *c);
bool config_has_global_query(const struct config *c);

#endif
