/* mae - the baseline: masked autoencoder (He et al. 2022, models_mae.py)

   encoder [class, V visible patches] -> linear to the width of the decoder -> [class, P encoded patches or mask
   tokens] + position embedding -> pre-norm blocks -> norm -> linear to pixels. Parameters have the names of the
   original program. */
#ifndef MODEL_MAE_H
#define MODEL_MAE_H

#include "model/config.h"
#include "model/encoder.h"
#include "model/layer.h"
#include "model/token_sequence.h"
#include "nn/params.h"
#include "nn/tape.h"

#include <stdbool.h>

struct mae {
	struct config config;
	struct encoder encoder;
	struct pos_embed position, decoder_position;
	struct layer embed, norm, pred;
	int mask_token;		/* id of the parameter */
	struct block *blocks;	/* config.decoder_depth of them; owned */
};

/* Declare the parameters of a completed configuration; mae_close() frees what belongs to m. */
void mae_open(struct mae *m, const struct config *c, struct params *p);
void mae_close(struct mae *m);

/* Encode the embedded visible patches (n, V, D): (n, 1 + V, D), class token first. */
struct var *mae_encoder(const struct mae *m, struct tape *t, struct var *patches, const struct mask_index *s);

/* Pixels (n, M, C p p; row, column, channel) of the masked patches; with `all`, of all P patches. */
struct var *mae_decoder(const struct mae *m, struct tape *t, struct var *latent, const struct mask_index *s, bool all);

#endif
