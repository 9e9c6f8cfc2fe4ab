/* damage - images and archives cut at every byte, and bombs: small files that need much memory or time */
#include "base/err.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/image.h"
#include "crc.h"
#include "dataset/listing.h"
#include "tap.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <jpeglib.h>
#include <png.h>

enum {
	SIDE = 24,
	LARGE = 2048	/* of a flat image whose scans are a few bytes */
};

struct bytes { unsigned char *p; size_t size; };

static struct arena arena;

static void
paint(unsigned char *pixels)
{
	int i;

	for (i = 0; i < SIDE * SIDE * 3; i++)
		pixels[i] = (unsigned char)(i * i / 7 + i % 5 * 40);
}

static struct bytes
encode_jpeg(int side, const unsigned char *pixels, int progressive)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr e;
	unsigned char *out = NULL;
	unsigned long size = 0;

	c.err = jpeg_std_error(&e);
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &out, &size);
	c.image_width = c.image_height = (JDIMENSION)side;
	c.input_components = 3;
	c.in_color_space = JCS_RGB;
	jpeg_set_defaults(&c);
	if (progressive)
		jpeg_simple_progression(&c);
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < c.image_height) {
		JSAMPROW row = (JSAMPROW)pixels + c.next_scanline * (size_t)side * 3;

		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	return (struct bytes){ out, size };
}

static struct bytes
make_jpeg(int progressive)
{
	unsigned char pixels[SIDE * SIDE * 3];

	paint(pixels);
	return encode_jpeg(SIDE, pixels, progressive);
}

static struct bytes
make_png(void)
{
	png_image image = { .version = PNG_IMAGE_VERSION, .width = SIDE, .height = SIDE, .format = PNG_FORMAT_RGB };
	unsigned char pixels[SIDE * SIDE * 3];
	png_alloc_size_t size = 1 << 16;
	struct bytes b = { mem_new(size), 0 };

	paint(pixels);
	png_image_write_to_memory(&image, b.p, &size, 0, pixels, 0, NULL);
	b.size = size;
	return b;
}

/* Return the kind of damage and the checksum of the pixels; -1: refused. */
static int
try(const void *bytes, size_t size, uint32_t *sum)
{
	struct decode_report r;
	struct image p;

	arena_reset(&arena);
	if (decode_image(bytes, size, &decode_defaults, &arena, &p, &r) < 0)
		return -1;
	*sum = crc(0, p.pixels, p.stride * (size_t)p.height);
	return (int)r.damage;
}

static void
cut(const char *name, struct bytes b)
{
	size_t n, silent = 0, repaired = 0, wrong = 0;
	uint32_t whole = 0, sum;

	ok(try(b.p, b.size, &whole) == DECODE_CLEAN, "%s of %zu bytes decodes without damage", name, b.size);
	for (n = 0; n < b.size; n++) {
		/* a copy of its own size: a sanitizer detects reads beyond its end */
		unsigned char *copy = malloc(n + 1);
		int result;

		memcpy(copy, b.p, n);
		result = try(copy, n, &sum);
		silent += result == DECODE_CLEAN || result == DECODE_TOLERABLE;
		repaired += result == DECODE_REPAIRED;
		wrong += result == DECODE_REPAIRED && sum != whole;
		free(copy);
	}
	ok(silent == 0, "%s, cut at each byte, is always reported as cut", name);
	ok(repaired > 0 && wrong == 0, "%s, cut near its end (%zu places), is repaired and has all pixels", name,
		repaired);
}

/* the last scan of a progressive JPEG `times` times over */
static struct bytes
many_scans(struct bytes b, int times)
{
	size_t last = b.size - 2, scan, i;
	struct bytes out;

	while (last > 0 && !(b.p[last] == 0xff && b.p[last + 1] == 0xda))
		last--;
	scan = b.size - 2 - last;
	out.size = last + scan * (size_t)times + 2;
	out.p = mem_new(out.size);
	memcpy(out.p, b.p, last);
	for (i = 0; i < (size_t)times; i++)
		memcpy(out.p + last + i * scan, b.p + last, scan);
	memcpy(out.p + out.size - 2, b.p + b.size - 2, 2);
	return out;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
bomb(const char *name, const void *bytes, size_t size)
{
	double begun = now();
	uint32_t sum;
	int result = try(bytes, size, &sum);

	ok(result == -1 && now() - begun < 0.1, "bomb: %s is refused at once (%s)", name, err_text());
}

static struct bytes
flat_jpeg(void)
{
	unsigned char *pixels = mem_new(3 * LARGE * LARGE);
	struct bytes flat = encode_jpeg(LARGE, pixels, 1);
	uint32_t sum;
	int result = try(flat.p, flat.size, &sum);

	ok(result == DECODE_CLEAN, "a flat progressive JPEG of %dx%d in %zu bytes decodes", LARGE, LARGE, flat.size);
	free(pixels);
	return flat;
}

/* The small last scans of a large flat image many times over: the time is that of a few passes over the image. */
static void
scan_bomb(struct bytes flat)
{
	struct bytes scans = many_scans(flat, 80);
	uint32_t sum;
	int result = try(scans.p, scans.size, &sum);

	ok(result == -1 && strstr(err_text(), "scans of 2048x2048 pixels in"),
	    "bomb: its last scan 80 times is refused (%s)", err_text());
	free(scans.p);
}

static void
memory(const char *name, struct bytes b, double least)
{
	struct decode_budget budget = DECODE_BUDGET(1e9);
	struct decode_options o = decode_defaults;
	struct decode_report r;
	struct image p;
	int below, above;

	o.budget = &budget;
	o.max_memory = least - 1;
	arena_reset(&arena);
	below = decode_image(b.p, b.size, &o, &arena, &p, &r);
	o.max_memory = least;
	above = decode_image(b.p, b.size, &o, &arena, &p, &r);
	ok(below == -1 && above == 0 && r.memory == least && budget.used == least,
	    "%s: decodes with %.0f bytes of memory and fails with fewer", name, least);
	decode_budget_put(&budget, r.memory);
	ok(budget.used == 0, "%s: all memory of the budget is released", name);
}

/* the frame header's height and width: after FF C0/C2, length, precision */
static void
set_size(struct bytes b, int width, int height)
{
	size_t i;

	for (i = 0; i + 9 < b.size; i++)
		if (b.p[i] == 0xff && (b.p[i + 1] == 0xc0 || b.p[i + 1] == 0xc2)) {
			unsigned char *s = b.p + i + 5;

			s[0] = (unsigned char)(height >> 8);
			s[1] = (unsigned char)height;
			s[2] = (unsigned char)(width >> 8);
			s[3] = (unsigned char)width;
			return;
		}
}

static void
bombs(struct bytes jpeg, struct bytes progressive, struct bytes png)
{
	static const unsigned char million[8] = { 0, 0x0f, 0x42, 0x40, 0, 0x0f, 0x42, 0x40 };
	struct bytes scans = many_scans(progressive, 10000), padded = { NULL, 3500 }, flat = flat_jpeg();
	struct rusage before, use;
	uint32_t sum;

	/* growth, so that neither a sanitizer's own memory nor that of the large image, which decodes, counts */
	getrusage(RUSAGE_SELF, &before);
	bomb("progressive JPEG of 10 000 scans", scans.p, scans.size);
	set_size(jpeg, 65500, 65500);
	bomb("JPEG of 65500x65500", jpeg.p, jpeg.size);
	set_size(jpeg, 11000, 11000);
	bomb("JPEG of 11000x11000 in a few bytes", jpeg.p, jpeg.size);
	padded.p = mem_new(padded.size);
	memcpy(padded.p, progressive.p, progressive.size);
	set_size(padded, 11300, 11300);
	bomb("progressive JPEG of 11300x11300 in 3500 bytes", padded.p, padded.size);
	free(padded.p);
	scan_bomb(flat);
	free(flat.p);
	memcpy(png.p + 16, million, 8);
	sum = crc(0, png.p + 12, 17);
	png.p[29] = (unsigned char)(sum >> 24);
	png.p[30] = (unsigned char)(sum >> 16);
	png.p[31] = (unsigned char)(sum >> 8);
	png.p[32] = (unsigned char)sum;
	bomb("PNG of 1e6x1e6", png.p, png.size);
	getrusage(RUSAGE_SELF, &use);
	ok(use.ru_maxrss - before.ru_maxrss < 64 << 10, "bombs increase the resident memory by at most 64 MB (%ld MB)",
		(use.ru_maxrss - before.ru_maxrss) >> 10);
	free(scans.p);
}

/* a header for a plain file; size text is put as it is (12 bytes) */
static void
tar_header(unsigned char *h, const char *name, const char *size)
{
	unsigned long sum = 0;
	int i;

	memset(h, 0, 512);
	snprintf((char *)h, 100, "%s", name);
	memcpy(h + 100, "0000644", 8);
	memcpy(h + 124, size, 12);
	memcpy(h + 257, "ustar\0" "00", 8);
	h[156] = '0';
	memset(h + 148, ' ', 8);
	for (i = 0; i < 512; i++)
		sum += h[i];
	snprintf((char *)h + 148, 8, "%06lo", sum);
}

static long
list_tar(const char *path, const void *bytes, size_t size, struct listing *l)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(bytes, 1, size, f) != size || fclose(f) != 0)
		return -2;
	*l = (struct listing){ 0 };
	return listing_add(l, path);
}

static void
archives(struct bytes jpeg)
{
	size_t padded = (jpeg.size + 511) / 512 * 512, whole = 2 * (512 + padded) + 1024, n, silent = 0, bad_status = 0;
	unsigned char *tar = mem_new(whole);
	char path[] = "/tmp/tscae-damage-XXXXXX", name[64], size[13];
	struct listing l;
	int fd = mkstemp(path);

	close(fd);
	snprintf(name, sizeof name, "%s.tar", path);
	snprintf(size, sizeof size, "%011zo", jpeg.size);
	tar_header(tar, "a/1.jpg", size);
	memcpy(tar + 512, jpeg.p, jpeg.size);
	tar_header(tar + 512 + padded, "a/2.jpg", size);
	memcpy(tar + 1024 + padded, jpeg.p, jpeg.size);
	ok(list_tar(name, tar, whole, &l) == 0 && l.count == 2 && l.notes[LISTING_OPEN_ENDED].count == 0,
	    "an archive of %zu bytes is listed", whole);
	listing_free(&l);
	for (n = 0; n < whole; n++) {
		long result = list_tar(name, tar, n, &l);

		silent += result == 0 && l.notes[LISTING_OPEN_ENDED].count == 0;
		bad_status += result < 0 && err_status() != ERR_DATA;
		listing_free(&l);
	}
	ok(silent == 0 && bad_status == 0, "an archive cut at each byte is an error or reported");
	/* base 256: 2^63 - 1 and 2^63 */
	tar_header(tar, "a/1.jpg", "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff");
	ok(list_tar(name, tar, whole, &l) == -1 && err_status() == ERR_DATA,
		"bomb: an archive member of 8 EiB is refused (%s)", err_text());
	listing_free(&l);
	tar_header(tar, "a/1.jpg", "\x80\0\0\0\x80\0\0\0\0\0\0\0");
	ok(list_tar(name, tar, whole, &l) == -1 && err_status() == ERR_DATA,
		"bomb: an archive member above 8 EiB is refused (%s)", err_text());
	listing_free(&l);
	unlink(name);
	unlink(path);
	free(tar);
}

int
main(void)
{
	struct bytes jpeg = make_jpeg(0), progressive = make_jpeg(1), png = make_png(), spoiled = make_jpeg(0),
		spoiled_png = make_png();

	bombs(spoiled, progressive, spoiled_png);
	archives(jpeg);
	cut("JPEG", jpeg);
	cut("progressive JPEG", progressive);
	cut("PNG", png);
	/* chroma of half size: 16 x 16 pixels are six blocks of 64 coefficients of two bytes; libjpeg has 9 luma
	   blocks of 24 x 24 */
	memory("JPEG", jpeg, SIDE * SIDE * 3);
	memory("progressive JPEG", progressive, SIDE * SIDE * 3 + (9 + 2 * 4) * 64 * 2);
	memory("PNG", png, SIDE * SIDE * 3);
	arena_free(&arena);
	free(jpeg.p);
	free(progressive.p);
	free(png.p);
	free(spoiled.p);
	free(spoiled_png.p);
	return tap_end();
}
