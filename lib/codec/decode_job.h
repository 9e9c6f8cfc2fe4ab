/* decode_job - one image that is being decoded: shared by decode.c and the decoders of single formats */
#ifndef CODEC_DECODE_JOB_H
#define CODEC_DECODE_JOB_H

#include "base/err.h"
#include "codec/decode.h"
#include "codec/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct decode_job {
	const unsigned char *bytes;
	size_t size;
	const struct decode_options *options;
	struct arena *arena;
	struct image image;		/* filled row by row from the top; missing rows are zero */
	bool begun;			/* at least one row is decoded: later errors are damage */
	struct decode_report report;
	bool cursor_taken;		/* by decode_job_memory() */
};

/* Samples as a decoder has them. */
struct decode_layout {
	int channels;	/* with alpha and unnamed ones */
	int colors;	/* how many of them, from the first on, are colors: 3 RGB, 1 gray, 0 unknown */
	int bytes;	/* of a sample: 1, or 2 in the byte order of the machine */
};

/* Each: 0, or -1 and err(ERR_DATA). Three channels (indices: one; options->channels: that many), not yet upright. */
int decode_jpeg(struct decode_job *job) ERR_CHECK;
int decode_png(struct decode_job *job) ERR_CHECK;
int decode_webp(struct decode_job *job) ERR_CHECK;
int decode_tiff(struct decode_job *job) ERR_CHECK;
long decode_tiff_pages(struct decode_job *job, bool *damaged, int64_t **at) ERR_CHECK;	/* as decode_pages() */
/* Likewise, for animations. A frame is drawn over all before it: in another order than the file's it can take the time
   of all of them, so at most DECODE_FRAMES_MAX of a file are read. */
enum { DECODE_FRAMES_MAX = 1000 };
long decode_gif_pages(struct decode_job *job, bool *damaged, int64_t **at) ERR_CHECK;
long decode_webp_pages(struct decode_job *job, bool *damaged, int64_t **at) ERR_CHECK;
int decode_bmp(struct decode_job *job) ERR_CHECK;
int decode_pnm(struct decode_job *job) ERR_CHECK;
int decode_gif(struct decode_job *job) ERR_CHECK;

/* Check the size of the whole image against the limits. -1 and err(ERR_DATA). */
int decode_job_size(struct decode_job *job, double width, double height) ERR_CHECK;

/* Take the memory of the decoded image, with its copies for other options, and `extra` bytes that the decoder needs
   from the budget: once for an image, before memory is allocated; waits for other threads. From here on the state of
   the job's cursor belongs to the decoder; it may have been given up before. -1 and err(ERR_DATA): above the limit. */
int decode_job_memory(struct decode_job *job, double width, double height, double extra) ERR_CHECK;

/* Record in the cursor, if there is one, that err() is the error of this frame and of all after it. Returns -1. */
int decode_job_bad_frame(struct decode_job *job, int frame);

/* err(ERR_DATA) of a frame that cannot be drawn because of an earlier one, as it was recorded: -1; otherwise 0. */
int decode_job_check_frame(const struct decode_job *job, int frame) ERR_CHECK;

/* Start the image, with zeroed rows, for samples of this layout. -1 and err(ERR_DATA): the options want other
   channels. */
int decode_job_begin(struct decode_job *job, int width, int height, struct decode_layout from) ERR_CHECK;

/* Convert row y: gray to RGB, without alpha, to the channels and depth of the options. */
void decode_job_row(struct decode_job *job, int y, const void *samples, struct decode_layout from);

/* One pixel of ink to three bytes of RGB: R = (1 - K) - C (1 - K), as Pillow's cmyk2rgb. C, M, Y, and 255 - K. */
void decode_job_ink(uint8_t *rgb, uint8_t c, uint8_t m, uint8_t y, uint8_t white);

/* Record damage; the first message of the worst class is kept. */
void decode_job_damage(struct decode_job *job, enum decode_damage damage, const char *what);

/* Record DECODE_DAMAGED if `largest`, the largest index of the pixels, is not below the number of colors of their
   palette: such pixels have no color and are black. */
void decode_job_largest(struct decode_job *job, int largest, int colors);

/* Take memory of the budget (NULL: none), and the cursor (NULL: none) out of its list, with its memory; waits for
   other threads, and gives up cursors that are not in use where these alone are in the way. */
void decode_budget_take(struct decode_budget *b, double bytes, struct decode_cursor *own);

/* Put the cursor back; the memory of its state is no longer that of the image, which has that many bytes. Returns the
   bytes of the image that are left. */
double decode_budget_keep(struct decode_budget *b, struct decode_cursor *c, double bytes);

/* Orientation (1 .. 8) from the TIFF structure that follows "Exif\0\0" in a JPEG's APP1 marker and fills a PNG's eXIf
   chunk. 1 where it is missing or malformed. */
int decode_job_orientation(const unsigned char *tiff, size_t size);

#endif
