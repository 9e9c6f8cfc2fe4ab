/* tscae - teacher and student with complementary masks, one encoder (formats/method.md, One image)

   teacher [class, mask x M, V patches] -> encoder -> V outputs = memory -> decoder([global,] Q queries) -> pixels
   student [class, mask' x V, K patches] -> the same encoder -> K outputs, and the mean output of its mask tokens

   Token folding replaces K equal mask tokens by one token whose attention logit as a key gets + ln K; this is exact.
   With student pixels the student's mask tokens have positions, so that pass is never folded. mask_tokens=off: neither
   pass has mask tokens. */
#ifndef MODEL_TSCAE_H
#define MODEL_TSCAE_H

#include "model/config.h"
#include "model/encoder.h"
#include "model/layer.h"
#include "model/token_sequence.h"
#include "nn/params.h"
#include "nn/tape.h"

#include <stdbool.h>

struct tscae {
	struct config config;
	struct encoder encoder;
	struct pos_embed position, decoder_position;	/* width of the encoder; of the decoder */
	int teacher_mask, student_mask;		/* mask tokens, without position; -1 with mask_tokens=off */
	struct layer decoder_embed;		/* D -> width of the decoder; w = -1 if they are equal */
	int query, global_position;		/* query is -1 with query_noise, global_position without global query */
	struct decoder_block *blocks;		/* config.decoder_depth of them; owned */
	struct layer decoder_norm;
	struct layer pixels[3];
	int predictor;				/* D -> D/4 without bias; -1 unless patch_contrast is SimSiam */
	struct layer predictor_norm, predictor_out;
	int projection;				/* D -> hidden without bias; -1 unless config_projects() */
	struct layer projection_norm, projection_out;
	int queue;				/* (queue_size, projection_dim) of nnclr, no gradient; -1: none */
	struct layer student_pixels;		/* only with config.w_student_pixel > 0 */
};

/* Declare the parameters of a completed configuration; tscae_close() frees what belongs to m. */
void tscae_open(struct tscae *m, const struct config *c, struct params *p);
void tscae_close(struct tscae *m);

/* A micro-batch of n images. The patches of a pass are encoder_embed() of all patches, (n, P, D), or of those that the
   pass sees, (n, V, D) and (n, K, D). */
struct tscae_input {
	struct var *teacher, *student;	/* patches; the student's may be those of another image */
	const struct mask_index *mask;
	const struct noise *noise;	/* for dropout and query noise; kept until backward */
	bool train;			/* apply dropout */
};

/* Outputs of the encoder. */
struct tscae_outputs {
	struct var *patches;	/* at the visible patches: (n, V, D) of the teacher, (n, K, D) of the student */
	struct var *class;	/* at the class token (n, D); NULL unless image_pool=class */
	struct var *masked;	/* student: mean over its mask tokens (n, D); NULL without mask tokens */
	struct var *pixels;	/* student: pixels of the V patches masked from it (n, V, C p p); NULL: none */
};
/* Both passes, block by block (encoder_forward()). student NULL: the teacher's pass alone. */
void tscae_encoder(const struct tscae *m, struct tape *t, const struct tscae_input *in, struct tscae_outputs *teacher,
	struct tscae_outputs *student);

/* The outputs of the decoder for the teacher's memory (n, V, D): at the predicted patches (n, Q, width of the decoder),
   and at the global query (n, width); NULL if there is none. */
struct tscae_decoded { struct var *patches, *global; };
struct tscae_decoded tscae_decoder(const struct tscae *m, struct tape *t, const struct tscae_input *in,
	struct var *memory);

/* Pixels (n, Q, C p p; row, column, channel) from the decoder's outputs at the predicted patches. */
struct var *tscae_pixels(const struct tscae *m, struct tape *t, struct var *d);

/* SimSiam's predictor, with batch norm over all rows of x (N, L, D). */
struct var *tscae_predictor(const struct tscae *m, struct tape *t, struct var *x);

/* The projection head, with batch norm over the images: x (N, D) -> (N, 1, projection_dim). Chen et al. 2020. */
struct var *tscae_project(const struct tscae *m, struct tape *t, struct var *x);

#endif
