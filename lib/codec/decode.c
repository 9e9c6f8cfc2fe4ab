/* decode - bytes of a file to an image: the decoder is chosen by the first bytes */
#include "codec/decode.h"
#include "base/err.h"
#include "base/mem.h"
#include "codec/decode_format.h"
#include "codec/decode_job.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

enum { TRANSPOSED = 5 };	/* EXIF orientations from here on swap width and height */

const struct decode_options decode_defaults = { .max_pixels = DECODE_MAX_PIXELS, .max_expansion = DECODE_MAX_EXPANSION,
	.max_scans = DECODE_MAX_SCANS, .max_memory = DECODE_MAX_MEMORY };

int
decode_refuse(const char *format)
{
	return err(ERR_DATA, "%s is not read; convert it to PNG, TIFF or JPEG", format);
}

static int
decode(struct decode_job *job)
{
	const struct decode_format *f = decode_format(job->bytes, job->size);

	if (!f)
		return job->size == 0 ? err(ERR_DATA, "an empty file") : err(ERR_DATA,
		    "not an image of a known format");
	if (!f->decode)
		return decode_refuse(f->name);
	if (job->options->indices && !f->maps)
		return err(ERR_DATA, "a segmentation map in %s; use PNG%s", f->name,
		    f->lossy ? ", whose values are exact" : "");
	return f->decode(job);
}

int
decode_image(const void *bytes, size_t size, const struct decode_options *o,
	struct arena *a, struct image *out, struct decode_report *report)
{
	struct decode_job job = { .bytes = bytes, .size = size, .options = o, .arena = a,
	    .report = { .orientation = 1 } };
	int result;

	*report = job.report;
	errno = 0;
	result = decode(&job);
	/* the libraries report memory that they did not get as damage of the file, or do without */
	if (errno == ENOMEM)
		mem_none();
	if (result < 0) {
		decode_budget_put(o->budget, job.report.memory);
		return -1;
	}
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

bool
decode_has_pages(const void *head, size_t size)
{
	const struct decode_format *f = decode_format(head, size);

	return f && f->pages;
}

long
decode_pages(const void *bytes, size_t size, bool *damaged)
{
	const struct decode_format *f = decode_format(bytes, size);
	struct decode_job job = { .bytes = bytes, .size = size, .options = &decode_defaults };

	*damaged = false;
	return f && f->pages ? f->pages(&job, damaged) : 1;
}
