/* tscae - teacher and student with complementary masks, one encoder (formats/method.md, One image)

   teacher [class, mask x M, V patches] -> encoder -> V outputs = memory -> decoder([global, M queries]) -> pixels
   student [class, mask' x V, M patches] -> the same encoder -> M outputs, and the mean output of its mask tokens

   Token folding replaces K equal mask tokens by one token whose attention logit as a key gets + ln K; this is exact.
   With student pixels the student's mask tokens have positions, so that pass is never folded. */
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
	struct pos_embed position;
	int teacher_mask, student_mask;		/* mask tokens, without position */
	int query, global_position;		/* query is -1 with query_noise */
	struct decoder_block *blocks;		/* config.decoder_depth of them; owned */
	struct layer decoder_norm;
	struct layer pixels[3];
	int predictor;				/* D -> D/4 without bias; -1 unless contrast is SimSiam */
	struct layer predictor_norm, predictor_out;
	struct layer student_pixels;		/* only with config.w_student_pixel > 0 */
};

/* Declare the parameters of a completed configuration; tscae_close() frees what belongs to m. */
void tscae_open(struct tscae *m, const struct config *c, struct params *p);
void tscae_close(struct tscae *m);

/* A micro-batch of n images. */
struct tscae_input {
	struct var *patches;		/* encoder_embed() of them, (n, P, D) */
	const struct mask_index *mask;
	const struct noise *noise;	/* for dropout and query noise; kept until backward */
	bool train;			/* apply dropout */
};

/* The outputs of the teacher at its V visible patches: (n, V, D). */
struct var *tscae_teacher(const struct tscae *m, struct tape *t, const struct tscae_input *in);

/* The outputs of the decoder for that memory: (n, 1 + M, D), the global query first. */
struct var *tscae_decoder(const struct tscae *m, struct tape *t, const struct tscae_input *in, struct var *memory);

/* Pixels (n, M, 3 p p; row, column, channel) from the decoder's outputs at the masked patches (n, M, D). */
struct var *tscae_pixels(const struct tscae *m, struct tape *t, struct var *d);

/* The outputs of the student: at its M visible patches (n, M, D); their mean over its mask tokens (n, D); and the
   predicted pixels of the V patches masked from it (n, V, 3 p p), NULL without student pixels. */
struct tscae_student { struct var *patches, *masked, *pixels; };
struct tscae_student tscae_student(const struct tscae *m, struct tape *t, const struct tscae_input *in);

/* SimSiam's predictor, with batch norm over all rows of x (N, M, D). */
struct var *tscae_predictor(const struct tscae *m, struct tape *t, struct var *x);

#endif
