/* exif - fuzz target: any bytes as the EXIF data of an image; the orientation is one of 1 to 8 */
#include "codec/decode_job.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const char *const heads[] = { "", "II*\0\x08\0\0\0", "MM\0*\0\0\0\x08" };
	const size_t head = size && bytes[0] % 3 ? 8 : 0;
	/* a copy of its own size, so that reads beyond its end are found */
	unsigned char *copy = malloc(head + size ? head + size : 1);
	int orientation;

	memcpy(copy, heads[size ? bytes[0] % 3 : 0], head);
	memcpy(copy + head, bytes, size);
	orientation = decode_job_orientation(copy, head + size);
	if (orientation < 1 || orientation > 8)
		abort();
	free(copy);
	return 0;
}
