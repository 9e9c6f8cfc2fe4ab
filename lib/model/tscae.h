/* tscae - teacher and student with complementary masks, one encoder (formats/method.md, One image)

   teacher [class, mask x M, V patches] -> encoder -> V outputs = memory -> decoder([global, M queries]) -> pixels
   student [class, mask' x V, M patches] -> the same encoder -> M outputs, and what it makes of the masks

   With token folding the K equal mask tokens are one whose logit as a key gets + ln K: exact. With student pixels the
   student's mask tokens have positions, so that pass is never folded. */
#ifndef MODEL_TSCAE_H
#define MODEL_TSCAE_H

#include "model/decoder_block.h"
#include "model/encoder.h"
#include "model/split.h"

struct tscae {
	struct config config;
	struct encoder encoder;
	struct pos_embed position;
	int teacher_mask, student_mask;		/* tokens without position */
	int query, global_position;		/* query is -1 with query_noise */
	struct decoder_block *blocks;			/* config.dec_depth of them; owned */
	struct layer decoder_norm;
	struct layer pixels[3];
	int predictor;				/* D -> D/4 without bias; -1 unless l_z is SimSiam */
	struct layer predictor_norm, predictor_out;
	struct layer student_pixels;		/* where config.student_pixels > 0 */
};

/* Declare the parameters of a completed configuration; tscae_close() frees what belongs to m. */
void tscae_open(struct tscae *m, const struct config *c, struct params *p);
void tscae_close(struct tscae *m);

/* n images with the masks of `split`. */
struct tscae_input {
	struct var *patches;		/* encoder_embed() of them, (n, P, D) */
	const struct mask_index *split;
	const struct noise *noise;	/* for dropout and query noise; kept until backward */
	bool train;			/* dropout is for training alone */
};

/* The teacher's outputs at the patches that it sees: (n, V, D). */
struct var *tscae_teacher(const struct tscae *m, struct tape *t, const struct tscae_input *in);

/* The decoder's outputs from those: (n, 1 + M, D), the global query first. */
struct var *tscae_decoder(const struct tscae *m, struct tape *t, const struct tscae_input *in, struct var *memory);

/* Pixels (n, M, 3 p p; row, column, channel) from decoder outputs at patches (n, M, D). */
struct var *tscae_pixels(const struct tscae *m, struct tape *t, struct var *d);

/* The student's outputs: at the M patches that it sees (n, M, D); the mean of those at its masks (n, D); and the pixels
   that it predicts for the V patches hidden from it (n, V, 3 p p), NULL without student pixels. */
struct tscae_student { struct var *patches, *masked, *pixels; };
struct tscae_student tscae_student(const struct tscae *m, struct tape *t, const struct tscae_input *in);

/* SimSiam's predictor, with batch norm over all rows of x (N, M, D). */
struct var *tscae_predictor(const struct tscae *m, struct tape *t, struct var *x);

#endif
