/* depict - pictures put into records: as field `image`, and into records that name a file */
#ifndef TOOL_DEPICT_H
#define TOOL_DEPICT_H

#include "image/decode.h"
#include "stream/record.h"

enum depict_on_error { DEPICT_SKIP, DEPICT_FAIL, DEPICT_KEEP };

struct depict {
	struct decode_options options;
	long size;		/* shorter side that pictures are resized to; 0: as they are */
	long max_bytes;		/* of a file */
	int on_error;		/* enum depict_on_error */
	bool strict;		/* exit status ERR_SKIPPED if any was skipped */
	const char *exif;	/* for the header */
	int threads;
	const char *output;
};

/* Put a decoded picture into a record, resized to that shorter side (0: not; `whole`: its size in the file). `a` is for work; where the
   picture was decoded into the record's own arena say that one: then it is not copied.
   -1 and err(ERR_DATA): larger than a record holds. */
int depict_put(struct record *r, const struct picture *p, const struct decode_report *whole, long size, struct arena *a);

/* Run a filter that adds the picture of the field `file` to each record. Boxes and label maps must be those of the
   picture as it is in the file: where the field `size` (dropped) or `labels` are of another size, where it would be
   resized or turned, the record is refused. Returns the exit status; dies on errors. */
int depict_records(const struct depict *d, int inputs, char **paths);

#endif
