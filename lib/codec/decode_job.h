/* decode_job - one image that is being decoded: shared by decode.c and the decoders of single formats */
#ifndef CODEC_DECODE_JOB_H
#define CODEC_DECODE_JOB_H

#include "codec/decode.h"

struct decode_job {
	const unsigned char *bytes;
	size_t size;
	const struct decode_options *options;
	struct arena *arena;
	struct image image;		/* rows are filled from the top; what is not filled in the end is zero */
	bool begun;			/* at least one row is there: an error from now on is damage */
	struct decode_report report;
};

/* Each: 0, or -1 and err(ERR_DATA). Three channels (indices: one), not yet upright. */
int decode_jpeg(struct decode_job *job);
int decode_png(struct decode_job *job);

/* Refuse the whole image's size where it is over the limits: -1 and err(ERR_DATA). */
int decode_job_size(struct decode_job *job, double width, double height);

/* Note damage; the first message of the worst class stays. */
void decode_job_damage(struct decode_job *job, enum decode_damage damage, const char *what);

/* Orientation (1 .. 8) from the TIFF structure that follows "Exif\0\0" in a JPEG's APP1 marker and fills a PNG's eXIf chunk.
   1 where it has none or is malformed. */
int decode_job_orientation(const unsigned char *tiff, size_t size);

#endif
