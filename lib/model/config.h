/* config - the configuration of a model: sizes, objective and switches (formats/method.md: Sizes, Presets and switches)

   One struct, one table. The table reads key=value operands, .conf files and the metadata of checkpoints, and writes
   that metadata, so that a checkpoint needs no other description. Settings with a default by preset or by model size
   start unset (sizes 0, weights -1, choices auto); config_complete() fills in the unset ones. */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include "base/opt.h"
#include "transform/patch.h"

#include <stdbool.h>

enum config_size { SIZE_MICRO, SIZE_TINY, SIZE_SMALL, SIZE_BASE, SIZE_LARGE, SIZE_AUTO };
enum config_preset { PRESET_DEFAULT, PRESET_PAPER };
enum config_objective { OBJECTIVE_TSCAE, OBJECTIVE_MAE };
enum config_contrast { CONTRAST_SIMSIAM, CONTRAST_INFONCE, CONTRAST_MSE };
enum config_global { GLOBAL_SYMMETRIC, GLOBAL_STUDENT_TARGET, GLOBAL_TEACHER_TARGET, GLOBAL_AUTO };
enum config_switch { SWITCH_OFF, SWITCH_ON, SWITCH_AUTO };

enum { NORMALIZE_AUTO = PATCH_SCALES };

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
	long decoder_embed_dim, decoder_heads;	/* of the MAE decoder; the TSCAE decoder has those of the encoder */
	double mask_ratio;		/* fraction of the patches that is masked; V = floor(P (1 - ratio)) */
	int mean_std;		/* mean and std, enum patch_scale; NORMALIZE_AUTO: ImageNet's, or those of init */
	int contrast;		/* loss_contrast: enum config_contrast */
	int global;		/* loss_global: enum config_global (paper: student-target) */
	int global_detach;	/* stop-gradient on the target of loss_global (paper: off) */
	bool norm_pix;		/* normalize each target patch by its own mean and std */
	double temperature;	/* of InfoNCE */
	double w_pixel, w_contrast, w_global;	/* weights of the losses (paper: w_pixel = ratio) */
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
	CONFIG_ROWS_MAX = 48,
	/* far above any published model, far below an overflow */
	CONFIG_IMAGE_MAX = 4096, CONFIG_PATCH_MAX = 256, CONFIG_DIM_MAX = 8192, CONFIG_DEPTH_MAX = 256,
	CONFIG_HEADS_MAX = 256, CONFIG_REGISTERS_MAX = 16, CONFIG_VARIANT_ROWS = 8,
	CONFIG_CLASSES_MAX = 65536
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
int config_complete(struct config *c);

/* The number of patches P, visible patches V and masked patches M of a completed configuration. */
int config_patches(const struct config *c);
int config_visible(const struct config *c);
int config_masked(const struct config *c);

#endif
