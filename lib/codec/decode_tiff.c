/* decode_tiff - a page of a TIFF through libtiff: strips and tiles, 1 to 16 bits, up to 16 channels

   Samples are read as they are stored, so that 16 bits and channels beyond RGB are kept. Gray (white or black is zero),
   RGB, palette and ink are converted; YCbCr in JPEG by libtiff; other color spaces are refused, and so are compressions
   that few libraries have or that cannot be limited. */
#include "base/err.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/decode_job.h"
#include "codec/image.h"
#include "codec/tiff_chain.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiff.h>
#include <tiffio.h>

enum {
	TAGS_BYTES = 64 << 10,	/* more than libtiff needs for its table of tags */
	BLOCK_MAX = 512 << 20,	/* bytes of a strip or tile */
	BAD_BLOCKS_MAX = 1000	/* damaged strips or tiles after which the rest is not tried */
};

struct tiff_input {
	struct decode_job *job;
	uint64_t at;
	unsigned char header[TIFF_CHAIN_HEADER];	/* while it is opened: the page that is read is the first */
	size_t header_size;	/* 0: that of the file */
	char text[200];		/* the first error */
	long errors;
};

struct tiff_page {
	uint32_t width, height, block_width, block_height;
	uint16_t bits, channels, planes, photometric, compression, format;
	bool tiled;
	uint16_t *color[3];	/* of the palette */
	size_t stride;		/* bytes of a row of `samples` */
	unsigned char *samples;	/* the page, channels interleaved, of 1 or 2 bytes */
};

static tmsize_t
take(thandle_t h, void *to, tmsize_t size)
{
	struct tiff_input *s = h;
	const uint64_t left = s->at < s->job->size ? s->job->size - s->at : 0,
	    n = (uint64_t)size < left ? (uint64_t)size : left;

	memcpy(to, s->job->bytes + (n ? s->at : 0), n);
	if (n && s->at < s->header_size)
		memcpy(to, s->header + s->at, n < s->header_size - s->at ? n : s->header_size - s->at);
	s->at += n;
	return (tmsize_t)n;
}

static tmsize_t
refuse_write(thandle_t h, void *from, tmsize_t size)
{
	(void)h, (void)from, (void)size;
	return -1;
}

static toff_t
seek(thandle_t h, toff_t to, int whence)
{
	struct tiff_input *s = h;

	s->at = to + (whence == SEEK_CUR ? s->at : whence == SEEK_END ? s->job->size : 0);
	return s->at;
}

static int
shut(thandle_t h)
{
	(void)h;
	return 0;
}

static toff_t
measure(thandle_t h)
{
	return ((struct tiff_input *)h)->job->size;
}

static int
on_error(TIFF *t, void *arg, const char *module, const char *format, va_list list)
{
	struct tiff_input *s = arg;

	(void)t, (void)module;
	if (s->errors++ == 0)
		vsnprintf(s->text, sizeof s->text, format, list);
	return 1;
}

static int
on_warning(TIFF *t, void *arg, const char *module, const char *format, va_list list)
{
	struct tiff_input *s = arg;
	char text[200];

	(void)t, (void)module;
	vsnprintf(text, sizeof text, format, list);
	decode_job_damage(s->job, DECODE_TOLERABLE, text);
	return 1;
}

static TIFF *
open_bytes(struct tiff_input *s)
{
	TIFFOpenOptions *o;
	TIFF *t;

	if (s->job->options->page_at > 0)
		s->header_size = tiff_chain_header(s->header, s->job->bytes, s->job->size, s->job->options->page_at);
	/* libtiff uses its table of tags unseen; with this much free memory it gets one */
	free(mem_new(TAGS_BYTES));
	o = TIFFOpenOptionsAlloc();
	if (!o)
		mem_none();
	TIFFOpenOptionsSetMaxSingleMemAlloc(o, BLOCK_MAX);
	TIFFOpenOptionsSetErrorHandlerExtR(o, on_error, s);
	TIFFOpenOptionsSetWarningHandlerExtR(o, on_warning, s);
	/* m: no memory map; O: strip offsets are read when needed */
	t = TIFFClientOpenExt("TIFF", "rmO", s, take, refuse_write, seek, shut, measure, NULL, NULL, o);
	TIFFOpenOptionsFree(o);
	s->header_size = 0;
	return t;
}

static int
read_tags(TIFF *t, struct tiff_page *p)
{
	if (!TIFFGetField(t, TIFFTAG_IMAGEWIDTH, &p->width) || !TIFFGetField(t, TIFFTAG_IMAGELENGTH, &p->height))
		return err(ERR_DATA, "a TIFF without width and height");
	TIFFGetFieldDefaulted(t, TIFFTAG_BITSPERSAMPLE, &p->bits);
	TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLESPERPIXEL, &p->channels);
	TIFFGetFieldDefaulted(t, TIFFTAG_PLANARCONFIG, &p->planes);
	TIFFGetFieldDefaulted(t, TIFFTAG_COMPRESSION, &p->compression);
	TIFFGetFieldDefaulted(t, TIFFTAG_SAMPLEFORMAT, &p->format);
	if (!TIFFGetField(t, TIFFTAG_PHOTOMETRIC, &p->photometric))
		p->photometric = p->channels >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK;
	p->tiled = TIFFIsTiled(t);
	if (p->tiled) {
		TIFFGetField(t, TIFFTAG_TILEWIDTH, &p->block_width);
		TIFFGetField(t, TIFFTAG_TILELENGTH, &p->block_height);
	} else {
		TIFFGetFieldDefaulted(t, TIFFTAG_ROWSPERSTRIP, &p->block_height);
		p->block_width = p->width;
		if (p->block_height > p->height)
			p->block_height = p->height;
	}
	return 0;
}

static int
check_tags(TIFF *t, struct tiff_page *p)
{
	static const uint16_t compressions[] = { COMPRESSION_NONE, COMPRESSION_CCITTRLE, COMPRESSION_CCITTFAX3,
	    COMPRESSION_CCITTFAX4,
		COMPRESSION_LZW, COMPRESSION_JPEG, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_DEFLATE,
		    COMPRESSION_PACKBITS, COMPRESSION_ZSTD };
	const char *bad = NULL;
	size_t i, n = sizeof compressions / sizeof *compressions;

	for (i = 0; i < n && compressions[i] != p->compression; i++)
		;
	if (i == n || !TIFFIsCODECConfigured(p->compression))
		return err(ERR_DATA, "a TIFF of compression %u, which is not read", p->compression);
	if (p->photometric == PHOTOMETRIC_YCBCR && p->compression == COMPRESSION_JPEG) {
		TIFFSetField(t, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
		p->photometric = PHOTOMETRIC_RGB;
	}
	if (p->bits != 1 && p->bits != 2 && p->bits != 4 && p->bits != 8 && p->bits != 16)
		return err(ERR_DATA, "a TIFF of %u bits a sample, which is not read", p->bits);
	if (p->format != SAMPLEFORMAT_UINT && p->format != SAMPLEFORMAT_VOID)
		return err(ERR_DATA, "a TIFF of signed or real samples, which is not read");
	if (p->channels < 1 || p->channels > IMAGE_CHANNELS_MAX)
		return err(ERR_DATA, "a TIFF of %u channels, which is not read", p->channels);
	if (p->photometric == PHOTOMETRIC_RGB && p->channels < 3)
		bad = "RGB of less than three channels";
	else if (p->photometric == PHOTOMETRIC_SEPARATED && p->channels < 4)
		bad = "ink of less than four channels";
	else if (p->photometric == PHOTOMETRIC_PALETTE &&
		(p->bits > 8 || !TIFFGetField(t, TIFFTAG_COLORMAP, &p->color[0], &p->color[1], &p->color[2])))
		bad = "no usable palette";
	else if (p->photometric > PHOTOMETRIC_PALETTE && p->photometric != PHOTOMETRIC_SEPARATED)
		bad = "another color space than gray, RGB, palette, ink or YCbCr in JPEG";
	if (bad)
		return err(ERR_DATA, "a TIFF of %s, which is not read", bad);
	if (p->block_width < 1 || p->block_height < 1)
		return err(ERR_DATA, "a TIFF of empty strips or tiles");
	return 0;
}

/* The samples of one row of a block to the page: `count` samples from `first` of a row on, `step` apart. */
static void
unpack(const struct tiff_page *p, const unsigned char *from, unsigned char *to, size_t count, size_t step)
{
	const unsigned top = (1u << (p->bits < 8 ? p->bits : 8)) - 1;
	size_t i;

	if (p->bits == 16)
		for (i = 0; i < count; i++)
			memcpy(to + 2 * i * step, from + 2 * i, 2);
	else if (p->bits == 8)
		for (i = 0; i < count; i++)
			to[i * step] = from[i];
	else
		for (i = 0; i < count; i++) {
			const size_t bit = i * p->bits;

			to[i * step] = (unsigned char)(from[bit / 8] >> (8 - p->bits - bit % 8) & top);
		}
}

/* Read all strips or tiles. Returns the number of those that are damaged, and in *read of those that are not. */
static long
read_blocks(TIFF *t, const struct tiff_input *s, const struct tiff_page *p, unsigned char *block,
    tmsize_t block_bytes, long *read)
{
	const bool apart = p->planes == PLANARCONFIG_SEPARATE;
	const unsigned planes = apart ? p->channels : 1;
	const size_t bytes = p->bits == 16 ? 2 : 1, per = apart ? 1 : p->channels;
	const size_t block_stride = ((size_t)p->block_width * per * p->bits + 7) / 8;
	long damaged = 0;
	uint32_t x, y, row;
	unsigned plane;

	for (plane = 0; plane < planes; plane++)
		for (y = 0; y < p->height; y += p->block_height)
			for (x = 0; x < p->width && damaged < BAD_BLOCKS_MAX; x += p->block_width) {
				const uint32_t rows = p->height - y < p->block_height ? p->height - y : p->block_height;
				const uint32_t columns = p->width - x < p->block_width ? p->width - x : p->block_width;
				const long errors = s->errors;
				const uint32_t number = p->tiled ? TIFFComputeTile(t, x, y, 0,
				    (uint16_t)plane) : TIFFComputeStrip(t, y, (uint16_t)plane);
				const tmsize_t got = p->tiled ? TIFFReadEncodedTile(t, number, block, block_bytes) :
					TIFFReadEncodedStrip(t, number, block, (tmsize_t)(rows * block_stride));
				/* where the offset of a block is unreadable, libtiff reads other bytes of the file */
				const bool whole = s->errors == errors && got >= 0 &&
				    (size_t)got >= rows * block_stride;

				damaged += !whole;
				*read += whole;
				for (row = 0; whole && row < rows; row++)
					unpack(p, block + row * block_stride,
						p->samples + (y + row) * p->stride +
						    ((size_t)x * p->channels + plane) * bytes,
						columns * per, apart ? p->channels : 1);
				if (y > UINT32_MAX - p->block_height || x > UINT32_MAX - p->block_width)
					break;
			}
	return damaged;
}

/* One row to what decode_job_row() takes, in place or into rgb. */
static const void *
convert(const struct tiff_page *p, unsigned char *row, uint8_t *rgb, bool ink)
{
	const size_t count = (size_t)p->width * p->channels;
	const unsigned top = p->bits < 8 ? (1u << p->bits) - 1 : 255;
	size_t i;
	int c;

	if (p->photometric == PHOTOMETRIC_PALETTE) {
		for (i = 0; i < p->width; i++)
			for (c = 0; c < 3; c++)
				rgb[3 * i + (size_t)c] = (uint8_t)(p->color[c][row[i * p->channels]] >> 8);
		return rgb;
	}
	if (ink) {
		const size_t bytes = p->bits == 16 ? 2 : 1;

		for (i = 0; i < p->width; i++) {
			uint8_t cmyk[4];

			for (c = 0; c < 4; c++) {
				const unsigned char *s = row + (i * p->channels + (size_t)c) * bytes;
				uint16_t wide;

				memcpy(&wide, s, bytes);
				cmyk[c] = (uint8_t)(bytes == 2 ? wide >> 8 : *s * 255 / top);
			}
			decode_job_ink(rgb + 3 * i, cmyk[0], cmyk[1], cmyk[2], (uint8_t)(255 - cmyk[3]));
		}
		return rgb;
	}
	if (p->bits == 16) {
		uint16_t *wide = (uint16_t *)row;

		for (i = 0; p->photometric == PHOTOMETRIC_MINISWHITE && i < count; i += p->channels)
			wide[i] = (uint16_t)~wide[i];
		return row;
	}
	for (i = 0; p->bits < 8 && i < count; i++)
		row[i] = (unsigned char)(row[i] * 255 / top);
	for (i = 0; p->photometric == PHOTOMETRIC_MINISWHITE && i < count; i += p->channels)
		row[i] = (unsigned char)~row[i];
	return row;
}

/* The layout of the rows after convert(). One channel more than the colors is alpha. Further channels, or one beside
   gray that the file declares as no alpha, have no meaning that could be left out. */
static struct decode_layout
layout_of(TIFF *t, const struct tiff_page *p, bool ink)
{
	const int bytes = p->bits == 16 ? 2 : 1, colors = p->photometric == PHOTOMETRIC_RGB ? 3 : 1;
	uint16_t extras = 0, *kinds = NULL;

	TIFFGetFieldDefaulted(t, TIFFTAG_EXTRASAMPLES, &extras, &kinds);
	if (p->photometric == PHOTOMETRIC_PALETTE || ink)
		return (struct decode_layout){ 3, 3, 1 };
	if (p->photometric == PHOTOMETRIC_SEPARATED || p->channels > colors + 1 ||
		(p->channels == colors + 1 && extras && kinds[0] == EXTRASAMPLE_UNSPECIFIED && colors == 1))
		return (struct decode_layout){ p->channels, 0, bytes };
	return (struct decode_layout){ p->channels, colors, bytes };
}

static int
read_page(TIFF *t, struct tiff_input *s)
{
	struct decode_job *job = s->job;
	struct tiff_page p = { 0 };
	uint16_t orientation = 1;
	unsigned char *block, *rgb;
	tmsize_t block_bytes;
	struct decode_layout layout;
	long damaged, read = 0;
	bool ink;
	uint32_t y;

	if (read_tags(t, &p) < 0 || decode_job_size(job, p.width, p.height) < 0 || check_tags(t, &p) < 0)
		return -1;
	ink = p.photometric == PHOTOMETRIC_SEPARATED && !job->options->channels;
	layout = layout_of(t, &p, ink);
	block_bytes = p.tiled ? TIFFTileSize(t) : TIFFStripSize(t);
	p.stride = (size_t)p.width * p.channels * (p.bits == 16 ? 2 : 1);
	if (block_bytes <= 0 || block_bytes > BLOCK_MAX)
		return err(ERR_DATA, "strips or tiles of %lld bytes", (long long)block_bytes);
	if (decode_job_memory(job, p.width, p.height, (double)p.stride * p.height + 2.0 * (double)block_bytes) < 0 ||
		decode_job_begin(job, (int)p.width, (int)p.height, layout) < 0)
		return -1;
	p.samples = arena_array(job->arena, p.stride, p.height);
	memset(p.samples, 0, p.stride * p.height);
	block = arena_get(job->arena, (size_t)block_bytes);
	rgb = arena_array(job->arena, (size_t)p.width, 3);
	damaged = read_blocks(t, s, &p, block, block_bytes, &read);
	if (read == 0)
		return err(ERR_DATA, "%s", *s->text ? s->text : "no strip or tile is whole");
	if (damaged)
		decode_job_damage(job, DECODE_DAMAGED, *s->text ? s->text : "strips or tiles are cut short");
	for (y = 0; y < p.height; y++)
		decode_job_row(job, (int)y, convert(&p, p.samples + y * p.stride, rgb, ink), layout);
	if (TIFFGetField(t, TIFFTAG_ORIENTATION, &orientation) && orientation >= 1 && orientation <= 8)
		job->report.orientation = orientation;
	if (!job->options->page && !TIFFLastDirectory(t)) {
		const long pages = (long)TIFFNumberOfDirectories(t);

		job->report.more = pages > 1 ? pages - 1 : 1;
	}
	return 0;
}

int
decode_tiff(struct decode_job *job)
{
	const struct decode_options *o = job->options;
	struct tiff_input s = { .job = job };
	TIFF *t = open_bytes(&s);
	bool found;
	int result;

	if (!t)
		return err(ERR_DATA, "%s", *s.text ? s.text : "a damaged TIFF directory");
	found = s.errors || o->page <= 1 || o->page_at >= 1 || TIFFSetDirectory(t, (tdir_t)o->page - 1);
	if (s.errors || !found)
		result = err(ERR_DATA, "%s", s.errors ? s.text : "there is no such page");
	else
		result = read_page(t, &s);
	TIFFClose(t);
	return result;
}

long
decode_tiff_pages(struct decode_job *job, bool *damaged, int64_t **at)
{
	struct tiff_input s = { .job = job };
	TIFF *t = open_bytes(&s);
	const long pages = t ? (long)TIFFNumberOfDirectories(t) : 1;

	*damaged = t && s.errors;
	*at = pages > 1 ? tiff_chain_find(job->bytes, job->size, pages) : NULL;
	if (t)
		TIFFClose(t);
	return pages > 1 ? pages : 1;
}
