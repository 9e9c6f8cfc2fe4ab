/* decode_format - the table of image formats: suffixes, first bytes, which decoder */
#ifndef CODEC_DECODE_FORMAT_H
#define CODEC_DECODE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

enum decoder { DECODER_NONE, DECODER_JPEG, DECODER_PNG, DECODER_WEBP, DECODER_TIFF, DECODER_BMP, DECODER_GIF,
	DECODER_PNM };

struct decode_format {
	const char *name;	/* for messages */
	const char *suffixes;	/* without dots, in lower case, separated by blanks */
	/* any of them; '?' is any byte; ends with size 0 */
	struct decode_magic { const char *bytes; int size, offset; } magic[8];
	enum decoder decoder;	/* DECODER_NONE: recognized, but not read */
	bool maps;		/* gray and palette values can be read as a segmentation map */
	bool lossy;		/* as a rule: pixel values are not exact */
	bool weak;		/* the first bytes are also those of texts: a suffix is needed */
};

/* The format of a file with these first bytes, or NULL. */
const struct decode_format *decode_format(const void *bytes, size_t size);

#endif
