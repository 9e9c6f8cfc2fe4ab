/* resize_pass - the two inner loops of resizing, along rows and along columns

   Both are written for vectors of 32-bit integers and compiled twice on x86-64: for every such processor,
   and for those with AVX2. The results are whole numbers: the same either way. */
#include "image/resize_pass.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

enum { BLOCK = 512 };	/* columns of sums kept at hand: 2 KiB of the first cache */

typedef int32_t lanes __attribute__((vector_size(32)));
typedef int32_t pixel __attribute__((vector_size(16)));

enum { HALF = 1 << (RESIZE_PASS_BITS - 1) };

INLINE uint8_t
clip(int32_t sum)
{
	sum >>= RESIZE_PASS_BITS;
	return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

INLINE void
down(const struct resize_pass *p, const struct picture *to, const struct picture *from)
{
	int width = to->width * to->channels, x0, x, y, t;
	int32_t sum[BLOCK];

	for (x0 = 0; x0 < width; x0 += BLOCK) {
		int n = width - x0 < BLOCK ? width - x0 : BLOCK;

		for (y = 0; y < p->count; y++) {
			const int32_t *k = p->k + (size_t)y * (size_t)p->taps;
			const uint8_t *row = picture_row(from, p->first[y]) + x0;
			uint8_t *out = picture_row(to, y) + x0;

			for (x = 0; x < n; x++)
				sum[x] = HALF;
			for (t = 0; t < p->length[y]; t++, row += from->stride)
				for (x = 0; x < n; x++)
					sum[x] += k[t] * row[x];
			for (x = 0; x < n; x++)
				out[x] = clip(sum[x]);
		}
	}
}

/* One row of three channels, spread to four 32-bit numbers a pixel (so that two pixels are one vector), with room for
   one pixel more. k2 holds each coefficient four times, an even number of them for each output. */
INLINE void
across_rgb(const struct resize_pass *p, const int32_t *k2, int pairs, int32_t *spread, uint8_t *out, const uint8_t *row, int width)
{
	int x, i, t;

	for (x = 0; x < width; x++, row += 3) {
		spread[4 * x] = row[0];
		spread[4 * x + 1] = row[1];
		spread[4 * x + 2] = row[2];
	}
	for (i = 0; i < p->count; i++, out += 3) {
		const int32_t *in = spread + 4 * (size_t)p->first[i];
		const lanes *k = (const lanes *)k2 + (size_t)i * (size_t)pairs;
		int n = (p->length[i] + 1) / 2;
		lanes sum = { HALF, HALF, HALF, 0 }, two;
		pixel half[2], over;

		for (t = 0; t < n; t++, in += 8) {
			/* two pixels begin at a multiple of 16 bytes, not of 32 */
			memcpy(&two, in, sizeof two);
			sum += two * k[t];
		}
		memcpy(half, &sum, sizeof half);
		/* clip() on all channels at once: comparisons give 0 or -1 */
		half[0] = (half[0] + half[1]) >> RESIZE_PASS_BITS;
		half[0] &= half[0] > 0;
		over = half[0] > 255;
		half[0] = (half[0] & ~over) | (over & 255);
		out[0] = (uint8_t)half[0][0];
		out[1] = (uint8_t)half[0][1];
		out[2] = (uint8_t)half[0][2];
	}
}

INLINE void
across_grey(const struct resize_pass *p, uint8_t *out, const uint8_t *row)
{
	int i, t;

	for (i = 0; i < p->count; i++) {
		const int32_t *k = p->k + (size_t)i * (size_t)p->taps;
		const uint8_t *in = row + p->first[i];
		int32_t sum = HALF;

		for (t = 0; t < p->length[i]; t++)
			sum += k[t] * in[t];
		out[i] = clip(sum);
	}
}

INLINE void
across(const struct resize_pass *p, const int32_t *k2, int pairs, int32_t *spread, const struct picture *to, const struct picture *from)
{
	int y;

	for (y = 0; y < to->height; y++)
		if (to->channels == 3)
			across_rgb(p, k2, pairs, spread, picture_row(to, y), picture_row(from, y), from->width);
		else
			across_grey(p, picture_row(to, y), picture_row(from, y));
}

#ifdef __x86_64__
__attribute__((target("avx2"))) static void
down_avx2(const struct resize_pass *p, const struct picture *to, const struct picture *from)
{
	down(p, to, from);
}

__attribute__((target("avx2"))) static void
across_avx2(const struct resize_pass *p, const int32_t *k2, int pairs, int32_t *spread, const struct picture *to, const struct picture *from)
{
	across(p, k2, pairs, spread, to, from);
}

static bool
wide(void)
{
	const char *isa = getenv("TSCAE_ISA");

	return __builtin_cpu_supports("avx2") && (!isa || strcmp(isa, "baseline") != 0);
}
#else
#define down_avx2 down
#define across_avx2 across

static bool
wide(void)
{
	return false;
}
#endif

void
resize_pass_down(const struct resize_pass *p, const struct picture *to, const struct picture *from)
{
	if (wide())
		down_avx2(p, to, from);
	else
		down(p, to, from);
}

void
resize_pass_across(struct arena *a, const struct resize_pass *p, const struct picture *to, const struct picture *from)
{
	int pairs = (p->taps + 1) / 2, i, t, c;
	int32_t *k2 = NULL;
	int32_t *spread = NULL;

	if (to->channels == 3) {
		k2 = arena_get(a, sizeof *k2 * (size_t)p->count * (size_t)pairs * 8);
		for (i = 0; i < p->count; i++)
			for (t = 0; t < 2 * pairs; t++)
				for (c = 0; c < 4; c++)
					k2[((size_t)i * (size_t)pairs * 2 + (size_t)t) * 4 + (size_t)c] = t < p->taps ? p->k[(size_t)i * (size_t)p->taps + (size_t)t] : 0;
		spread = arena_get(a, 4 * sizeof *spread * ((size_t)from->width + 1));
		memset(spread, 0, 4 * sizeof *spread * ((size_t)from->width + 1));
	}
	if (wide())
		across_avx2(p, k2, pairs, spread, to, from);
	else
		across(p, k2, pairs, spread, to, from);
}
