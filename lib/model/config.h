/* config - what a model is: sizes, objective and switches (formats/method.md: Sizes, Presets and switches)

   One struct, one table. The same table reads key=value operands, .conf files and a checkpoint's metadata,
   and writes the latter, so that a checkpoint alone tells what it is. Settings that a preset or a size decides
   start as "not said" (sizes 0, weights -1, choices auto); config_complete() fills in only those. */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include "base/opt.h"
#include "transform/patch.h"

enum config_size { SIZE_MICRO, SIZE_TINY, SIZE_SMALL, SIZE_BASE, SIZE_LARGE, SIZE_AUTO };
enum config_preset { PRESET_DEFAULT, PRESET_PAPER };
enum config_objective { OBJECTIVE_TSCAE, OBJECTIVE_MAE };
enum config_contrast { CONTRAST_SIMSIAM, CONTRAST_INFONCE, CONTRAST_MSE };
enum config_global { GLOBAL_SYMMETRIC, GLOBAL_STUDENT_TARGET, GLOBAL_TEACHER_TARGET, GLOBAL_AUTO };
enum config_switch { SWITCH_OFF, SWITCH_ON, SWITCH_AUTO };

enum { NORMALIZE_AUTO = PATCH_SCALES };

struct config {
	int model;		/* enum config_size (auto: micro, or init's): fills what is 0 below (config_complete) */
	int preset;		/* enum config_preset: decides what is auto or -1 below */
	int objective;		/* enum config_objective */
	long image;		/* image side in pixels */
	long patch;		/* patch side p */
	long dim;		/* D, a multiple of 4 and of heads */
	long depth;		/* encoder blocks */
	long heads;		/* H */
	long dec_depth;		/* decoder blocks */
	long dec_dim, dec_heads;	/* MAE's decoder only; TSCAE's is as wide as its encoder */
	double ratio;		/* of patches hidden from the teacher; V = floor(P (1 - ratio)) */
	int normalize;		/* enum patch_scale (image/patch.h): mean and deviation of the dataset; NORMALIZE_AUTO: ImageNet's, or init's */
	int contrast;		/* l_z: enum config_contrast */
	int global;		/* l_g: enum config_global (paper: student-target) */
	int global_detach;	/* stop-gradient on the target of l_g (paper: off) */
	bool norm_pix;		/* targets normalized per patch */
	double temperature;	/* InfoNCE */
	double w_y, w_z, w_g;	/* weights of the losses (paper: w_y = ratio) */
	double student_pixels;	/* weight of l_s; 0: no such pass */
	double dropout;		/* decoder, attention weights and residuals (paper: 0.5) */
	int query_noise;	/* query content: fresh noise instead of a learned vector (paper: on) */
	int global_random;	/* global query position: random and frozen (paper: on) */
	/* the tasks behind pre-training; 0 and off elsewhere */
	long classes;		/* C; 0: from the stream's class names */
	bool freeze;		/* the encoder stays as it is: only the head is trained */
	double drop_path;	/* stochastic depth: probability at the last block, rising linearly (Huang et al. 2016) */
	double label_smoothing;	/* classify */
	double mixup, cutmix;	/* classify: alpha of the beta distribution; 0: none (Zhang et al. 2018; Yun et al. 2019) */
	long head_dim;		/* detect, segment: channels of the pyramid; 0: by model */
	long window;		/* detect, segment: side of attention windows in patches; 0: global attention everywhere */
	bool fold;		/* token folding; off only for checking */
	bool recompute;		/* keep only each block's input */
};

enum {
	CONFIG_ROWS_MAX = 48,
	/* far above any published model, far below what overflows */
	CONFIG_IMAGE_MAX = 4096, CONFIG_PATCH_MAX = 256, CONFIG_DIM_MAX = 8192, CONFIG_DEPTH_MAX = 256, CONFIG_HEADS_MAX = 256,
	CONFIG_CLASSES_MAX = 65536
};

/* The defaults: nothing said yet. */
struct config config_default(void);

/* Fill `table` (CONFIG_ROWS_MAX rows) with the settings of c; the table points into c. */
void config_table(struct config *c, struct opt *table);

/* Fill in what was not said, from `model`, `preset` and `objective`, and check that all fits together.
   Calling it twice changes nothing. -1 and err(ERR_USAGE). */
int config_complete(struct config *c);

/* P, V (seen by the teacher), M (hidden) of a completed configuration. */
int config_patches(const struct config *c);
int config_visible(const struct config *c);
int config_masked(const struct config *c);

#endif
