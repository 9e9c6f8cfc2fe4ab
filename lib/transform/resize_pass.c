/* resize_pass - the two inner loops of resizing, along rows and along columns

   8-bit samples: a general loop, and one with AVX2 where the processor has it (TSCAE_ISA=baseline turns it off). Sums
   are integers: the results are the same. Along rows AVX2 takes two input pixels of each of four rows at a time. One
   instruction makes two 16-bit products and their sum, so a coefficient is split as k = 4096 h + l, 16 bits each, and
   the two sums are combined at the end: exact. 16-bit samples, and rows of other than one or three channels, take a
   plain loop with sums of 64 bits. */
#include "transform/resize_pass.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

enum {
	BLOCK = 512,	/* columns whose sums stay in the first-level cache: 2 KiB */
	HALF = 1 << (RESIZE_PASS_BITS - 1)
};

static uint8_t
clip(int32_t sum)
{
	sum >>= RESIZE_PASS_BITS;
	return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

/* Columns x0 .. end-1 of row y. */
static void
down_block(const struct resize_pass *p, const struct image *to, const struct image *from, int y, int x0, int end)
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

static uint16_t
clip_wide(int64_t sum)
{
	sum >>= RESIZE_PASS_BITS;
	return (uint16_t)(sum < 0 ? 0 : sum > 65535 ? 65535 : sum);
}

/* Sample i of a row of samples of 1 or 2 bytes. */
static inline int
sample(const void *row, int bytes, size_t i)
{
	return bytes == 2 ? ((const uint16_t *)row)[i] : ((const uint8_t *)row)[i];
}

static inline void
put_sample(void *row, int bytes, size_t i, int64_t sum)
{
	if (bytes == 2)
		((uint16_t *)row)[i] = clip_wide(sum);
	else
		((uint8_t *)row)[i] = clip((int32_t)sum);
}

/* One output of `length` inputs, from sample `at` on, `step` samples apart. */
static inline int64_t
weigh(const int32_t *k, int length, const void *row, int bytes, size_t at, size_t step)
{
	int64_t sum = HALF;
	int t;

	for (t = 0; t < length; t++, at += step)
		sum += (int64_t)k[t] * sample(row, bytes, at);
	return sum;
}

static void
across_any(const struct resize_pass *p, const struct image *to, const struct image *from, int y)
{
	const size_t channels = (size_t)to->channels;
	size_t i, c;

	for (i = 0; i < (size_t)p->count; i++)
		for (c = 0; c < channels; c++)
			put_sample(image_row(to, y), to->bytes, i * channels + c,
				weigh(p->k + i * (size_t)p->taps, p->length[i], image_row(from, y), to->bytes,
					(size_t)p->first[i] * channels + c, channels));
}

static void
down_wide(const struct resize_pass *p, const struct image *to, const struct image *from, int y)
{
	const int32_t *k = p->k + (size_t)y * (size_t)p->taps;
	size_t x;

	for (x = 0; x < (size_t)to->width * (size_t)to->channels; x++)
		put_sample(image_row(to, y), 2, x, weigh(k, p->length[y], image_row(from, p->first[y]), 2, x,
			from->stride / 2));
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
enum {
	ROWS = 4,
	COLUMNS = 32,
	READ = 16,	/* bytes that are read for two pixels */
	LOW = 12	/* bits of l */
};

static bool
has_avx2(void)
{
	const char *isa = getenv("TSCAE_ISA");

	return __builtin_cpu_supports("avx2") && (!isa || strcmp(isa, "baseline") != 0);
}

static bool
avx2_across_applies(const struct image *to)
{
	return to->channels == 3 && to->height >= ROWS && has_avx2();
}

static bool
avx2_down_applies(const struct image *to)
{
	return to->width * to->channels >= COLUMNS && has_avx2();
}

/* Add eight bytes times k to eight sums. */
__attribute__((target("avx2"))) static inline __m256i
add_products(__m256i sum, const uint8_t *bytes, __m256i k)
{
	return _mm256_add_epi32(
		sum, _mm256_mullo_epi32(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)bytes)), k));
}

/* Columns x .. x+31 of row y. */
__attribute__((target("avx2"))) static inline void
avx2_down_block(const struct resize_pass *p, const struct image *to, const struct image *from, int y, int x)
{
	const __m256i half = _mm256_set1_epi32(HALF), order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
	const int32_t *k = p->k + (size_t)y * (size_t)p->taps;
	const uint8_t *in = image_row(from, p->first[y]) + x;
	__m256i a = half, b = half, c = half, d = half;
	int t;

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
	a = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(a, c), order);
	_mm256_storeu_si256((__m256i *)(image_row(to, y) + x), a);
}

__attribute__((target("avx2"))) static void
avx2_down(const struct resize_pass *p, const struct image *to, const struct image *from)
{
	const int width = to->width * to->channels;
	int x, y;

	for (y = 0; y < p->count; y++) {
		for (x = 0; x + COLUMNS <= width; x += COLUMNS)
			avx2_down_block(p, to, from, y, x);
		/* the last columns; some of them a second time */
		if (x < width)
			avx2_down_block(p, to, from, y, width - COLUMNS);
	}
}

/* The coefficients of two pixels at a time: both h in one word, both l in the next. */
static int32_t *
split_coefficients(struct arena *a, const struct resize_pass *p, int pairs)
{
	int32_t *all = arena_array(a, mem_product((size_t)p->count, (size_t)pairs), 2 * sizeof *all),
		*out = all;
	int i, t;

	for (i = 0; i < p->count; i++, out += 2 * pairs) {
		const int32_t *k = p->k + (size_t)i * (size_t)p->taps;

		for (t = 0; t < p->length[i]; t += 2) {
			const uint32_t one = (uint32_t)k[t], two = t + 1 < p->length[i] ? (uint32_t)k[t + 1] : 0;

			out[t] = (int32_t)((one >> LOW & 0xffff) | two >> LOW << 16);
			out[t + 1] = (int32_t)((one & ((1 << LOW) - 1)) | (two & ((1 << LOW) - 1)) << 16);
		}
	}
	return all;
}

/* A pixel of rows 0, 2, 1 and 3, which are `stride` bytes apart. */
__attribute__((target("avx2"))) static inline __m128i
pixel(const uint8_t *in, size_t stride, const int32_t *k, int pairs)
{
	/* two pixels of three bytes, interleaved by channel, to 16 bits */
	const __m256i interleave = _mm256_broadcastsi128_si256(
		_mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
	__m256i high = _mm256_setzero_si256(), high2 = high, low = _mm256_set1_epi32(HALF), low2 = low;
	int t;

	for (t = 0; t < pairs; t++, in += 6, k += 2) {
		const __m256i h = _mm256_set1_epi32(k[0]), l = _mm256_set1_epi32(k[1]);
		const __m256i one = _mm256_shuffle_epi8(_mm256_loadu2_m128i((const __m128i *)(in + stride),
			(const __m128i *)in), interleave);
		const __m256i two = _mm256_shuffle_epi8(_mm256_loadu2_m128i((const __m128i *)(in + 3 * stride),
			(const __m128i *)(in + 2 * stride)), interleave);

		high = _mm256_add_epi32(high, _mm256_madd_epi16(one, h));
		low = _mm256_add_epi32(low, _mm256_madd_epi16(one, l));
		high2 = _mm256_add_epi32(high2, _mm256_madd_epi16(two, h));
		low2 = _mm256_add_epi32(low2, _mm256_madd_epi16(two, l));
	}
	high = _mm256_srai_epi32(_mm256_add_epi32(_mm256_slli_epi32(high, LOW), low), RESIZE_PASS_BITS);
	high2 = _mm256_srai_epi32(_mm256_add_epi32(_mm256_slli_epi32(high2, LOW), low2), RESIZE_PASS_BITS);
	/* saturation clips; rows 0 and 2 are in one half, rows 1 and 3 in the other */
	high = _mm256_packs_epi32(high, high2);
	return _mm_packus_epi16(_mm256_castsi256_si128(high), _mm256_extracti128_si256(high, 1));
}

/* Four rows; READ bytes after the last of them must be readable. */
__attribute__((target("avx2"))) static void
avx2_across_rows(const struct resize_pass *p, const int32_t *k, int pairs, uint8_t *out, size_t out_stride,
	const uint8_t *in, size_t stride)
{
	uint8_t last[4 * ROWS];
	__m128i four = _mm_setzero_si128();
	int i, r;

	for (i = 0; i < p->count; i++, k += 2 * pairs, out += 3) {
		four = pixel(in + 3 * (size_t)p->first[i], stride, k, (p->length[i] + 1) / 2);
		if (i == p->count - 1)
			break;
		/* the fourth byte belongs to the next pixel, which overwrites it */
		_mm_storeu_si32(out, four);
		_mm_storeu_si32(out + 2 * out_stride, _mm_srli_si128(four, 4));
		_mm_storeu_si32(out + out_stride, _mm_srli_si128(four, 8));
		_mm_storeu_si32(out + 3 * out_stride, _mm_srli_si128(four, 12));
	}
	_mm_storeu_si128((__m128i *)last, _mm_shuffle_epi32(four, _MM_SHUFFLE(3, 1, 2, 0)));
	for (r = 0; r < ROWS; r++)
		memcpy(out + (size_t)r * out_stride, last + 4 * r, 3);
}

static void
avx2_across(struct arena *a, const struct resize_pass *p, const struct image *to, const struct image *from)
{
	const int pairs = (p->taps + 1) / 2;
	const int32_t *k = split_coefficients(a, p, pairs);
	const size_t row = 3 * (size_t)from->width, room = row + READ;
	uint8_t *copy = arena_array(a, room, ROWS);
	int y, r;

	memset(copy, 0, ROWS * room);
	for (y = 0; y < to->height; y += ROWS) {
		/* the last rows; some of them a second time */
		y = y + ROWS > to->height ? to->height - ROWS : y;
		if ((size_t)(to->height - y - ROWS) * from->stride >= READ) {
			avx2_across_rows(p, k, pairs, image_row(to, y), to->stride, image_row(from, y), from->stride);
			continue;
		}
		for (r = 0; r < ROWS; r++)
			memcpy(copy + (size_t)r * room, image_row(from, y + r), row);
		avx2_across_rows(p, k, pairs, image_row(to, y), to->stride, copy, room);
	}
}
#endif

void
resize_pass_down(const struct resize_pass *p, const struct image *to, const struct image *from)
{
	const int width = to->width * to->channels;
	int x, y;

	if (to->bytes == 2) {
		for (y = 0; y < p->count; y++)
			down_wide(p, to, from, y);
		return;
	}
#ifdef __x86_64__
	if (avx2_down_applies(to)) {
		avx2_down(p, to, from);
		return;
	}
#endif
	for (x = 0; x < width; x += BLOCK)
		for (y = 0; y < p->count; y++)
			down_block(p, to, from, y, x, width - x < BLOCK ? width : x + BLOCK);
}

void
resize_pass_across(struct arena *a, const struct resize_pass *p, const struct image *to, const struct image *from)
{
	int y;

	if (to->bytes == 2 || (to->channels != 1 && to->channels != 3)) {
		for (y = 0; y < to->height; y++)
			across_any(p, to, from, y);
		return;
	}
#ifdef __x86_64__
	if (avx2_across_applies(to)) {
		avx2_across(a, p, to, from);
		return;
	}
#else
	(void)a;
#endif
	for (y = 0; y < to->height; y++)
		across_row(p, to->channels, image_row(to, y), image_row(from, y));
}
