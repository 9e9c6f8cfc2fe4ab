/* decode_png - PNG through libpng, with limits

   Interlaced images are read pass by pass over the whole image. An error after the first row makes a damaged
   image, an error before it none. An error after the last row loses no pixel, except a wrong checksum of the pixel
   data. The window that the zlib header states is ignored: some encoders state a smaller one than they use. */
#include "base/err.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/decode_job.h"
#include "codec/image.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <png.h>

enum { CHUNK_BYTES = 8 << 20 };	/* of one chunk: libpng's own default for its programs */

struct png_input {
	struct decode_job *job;
	size_t at;
	bool ended;	/* the file ended early */
	char text[200];
};

static void
fail(png_structp png, png_const_charp what)
{
	struct png_input *s = png_get_error_ptr(png);

	snprintf(s->text, sizeof s->text, "%s", what);
	png_longjmp(png, 1);
}

static void
warned(png_structp png, png_const_charp what)
{
	struct png_input *s = png_get_error_ptr(png);

	decode_job_damage(s->job, DECODE_TOLERABLE, what);
}

static void
take(png_structp png, png_bytep to, size_t size)
{
	struct png_input *s = png_get_io_ptr(png);

	if (size > s->job->size - s->at) {
		s->ended = true;
		png_error(png, "the file ends early");
	}
	memcpy(to, s->job->bytes + s->at, size);
	s->at += size;
}

/* Texts, color profiles and the like do not change the pixels here, but each can take CHUNK_BYTES and the time to
   unpack them: only their checksums are read. */
static void
ignore_metadata(png_structp png)
{
	enum { ALL_ANCILLARY = -1 };	/* but for tRNS */

	png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, ALL_ANCILLARY);
	png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep)"eXIf", 1);
}

static void
limit(png_structp png)
{
	/* decode_job_size() checks width and height together */
	png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
	png_set_chunk_malloc_max(png, CHUNK_BYTES);
	png_set_option(png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
}

/* Any PNG to 8-bit RGB as Pillow does: the high byte of 16 bits, palette and gray expanded, no alpha, no gamma. */
static void
transform(png_structp png)
{
	png_set_strip_16(png);
	png_set_palette_to_rgb(png);
	png_set_expand_gray_1_2_4_to_8(png);
	png_set_strip_alpha(png);
	png_set_gray_to_rgb(png);
}

/* All channels of the file, alpha included, with 8 or 16 bits. */
static struct decode_layout
keep_channels(png_structp png, png_infop info)
{
	const uint16_t one = 1;

	png_set_palette_to_rgb(png);
	png_set_expand_gray_1_2_4_to_8(png);
	if (*(const uint8_t *)&one)
		png_set_swap(png);
	png_set_interlace_handling(png);
	png_read_update_info(png, info);
	return (struct decode_layout){ png_get_channels(png, info), png_get_color_type(png,
	    info) & PNG_COLOR_MASK_COLOR ? 3 : 1,
		png_get_bit_depth(png, info) / 8 };
}

/* The raw values, a byte each. */
static int
keep_indices(png_structp png, png_infop info)
{
	int type = png_get_color_type(png, info);

	if (type != PNG_COLOR_TYPE_PALETTE && type != PNG_COLOR_TYPE_GRAY)
		return err(ERR_DATA, "a segmentation map in RGB or with alpha; use gray values or palette indices");
	if (png_get_bit_depth(png, info) > 8)
		return err(ERR_DATA, "a segmentation map of 16 bits; use 8");
	png_set_packing(png);
	return 0;
}

/* A palette that lacks colors for some values of a pixel. libpng makes such pixels black and does not report them where
   it looks up the colors itself. */
struct png_colors {
	uint8_t rgba[256][4];
	int count;		/* 0: libpng looks up the colors */
};

static int
lacking_colors(png_structp png, png_infop info)
{
	png_colorp list;
	int count;

	return png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE && png_get_PLTE(png, info, &list, &count) &&
		count < 1 << png_get_bit_depth(png, info) ? count : 0;
}

/* The indices, a byte each. Returns the layout after look_up(). */
static struct decode_layout
keep_palette(png_structp png, png_infop info, struct png_colors *colors)
{
	png_bytep alpha = NULL;
	int i, alphas = 0;
	png_colorp list;

	png_get_PLTE(png, info, &list, &i);
	png_get_tRNS(png, info, &alpha, &alphas, NULL);
	for (i = 0; i < 256; i++) {
		const png_color c = i < colors->count ? list[i] : (png_color){ 0, 0, 0 };

		memcpy(colors->rgba[i], (uint8_t[4]){ c.red, c.green, c.blue, i < alphas ? alpha[i] : 255 }, 4);
	}
	png_set_packing(png);
	png_set_interlace_handling(png);
	png_read_update_info(png, info);
	return (struct decode_layout){ alphas ? 4 : 3, 3, 1 };
}

/* A row of indices to samples. Returns the largest index. */
static int
look_up(const struct png_colors *colors, const uint8_t *from, int width, uint8_t *to, int channels)
{
	uint8_t largest = 0;
	int x;

	for (x = 0; x < width; x++)
		largest = from[x] > largest ? from[x] : largest;
	for (x = 0; x < width - 1; x++)
		memcpy(to + x * channels, colors->rgba[from[x]], 4);	/* the next pixel overwrites what is too much */
	memcpy(to + x * channels, colors->rgba[from[x]], (size_t)channels);
	return largest;
}

/* Convert the rows; of an interlaced image, which is read pass by pass, all are kept. */
static int
read_channels(png_structp png, png_infop info, struct decode_job *job)
{
	const int width = job->report.width, height = job->report.height;
	const int passes = png_get_interlace_type(png, info) == PNG_INTERLACE_NONE ? 1 : PNG_INTERLACE_ADAM7_PASSES;
	struct png_colors colors = { .count = lacking_colors(png, info) };
	const struct decode_layout from = colors.count ? keep_palette(png, info, &colors) : keep_channels(png, info);
	const size_t stride = png_get_rowbytes(png, info), kept = passes > 1 ? (size_t)height : 1;
	const size_t line = colors.count ? 4 * (size_t)width : 0;
	unsigned char *rows;
	int pass, y;

	if (decode_job_memory(job, width, height, (double)stride * (double)kept + (double)line) < 0 ||
		decode_job_begin(job, width, height, from) < 0)
		return -1;
	rows = arena_get(job->arena, mem_sum(mem_product(stride, kept), line));
	memset(rows, 0, stride * kept);
	for (pass = 0; pass < passes; pass++)
		for (y = 0; y < height; y++) {
			unsigned char *row = rows + (size_t)y % kept * stride, *found = rows + stride * kept;

			png_read_row(png, row, NULL);
			if (colors.count)
				decode_job_largest(job, look_up(&colors, row, width, found, from.channels),
					colors.count);
			decode_job_row(job, y, colors.count ? found : row, from);
		}
	png_read_end(png, info);
	return 0;
}

static int
read_image(png_structp png, png_infop info, struct png_input *s)
{
	struct decode_job *job = s->job;
	int passes, pass, y;

	png_read_info(png, info);
	if (decode_job_size(job, png_get_image_width(png, info), png_get_image_height(png, info)) < 0)
		return -1;
	if (job->options->channels || job->options->deep || (!job->options->indices && lacking_colors(png, info)))
		return read_channels(png, info, job);
	if (decode_job_memory(job, job->report.width, job->report.height, 0) < 0)
		return -1;
	if (job->options->indices) {
		if (keep_indices(png, info) < 0)
			return -1;
	} else
		transform(png);
	passes = png_set_interlace_handling(png);
	png_read_update_info(png, info);
	job->image = image_new(job->arena, (int)png_get_image_width(png, info), (int)png_get_image_height(png, info),
		job->options->indices ? 1 : 3);
	if (png_get_rowbytes(png, info) != job->image.stride)
		return err(ERR_DATA, "a PNG of an unknown layout");
	memset(job->image.pixels, 0, (size_t)job->image.height * job->image.stride);
	for (pass = 0; pass < passes; pass++)
		for (y = 0; y < job->image.height; y++) {
			png_read_row(png, image_row(&job->image, y), NULL);
			job->begun = true;
		}
	png_read_end(png, info);
	return 0;
}

/* The class of an error after the first row. libpng counts the last row before it checks the end of the pixel data. */
static enum decode_damage
class_of(png_structp png, png_infop info, const struct png_input *s)
{
	static const png_uint_32 IDAT = 'I' << 24 | 'D' << 16 | 'A' << 8 | 'T';
	const bool whole = png_get_interlace_type(png, info) == PNG_INTERLACE_NONE ?
		png_get_current_row_number(png) >= png_get_image_height(png, info) :
		png_get_current_pass_number(png) >= PNG_INTERLACE_ADAM7_PASSES;

	return whole && (s->ended || png_get_io_chunk_type(png) != IDAT) ? DECODE_REPAIRED : DECODE_DAMAGED;
}

static void
read_orientation(png_structp png, png_infop info, struct decode_job *job)
{
	png_uint_32 size = 0;
	png_bytep exif;

	if (png_get_eXIf_1(png, info, &size, &exif))
		job->report.orientation = decode_job_orientation(exif, size);
}

/* The further frames of an animated PNG: only the image that every program shows is read. The chunk acTL has their
   number; a chunk fcTL before the pixels makes that image the first of them. */
static long
further_frames(const struct decode_job *job)
{
	enum { SIGNATURE = 8, CHUNK = 12 };	/* bytes of a chunk beside its content */
	const unsigned char *p = job->bytes;
	size_t at = SIGNATURE, length;
	long frames = 0, shown = 0;

	for (; job->size >= at + CHUNK + 4; at += CHUNK + length) {
		length = png_get_uint_32(p + at);
		if (memcmp(p + at + 4, "IDAT", 4) == 0 || length > job->size - at - CHUNK)
			break;
		if (memcmp(p + at + 4, "acTL", 4) == 0)
			frames = (long)png_get_uint_32(p + at + 8);
		shown |= memcmp(p + at + 4, "fcTL", 4) == 0;
	}
	return frames > shown ? frames - shown : 0;
}

int
decode_png(struct decode_job *job)
{
	struct png_input s = { .job = job };
	png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &s, fail, warned);
	png_infop info = png ? png_create_info_struct(png) : NULL;
	int result;

	if (!info) {
		png_destroy_read_struct(&png, NULL, NULL);
		return err(ERR_OS, "libpng does not start");
	}
	if (setjmp(png_jmpbuf(png))) {
		if (job->begun) {
			decode_job_damage(job, class_of(png, info, &s), s.text);
			read_orientation(png, info, job);
		}
		png_destroy_read_struct(&png, &info, NULL);
		return job->begun ? 0 : err(ERR_DATA, "%s", s.text);
	}
	job->report.more = further_frames(job);
	limit(png);
	ignore_metadata(png);
	png_set_read_fn(png, &s, take);
	result = read_image(png, info, &s);
	read_orientation(png, info, job);
	png_destroy_read_struct(&png, &info, NULL);
	return result;
}
