/* text - draw text on an image, proportional and anti-aliased, through FreeType

   Light hinting moves the edges of letters to whole rows of pixels and keeps their widths. One font object, of one
   thread, is opened at the first use and stays. */
#include "viz/text.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <assert.h>
#include <ft2build.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include FT_FREETYPE_H
#include FT_MODULE_H

extern const unsigned char text_font[];		/* the file, from the Makefile */
extern const unsigned long text_font_size;

enum { UNKNOWN = 0xfffd, FRACTION = 64 };	/* FreeType's units of a pixel */

static void *
get(FT_Memory memory, long size)
{
	(void)memory;
	return mem_grow(NULL, (size_t)size);
}

static void *
renew(FT_Memory memory, long old, long size, void *p)
{
	(void)memory;
	(void)old;
	return mem_grow(p, (size_t)size);
}

static void
put(FT_Memory memory, void *p)
{
	(void)memory;
	free(p);
}

/* The font at a size. */
static FT_Face
font(int size)
{
	static struct FT_MemoryRec_ memory = { NULL, get, put, renew };
	static FT_Library library;
	static FT_Face face;
	static int now;
	bool bad = false;

	if (!face) {
		bad = FT_New_Library(&memory, &library) != 0;
		if (!bad) {
			FT_Add_Default_Modules(library);
			bad = FT_New_Memory_Face(library, text_font, (FT_Long)text_font_size, 0, &face) != 0;
		}
	}
	if (!bad && now != size)
		bad = FT_Set_Pixel_Sizes(face, 0, (FT_UInt)size) != 0;
	now = size;
	/* the font is part of the program */
	assert(!bad);
	return face;
}

/* The next character of a text, *bytes long (0: the end), loaded into the font's slot. */
static FT_GlyphSlot
load(FT_Face face, const char *text, int *bytes, bool render)
{
	const size_t n = utf8_length(text, strlen(text) < 4 ? strlen(text) : 4);
	const unsigned char *p = (const unsigned char *)text;
	const FT_Int32 flags = FT_LOAD_TARGET_LIGHT | (render ? FT_LOAD_RENDER : FT_LOAD_DEFAULT);
	FT_ULong code = n ? *p : UNKNOWN;
	size_t i;

	*bytes = *p ? n ? (int)n : 1 : 0;
	if (n > 1) {
		code = *p & (0x7fu >> n);
		for (i = 1; i < n; i++)
			code = code << 6 | (p[i] & 0x3f);
	}
	if (!*bytes || FT_Load_Char(face, code, flags) != 0)
		return NULL;
	return face->glyph;
}

/* Blend a gray bitmap of coverage with the image. */
static void
blend(const struct image *to, int left, int top, const FT_Bitmap *b, const uint8_t color[3])
{
	int x, y, c;

	for (y = 0; y < (int)b->rows; y++)
		for (x = 0; x < (int)b->width; x++) {
			const int cover = b->buffer[y * b->pitch + x];
			uint8_t *pixel;

			if (!cover || left + x < 0 || left + x >= to->width || top + y < 0 || top + y >= to->height)
				continue;
			pixel = image_row(to, top + y) + 3 * (left + x);
			for (c = 0; c < 3; c++)
				pixel[c] = (uint8_t)((pixel[c] * (255 - cover) + color[c] * cover + 127) / 255);
		}
}

static int
advance(FT_GlyphSlot g)
{
	return g ? (int)((g->advance.x + FRACTION / 2) / FRACTION) : 0;
}

/* Rows from the top of a line to its base line: capital letters are 0.73 em high. */
static int
base_line(int size)
{
	return (size * 73 + 50) / 100 + 1;
}

int
text_height(int size)
{
	return base_line(size) + (size * 24 + 50) / 100 + 1;
}

void
text_draw(const struct image *to, int left, int top, const char *text, int size, const uint8_t color[3])
{
	FT_Face face = font(size);
	FT_GlyphSlot g;
	int bytes;

	assert(to->channels == 3);
	for (; g = load(face, text, &bytes, true), bytes > 0; text += bytes) {
		if (g && g->bitmap.pixel_mode == FT_PIXEL_MODE_GRAY)
			blend(to, left + g->bitmap_left, top + base_line(size) - g->bitmap_top, &g->bitmap, color);
		left += advance(g);
	}
}

int
text_fit(const char *text, int width, int size)
{
	FT_Face face = font(size);
	FT_GlyphSlot g;
	int bytes, used = 0, x = 0;

	for (; g = load(face, text + used, &bytes, false), bytes > 0 && (x += advance(g)) <= width; used += bytes)
		;
	return used;
}

int
text_width(const char *text, int size)
{
	FT_Face face = font(size);
	FT_GlyphSlot g;
	int bytes, x = 0;

	for (; g = load(face, text, &bytes, false), bytes > 0; text += bytes)
		x += advance(g);
	return x;
}
