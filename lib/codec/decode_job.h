/* decode_job - one image that is being decoded: shared by decode.c and the decoders of single formats */
#ifndef CODEC_DECODE_JOB_H
#define CODEC_DECODE_JOB_H

#include "base/err.h"
#include "codec/decode.h"
#include "codec/image.h"

#include <stdbool.h>
#include <stddef.h>

struct decode_job {
	const unsigned char *bytes;
	size_t size;
	const struct decode_options *options;
	struct arena *arena;
	struct image image;		/* filled row by row from the top; missing rows are zero */
	bool begun;			/* at least one row is decoded: later errors are damage */
	struct decode_report report;
};

/* Each: 0, or -1 and err(ERR_DATA). Three channels (indices: one), not yet upright. */
int decode_jpeg(struct decode_job *job) ERR_CHECK;
int decode_png(struct decode_job *job) ERR_CHECK;

/* Check the size of the whole image against the limits. -1 and err(ERR_DATA). */
int decode_job_size(struct decode_job *job, double width, double height) ERR_CHECK;

/* Record damage; the first message of the worst class is kept. */
void decode_job_damage(struct decode_job *job, enum decode_damage damage, const char *what);

/* Orientation (1 .. 8) from the TIFF structure that follows "Exif\0\0" in a JPEG's APP1 marker and fills a PNG's eXIf chunk.
   1 where it is missing or malformed. */
int decode_job_orientation(const unsigned char *tiff, size_t size);

#endif
