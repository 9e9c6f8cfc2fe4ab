/* attach_image - images put into records: as field `image`, and into records that name a file */
#ifndef CLI_ATTACH_IMAGE_H
#define CLI_ATTACH_IMAGE_H

#include "codec/decode.h"
#include "stream/record.h"

enum attach_image_on_error { ATTACH_IMAGE_SKIP, ATTACH_IMAGE_FAIL, ATTACH_IMAGE_KEEP };

struct attach_image {
	struct decode_options options;
	long size;		/* shorter side that images are resized to; 0: as they are */
	long max_bytes;		/* of a file */
	int on_error;		/* enum attach_image_on_error */
	bool strict;		/* exit status ERR_SKIPPED if any was skipped */
	const char *exif;	/* for the header */
	int threads;
	const char *output;
};

/* Put a decoded image into a record, resized to that shorter side (0: not; `whole`: its size in the file). `a` is for work; where the
   image was decoded into the record's own arena say that one: then it is not copied.
   -1 and err(ERR_DATA): larger than a record holds. */
int attach_image_put(struct record *r, const struct image *p, const struct decode_report *whole, long size, struct arena *a);

/* Run a filter that adds the image of the field `file` to each record. Boxes and segmentation maps must be those of the
   image as it is in the file: where the field `size` (dropped) or `labels` are of another size, where it would be
   resized or turned, the record is refused. Returns the exit status; dies on errors. */
int attach_image_records(const struct attach_image *d, int inputs, char **paths);

#endif
