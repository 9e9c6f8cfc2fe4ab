/* decode_budget - memory that decoders of several threads take together, with that of cursors

   What a cursor keeps between two frames never makes an image wait forever: it is given up where nothing else can be
   waited for. */
#include "codec/decode.h"
#include "codec/decode_job.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

static void
close_cursor(struct decode_cursor *c)
{
	if (c->state)
		c->close(c->state);
	c->state = NULL;
	c->memory = 0;
	c->frame = 0;
}

/* Take a cursor out of the list, if it is there. */
static void
unlist(struct decode_budget *b, struct decode_cursor *c)
{
	struct decode_cursor **at = &b->cursors;

	if (!c->listed)
		return;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->listed = false;
	b->kept -= c->memory;
}

void
decode_budget_take(struct decode_budget *b, double bytes, struct decode_cursor *own)
{
	if (!b)
		return;
	pthread_mutex_lock(&b->lock);
	while (b->used > 0 && b->used + b->kept - (own && own->listed ? own->memory : 0) + bytes > b->max)
		pthread_cond_wait(&b->freed, &b->lock);
	if (own)
		unlist(b, own);
	while (b->cursors && b->used + b->kept + bytes > b->max) {
		struct decode_cursor *c = b->cursors;

		unlist(b, c);
		close_cursor(c);
	}
	b->used += bytes;
	pthread_mutex_unlock(&b->lock);
}

void
decode_budget_put(struct decode_budget *b, double bytes)
{
	if (!b || bytes <= 0)
		return;
	pthread_mutex_lock(&b->lock);
	b->used -= bytes;
	pthread_cond_broadcast(&b->freed);
	pthread_mutex_unlock(&b->lock);
}

double
decode_budget_keep(struct decode_budget *b, struct decode_cursor *c, double bytes)
{
	const double left = c->state ? bytes - c->memory : bytes;

	if (!b || !c->state)
		return left;
	pthread_mutex_lock(&b->lock);
	c->next = b->cursors;
	b->cursors = c;
	c->listed = true;
	b->kept += c->memory;
	pthread_mutex_unlock(&b->lock);
	decode_budget_put(b, c->memory);
	return left;
}

void
decode_cursor_free(struct decode_cursor *c, struct decode_budget *b)
{
	if (b) {
		pthread_mutex_lock(&b->lock);
		unlist(b, c);
		pthread_cond_broadcast(&b->freed);
		pthread_mutex_unlock(&b->lock);
	}
	close_cursor(c);
	*c = (struct decode_cursor){ 0 };
}
