/* layer - linear layers, layer norms and the random streams of dropout: what the blocks are made of */
#include "model/layer.h"
#include "base/rng.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

enum { NAME_SIZE = sizeof ((struct param *)0)->name - sizeof ".weight" };

struct layer
layer_linear(struct params *p, int out, int in, const char *name_format, ...)
{
	char name[NAME_SIZE];
	struct layer l;
	va_list ap;

	va_start(ap, name_format);
	vsnprintf(name, sizeof name, name_format, ap);
	va_end(ap);
	l.w = params_add(p, INIT_XAVIER, 2, out, in, 0, 0, "%s.weight", name);
	l.b = params_add(p, INIT_ZERO, 1, out, 0, 0, 0, "%s.bias", name);
	p->list[l.w].linear = true;
	return l;
}

struct layer
layer_norm(struct params *p, int D, const char *name_format, ...)
{
	char name[NAME_SIZE];
	struct layer n;
	va_list ap;

	va_start(ap, name_format);
	vsnprintf(name, sizeof name, name_format, ap);
	va_end(ap);
	n.w = params_add(p, INIT_ONE, 1, D, 0, 0, 0, "%s.weight", name);
	n.b = params_add(p, INIT_ZERO, 1, D, 0, 0, 0, "%s.bias", name);
	return n;
}

struct var *
layer_forward(struct tape *t, struct var *x, struct layer l, enum act act)
{
	return op_linear(t, x, tape_param(t, l.w), tape_param(t, l.b), act);
}

struct var *
layer_forward_add(struct tape *t, struct var *x, struct layer l, struct var *residual)
{
	return op_linear_add(t, x, tape_param(t, l.w), tape_param(t, l.b), residual);
}

struct var *
layer_norm_forward(struct tape *t, struct var *x, struct layer n, float eps)
{
	return op_norm(t, x, tape_param(t, n.w), tape_param(t, n.b), eps);
}

const struct rng *
noise_streams(const struct noise *s, struct tape *t, int n, const char *purpose_format, ...)
{
	struct rng *streams = tape_keep(t, (size_t)n * sizeof *streams);
	char purpose[64];	/* the longest is "decoder 255 cross attention" */
	va_list ap;
	int i;

	va_start(ap, purpose_format);
	vsnprintf(purpose, sizeof purpose, purpose_format, ap);
	va_end(ap);
	for (i = 0; i < n; i++)
		streams[i] = rng_at(s->seed, s->step, purpose, s->keys[i]);
	return streams;
}
