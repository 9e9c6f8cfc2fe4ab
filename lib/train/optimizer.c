/* optimizer - AdamW, gradient clipping, learning-rate schedule */
#include "train/optimizer.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* factors of all elements of one update of a parameter */
struct adamw_factors {
	float beta1, beta2, eps;
	float lr;		/* lr / (1 - b1^t) */
	float root;		/* 1 / sqrt(1 - b2^t) */
	float scale;		/* of the gradient */
};

static void
update(const struct adamw_factors *f, float keep, float *restrict w, float *restrict m, float *restrict v,
	const float *restrict g, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		float d = f->scale * g[i];

		m[i] = f->beta1 * m[i] + (1 - f->beta1) * d;
		v[i] = f->beta2 * v[i] + (1 - f->beta2) * d * d;
		w[i] = keep * w[i] - f->lr * m[i] / (sqrtf(v[i]) * f->root + f->eps);
	}
}

/* update() of the blocks of parameter number i that begin in the floats from .. to-1 of the parameters */
static void
update_blocks(const struct adamw *a, const struct adamw_factors *f, float keep, struct params *p, int i,
	const float *g, size_t from, size_t to)
{
	const struct param *q = &p->list[i];
	const size_t first = moment8_block(p, i), blocks = moment8_blocks(q);
	float m[MOMENT8_BLOCK], v[MOMENT8_BLOCK];
	size_t j = from > q->offset ? (from - q->offset + MOMENT8_BLOCK - 1) / MOMENT8_BLOCK : 0;

	for (; j < blocks && q->offset + j * MOMENT8_BLOCK < to; j++) {
		const size_t start = j * MOMENT8_BLOCK, at = q->offset + start;
		const int n = (int)(q->count - start < MOMENT8_BLOCK ? q->count - start : MOMENT8_BLOCK);

		moment8_read(&a->m8, at, first + j, n, m);
		moment8_read(&a->v8, at, first + j, n, v);
		update(f, keep, p->values + at, m, v, g + at, (size_t)n);
		moment8_write(&a->m8, at, first + j, n, m);
		moment8_write(&a->v8, at, first + j, n, v);
	}
}

void
adamw_open(struct adamw *a, const struct params *p)
{
	a->updates = 0;
	if (a->moments == MOMENTS_8BIT) {
		moment8_open(&a->m8, p, true);
		moment8_open(&a->v8, p, false);
	} else {
		a->m = params_block(p);
		a->v = params_block(p);
	}
}

void
adamw_range(const struct adamw *a, struct params *p, const float *grads, double scale, double lr, long t, size_t from,
	size_t to)
{
	const double first = 1 - pow(a->beta1, (double)t);
	struct adamw_factors f = {
		.beta1 = (float)a->beta1, .beta2 = (float)a->beta2, .eps = (float)a->eps,
		.root = (float)(1 / sqrt(1 - pow(a->beta2, (double)t))),
		.scale = (float)scale
	};
	int i;

	for (i = 0; i < p->count; i++) {
		const struct param *q = &p->list[i];
		size_t low = q->offset > from ? q->offset : from;
		size_t high = q->offset + q->count < to ? q->offset + q->count : to;

		const double scaled_lr = lr * (double)q->lr_scale;
		const float keep = q->decay ? (float)(1 - scaled_lr * a->decay) : 1;

		f.lr = (float)(scaled_lr / first);
		if (low >= high || q->frozen)
			continue;
		if (a->moments == MOMENTS_8BIT)
			update_blocks(a, &f, keep, p, i, grads, from, to);
		else
			update(&f, keep, p->values + low, a->m + low, a->v + low, grads + low, high - low);
	}
}

void
adamw_update(struct adamw *a, struct params *p, const float *grads, double scale, double lr)
{
	a->updates++;
	adamw_range(a, p, grads, scale, lr, a->updates, 0, p->size);
}

double
adamw_scale(double norm, double clip)
{
	return clip > 0 && norm > clip ? clip / norm : 1;
}

void
adamw_close(struct adamw *a)
{
	params_block_free(a->m);
	params_block_free(a->v);
	a->m = a->v = NULL;
	moment8_close(&a->m8);
	moment8_close(&a->v8);
}

double
schedule_lr(const struct schedule *s, long step)
{
	double done;

	if (step < s->warmup)
		return s->peak * (double)(step + 1) / (double)s->warmup;
	if (step >= s->steps)
		return s->least;
	done = (double)(step - s->warmup) / (double)(s->steps - s->warmup);
	return s->least + (s->peak - s->least) * (1 + cos(M_PI * done)) / 2;
}
