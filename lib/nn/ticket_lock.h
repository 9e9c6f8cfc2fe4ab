/* ticket_lock - one block of gradients for several tapes: they add to each parameter in the order of their tickets

   A ticket lock for each parameter. Each tape has a ticket, 0, 1, 2 ... Ticket k may add to the gradient of a parameter
   when every lower ticket has added to it for the last time, so the sum has one order for any number of threads, and
   threads follow each other through the layers. The lowest outstanding ticket never blocks: begin the tickets in their
   order, and there is no deadlock. */
#ifndef NN_TICKET_LOCK_H
#define NN_TICKET_LOCK_H

#include "nn/params.h"

#include <stdatomic.h>

struct ticket_lock {
	const struct params *params;
	atomic_int *serving;	/* the ticket that may add to each parameter now; owned */
	void (*passed)(void *arg, int id, int ticket);	/* called after ticket_lock_pass(); NULL: nothing */
	void *arg;		/* of `passed` */
};

void ticket_lock_open(struct ticket_lock *l, const struct params *p);
void ticket_lock_close(struct ticket_lock *l);

/* Serve ticket 0 next, at every parameter. Call it only while no tape is in use. */
void ticket_lock_restart(struct ticket_lock *l);

/* Wait until parameter `id` serves this ticket; let it serve the next one. */
void ticket_lock_wait(struct ticket_lock *l, int id, int ticket);
void ticket_lock_pass(struct ticket_lock *l, int id, int ticket);

#endif
