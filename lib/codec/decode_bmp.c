/* decode_bmp - BMP of Windows and OS/2: 1 to 32 bits a pixel, palettes, bit masks, RLE

   Own code: no library of Debian reads BMP from memory, with limits, without ending the program on an error. Masked
   samples are scaled to 8 bits as Pillow does it: v * 255 / max, rounded down. */
#include "base/err.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/decode_job.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	FILE_HEADER = 14, OLD_HEADER = 12, WINDOWS_HEADER = 40, MASKED_HEADER = 52, ALPHA_HEADER = 56,
	RGB = 0, RLE8 = 1, RLE4 = 2, BITFIELDS = 3, ALPHABITFIELDS = 6,	/* compression */
	BLUE = 2	/* a palette is stored as blue, green, red */
};

struct bmp {
	const unsigned char *bytes;
	size_t size, offset;		/* of the file; of the pixels */
	int width, height, bits;
	unsigned compression;
	bool top_down;
	uint32_t mask[4];		/* red, green, blue, alpha */
	uint8_t palette[256][3];
	int colors;			/* of the palette */
	int largest;			/* index of a pixel */
};

static uint32_t
get(const unsigned char *p, int bytes)
{
	uint32_t x = 0;

	while (bytes-- > 0)
		x = x << 8 | p[bytes];
	return x;
}

static void
read_palette(struct bmp *b, size_t at, int entry, unsigned count)
{
	unsigned i;
	int c;

	for (i = 0; i < count && i < 256 && at + (size_t)entry <= b->size && at < b->offset; i++, at += (size_t)entry)
		for (c = 0; c < 3; c++)
			b->palette[i][c] = b->bytes[at + (size_t)(BLUE - c)];
	b->colors = (int)i;
}

static int
read_masks(struct bmp *b, uint32_t header)
{
	static const uint32_t five[4] = { 0x7c00, 0x3e0, 0x1f, 0 }, eight[4] = { 0xff0000, 0xff00, 0xff, 0 };
	int i, count = header >= ALPHA_HEADER || b->compression == ALPHABITFIELDS ? 4 : 3;

	memcpy(b->mask, b->bits == 16 ? five : eight, sizeof b->mask);
	if (b->compression != BITFIELDS && b->compression != ALPHABITFIELDS)
		return 0;
	if (b->size < FILE_HEADER + WINDOWS_HEADER + 16)
		return err(ERR_DATA, "cut short in the header");
	for (i = 0; i < count; i++)
		b->mask[i] = get(b->bytes + FILE_HEADER + WINDOWS_HEADER + 4 * i, 4);
	return 0;
}

static int
read_header(struct bmp *b)
{
	const unsigned char *p = b->bytes + FILE_HEADER;
	uint32_t header = b->size < FILE_HEADER + 4 ? 0 : get(p, 4), colors = 0;
	int64_t width, height;
	size_t palette;

	if (header < OLD_HEADER || header > 1024 || b->size < FILE_HEADER + (size_t)header)
		return err(ERR_DATA, "cut short in the header");
	if (header != OLD_HEADER && header < WINDOWS_HEADER)
		return err(ERR_DATA, "a BMP header of %u bytes, which is not read", header);
	b->offset = get(b->bytes + 10, 4);
	if (b->offset > b->size)
		return err(ERR_DATA, "cut short before the first row");
	if (header == OLD_HEADER) {
		width = get(p + 4, 2);
		height = get(p + 6, 2);
		b->bits = (int)get(p + 10, 2);
	} else {
		width = (int32_t)get(p + 4, 4);
		height = (int32_t)get(p + 8, 4);
		b->bits = (int)get(p + 14, 2);
		b->compression = get(p + 16, 4);
		colors = get(p + 32, 4);
	}
	b->top_down = height < 0;
	height = llabs(height);
	if (width < 1 || height < 1 || height > INT_MAX)
		return err(ERR_DATA, "an empty image (%lldx%lld)", (long long)width, (long long)height);
	b->width = (int)width;
	b->height = (int)height;
	palette = FILE_HEADER + (size_t)header;
	if (header == WINDOWS_HEADER)
		palette += b->compression == BITFIELDS ? 12 : b->compression == ALPHABITFIELDS ? 16 : 0;
	if (b->bits <= 8)
		read_palette(b, palette, header == OLD_HEADER ? 3 : 4, colors ? colors : 1u << b->bits);
	return b->bits > 8 ? read_masks(b, header) : 0;
}

static int
check_kind(const struct bmp *b)
{
	static const struct { unsigned compression; int bits; } kinds[] = {
		{ RGB, 1 }, { RGB, 2 }, { RGB, 4 }, { RGB, 8 }, { RGB, 16 }, { RGB, 24 }, { RGB, 32 }, { RLE8, 8 },
		    { RLE4, 4 },
		{ BITFIELDS, 16 }, { BITFIELDS, 32 }, { ALPHABITFIELDS, 16 }, { ALPHABITFIELDS, 32 }
	};
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].compression == b->compression && kinds[i].bits == b->bits)
			return 0;
	return err(ERR_DATA, "a BMP of %d bits and compression %u, which is not read", b->bits, b->compression);
}

static uint8_t
masked(uint32_t value, uint32_t mask)
{
	uint32_t max = mask;
	int shift = 0;

	if (!mask)
		return 0;
	while (!(max & 1)) {
		max >>= 1;
		shift++;
	}
	return (uint8_t)((uint64_t)((value & mask) >> shift) * 255 / max);
}

/* One stored row to samples. */
static void
convert(struct bmp *b, const unsigned char *from, uint8_t *to, int channels)
{
	int x, c;

	for (x = 0; x < b->width; x++, to += channels)
		if (b->bits <= 8) {
			const int per = 8 / b->bits, shift = 8 - b->bits * (x % per + 1);
			const int i = from[x / per] >> shift & ((1 << b->bits) - 1);

			memcpy(to, b->palette[i], 3);
			b->largest = i > b->largest ? i : b->largest;
		} else if (b->bits == 24) {
			for (c = 0; c < 3; c++)
				to[c] = from[3 * x + BLUE - c];
		} else {
			const uint32_t value = get(from + (ptrdiff_t)x * (b->bits / 8), b->bits / 8);

			for (c = 0; c < channels; c++)
				to[c] = masked(value, b->mask[c]);
		}
}

/* Decode RLE into color numbers, a byte each, rows from the bottom. Returns how many rows were begun; all if the end
   mark came. */
static int
expand(const struct bmp *b, uint8_t *canvas)
{
	const unsigned char *p = b->bytes + b->offset, *end = b->bytes + b->size;
	const bool nibbles = b->compression == RLE4;
	int x = 0, y = 0, i;

	while (end - p >= 2 && y < b->height) {
		const int count = p[0], value = p[1];
		const int bytes = nibbles ? (value + 1) / 2 : value;
		uint8_t *row = canvas + (size_t)y * (size_t)b->width;

		p += 2;
		if (count > 0) {
			for (i = 0; i < count && x < b->width; i++)
				row[x++] = (uint8_t)(!nibbles ? value : i % 2 ? value & 15 : value >> 4);
		} else if (value == 0) {
			x = 0;
			y++;
		} else if (value == 1) {
			return b->height;
		} else if (value == 2) {
			if (end - p < 2)
				break;
			x += p[0];
			y += p[1];
			x = x < b->width ? x : b->width;
			p += 2;
		} else {
			if (end - p < bytes)
				break;
			for (i = 0; i < value && x < b->width; i++)
				row[x++] = (uint8_t)(!nibbles ? p[i] : i % 2 ? p[i / 2] & 15 : p[i / 2] >> 4);
			p += bytes + bytes % 2 < end - p ? bytes + bytes % 2 : end - p;
		}
	}
	return y;
}

/* Convert the rows that are there. Returns their number. */
static int
read_rows(struct decode_job *job, struct bmp *b, struct decode_layout layout)
{
	const bool runs = b->compression == RLE8 || b->compression == RLE4;
	const size_t stride = runs ? (size_t)b->width : ((size_t)b->width * (size_t)b->bits + 31) / 32 * 4;
	/* the last row may lack its padding */
	const size_t whole = runs ? stride : ((size_t)b->width * (size_t)b->bits + 7) / 8;
	uint8_t *row = arena_array(job->arena, (size_t)b->width, (size_t)layout.channels), *canvas = NULL;
	int rows = 0, y;

	if (runs) {
		canvas = arena_array(job->arena, stride, (size_t)b->height);
		memset(canvas, 0, stride * (size_t)b->height);
		rows = expand(b, canvas);
		b->bits = 8;
	}
	for (y = 0; y < b->height; y++) {
		const size_t at = b->offset + (size_t)y * stride;

		if (runs ? y >= rows : at > b->size || b->size - at < whole)
			break;
		convert(b, runs ? canvas + (size_t)y * stride : b->bytes + at, row, layout.channels);
		decode_job_row(job, b->top_down ? y : b->height - 1 - y, row, layout);
	}
	return y;
}

int
decode_bmp(struct decode_job *job)
{
	struct bmp b = { .bytes = job->bytes, .size = job->size };
	struct decode_layout layout = { 3, 3, 1 };

	if (read_header(&b) < 0 || check_kind(&b) < 0 || decode_job_size(job, b.width, b.height) < 0)
		return -1;
	if (job->options->channels && b.mask[3])
		layout.channels = 4;
	if (decode_job_memory(job, b.width, b.height, (double)b.width * b.height) < 0 || decode_job_begin(job,
	    b.width, b.height, layout) < 0)
		return -1;
	if (read_rows(job, &b, layout) < b.height) {
		if (!job->begun)
			return err(ERR_DATA, "cut short before the first row");
		decode_job_damage(job, DECODE_DAMAGED, "the BMP file is cut short");
	}
	if (b.bits <= 8)
		decode_job_largest(job, b.largest, b.colors);
	return 0;
}
