/* turns - one block of gradients for several tapes: they add to each parameter one after the other, by ticket */
#define _POSIX_C_SOURCE 200809L
#include "nn/turns.h"
#include "base/mem.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

void
turns_open(struct turns *t, const struct params *p)
{
	t->params = p;
	t->next = mem_new((size_t)p->count * sizeof *t->next);
}

void
turns_close(struct turns *t)
{
	free(t->next);
	*t = (struct turns){ 0 };
}

void
turns_restart(struct turns *t)
{
	int i;

	for (i = 0; i < t->params->count; i++)
		atomic_store(&t->next[i], 0);
}

void
turns_wait(struct turns *t, int id, int ticket)
{
	enum { PATIENCE = 256 };	/* looks before it sleeps: others may have work for the processor */
	const struct timespec nap = { .tv_nsec = 20000 };
	int looks = 0;

	while (atomic_load_explicit(&t->next[id], memory_order_acquire) != ticket)
		if (++looks < PATIENCE)
			sched_yield();
		else
			nanosleep(&nap, NULL);
}

void
turns_pass(struct turns *t, int id, int ticket)
{
	atomic_store_explicit(&t->next[id], ticket + 1, memory_order_release);
}
