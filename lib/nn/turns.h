/* turns - one block of gradients for several tapes: they add to each parameter one after the other, by ticket

   Each tape has a ticket, 0, 1, 2 ... Ticket k may add to a parameter when every ticket before it has added the last time, so the sum
   has one order whoever computes what, and threads follow each other through the layers. Whoever has the least ticket never
   waits: tickets must be begun in their order, and then nothing can block. */
#ifndef NN_TURNS_H
#define NN_TURNS_H

#include "nn/params.h"

#include <stdatomic.h>

struct turns {
	const struct params *params;
	atomic_int *next;	/* of each parameter: the ticket whose turn it is */
};

void turns_open(struct turns *t, const struct params *p);
void turns_close(struct turns *t);

/* Ticket 0 is next, everywhere. While no tape is at work. */
void turns_restart(struct turns *t);

/* Wait until it is this ticket's turn at parameter `id`; hand it on to the next ticket. */
void turns_wait(struct turns *t, int id, int ticket);
void turns_pass(struct turns *t, int id, int ticket);

#endif
