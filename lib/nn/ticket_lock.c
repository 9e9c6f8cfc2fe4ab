/* ticket_lock - one block of gradients for several tapes: they add to each parameter in the order of their tickets */
#define _POSIX_C_SOURCE 200809L
#include "nn/ticket_lock.h"
#include "base/mem.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

void
ticket_lock_open(struct ticket_lock *l, const struct params *p)
{
	l->params = p;
	l->serving = mem_new((size_t)p->count * sizeof *l->serving);
}

void
ticket_lock_close(struct ticket_lock *l)
{
	free(l->serving);
	*l = (struct ticket_lock){ 0 };
}

void
ticket_lock_restart(struct ticket_lock *l)
{
	int i;

	for (i = 0; i < l->params->count; i++)
		atomic_store(&l->serving[i], 0);
}

void
ticket_lock_wait(struct ticket_lock *l, int id, int ticket)
{
	enum { SPINS = 256 };	/* before it sleeps, so that other threads get the processor */
	const struct timespec nap = { .tv_nsec = 20000 };
	int spins = 0;

	while (atomic_load_explicit(&l->serving[id], memory_order_acquire) != ticket)
		if (++spins < SPINS)
			sched_yield();
		else
			nanosleep(&nap, NULL);
}

void
ticket_lock_pass(struct ticket_lock *l, int id, int ticket)
{
	atomic_store_explicit(&l->serving[id], ticket + 1, memory_order_release);
	if (l->passed)
		l->passed(l->arg, id, ticket);
}
