/* mix - mixup and cutmix: two images of a batch mixed into one */
#include "task/mix.h"
#include "base/rng.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static int
clamp(double x, int most)
{
	return x < 0 ? 0 : x > most ? most : (int)x;
}

static void
draw_rectangle(struct mix *m, struct rng *r, int S)
{
	const double size = S * sqrt(1 - (double)m->weight), y = S * rng_unit(r), x = S * rng_unit(r);

	m->top = clamp(round(y - size / 2), S);
	m->bottom = clamp(round(y + size / 2), S);
	m->left = clamp(round(x - size / 2), S);
	m->right = clamp(round(x + size / 2), S);
	m->weight = (float)(1 - (double)(m->bottom - m->top) * (m->right - m->left) / ((double)S * S));
}

struct mix
mix_draw(const struct batch *b, int i, double mixup, double cutmix)
{
	struct rng r = rng_at(b->seed, b->step, "mix", b->keys[i]);
	struct mix m = { .partner = i, .weight = 1 };
	int count, first = batch_group(b, i, &count);

	if (count < 2 || (mixup <= 0 && cutmix <= 0))
		return m;
	m.partner = first + (int)((i - first + 1 + rng_below(&r, count - 1)) % count);
	m.paste = cutmix > 0 && (mixup <= 0 || rng_unit(&r) < 0.5);
	m.weight = (float)rng_beta(&r, m.paste ? cutmix : mixup, m.paste ? cutmix : mixup);
	if (m.paste)
		draw_rectangle(&m, &r, b->S);
	return m;
}

void
mix_image(const struct batch *b, int i, const struct mix *m, uint8_t *out)
{
	const size_t size = b->image_bytes, row = size / (size_t)b->S, pixel = row / (size_t)b->S;
	const uint8_t *own = b->images + (size_t)i * size, *other = b->images + (size_t)m->partner * size;
	size_t k;
	int y;

	if (m->paste || m->weight == 1) {
		memcpy(out, own, size);
		for (y = m->top; y < m->bottom; y++)
			memcpy(out + (size_t)y * row + pixel * (size_t)m->left,
			    other + (size_t)y * row + pixel * (size_t)m->left, pixel * (size_t)(m->right - m->left));
		return;
	}
	if (b->pixels.bytes == 2)
		for (k = 0; k < size / 2; k++)
			((uint16_t *)(void *)out)[k] = (uint16_t)(m->weight * ((const uint16_t *)(const void *)own)[k] +
			    (1 - m->weight) * ((const uint16_t *)(const void *)other)[k] + 0.5f);
	for (k = 0; k < size && b->pixels.bytes == 1; k++)
		out[k] = (uint8_t)(m->weight * own[k] + (1 - m->weight) * other[k] + 0.5f);
}
