/* tape_use - which parameters each op was given, where the tape takes turns at their gradients (the tape's own part)

   A use is noted when a parameter is asked for, and belongs to the op that is pushed next. */
#ifndef NN_TAPE_USE_H
#define NN_TAPE_USE_H

#include "nn/tape.h"

/* A parameter that learns was asked for: count the use, unless what is computed again has been counted. */
void tape_use_note(struct tape *t, int id);

/* Before an op's backward: wait until it is this tape's turn at all that it was given. */
void tape_use_wait(const struct tape *t, const struct tape_use *uses);

/* After it: a parameter whose last use this was is the next tape's. */
void tape_use_done(struct tape *t, const struct tape_use *uses);

#endif
