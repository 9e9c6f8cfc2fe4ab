/* resize_pass - the two inner loops of resizing, along rows and along columns

   Written for every processor, and again for those with AVX2, where the sums of four rows or of 32 columns stay in registers.
   The results are whole numbers: the same either way. */
#include "image/resize_pass.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

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
down_part(const struct resize_pass *p, const struct picture *to, const struct picture *from, int y, int x0, int end)
{
	const int32_t *k = p->k + (size_t)y * (size_t)p->taps;
	const uint8_t *row = picture_row(from, p->first[y]) + x0;
	uint8_t *out = picture_row(to, y) + x0;
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
down(const struct resize_pass *p, const struct picture *to, const struct picture *from)
{
	const int width = to->width * to->channels;
	int x, y;

	for (x = 0; x < width; x += BLOCK)
		for (y = 0; y < p->count; y++)
			down_part(p, to, from, y, x, width - x < BLOCK ? width : x + BLOCK);
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

#ifdef __x86_64__
enum { ROWS = 4, COLUMNS = 32 };

/* Eight sums of bytes times k more. */
__attribute__((target("avx2"))) static inline __m256i
add_products(__m256i sum, const uint8_t *bytes, __m256i k)
{
	return _mm256_add_epi32(sum, _mm256_mullo_epi32(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)bytes)), k));
}

__attribute__((target("avx2"))) static void
down_avx2(const struct resize_pass *p, const struct picture *to, const struct picture *from)
{
	const int width = to->width * to->channels;
	const __m256i half = _mm256_set1_epi32(HALF), order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
	int x, y, t;

	for (y = 0; y < p->count; y++) {
		const int32_t *k = p->k + (size_t)y * (size_t)p->taps;
		const uint8_t *rows = picture_row(from, p->first[y]);

		for (x = 0; x + COLUMNS <= width; x += COLUMNS) {
			const uint8_t *in = rows + x;
			__m256i a = half, b = half, c = half, d = half;

			for (t = 0; t < p->length[y]; t++, in += from->stride) {
				const __m256i factor = _mm256_set1_epi32(k[t]);

				a = add_products(a, in, factor);
				b = add_products(b, in + 8, factor);
				c = add_products(c, in + 16, factor);
				d = add_products(d, in + 24, factor);
			}
			/* saturation clips; both packs work within halves of the vectors */
			a = _mm256_packs_epi32(_mm256_srai_epi32(a, RESIZE_PASS_BITS), _mm256_srai_epi32(b, RESIZE_PASS_BITS));
			c = _mm256_packs_epi32(_mm256_srai_epi32(c, RESIZE_PASS_BITS), _mm256_srai_epi32(d, RESIZE_PASS_BITS));
			_mm256_storeu_si256((__m256i *)(picture_row(to, y) + x), _mm256_permutevar8x32_epi32(_mm256_packus_epi16(a, c), order));
		}
		if (x < width)
			down_part(p, to, from, y, x, width);
	}
}

/* Pixels of three bytes to four, the fourth 0; room for one pixel more. */
__attribute__((target("avx2"))) static void
spread(uint8_t *to, const uint8_t *row, int width)
{
	const __m128i places = _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
	int x;

	/* 16 bytes are read where 12 are meant */
	for (x = 0; x + 6 <= width; x += 4)
		_mm_storeu_si128((__m128i *)(to + 4 * x), _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(row + 3 * x)), places));
	for (; x < width; x++) {
		memcpy(to + 4 * x, row + 3 * x, 3);
		to[4 * x + 3] = 0;
	}
	memset(to + 4 * width, 0, 4);
}

/* One pixel (four bytes) of each of four rows, from their spread pixels, `stride` bytes apart. k: each coefficient four times. */
__attribute__((target("avx2"))) static inline __m128i
pixel_avx2(const uint8_t *in, size_t stride, const int32_t *k, int pairs)
{
	const __m256i half = _mm256_setr_epi32(HALF, HALF, HALF, 0, 0, 0, 0, 0);
	__m256i a = half, b = half, c = half, d = half;
	int t;

	for (t = 0; t < pairs; t++, in += 8, k += 8) {
		const __m256i factor = _mm256_loadu_si256((const __m256i *)k);

		a = add_products(a, in, factor);
		b = add_products(b, in + stride, factor);
		c = add_products(c, in + 2 * stride, factor);
		d = add_products(d, in + 3 * stride, factor);
	}
	/* the sums of even and of odd pixels, those of two rows in a vector */
	a = _mm256_add_epi32(_mm256_permute2x128_si256(a, b, 0x20), _mm256_permute2x128_si256(a, b, 0x31));
	c = _mm256_add_epi32(_mm256_permute2x128_si256(c, d, 0x20), _mm256_permute2x128_si256(c, d, 0x31));
	a = _mm256_packs_epi32(_mm256_srai_epi32(a, RESIZE_PASS_BITS), _mm256_srai_epi32(c, RESIZE_PASS_BITS));
	/* rows 0 and 2, rows 1 and 3 */
	return _mm_unpacklo_epi32(_mm_packus_epi16(_mm256_castsi256_si128(a), _mm_setzero_si128()), _mm_packus_epi16(_mm256_extracti128_si256(a, 1), _mm_setzero_si128()));
}

/* Rows y .. y+3 of three channels. */
__attribute__((target("avx2"))) static void
across_avx2(const struct resize_pass *p, const int32_t *k, int pairs, uint8_t *work, const struct picture *to, const struct picture *from, int y)
{
	const size_t stride = 4 * ((size_t)from->width + 1);
	uint8_t *out = picture_row(to, y);
	__m128i four;
	int i, r;

	for (r = 0; r < ROWS; r++)
		spread(work + (size_t)r * stride, picture_row(from, y + r), from->width);
	for (i = 0; i + 1 < p->count; i++, k += 8 * pairs, out += 3) {
		four = pixel_avx2(work + 4 * (size_t)p->first[i], stride, k, (p->length[i] + 1) / 2);
		/* the fourth byte is the next pixel's, which comes later */
		_mm_storeu_si32(out, four);
		_mm_storeu_si32(out + to->stride, _mm_srli_si128(four, 4));
		_mm_storeu_si32(out + 2 * to->stride, _mm_srli_si128(four, 8));
		_mm_storeu_si32(out + 3 * to->stride, _mm_srli_si128(four, 12));
	}
	four = pixel_avx2(work + 4 * (size_t)p->first[i], stride, k, (p->length[i] + 1) / 2);
	for (r = 0; r < ROWS; r++, out += to->stride, four = _mm_srli_si128(four, 4)) {
		const int pixel = _mm_cvtsi128_si32(four);

		memcpy(out, &pixel, 3);
	}
}

static bool
wide(void)
{
	const char *isa = getenv("TSCAE_ISA");

	return __builtin_cpu_supports("avx2") && (!isa || strcmp(isa, "baseline") != 0);
}

/* The rows of three channels that go four at a time; how many. */
static int
across_fours(struct arena *a, const struct resize_pass *p, const struct picture *to, const struct picture *from)
{
	const int pairs = (p->taps + 1) / 2;
	uint8_t *work;
	int32_t *k;
	int i, t, c, y;

	if (to->channels != 3 || !wide())
		return 0;
	k = arena_get(a, sizeof *k * (size_t)p->count * (size_t)pairs * 8);
	work = arena_get(a, (size_t)ROWS * 4 * ((size_t)from->width + 1));
	for (i = 0; i < p->count; i++)
		for (t = 0; t < 2 * ((p->length[i] + 1) / 2); t++)
			for (c = 0; c < 4; c++)
				k[((size_t)i * (size_t)pairs * 2 + (size_t)t) * 4 + (size_t)c] = t < p->taps ? p->k[(size_t)i * (size_t)p->taps + (size_t)t] : 0;
	for (y = 0; y + ROWS <= to->height; y += ROWS)
		across_avx2(p, k, pairs, work, to, from, y);
	return y;
}
#else
#define down_avx2 down

static bool
wide(void)
{
	return false;
}

static int
across_fours(struct arena *a, const struct resize_pass *p, const struct picture *to, const struct picture *from)
{
	(void)a;
	(void)p;
	(void)to;
	(void)from;
	return 0;
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
	int y;

	for (y = across_fours(a, p, to, from); y < to->height; y++)
		across_row(p, to->channels, picture_row(to, y), picture_row(from, y));
}
