/* pack - encode values by MessagePack-C, at the end of a growing buffer */
#ifndef STREAM_PACK_H
#define STREAM_PACK_H

#include "stream/record.h"
#include "stream/tensor.h"

#include <stddef.h>
#include <stdint.h>

struct pack {
	unsigned char *bytes;	/* free() it */
	size_t used, room;
};

/* Add bytes unchanged. */
void pack_bytes(struct pack *p, const void *bytes, size_t size);

/* Add the elements of a tensor, in the byte order of files. */
void pack_elements(struct pack *p, const struct tensor *t);

/* Add a header map. */
void pack_header(struct pack *p, const struct header *h);

/* Add the head of a record map, its key and its epoch. */
void pack_record(struct pack *p, const struct record *r);

/* Add a field; of a tensor everything except its data. */
void pack_field(struct pack *p, const struct field *f);

/* Add the end array. */
void pack_end(struct pack *p, uint64_t count, uint64_t digest);

#endif
