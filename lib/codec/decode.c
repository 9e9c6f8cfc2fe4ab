/* decode - bytes of a file to an image: JPEG and PNG, recognized by their first bytes */
#include "codec/decode.h"
#include "base/err.h"
#include "codec/decode_job.h"

#include <stdio.h>
#include <string.h>

static const unsigned char PNG_MAGIC[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
static const unsigned char JPEG_MAGIC[2] = { 0xff, 0xd8 };

const struct decode_options decode_defaults = { .max_pixels = DECODE_MAX_PIXELS, .max_expansion = DECODE_MAX_EXPANSION, .max_scans = DECODE_MAX_SCANS };

static bool
begins(const void *bytes, size_t size, const unsigned char *magic, size_t n)
{
	return size >= n && memcmp(bytes, magic, n) == 0;
}

bool
decode_is_image(const void *bytes, size_t size)
{
	return begins(bytes, size, JPEG_MAGIC, sizeof JPEG_MAGIC) || begins(bytes, size, PNG_MAGIC, sizeof PNG_MAGIC);
}

int
decode_job_size(struct decode_job *job, double width, double height)
{
	const struct decode_options *o = job->options;

	if (width < 1 || height < 1)
		return err(ERR_DATA, "an empty image (%.0fx%.0f)", width, height);
	if (width * height > o->max_pixels)
		return err(ERR_DATA, "%.0fx%.0f pixels exceed the limit of %.0f", width, height, o->max_pixels);
	if (width * height > o->max_expansion * (double)job->size)
		return err(ERR_DATA, "%.0fx%.0f pixels in %zu bytes exceed the limit of %.0f a byte", width, height, job->size, o->max_expansion);
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

/* EXIF is a TIFF structure: byte order ("II" or "MM"), 42, the offset of directory 0. A directory is a count and entries
   of 12 bytes (tag, type, count, value). Only directory 0 describes the image itself. */
enum {
	TAG = 0x0112, SHORT = 3, LONG = 4, ENTRY = 12,
	TRANSPOSED = 5	/* orientations from here on swap width and height */
};

static unsigned
get(const unsigned char *p, int bytes, int big)
{
	unsigned x = 0;
	int i;

	for (i = 0; i < bytes; i++)
		x = x << 8 | p[big ? i : bytes - 1 - i];
	return x;
}

int
decode_job_orientation(const unsigned char *tiff, size_t size)
{
	size_t at, i, entries;
	int big;

	if (size < 8 || (memcmp(tiff, "II", 2) != 0 && memcmp(tiff, "MM", 2) != 0))
		return 1;
	big = tiff[0] == 'M';
	at = get(tiff + 4, 4, big);
	if (get(tiff + 2, 2, big) != 42 || at > size - 2)
		return 1;
	entries = get(tiff + at, 2, big);
	at += 2;
	for (i = 0; i < entries && size - at >= ENTRY; i++, at += ENTRY)
		if (get(tiff + at, 2, big) == TAG) {
			const unsigned kind = get(tiff + at + 2, 2, big), value = get(tiff + at + 8, kind == LONG ? 4 : 2, big);

			/* some writers store it as LONG */
			if ((kind != SHORT && kind != LONG) || get(tiff + at + 4, 4, big) != 1)
				return 1;
			return value >= 1 && value <= 8 ? (int)value : 1;
		}
	return 1;
}

int
decode_image(const void *bytes, size_t size, const struct decode_options *o,
	struct arena *a, struct image *out, struct decode_report *report)
{
	struct decode_job job = { .bytes = bytes, .size = size, .options = o, .arena = a, .report = { .orientation = 1 } };
	int result;

	if (begins(bytes, size, JPEG_MAGIC, sizeof JPEG_MAGIC))
		result = o->indices ? err(ERR_DATA, "a segmentation map in JPEG, whose values are not exact; use PNG") : decode_jpeg(&job);
	else if (begins(bytes, size, PNG_MAGIC, sizeof PNG_MAGIC))
		result = decode_png(&job);
	else
		result = size == 0 ? err(ERR_DATA, "an empty file") : err(ERR_DATA, "neither JPEG nor PNG");
	if (result < 0)
		return -1;
	if (o->gray)
		job.image = image_gray(a, &job.image);
	if (o->upright) {
		job.image = image_upright(a, &job.image, job.report.orientation);
		if (job.report.orientation >= TRANSPOSED) {
			int width = job.report.width;

			job.report.width = job.report.height;
			job.report.height = width;
		}
	}
	*out = job.image;
	*report = job.report;
	return 0;
}
