/* decode_gif - a frame of a GIF through giflib

   Frames are drawn on the canvas of the file, each over those before it, as Pillow does; with a cursor from where
   the last one ended. Around the first one pixels have its transparent color, or color 0. The canvas has no
   transparency: pixels that are disposed of get the transparent color of the frame, else the background color of the
   file. */
#include "base/err.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/decode_job.h"

#include <gif_lib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
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

enum {
	FRAMES_MAX = 100000,	/* that are counted */
	WIDTH_MAX = 65535
};

/* What the extensions before a frame say. */
struct gif_control {
	int transparent;	/* color; -1: none */
	int disposal;		/* of the frame after it was shown; the one before where the frame has none */
};

/* Read up to the next frame. 1: a frame; 0: the end; -1: damage. */
static int
next_frame(GifFileType *g, struct gif_control *c)
{
	GifRecordType type;
	GifByteType *block;
	GraphicsControlBlock control;
	int code;

	c->transparent = -1;
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
			if (code == GRAPHICS_EXT_FUNC_CODE &&
				DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK) {
				c->transparent = control.TransparentColor;
				if (control.DisposalMode)
					c->disposal = control.DisposalMode;
			}
			if (DGifGetExtensionNext(g, &block) == GIF_ERROR)
				return -1;
		}
	}
}

/* One row of color numbers to RGB, from `left` on, but for those of the color `skip`; no color table: gray. */
static void
paint(uint8_t *rgb, const GifPixelType *row, int width, const ColorMapObject *map, int skip)
{
	int x;

	for (x = 0; x < width; x++, rgb += 3) {
		const int i = row[x];
		const GifColorType c = !map ? (GifColorType){ row[x], row[x],
		    row[x] } : i < map->ColorCount ? map->Colors[i] : (GifColorType){ 0 };

		if (i == skip)
			continue;
		rgb[0] = c.Red;
		rgb[1] = c.Green;
		rgb[2] = c.Blue;
	}
}

/* The part of the frame that is on the canvas. */
struct gif_part { int left, top, width, height; };

static struct gif_part
visible(const GifFileType *g)
{
	const GifImageDesc *d = &g->Image;
	const int width = d->Left < g->SWidth ? g->SWidth - d->Left : 0;
	const int height = d->Top < g->SHeight ? g->SHeight - d->Top : 0;

	return (struct gif_part){ d->Left, d->Top, width < d->Width ? width : d->Width,
		height < d->Height ? height : d->Height };
}

/* Fill a part of the canvas with a color. */
static void
fill(uint8_t *canvas, int width, struct gif_part p, const ColorMapObject *map, int color, GifPixelType *row)
{
	int y;

	memset(row, color, (size_t)p.width);
	for (y = p.top; y < p.top + p.height; y++)
		paint(canvas + ((size_t)y * (size_t)width + (size_t)p.left) * 3, row, p.width, map, -1);
}

/* The rows of the frame into a canvas of colors, but for pixels of the transparent color. Returns how many were read.
   *largest: the largest color number but for the transparent one. */
static int
read_rows(GifFileType *g, uint8_t *canvas, GifPixelType *row, const ColorMapObject *map, int transparent, int *largest)
{
	static const struct { int first, step; } table[5] = { { 0, 1 }, { 0, 8 }, { 4, 8 }, { 2, 4 }, { 1, 2 } };
	const GifImageDesc *d = &g->Image;
	const int begin = d->Interlace ? 1 : 0, end = d->Interlace ? 5 : 1, width = visible(g).width;
	int pass, x, y, done = 0;

	*largest = 0;
	for (pass = begin; pass < end; pass++)
		for (y = table[pass].first; y < d->Height; y += table[pass].step, done++) {
			if (DGifGetLine(g, row, d->Width) == GIF_ERROR)
				return done;
			for (x = 0; x < width; x++)
				if (row[x] > *largest && row[x] != transparent)
					*largest = row[x];
			if (d->Top + y < g->SHeight)
				paint(canvas + ((size_t)(d->Top + y) * (size_t)g->SWidth + (size_t)d->Left) * 3, row,
				    width, map, transparent);
		}
	return done;
}

/* The frames from here on, whose first one is next; those after damage do not count. *damaged: a frame is. */
static long
count_frames(GifFileType *g, bool *damaged)
{
	struct gif_control control = { 0 };
	GifByteType *block = NULL;
	long frames = 0;
	int size;

	do {
		frames++;
		*damaged = DGifGetImageDesc(g) == GIF_ERROR || DGifGetCode(g, &size, &block) == GIF_ERROR;
		while (!*damaged && block)
			*damaged = DGifGetCodeNext(g, &block) == GIF_ERROR;
	} while (!*damaged && frames < FRAMES_MAX && next_frame(g, &control) > 0);
	return frames;
}

/* The canvas while frames are drawn on it. */
struct gif_canvas {
	uint8_t *rgb, *saved;	/* saved: as it was before a frame that is to be taken back; NULL: never */
	GifPixelType *row;
	int frames;		/* that were drawn */
	int rows;		/* of the last frame, that were read */
	bool clipped;		/* a frame reached over the canvas */
	struct gif_control control;	/* of the last frame */
};

/* The state of a cursor: the canvas after its last frame was disposed of, and where the next one is. */
struct gif_state {
	size_t at;
	int disposal;
	bool clipped;
	uint8_t rgb[];
};

/* Go on from the state of the cursor, or begin one: the canvas is that of its state. */
static void
use_cursor(struct decode_job *job, struct gif_input *s, struct gif_canvas *c, size_t pixels)
{
	struct decode_cursor *k = job->options->cursor;
	struct gif_state *state = k->state;

	if (!state) {
		k->state = state = mem_new(mem_sum(sizeof *state, mem_product(pixels, 3)));
		k->close = free;
		k->memory = 3 * (double)pixels;
	} else if (k->frame > 0 && k->frame < job->options->page) {
		s->at = state->at;
		c->frames = k->frame;
		c->control.disposal = state->disposal;
		c->clipped = state->clipped;
		decode_job_damage(job, k->damage, k->what);
	}
	k->frame = 0;
	c->rgb = state->rgb;
}

/* Begin the canvas: with the first frame, whose description was read, or for a cursor that knows its size. */
static int
open_canvas(GifFileType *g, struct decode_job *job, struct gif_canvas *c, struct decode_layout layout)
{
	const int copies = job->options->page > 1 ? 2 : 1;
	struct decode_cursor *k = job->options->cursor;
	size_t pixels;

	/* some files state no canvas */
	if (g->SWidth < 1 || g->SHeight < 1) {
		g->SWidth = k && k->width ? k->width : g->Image.Left + g->Image.Width;
		g->SHeight = k && k->width ? k->height : g->Image.Top + g->Image.Height;
	}
	if (decode_job_size(job, g->SWidth, g->SHeight) < 0 ||
		decode_job_memory(job, g->SWidth, g->SHeight, 3.0 * copies * g->SWidth * g->SHeight) < 0 ||
		decode_job_begin(job, g->SWidth, g->SHeight, layout) < 0)
		return -1;
	pixels = mem_product((size_t)g->SWidth, (size_t)g->SHeight);
	if (k) {
		k->width = g->SWidth;
		k->height = g->SHeight;
		use_cursor(job, g->UserData, c, pixels);
	} else
		c->rgb = arena_array(job->arena, pixels, 3);
	c->saved = copies > 1 ? arena_array(job->arena, pixels, 3) : NULL;
	c->row = arena_get(job->arena, WIDTH_MAX);
	return 0;
}

/* Dispose of a frame that was drawn. Of the first one there is nothing to go back to but its transparent color. */
static void
dispose(const GifFileType *g, struct gif_canvas *c)
{
	const struct gif_control *control = &c->control;
	const ColorMapObject *map = g->Image.ColorMap ? g->Image.ColorMap : g->SColorMap;
	const bool clear = control->disposal == DISPOSE_BACKGROUND ||
		(control->disposal == DISPOSE_PREVIOUS && c->frames == 1 && control->transparent >= 0);

	if (clear)
		fill(c->rgb, g->SWidth, visible(g), map, control->transparent >= 0 ? control->transparent
			: g->SColorMap ? g->SBackGroundColor : 0, c->row);
	else if (control->disposal == DISPOSE_PREVIOUS && c->frames > 1)
		memcpy(c->rgb, c->saved, 3 * (size_t)g->SWidth * (size_t)g->SHeight);
}

/* Draw the next frame. Only the last one may lack rows. */
static int
draw_frame(GifFileType *g, struct decode_job *job, struct gif_canvas *c, bool last)
{
	const struct decode_layout layout = { 3, 3, 1 };
	struct gif_control *control = &c->control;
	const ColorMapObject *map;
	const int got = next_frame(g, control), first = c->frames == 0;
	int largest;

	if (got == 0 && !first)
		return err(ERR_DATA, "there is no such frame");
	if (got <= 0 || DGifGetImageDesc(g) == GIF_ERROR)
		return err(ERR_DATA, "%s", got == 0 ? "a GIF without image" : reason(g->Error));
	if (g->Image.Width < 1 || g->Image.Height < 1)
		return err(ERR_DATA, "an empty image (%dx%d)", g->Image.Width, g->Image.Height);
	if (decode_job_size(job, g->Image.Width, g->Image.Height) < 0 ||
		(!c->rgb && open_canvas(g, job, c, layout) < 0))
		return -1;
	map = g->Image.ColorMap ? g->Image.ColorMap : g->SColorMap;
	if (first)
		fill(c->rgb, g->SWidth, (struct gif_part){ 0, 0, g->SWidth, g->SHeight }, map,
			control->transparent < 0 ? 0 : control->transparent, c->row);
	else if (control->disposal == DISPOSE_PREVIOUS)
		memcpy(c->saved, c->rgb, 3 * (size_t)g->SWidth * (size_t)g->SHeight);
	c->rows = read_rows(g, c->rgb, c->row, map, control->transparent, &largest);
	if (map)
		decode_job_largest(job, largest, map->ColorCount);
	c->frames++;
	c->clipped |= visible(g).width < g->Image.Width || visible(g).height < g->Image.Height;
	if (c->rows == 0 || (!last && c->rows < g->Image.Height))
		return err(ERR_DATA, "%s", reason(g->Error));
	return 0;
}

/* After the last frame was drawn and copied: dispose of it, and keep the state for the frames after it. */
static void
keep(const GifFileType *g, const struct decode_job *job, struct gif_canvas *c)
{
	struct decode_cursor *k = job->options->cursor;
	struct gif_state *state = k->state;

	dispose(g, c);
	state->at = ((struct gif_input *)g->UserData)->at;
	state->disposal = c->control.disposal;
	state->clipped = c->clipped;
	k->frame = c->frames;
	k->damage = job->report.damage;
	memcpy(k->what, job->report.what, sizeof k->what);
}

/* Draw the frames up to this one. */
static int
draw_frames(GifFileType *g, struct decode_job *job, struct gif_canvas *c, int frame)
{
	const struct decode_cursor *k = job->options->cursor;

	if (decode_job_check_frame(job, frame) < 0 ||
		(k && k->width && open_canvas(g, job, c, (struct decode_layout){ 3, 3, 1 }) < 0))
		return -1;
	for (;;) {
		const int next = c->frames + 1;

		if (draw_frame(g, job, c, next == frame) < 0)
			return decode_job_bad_frame(job, next);
		if (next == frame)
			return 0;
		dispose(g, c);
	}
}

static int
read_image(GifFileType *g, struct decode_job *job)
{
	const int frame = job->options->page > 1 ? job->options->page : 1;
	const struct decode_layout layout = { 3, 3, 1 };
	struct gif_canvas c = { 0 };
	bool damaged;
	int got, y;

	if (draw_frames(g, job, &c, frame) < 0)
		return -1;
	job->report.width = g->SWidth;
	job->report.height = g->SHeight;
	for (y = 0; y < g->SHeight; y++)
		decode_job_row(job, y, c.rgb + 3 * (size_t)y * (size_t)g->SWidth, layout);
	if (c.rows < g->Image.Height) {
		err(ERR_DATA, "%s", reason(g->Error));
		decode_job_bad_frame(job, frame);
		decode_job_damage(job, DECODE_DAMAGED, reason(g->Error));
		return 0;
	}
	if (job->options->cursor)
		keep(g, job, &c);
	if (c.clipped)
		decode_job_damage(job, DECODE_REPAIRED, "a frame reaches over the canvas and is cut off there");
	got = next_frame(g, &c.control);
	if (got > 0 && !job->options->page)
		job->report.more = count_frames(g, &damaged);
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

long
decode_gif_pages(struct decode_job *job, bool *damaged, int64_t **at)
{
	struct gif_input s = { job, 0 };
	struct gif_control control = { 0 };
	int code = 0;
	GifFileType *g = DGifOpen(&s, take, &code);
	const long frames = g && next_frame(g, &control) > 0 ? count_frames(g, damaged) : 1;

	if (g)
		DGifCloseFile(g, &code);
	(void)at;
	*damaged |= frames > DECODE_FRAMES_MAX;
	return frames < DECODE_FRAMES_MAX ? frames : DECODE_FRAMES_MAX;
}
