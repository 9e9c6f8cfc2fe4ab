/* kernel_vector - a vector of KERNEL_WIDTH floats: 4 (any machine), 8 (AVX2 and FMA), 16 (AVX-512)

   GCC and Clang have vectors of any width; operations that they lack, or compile badly, are written here for each set.
   Included only by the kernel_*.c files, after they set KERNEL_WIDTH and the target. */
#ifndef KERNEL_KERNEL_VECTOR_H
#define KERNEL_KERNEL_VECTOR_H

#include <math.h>
#include <string.h>

#ifndef KERNEL_WIDTH
#define KERNEL_WIDTH 4
#endif
#if KERNEL_WIDTH > 4
#include <immintrin.h>
#endif

enum { W = KERNEL_WIDTH };
typedef float vf __attribute__((vector_size(KERNEL_WIDTH * 4)));
typedef int vi __attribute__((vector_size(KERNEL_WIDTH * 4)));

static inline vf
all(float x)
{
	return x - (vf){ 0 };
}

#if KERNEL_WIDTH == 16

/* load the first n < W lanes, set the others to `fill` */
static inline vf
load_part(const float *p, int n, float fill)
{
	return _mm512_mask_loadu_ps(all(fill), (__mmask16)((1 << n) - 1), p);
}

static inline void
store_part(float *p, int n, vf v)
{
	_mm512_mask_storeu_ps(p, (__mmask16)((1 << n) - 1), v);
}

/* a * b + c */
static inline vf
fma_(vf a, vf b, vf c)
{
	return _mm512_fmadd_ps(a, b, c);
}

/* the maximum; x if either is NaN */
static inline vf
max_(vf a, vf x)
{
	return _mm512_max_ps(a, x);
}

static inline vf
nearest(vf x)
{
	return _mm512_roundscale_ps(x, 0);
}

/* p * 2^n, 0 on underflow */
static inline vf
times_power(vf p, vf n)
{
	return _mm512_scalef_ps(p, n);
}

/* a step of a transposition: swaps lanes of a whose index has the bit `half` with lanes of b whose index has not */
static inline void
swap_parts(vf *a, vf *b, int half)
{
	const vi lane = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	vi high = (lane & half) != 0;	/* -1 or 0 */
	vf low = _mm512_permutex2var_ps(*a, (__m512i)(lane + (high & (W - half))), *b);

	*b = _mm512_permutex2var_ps(*a, (__m512i)(lane + (high & W) + (~high & half)), *b);
	*a = low;
}

static inline float
sum_of(vf v)
{
	return _mm512_reduce_add_ps(v);
}

static inline float
max_of(vf v)
{
	return _mm512_reduce_max_ps(v);
}

#else

#if KERNEL_WIDTH == 8

/* -1 in the first n lanes, 0 in the others */
static inline __m256i
first(int n)
{
	static const int lanes[2 * W] = { -1, -1, -1, -1, -1, -1, -1, -1 };

	return _mm256_loadu_si256((const __m256i *)(lanes + W - n));
}

static inline vf
load_part(const float *p, int n, float fill)
{
	const __m256i take = first(n);

	return _mm256_blendv_ps(all(fill), _mm256_maskload_ps(p, take), (vf)take);
}

static inline void
store_part(float *p, int n, vf v)
{
	_mm256_maskstore_ps(p, first(n), v);
}

static inline void
swap_parts(vf *a, vf *b, int half)
{
	const vf x = *a, y = *b;

	switch (half) {
	case 1:
		*a = _mm256_blend_ps(x, _mm256_moveldup_ps(y), 0xaa);
		*b = _mm256_blend_ps(_mm256_movehdup_ps(x), y, 0xaa);
		break;
	case 2:
		*a = _mm256_shuffle_ps(x, y, 0x44);
		*b = _mm256_shuffle_ps(x, y, 0xee);
		break;
	default:
		*a = _mm256_permute2f128_ps(x, y, 0x20);
		*b = _mm256_permute2f128_ps(x, y, 0x31);
	}
}

#else

static inline vf
load_part(const float *p, int n, float fill)
{
	vf v = all(fill);

	memcpy(&v, p, (size_t)n * sizeof *p);
	return v;
}

static inline void
store_part(float *p, int n, vf v)
{
	memcpy(p, &v, (size_t)n * sizeof *p);
}

static inline void
swap_parts(vf *a, vf *b, int half)
{
	for (int i = 0; i < W; i++)
		if (i & half) {
			float x = (*a)[i];

			(*a)[i] = (*b)[i - half];
			(*b)[i - half] = x;
		}
}

#endif

static inline vf
times_power(vf p, vf n)
{
	/* 0 below the smallest normal number; the exponent has bias 127 and starts at bit 23 */
	vi k = __builtin_convertvector(n, vi), lost = k < -126;

	return (vf)((vi)(p * (vf)((k + 127) << 23)) &
		(~lost | (vi)(n != n))); /* NOLINT(misc-redundant-expression): NaN */
}

static inline float
sum_of(vf v)
{
	for (int half = W / 2; half; half /= 2)
		for (int i = 0; i < half; i++)
			v[i] += v[i + half];
	return v[0];
}

static inline float
max_of(vf v)
{
	float top = v[0];

	for (int i = 1; i < W; i++)
		top = v[i] > top ? v[i] : top;
	return top;
}

#if KERNEL_WIDTH == 8

static inline vf
fma_(vf a, vf b, vf c)
{
	return _mm256_fmadd_ps(a, b, c);
}

static inline vf
max_(vf a, vf x)
{
	return _mm256_max_ps(a, x);
}

static inline vf
nearest(vf x)
{
	return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

#else

static inline vf
fma_(vf a, vf b, vf c)
{
	return a * b + c;
}

static inline vf
max_(vf a, vf x)
{
	vi take = a > x;

	return (vf)((take & (vi)a) | (~take & (vi)x));
}

static inline vf
nearest(vf x)
{
	vf shift = all(12582912.0f);	/* 1.5 * 2^23: no bits remain for a fraction */

	return x + shift - shift;
}

#endif
#endif

static inline vf
load(const float *p)
{
	vf v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline void
store(float *p, vf v)
{
	memcpy(p, &v, sizeof v);
}

/* load or store n lanes, all if n >= W */
static inline vf
load_n(const float *p, int n, float fill)
{
	return n < W ? load_part(p, n, fill) : load(p);
}

static inline void
store_n(float *p, int n, vf v)
{
	if (n < W)
		store_part(p, n, v);
	else
		store(p, v);
}

/* x if the mask is set, else 0 */
static inline vf
keep(vi mask, vf x)
{
	return (vf)(mask & (vi)x);
}

#endif
