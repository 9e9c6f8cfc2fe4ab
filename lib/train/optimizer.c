/* optimizer - AdamW, gradient clipping, learning-rate schedule */
#include "train/optimizer.h"

#include <math.h>
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

void
adamw_open(struct adamw *a, const struct params *p)
{
	a->updates = 0;
	a->m = params_block(p);
	a->v = params_block(p);
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

		f.lr = (float)(scaled_lr / first);
		if (low < high && !q->frozen)
			update(&f, q->decay ? (float)(1 - scaled_lr * a->decay) : 1, p->values + low, a->m + low,
			    a->v + low, grads + low, high - low);
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
