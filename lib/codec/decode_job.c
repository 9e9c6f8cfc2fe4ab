/* decode_job - limits, memory, rows and damage of an image that is being decoded */
#include "codec/decode_job.h"
#include "base/err.h"
#include "codec/decode.h"
#include "codec/image.h"
#include "codec/tiff_chain.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

int
decode_job_size(struct decode_job *job, double width, double height)
{
	const struct decode_options *o = job->options;

	if (width < 1 || height < 1)
		return err(ERR_DATA, "an empty image (%.0fx%.0f)", width, height);
	if (width * height > o->max_pixels)
		return err(ERR_DATA, "%.0fx%.0f pixels exceed the limit of %.0f", width, height, o->max_pixels);
	if (width * height > o->max_expansion * (double)job->size)
		return err(ERR_DATA, "%.0fx%.0f pixels in %zu bytes exceed the limit of %.0f a byte", width, height,
		    job->size, o->max_expansion);
	job->report.width = (int)width;
	job->report.height = (int)height;
	return 0;
}

void
decode_job_damage(struct decode_job *job, enum decode_damage damage, const char *what)
{
	if (damage <= job->report.damage)
		return;
	job->report.damage = damage;
	snprintf(job->report.what, sizeof job->report.what, "%s", what);
}

void
decode_job_largest(struct decode_job *job, int largest, int colors)
{
	char what[80];

	if (largest < colors)
		return;
	snprintf(what, sizeof what, "pixels have the palette index %d, but the palette has %d colors", largest, colors);
	decode_job_damage(job, DECODE_DAMAGED, what);
}

/* EXIF is a TIFF structure: byte order ("II" or "MM"), 42, the offset of directory 0. A directory is a count and
   entries of 12 bytes (tag, type, count, value). Only directory 0 describes the image itself. */
enum {
	TAG = 0x0112, ENTRY = 12,
	SHORT = 3, LONG = 4	/* some programs write the wider type */
};

int
decode_job_orientation(const unsigned char *tiff, size_t size)
{
	size_t at, i, entries;
	bool big;

	if (size < 8 || (memcmp(tiff, "II", 2) != 0 && memcmp(tiff, "MM", 2) != 0))
		return 1;
	big = tiff[0] == 'M';
	at = tiff_chain_number(tiff + 4, 4, big);
	if (tiff_chain_number(tiff + 2, 2, big) != 42 || at > size - 2)
		return 1;
	entries = tiff_chain_number(tiff + at, 2, big);
	at += 2;
	for (i = 0; i < entries && size - at >= ENTRY; i++, at += ENTRY)
		if (tiff_chain_number(tiff + at, 2, big) == TAG) {
			const uint64_t type = tiff_chain_number(tiff + at + 2, 2, big);
			const uint64_t value = tiff_chain_number(tiff + at + 8, type == LONG ? 4 : 2, big);

			if ((type != SHORT && type != LONG) || tiff_chain_number(tiff + at + 4, 4, big) != 1)
				return 1;
			return value >= 1 && value <= 8 ? (int)value : 1;
		}
	return 1;
}

int
decode_job_memory(struct decode_job *job, double width, double height, double extra)
{
	const struct decode_options *o = job->options;
	const double pixel = (o->indices ? 1 : o->channels ? o->channels : 3) * (o->deep ? 2 : 1);
	const double bytes = width * height * (pixel + (o->gray ? pixel / 3 : 0) + (o->upright ? pixel : 0)) + extra;

	if (o->max_memory > 0 && bytes > o->max_memory)
		return err(ERR_DATA,
		    "%dx%d pixels need %.0f bytes of memory, which exceeds the limit of %.0f (--max-memory)",
			job->report.width, job->report.height, bytes, o->max_memory);
	decode_budget_take(o->budget, bytes, o->cursor);
	job->report.memory = bytes;
	job->cursor_taken = true;
	return 0;
}

int
decode_job_bad_frame(struct decode_job *job, int frame)
{
	struct decode_cursor *c = job->options->cursor;

	if (c) {
		c->bad = frame;
		snprintf(c->why, sizeof c->why, "%s", err_text());
	}
	return -1;
}

int
decode_job_check_frame(const struct decode_job *job, int frame)
{
	const struct decode_cursor *c = job->options->cursor;

	return c && c->bad && frame > c->bad ? err(ERR_DATA, "%s", c->why) : 0;
}

int
decode_job_begin(struct decode_job *job, int width, int height, struct decode_layout from)
{
	const struct decode_options *o = job->options;
	const int raw = o->channels != 0;

	if (raw && o->channels != from.channels)
		return err(ERR_DATA, "the image has %d channels, not %d", from.channels, o->channels);
	if (!raw && !from.colors)
		return err(ERR_DATA, "the image has %d channels that are not gray or RGB; use --channels %d",
		    from.channels, from.channels);
	job->image = image_new_deep(job->arena, width, height, raw ? from.channels : 3, o->deep ? 2 : 1);
	memset(job->image.pixels, 0, job->image.stride * (size_t)height);
	return 0;
}

/* One row of samples of type FROM, `step` apart from pixel to pixel, to `channels` of type TO; gray (step 0 from
   channel to channel) is repeated. */
#define CONVERT(NAME, FROM, TO, VALUE) \
static void \
NAME(TO *to, int channels, const FROM *from, int width, int pixel, int channel) \
{ \
	int x, c; \
\
	for (x = 0; x < width; x++, to += channels, from += pixel) \
		for (c = 0; c < channels; c++) \
			to[c] = (TO)(VALUE(from[c * channel])); \
}
#define SAME(v) (v)
#define HIGH(v) ((v) >> 8)
#define WIDE(v) ((v) * 257)
CONVERT(same8, uint8_t, uint8_t, SAME)
CONVERT(same16, uint16_t, uint16_t, SAME)
CONVERT(narrow, uint16_t, uint8_t, HIGH)
CONVERT(widen, uint8_t, uint16_t, WIDE)

void
decode_job_row(struct decode_job *job, int y, const void *samples, struct decode_layout from)
{
	const struct image *p = &job->image;
	const int channel = job->options->channels || from.colors == 3;
	void *to = image_row(p, y);

	if (channel && p->channels == from.channels && p->bytes == from.bytes)
		memcpy(to, samples, (size_t)p->width * (size_t)(p->channels * p->bytes));
	else if (p->bytes == 1 && from.bytes == 1)
		same8(to, p->channels, samples, p->width, from.channels, channel);
	else if (p->bytes == 1)
		narrow(to, p->channels, samples, p->width, from.channels, channel);
	else if (from.bytes == 1)
		widen(to, p->channels, samples, p->width, from.channels, channel);
	else
		same16(to, p->channels, samples, p->width, from.channels, channel);
	job->begun = true;
}

void
decode_job_ink(uint8_t *rgb, uint8_t c, uint8_t m, uint8_t y, uint8_t white)
{
	const uint8_t ink[3] = { c, m, y };
	int i;

	for (i = 0; i < 3; i++) {
		const int t = ink[i] * white + 128, value = white - (((t >> 8) + t) >> 8);

		rgb[i] = (uint8_t)(value < 0 ? 0 : value);
	}
}
