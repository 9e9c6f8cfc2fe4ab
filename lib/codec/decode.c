/* decode - bytes of a file to an image: the decoder is chosen by the first bytes */
#include "codec/decode.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "codec/decode_format.h"
#include "codec/decode_job.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { TRANSPOSED = 5 };	/* EXIF orientations from here on swap width and height */

const struct decode_options decode_defaults = { .max_pixels = DECODE_MAX_PIXELS, .max_expansion = DECODE_MAX_EXPANSION,
	.max_scans = DECODE_MAX_SCANS, .max_memory = DECODE_MAX_MEMORY };

static const struct {
	int (*decode)(struct decode_job *job);
	/* their number; NULL: one image is read */
	long (*pages)(struct decode_job *job, bool *damaged, int64_t **at);
	bool frames;		/* a page is drawn over those before it */
} decoders[] = {
	[DECODER_JPEG] = { decode_jpeg, NULL },
	[DECODER_PNG] = { decode_png, NULL },
	[DECODER_WEBP] = { decode_webp, decode_webp_pages, true },
	[DECODER_TIFF] = { decode_tiff, decode_tiff_pages },
	[DECODER_BMP] = { decode_bmp, NULL },
	[DECODER_GIF] = { decode_gif, decode_gif_pages, true },
	[DECODER_PNM] = { decode_pnm, NULL },
};

int
decode_refuse(const char *format)
{
	return err(ERR_DATA, "%s is not read; convert it to PNG, TIFF or JPEG", format);
}

/* Whether a text begins with this, after blanks and a byte order mark. */
static bool
begins(const struct decode_job *job, const char *text)
{
	const size_t n = strlen(text);
	size_t at = job->size >= 3 && memcmp(job->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (at < job->size && job->bytes[at] && strchr(" \t\r\n", job->bytes[at]))
		at++;
	return n <= job->size - at && strncasecmp((const char *)job->bytes + at, text, n) == 0;
}

/* What is there instead of an image: files that failed downloads leave. */
static int
refuse_unknown(const struct decode_job *job)
{
	if (job->size == 0)
		return err(ERR_DATA, "an empty file");
	if (begins(job, FILE_LFS_POINTER))
		return err(ERR_DATA, "a Git LFS pointer, not an image; " FILE_LFS_REMEDY);
	if (begins(job, "<!doctype") || begins(job, "<html"))
		return err(ERR_DATA, "a web page, not an image; download the image again");
	if (begins(job, "<?xml") || begins(job, "{"))
		return err(ERR_DATA, "XML or JSON, not an image (SVG, or the error message of a server)");
	return err(ERR_DATA, "not an image of a known format");
}

static int
decode(struct decode_job *job)
{
	const struct decode_format *f = decode_format(job->bytes, job->size);

	if (!f)
		return refuse_unknown(job);
	if (!f->decoder)
		return decode_refuse(f->name);
	if (job->options->indices && !f->maps)
		return err(ERR_DATA, "a segmentation map in %s; use PNG%s", f->name,
		    f->lossy ? ", whose values are exact" : "");
	return decoders[f->decoder].decode(job);
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
	if (job.cursor_taken && o->cursor)
		job.report.memory = decode_budget_keep(o->budget, o->cursor, job.report.memory);
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

	return f && decoders[f->decoder].pages;
}

bool
decode_has_frames(const void *head, size_t size)
{
	const struct decode_format *f = decode_format(head, size);

	return f && decoders[f->decoder].frames;
}

long
decode_pages(const void *bytes, size_t size, bool *damaged, int64_t **at)
{
	const struct decode_format *f = decode_format(bytes, size);
	struct decode_job job = { .bytes = bytes, .size = size, .options = &decode_defaults };

	*damaged = false;
	*at = NULL;
	return f && decoders[f->decoder].pages ? decoders[f->decoder].pages(&job, damaged, at) : 1;
}
