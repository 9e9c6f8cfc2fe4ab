/* decode_gif - the first frame of a GIF through giflib

   The frame lies on the canvas of the file. Pixels outside it have the transparent color of the frame, or color 0. */
#include "base/err.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/decode_job.h"

#include <gif_lib.h>
#include <stdint.h>
#include <string.h>

struct gif_input { const struct decode_job *job; size_t at; };

static int
take(GifFileType *g, GifByteType *to, int size)
{
	struct gif_input *s = g->UserData;
	const size_t left = s->job->size - s->at, n = (size_t)size < left ? (size_t)size : left;

	memcpy(to, s->job->bytes + s->at, n);
	s->at += n;
	return (int)n;
}

static const char *
reason(int code)
{
	const char *text = GifErrorString(code);

	return text ? text : "damaged or cut short";
}

enum { FRAMES_MAX = 100000 };	/* that are counted */

/* Read up to the next frame; the last transparent color seen on the way goes to *transparent. 1: a frame; 0: the end;
   -1: damage. */
static int
next_frame(GifFileType *g, int *transparent)
{
	GifRecordType type;
	GifByteType *block;
	GraphicsControlBlock control;
	int code;

	for (;;) {
		if (DGifGetRecordType(g, &type) == GIF_ERROR)
			return -1;
		if (type == IMAGE_DESC_RECORD_TYPE)
			return 1;
		if (type == TERMINATE_RECORD_TYPE)
			return 0;
		if (type != EXTENSION_RECORD_TYPE)
			continue;
		if (DGifGetExtension(g, &code, &block) == GIF_ERROR)
			return -1;
		while (block) {
			if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1,
			    &control) == GIF_OK)
				*transparent = control.TransparentColor;
			if (DGifGetExtensionNext(g, &block) == GIF_ERROR)
				return -1;
		}
	}
}

/* One row of color numbers to RGB, from `left` on; no color table: gray. */
static void
paint(uint8_t *rgb, const GifPixelType *row, int width, const ColorMapObject *map)
{
	int x;

	for (x = 0; x < width; x++, rgb += 3) {
		const int i = row[x];
		const GifColorType c = !map ? (GifColorType){ row[x], row[x],
		    row[x] } : i < map->ColorCount ? map->Colors[i] : (GifColorType){ 0 };

		rgb[0] = c.Red;
		rgb[1] = c.Green;
		rgb[2] = c.Blue;
	}
}

/* The rows of the frame into a canvas of colors. Returns how many were read. */
static int
read_rows(GifFileType *g, uint8_t *canvas, GifPixelType *row, const ColorMapObject *map)
{
	static const struct { int first, step; } table[5] = { { 0, 1 }, { 0, 8 }, { 4, 8 }, { 2, 4 }, { 1, 2 } };
	const GifImageDesc *d = &g->Image;
	const int begin = d->Interlace ? 1 : 0, end = d->Interlace ? 5 : 1;
	int pass, y, done = 0, visible = d->Left < g->SWidth ? g->SWidth - d->Left : 0;

	if (visible > d->Width)
		visible = d->Width;
	for (pass = begin; pass < end; pass++)
		for (y = table[pass].first; y < d->Height; y += table[pass].step, done++) {
			if (DGifGetLine(g, row, d->Width) == GIF_ERROR)
				return done;
			if (d->Top + y < g->SHeight)
				paint(canvas + ((size_t)(d->Top + y) * (size_t)g->SWidth + (size_t)d->Left) * 3, row,
				    visible, map);
		}
	return done;
}

/* The frames from here on, whose first one is next; those behind damage do not count. */
static long
count_frames(GifFileType *g)
{
	GifByteType *block;
	int transparent, size;
	long frames = 0;

	do {
		frames++;
		if (DGifGetImageDesc(g) == GIF_ERROR || DGifGetCode(g, &size, &block) == GIF_ERROR)
			break;
		while (block && DGifGetCodeNext(g, &block) != GIF_ERROR)
			;
	} while (!block && frames < FRAMES_MAX && next_frame(g, &transparent) > 0);
	return frames;
}

static int
read_image(GifFileType *g, struct decode_job *job)
{
	const struct decode_layout layout = { 3, 3, 1 };
	int transparent = -1, got, done, x, y;
	const ColorMapObject *map;
	GifPixelType *background;
	uint8_t *canvas;
	size_t stride;

	got = next_frame(g, &transparent);
	if (got <= 0 || DGifGetImageDesc(g) == GIF_ERROR)
		return err(ERR_DATA, "%s", got == 0 ? "a GIF without image" : reason(g->Error));
	/* some files state no canvas */
	if (g->SWidth < 1 || g->SHeight < 1) {
		g->SWidth = g->Image.Left + g->Image.Width;
		g->SHeight = g->Image.Top + g->Image.Height;
	}
	if (g->Image.Width < 1 || g->Image.Height < 1)
		return err(ERR_DATA, "an empty image (%dx%d)", g->Image.Width, g->Image.Height);
	if (decode_job_size(job, g->Image.Width, g->Image.Height) < 0 || decode_job_size(job, g->SWidth,
	    g->SHeight) < 0 || decode_job_memory(job, g->SWidth, g->SHeight, 3.0 * g->SWidth * g->SHeight) < 0 ||
		decode_job_begin(job, g->SWidth, g->SHeight, layout) < 0)
		return -1;
	map = g->Image.ColorMap ? g->Image.ColorMap : g->SColorMap;
	stride = 3 * (size_t)g->SWidth;
	canvas = arena_get(job->arena, stride * (size_t)g->SHeight);
	background = arena_get(job->arena, (size_t)(g->SWidth > g->Image.Width ? g->SWidth : g->Image.Width));
	for (x = 0; x < g->SWidth; x++)
		background[x] = (GifPixelType)(transparent < 0 ? 0 : transparent);
	for (y = 0; y < g->SHeight; y++)
		paint(canvas + (size_t)y * stride, background, g->SWidth, map);
	done = read_rows(g, canvas, background, map);
	if (done == 0)
		return err(ERR_DATA, "%s", reason(g->Error));
	for (y = 0; y < g->SHeight; y++)
		decode_job_row(job, y, canvas + (size_t)y * stride, layout);
	if (done < g->Image.Height) {
		decode_job_damage(job, DECODE_DAMAGED, reason(g->Error));
		return 0;
	}
	got = next_frame(g, &transparent);
	if (got > 0)
		job->report.more = count_frames(g);
	if (got < 0)
		decode_job_damage(job, DECODE_REPAIRED, "the end of the file is missing");
	return 0;
}

int
decode_gif(struct decode_job *job)
{
	struct gif_input s = { job, 0 };
	int code = 0, result;
	GifFileType *g = DGifOpen(&s, take, &code);

	if (!g)
		return err(ERR_DATA, "%s", reason(code));
	result = read_image(g, job);
	DGifCloseFile(g, &code);
	return result;
}
