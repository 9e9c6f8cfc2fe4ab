/* params - every parameter of a model in one block of memory

   A parameter is declared once, by name, in the code that uses it. Zeroing, norm, clipping, AdamW, averaging,
   all-reduce and saving are one loop each over the block. Offsets are multiples of 16 floats (64 bytes); the gaps stay
   0. */
#ifndef NN_PARAMS_H
#define NN_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum init {
	INIT_ZERO,
	INIT_ONE,
	INIT_TOKEN,	/* normal, standard deviation 0.02 */
	INIT_NORMAL,	/* the same, for a matrix */
	INIT_SMALL,	/* normal, standard deviation 2e-5: the last matrix of a classifier (MAE, fine-tuning) */
	INIT_PRIOR,	/* -log((1 - 0.01) / 0.01): the bias of a logit with prior probability 0.01 (Lin et al. 2017) */
	INIT_XAVIER	/* uniform +-sqrt(6 / (rows + columns)); all dimensions but the first are columns */
};

struct param {
	char name[96];		/* those of the encoder as in timm: "blocks.3.mlp.fc1.weight" */
	int rank;
	int shape[4];
	enum init init;
	bool decay;		/* weight decay applies: matrices (INIT_XAVIER, INIT_NORMAL, INIT_SMALL) only */
	float lr_scale;		/* factor on the learning rate: 1, or that of layer-wise decay */
	bool linear;		/* only op_linear reads it: params_pack may change its layout */
	bool frozen;		/* no gradient, no update (tape_param returns a constant) */
	size_t offset;		/* in floats, from the start of the block */
	size_t count;		/* floats */
};

struct params {
	int count;
	struct param *list;
	size_t room;		/* capacity of the list */
	size_t size;		/* floats in the block, gaps included */
	float *values;		/* NULL until params_build() */
	bool packed;		/* packed for inference (params_pack, params_put) */
	uint16_t *bf16;		/* the values in bfloat16, for products (params_bf16); NULL: in fp32 */
};

/* Declare a parameter (before params_build). Unused dimensions are 0. Returns its id, 0, 1, 2, ... */
int params_add(struct params *p, enum init init, int rank, int d0, int d1, int d2, int d3, const char *name_format, ...)
	__attribute__((format(printf, 8, 9)));

/* Allocate the values (64-byte aligned, zeroed). */
void params_build(struct params *p);

/* Set the starting values: a function of (seed, name) alone. */
void params_init(struct params *p, uint64_t seed);

/* Pack, in place, the weights that only op_linear reads (kernel/kernel.h, kernel_pack). The values must not change
   afterwards, and nothing else may read them. Results stay the same up to rounding. */
void params_pack(struct params *p);
/* Is this parameter packed? */
bool params_is_packed(const struct params *p, int id);
/* Store the values w of a parameter, packed if `packed` is set. w must not be the parameter's own memory. */
void params_put(struct params *p, int id, const float *w);

/* Round the values from .. to-1 of the block to bfloat16. params_build_bf16(), after params_build(), allocates them:
   from then on op_linear multiplies in bfloat16 (kernel/gemm_bf16.h), and they have to follow the values. */
void params_build_bf16(struct params *p);
void params_bf16(struct params *p, size_t from, size_t to);

/* Another block of the same size, zeroed (gradients, moments); free it with params_block_free(). */
float *params_block(const struct params *p);
void params_block_free(float *block);

/* The id of that name; -1: not found. */
int params_find(const struct params *p, const char *name);

void params_free(struct params *p);

#endif
