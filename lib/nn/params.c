/* params - every parameter of a model in one block of memory */
#include "nn/params.h"
#include "base/mem.h"
#include "base/rng.h"
#include "kernel/kernel.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT = 16 };	/* floats of a cache line, and of an AVX-512 vector */

/* formats/method.md, "Recipes to start from" */
static const double token_std = 0.02, small_std = 2e-5;
static const double prior = 0.01;	/* Lin et al., ICCV 2017, section 3.3 */

int
params_add(struct params *p, enum init init, int rank, int d0, int d1, int d2, int d3, const char *name_format, ...)
{
	int shape[4] = { d0, d1, d2, d3 };
	struct param *a;
	va_list ap;
	int n;

	assert(!p->values && rank >= 1 && rank <= 4);
	p->list = mem_room(p->list, &p->room, (size_t)p->count + 1, sizeof *p->list);
	a = &p->list[p->count];
	memset(a, 0, sizeof *a);
	va_start(ap, name_format);
	n = vsnprintf(a->name, sizeof a->name, name_format, ap);
	va_end(ap);
	assert(n > 0 && n < (int)sizeof a->name && params_find(p, a->name) < 0);
	a->rank = rank;
	a->init = init;
	a->decay = init == INIT_XAVIER || init == INIT_NORMAL || init == INIT_SMALL;
	a->lr_scale = 1;
	a->offset = p->size;
	a->count = 1;
	for (int i = 0; i < rank; i++) {
		assert(shape[i] > 0);
		a->shape[i] = shape[i];
		a->count *= (size_t)shape[i];
	}
	p->size += (a->count + UNIT - 1) / UNIT * UNIT;
	return p->count++;
}

void
params_build(struct params *p)
{
	assert(!p->values);
	p->values = params_block(p);
}

void
params_build_bf16(struct params *p)
{
	assert(p->values && !p->bf16);
	p->bf16 = mem_block(mem_product(p->size, sizeof *p->bf16));
}

void
params_bf16(struct params *p, size_t from, size_t to)
{
	kernel_bf16((long)(to - from), p->values + from, p->bf16 + from);
}

static void
init_one(const struct param *a, float *x, struct rng rng)
{
	size_t rows = (size_t)a->shape[0], columns = a->count / rows;
	double bound = sqrt(6.0 / (double)(rows + columns));

	for (size_t i = 0; i < a->count; i++)
		switch (a->init) {
		case INIT_ZERO: x[i] = 0; break;
		case INIT_ONE: x[i] = 1; break;
		case INIT_TOKEN:
		case INIT_NORMAL: x[i] = (float)(token_std * rng_normal(&rng)); break;
		case INIT_SMALL: x[i] = (float)(small_std * rng_normal(&rng)); break;
		case INIT_PRIOR: x[i] = (float)-log((1 - prior) / prior); break;
		case INIT_XAVIER: x[i] = (float)(bound * (2 * rng_unit(&rng) - 1)); break;
		}
}

void
params_init(struct params *p, uint64_t seed)
{
	for (int i = 0; i < p->count; i++)
		init_one(&p->list[i], p->values + p->list[i].offset, rng_at(seed, 0, "init", p->list[i].name));
}

bool
params_is_packed(const struct params *p, int id)
{
	return p->packed && p->list[id].linear && kernel_packs(p->list[id].shape[0]);
}

void
params_put(struct params *p, int id, const float *w)
{
	const struct param *a = &p->list[id];
	float *to = p->values + a->offset;

	if (params_is_packed(p, id))
		kernel_pack(a->shape[0], (int)(a->count / (size_t)a->shape[0]), w, to);
	else
		memcpy(to, w, a->count * sizeof *w);
}

void
params_pack(struct params *p)
{
	float *copy = NULL;
	size_t room = 0;
	int i;

	p->packed = true;
	for (i = 0; i < p->count; i++) {
		const struct param *a = &p->list[i];
		float *w = p->values + a->offset;

		if (!params_is_packed(p, i))
			continue;
		copy = mem_room(copy, &room, a->count, sizeof *copy);
		memcpy(copy, w, a->count * sizeof *copy);
		params_put(p, i, copy);
	}
	free(copy);
}

float *
params_block(const struct params *p)
{
	return mem_block(mem_product(p->size, sizeof(float)));
}

void
params_block_free(float *block)
{
	mem_block_free(block);
}

int
params_find(const struct params *p, const char *name)
{
	for (int i = 0; i < p->count; i++)
		if (strcmp(p->list[i].name, name) == 0)
			return i;
	return -1;
}

void
params_free(struct params *p)
{
	params_block_free(p->values);
	mem_block_free(p->bf16);
	free(p->list);
	memset(p, 0, sizeof *p);
}
