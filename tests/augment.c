/* augment - color operations, filters and augmentations: 450 seeded images against Pillow's checksums
   (tests/golden/enhance.py), hue and blur against slow reference loops */
#include "base/mem.h"
#include "base/rng.h"
#include "codec/image.h"
#include "crc.h"
#include "tap.h"
#include "transform/augment.h"
#include "transform/color.h"
#include "transform/resize.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static struct arena arena;

/* The same bytes as philox() in tests/golden/resize.py. */
static struct image
seeded(int row, int width, int height, int channels)
{
	struct image p = image_new(&arena, width, height, channels);
	size_t n = p.stride * (size_t)height, i;
	uint32_t key[2] = { (uint32_t)row, 0 }, word[4];

	for (i = 0; i < n; i++) {
		if (i % 16 == 0)
			rng_philox((uint32_t[4]){ (uint32_t)(i / 16), 0, 0, 0 }, key, word);
		p.pixels[i] = (uint8_t)(word[i % 16 / 4] >> 8 * (i % 4));
		if (row % 3 == 0)
			p.pixels[i] = (uint8_t)((p.pixels[i] >> 6) * 50 + 30);
	}
	return p;
}

static struct image
copy(const struct image *p)
{
	struct image c = image_new(&arena, p->width, p->height, p->channels);

	image_copy(&c, p);
	return c;
}

static int
same(const struct image *a, const struct image *b)
{
	return memcmp(a->pixels, b->pixels, a->stride * (size_t)a->height) == 0;
}

static void
change(const struct image *p, const char *name, double x)
{
	const int bits = (int)(x * 4);

	switch (name[0] == 's' ? name[1] : name[0]) {
	case 'b': color_brightness(p, x); break;
	case 'c': color_contrast(p, x); break;
	case 'a': color_saturation(p, x); break;
	case 'h': color_sharpness(&arena, p, x); break;
	case 'o': color_solarize(p, x * 100); break;
	case 'p': color_posterize(p, bits < 1 ? 1 : bits); break;
	case 't': color_autocontrast(p); break;
	case 'e': color_equalize(p); break;
	default: color_gray(p);
	}
}

static int
check_pillow(void)
{
	FILE *f = fopen("tests/golden/enhance.tsv", "r");
	int row, w, h, channels, rows = 0, bad = 0;
	char line[256], name[16];
	unsigned expected, got;
	double x;

	if (!f)
		return tap_skip("tests/golden/enhance.tsv is missing");
	while (fgets(line, sizeof line, f)) {
		struct image p;

		if (sscanf(line, "%d %d %d %d %15s %lf %x", &row, &w, &h, &channels, name, &x, &expected) != 7)
			continue;
		p = seeded(row, w, h, channels);
		change(&p, name, x);
		got = crc(0, p.pixels, p.stride * (size_t)h);
		if (got != expected) {
			diag("%08x instead of %s", got, line);
			bad++;
		}
		rows++;
		arena_reset(&arena);
	}
	fclose(f);
	ok(rows == 450 && !bad, "color operations and sharpness: %d images have Pillow's bytes", rows);
	return 0;
}

/* The definition of HSV, in double precision. */
static void
slow_hue(const uint8_t in[3], double turn, double out[3])
{
	const double r = in[0] / 255.0, g = in[1] / 255.0, b = in[2] / 255.0, most = fmax(r, fmax(g, b)),
		range = most - fmin(r, fmin(g, b));
	double hue = 0;
	float rgb[3];
	int c;

	if (range > 0)
		hue = most == r ? (g - b) / range : most == g ? 2 + (b - r) / range : 4 + (r - g) / range;
	hue = hue / 6 + turn + 2;
	color_hsv(hue - floor(hue), most > 0 ? range / most : 0, most, rgb);
	for (c = 0; c < 3; c++)
		out[c] = 255.0 * (double)rgb[c];
}

static void
check_hue(void)
{
	double most = 0, out[3];
	int i, row, c, back = 0;

	for (row = 1; row < 60; row++) {
		struct rng r = rng_at(1, row, "hue", "");
		const double turn = row == 1 ? 0 : row == 2 ? 0.5 : row == 3 ? -0.5 : rng_unit(&r) - 0.5;
		struct image p = seeded(row, 40, 30, 3), was = copy(&p);

		color_hue(&p, turn);
		back += row == 1 && !same(&p, &was);
		for (i = 0; i < 1200; i++) {
			slow_hue(was.pixels + 3 * i, turn, out);
			for (c = 0; c < 3; c++)
				most = fmax(most, fabs(p.pixels[3 * i + c] - out[c]));
		}
		arena_reset(&arena);
	}
	ok(most < 0.501, "hue: the rounded result of HSV in double precision (largest difference %.4f)", most);
	ok(!back, "hue: a rotation by 0 changes no byte");
}

/* One pass at one pixel, in double precision. */
static double
slow_blur(const double *in, int step, int i, int n, double sigma)
{
	const int radius = (int)(4 * sigma + 0.5);
	double sum = 0, weights = 0;
	int t;

	for (t = -radius; t <= radius; t++)
		if (i + t >= 0 && i + t < n) {
			const double w = exp(-t * t / (2 * sigma * sigma));

			sum += w * in[(long)(i + t) * step];
			weights += w;
		}
	return sum / weights;
}

static void
check_blur(void)
{
	static const double sigmas[] = { 0.2, 0.5, 1, 1.5, 3, 9 };
	double most = 0, mean = 0;
	size_t s;
	int i, row, count = 0;

	for (s = 0; s < sizeof sigmas / sizeof *sigmas; s++)
		for (row = 0; row < 6; row++) {
			const int w = 23 + 4 * row, h = 40 - 6 * row, channels = row % 2 ? 3 : 1, n = w * h * channels;
			struct image p = seeded(row, w, h, channels), was = copy(&p);
			double *x = arena_array(&arena, (size_t)n, sizeof *x),
			       *y = arena_array(&arena, (size_t)n, sizeof *y);

			resize_blur(&arena, &p, sigmas[s]);
			for (i = 0; i < n; i++)
				x[i] = was.pixels[i];
			for (i = 0; i < n; i++)
				y[i] = slow_blur(x + (i - i % (w * channels)) + i % channels, channels,
					i % (w * channels) / channels, w, sigmas[s]);
			for (i = 0; i < n; i++) {
				const double away = fabs(slow_blur(y + i % (w * channels), w * channels,
					i / (w * channels), h, sigmas[s]) -
					p.pixels[i]);

				most = fmax(most, away);
				mean += away;
				count++;
			}
			arena_reset(&arena);
		}
	ok(most <= 1.01 && mean / count < 0.35,
		"blur: as in double precision except for two roundings (largest difference %.3f, mean %.3f)", most,
		mean / count);
}

static void
check_identity(void)
{
	int row, bad = 0, zero = 0;

	for (row = 0; row < 30; row++) {
		struct rng r = rng_at(5, row, "nothing", "");
		struct image p = seeded(row, 33, 21, row % 2 ? 3 : 1), was = copy(&p);
		double map[6];

		resize_blur(&arena, &p, 0);
		color_brightness(&p, 1);
		color_contrast(&p, 1);
		color_saturation(&p, 1);
		color_sharpness(&arena, &p, 1);
		color_posterize(&p, 8);
		color_solarize(&p, 256);
		augment_jitter(&r, &p, &(struct augment_jitter){ 0 });
		augment_rotation(0, map);
		augment_affine(&arena, &p, map);
		bad += !same(&p, &was);
		color_brightness(&p, 0);
		zero += p.pixels[100] != 0;
		arena_reset(&arena);
	}
	ok(!bad, "operations with factor 1, sigma 0 or angle 0 change no byte");
	ok(!zero, "brightness with factor 0 gives black");
}

static void
check_affine(void)
{
	struct image p = seeded(1, 40, 40, 3), was = copy(&p);
	double map[6], worst = 0;
	int i, x, y, bad = 0;

	for (i = -45; i <= 45; i++) {
		augment_rotation(i, map);
		worst = fmax(worst, fabs(map[0] - cos(i * M_PI / 180)) + fabs(map[3] - sin(i * M_PI / 180)));
	}
	ok(worst < 1e-15, "affine: rotations have the C library's sine and cosine (difference %.1e)", worst);
	/* a rotation by 90 degrees maps pixel centers to pixel centers */
	augment_affine(&arena, &p, (double[6]){ 0, 1, 0, -1, 0, 0 });
	for (y = 0; y < 40; y++)
		for (x = 0; x < 40; x++)
			bad += memcmp(image_row(&p, y) + 3 * x, image_row(&was, 39 - x) + 3 * y, 3) != 0;
	ok(!bad, "affine: a rotation by 90 degrees moves every pixel");
	augment_affine(&arena, &p, (double[6]){ 1, 0, 1000, 0, 1, 0 });
	ok(p.pixels[0] == 124 && p.pixels[1] == 116 && p.pixels[2] == 104 && p.pixels[3 * 1599] == 124,
		"affine: pixels from outside the image have the mean color");
	arena_reset(&arena);
}

/* Number and bounding box of the changed pixels. */
static void
check_erase(void)
{
	static const double area[2] = { 0.1, 0.2 }, ratio[2] = { 0.5, 2 };
	int i, k, bad = 0, fills[3] = { 0 };

	for (i = 0; i < 300; i++) {
		struct rng r = rng_at(2, i, "erase", "");
		struct image p = image_new(&arena, 60, 50, 3);
		int left = 60, right = -1, top = 50, bottom = -1, count = 0;

		memset(p.pixels, 7, p.stride * 50);
		augment_erase(&r, &p, area, ratio, (enum augment_fill)(i % 3));
		for (k = 0; k < 3000; k++)
			if (memcmp(p.pixels + 3 * k, (uint8_t[3]){ 7, 7, 7 }, 3) != 0) {
				left = k % 60 < left ? k % 60 : left;
				right = k % 60 > right ? k % 60 : right;
				top = k / 60 < top ? k / 60 : top;
				bottom = k / 60;
				count++;
			}
		bad += count != (right - left + 1) * (bottom - top + 1) || count < 270 || count > 630;
		fills[i % 3] += p.pixels[3 * (top * 60 + left)];
		arena_reset(&arena);
	}
	ok(!bad, "erase: one rectangle within the requested range of areas");
	ok(fills[0] == 124 * 100 && fills[1] == 0 && fills[2] > 9000 && fills[2] < 17000,
		"erase: fills with the mean color, black and noise");
	{
		struct rng r = rng_at(2, 0, "erase", "");
		struct image line = image_new(&arena, 300, 1, 1);

		memset(line.pixels, 9, 300);
		augment_erase(&r, &line, (double[2]){ 0.3, 0.33 }, ratio, AUGMENT_FILL_BLACK);
		ok(line.pixels[0] == 9 && !memchr(line.pixels, 0, 300), "erase: no change where no rectangle fits");
	}
}

/* With and without operations that move pixels: only those make columns differ. */
static void
check_randaugment(void)
{
	int i, changed = 0, moved = 0, zero = 0;

	for (i = 0; i < 400; i++) {
		struct rng r = rng_at(9, i, "rand", "");
		struct image p = image_new(&arena, 32, 32, 3), was;
		int k;

		/* equal columns stay equal under an operation on bytes, not under one that moves pixels */
		for (k = 0; k < 32 * 32 * 3; k++)
			p.pixels[k] = (uint8_t)(k / 96 * 7);
		was = copy(&p);
		augment_rand(&r, &arena, &p, 2, 9, i % 2);
		changed += !same(&p, &was);
		for (k = 0; k < 32 * 32 * 3; k++)
			/* smoothing does not change the border */
			if (k % 96 >= 3 && k % 96 < 93 && p.pixels[k] != p.pixels[k - k % 96 + 3 + k % 3]) {
				moved += i % 2 ? 1 : 1000;
				break;
			}
		arena_reset(&arena);
		r = rng_at(9, i, "rand", "");
		p = seeded(4, 20, 20, 3);
		was = copy(&p);
		augment_rand(&r, &arena, &p, 0, 9, true);
		zero += !same(&p, &was);
	}
	ok(changed > 200 && changed < 400, "RandAugment: most images change (%d of 400)", changed);
	ok(moved > 40 && moved < 200, "RandAugment: pixels move only with geometric operations (%d of 200)", moved);
	ok(!zero, "RandAugment: 0 operations change no byte");
}

int
main(void)
{
	check_pillow();
	check_hue();
	check_blur();
	check_identity();
	check_affine();
	check_erase();
	check_randaugment();
	arena_free(&arena);
	return tap_end();
}
