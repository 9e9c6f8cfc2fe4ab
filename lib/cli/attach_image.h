/* attach_image - put decoded images into records; a filter that does so for records with a field `file` */
#ifndef CLI_ATTACH_IMAGE_H
#define CLI_ATTACH_IMAGE_H

#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "codec/decode.h"
#include "codec/image.h"
#include "stream/record.h"

#include <stdbool.h>

#define ATTACH_IMAGE_ON_ERROR(X) X(ATTACH_IMAGE_SKIP, "skip") X(ATTACH_IMAGE_FAIL, "fail") X(ATTACH_IMAGE_KEEP, "keep")
enum attach_image_on_error { ATTACH_IMAGE_ON_ERROR(OPT_CONSTANT) };

/* note of the closing line for files of several images */
#define ATTACH_IMAGE_PARTIAL "only the first of %ld pages or frames is read"

/* bytes of scratch memory that a thread keeps from one image to the next */
enum { ATTACH_IMAGE_ARENA_KEPT = 64 << 20 };

struct attach_image {
	struct decode_options options;
	long size;		/* length to which the shorter side of an image is resized; 0: keep the size */
	long max_bytes;		/* largest file that is read */
	long channels, depth;	/* of the records: 1 to 16; 8 or 16 */
	int on_error;		/* enum attach_image_on_error */
	bool strict;		/* the exit status is ERR_SKIPPED if any image was skipped */
	const char *exif;	/* value of --exif, for the header */
	int threads;
	const char *output;
};

/* Complete options.gray, .channels and .deep from channels and depth. -1 and err(ERR_USAGE). */
int attach_image_options(struct attach_image *o) ERR_CHECK;

/* Declare the field `image` of a header. */
void attach_image_field(const struct attach_image *o, struct header *h);

/* Put a decoded image p into a record, with its shorter side resized to `size` (0: keep the size). `whole` has the
   size of the image in its file; `a` is scratch memory. If p was decoded into the arena of the record, pass that
   arena: then the pixels are not copied. -1 and err(ERR_DATA): the image is larger than a record can hold. */
int attach_image_put(struct record *r, const struct image *p, const struct decode_report *whole, long size,
	struct arena *a) ERR_CHECK;

/* Run a filter that adds the image of the field `file` to each record and drops the field `size`. Boxes and
   segmentation maps must fit the image in the file: a record is refused if `size` or `labels` have another size, or if
   the image would be resized or rotated. Returns the exit status; dies on errors. */
int attach_image_records(const struct attach_image *o, int inputs, char **paths);

#endif
