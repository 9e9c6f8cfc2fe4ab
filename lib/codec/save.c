/* save - images to JPEG and PNG files: the same image gives the same bytes

   Both libraries write to memory; their size limits are checked before. */
#include "codec/save.h"
#include "base/err.h"
#include "base/file.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>	/* IWYU pragma: keep (jpeglib.h needs it) */
#include <stdlib.h>
#include <string.h>
#include <jerror.h>
#include <jpeglib.h>
#include <png.h>

enum { CHROMA_FULL = 90 };	/* from this quality on chroma is not subsampled, as usual with cjpeg */

/* The size is checked before, so that only memory can be missing. */
static void
jpeg_failed(j_common_ptr c)
{
	assert(c->err->msg_code == JERR_OUT_OF_MEMORY);
	mem_none();
}

void *
save_jpeg(struct arena *a, const struct image *p, int quality, size_t *size)
{
	struct jpeg_compress_struct c;
	struct jpeg_error_mgr errors;
	unsigned char *bytes = NULL;
	unsigned long count = 0;
	void *copy;

	static_assert(SAVE_JPEG_SIDE_MAX <= JPEG_MAX_DIMENSION, "sides that libjpeg takes");
	assert(p->width <= SAVE_JPEG_SIDE_MAX && p->height <= SAVE_JPEG_SIDE_MAX);
	c.err = jpeg_std_error(&errors);
	errors.error_exit = jpeg_failed;
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, &bytes, &count);
	c.image_width = (JDIMENSION)p->width;
	c.image_height = (JDIMENSION)p->height;
	c.input_components = p->channels;
	c.in_color_space = p->channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, quality, TRUE);
	c.dct_method = JDCT_ISLOW;
	c.optimize_coding = TRUE;
	if (p->channels == 3 && quality >= CHROMA_FULL)
		c.comp_info[0].h_samp_factor = c.comp_info[0].v_samp_factor = 1;
	jpeg_start_compress(&c, TRUE);
	while (c.next_scanline < c.image_height) {
		JSAMPROW row = image_row(p, (int)c.next_scanline);

		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	*size = count;
	copy = arena_copy(a, bytes, count);
	free(bytes);
	return copy;
}

struct sink { unsigned char *bytes; size_t used, room; };

static void
put(png_structp png, png_bytep bytes, png_size_t size)
{
	struct sink *s = png_get_io_ptr(png);

	s->bytes = mem_room(s->bytes, &s->room, mem_sum(s->used, size), 1);
	memcpy(s->bytes + s->used, bytes, size);
	s->used += size;
}

static void *
png_memory(png_structp png, size_t size)
{
	(void)png;
	return mem_grow(NULL, size);
}

static void
png_release(png_structp png, void *p)
{
	(void)png;
	free(p);
}

static void
flush(png_structp png)
{
	(void)png;
}

void *
save_png(struct arena *a, const struct image *p, const uint8_t (*palette)[3], size_t *size)
{
	png_structp png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL, NULL,
		png_memory, png_release);
	png_infop info = png ? png_create_info_struct(png) : NULL;
	struct sink sink = { 0 };
	png_color colors[256];
	void *copy;
	int i;

	assert(info && (!palette || p->channels == 1) && p->width <= PNG_USER_WIDTH_MAX &&
		p->height <= PNG_USER_HEIGHT_MAX);
	png_set_write_fn(png, &sink, put, flush);
	png_set_IHDR(png, info, (png_uint_32)p->width, (png_uint_32)p->height, 8,
		palette ? PNG_COLOR_TYPE_PALETTE : p->channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY,
		PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	for (i = 0; palette && i < 256; i++)
		colors[i] = (png_color){ palette[i][0], palette[i][1], palette[i][2] };
	if (palette)
		png_set_PLTE(png, info, colors, 256);
	png_write_info(png, info);
	for (i = 0; i < p->height; i++)
		png_write_row(png, image_row(p, i));
	png_write_end(png, info);
	png_destroy_write_struct(&png, &info);
	*size = sink.used;
	copy = arena_copy(a, sink.bytes, sink.used);
	free(sink.bytes);
	return copy;
}

int
save_check_name(const char *path)
{
	if (file_has_suffix(path, ".png") || file_has_suffix(path, ".jpg") || file_has_suffix(path, ".jpeg"))
		return 0;
	return err(ERR_USAGE, "%s: unknown image format; use a name that ends in .png, .jpg or .jpeg", path);
}

int
save_image(struct arena *a, const char *path, const struct image *p, int quality)
{
	bool png = file_has_suffix(path, ".png");
	void *bytes;
	size_t size;

	if (save_check_name(path) < 0)
		return -1;
	if (!png && (p->width > SAVE_JPEG_SIDE_MAX || p->height > SAVE_JPEG_SIDE_MAX))
		return err(ERR_USAGE, "%s: %d x %d pixels are too many for a JPEG file (%d a side at most)", path,
			p->width, p->height, SAVE_JPEG_SIDE_MAX);
	if (png && (p->width > PNG_USER_WIDTH_MAX || p->height > PNG_USER_HEIGHT_MAX))
		return err(ERR_USAGE, "%s: %d x %d pixels are too many for a PNG file", path, p->width, p->height);
	bytes = png ? save_png(a, p, NULL, &size) : save_jpeg(a, p, quality, &size);
	return file_save(path, bytes, size, false);
}
