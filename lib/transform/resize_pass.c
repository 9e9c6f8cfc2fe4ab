/* resize_pass - the two inner loops of resizing, along rows and along columns

   For every processor; those with AVX2 have their own (resize_pass_avx2). The results are whole numbers: the same either way. */
#include "transform/resize_pass.h"
#include "transform/resize_pass_avx2.h"

enum {
	BLOCK = 512,	/* columns of sums kept at hand: 2 KiB of the first cache */
	HALF = 1 << (RESIZE_PASS_BITS - 1)
};

static uint8_t
clip(int32_t sum)
{
	sum >>= RESIZE_PASS_BITS;
	return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* columns x0 .. end-1 of row y */
static void
down_part(const struct resize_pass *p, const struct image *to, const struct image *from, int y, int x0, int end)
{
	const int32_t *k = p->k + (size_t)y * (size_t)p->taps;
	const uint8_t *row = image_row(from, p->first[y]) + x0;
	uint8_t *out = image_row(to, y) + x0;
	const int n = end - x0;
	int32_t sum[BLOCK];
	int x, t;

	for (x = 0; x < n; x++)
		sum[x] = HALF;
	for (t = 0; t < p->length[y]; t++, row += from->stride)
		for (x = 0; x < n; x++)
			sum[x] += k[t] * row[x];
	for (x = 0; x < n; x++)
		out[x] = clip(sum[x]);
}

static void
across_row(const struct resize_pass *p, int channels, uint8_t *out, const uint8_t *row)
{
	int i, t, c;

	for (i = 0; i < p->count; i++, out += channels) {
		const int32_t *k = p->k + (size_t)i * (size_t)p->taps;
		const uint8_t *in = row + (size_t)p->first[i] * (size_t)channels;
		int32_t sum[3] = { HALF, HALF, HALF };

		for (t = 0; t < p->length[i]; t++, in += channels)
			for (c = 0; c < channels; c++)
				sum[c] += k[t] * in[c];
		for (c = 0; c < channels; c++)
			out[c] = clip(sum[c]);
	}
}

void
resize_pass_down(const struct resize_pass *p, const struct image *to, const struct image *from)
{
	const int width = to->width * to->channels;
	int x, y;

	if (resize_pass_avx2_down_can(to)) {
		resize_pass_avx2_down(p, to, from);
		return;
	}
	for (x = 0; x < width; x += BLOCK)
		for (y = 0; y < p->count; y++)
			down_part(p, to, from, y, x, width - x < BLOCK ? width : x + BLOCK);
}

void
resize_pass_across(struct arena *a, const struct resize_pass *p, const struct image *to, const struct image *from)
{
	int y;

	if (resize_pass_avx2_across_can(to)) {
		resize_pass_avx2_across(a, p, to, from);
		return;
	}
	for (y = 0; y < to->height; y++)
		across_row(p, to->channels, image_row(to, y), image_row(from, y));
}
