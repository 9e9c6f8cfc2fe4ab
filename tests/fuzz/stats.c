/* stats - fuzz target: any bytes as a stream, and as what follows a good header; the pixels of its images are counted
   as by tscae-stats, and have a mean and a standard deviation */
#include "annotation/transform.h"
#include "base/err.h"
#include "codec/image.h"
#include "memory_file.h"
#include "stream/reader.h"
#include "stream/record.h"
#include "transform/patch.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
check(const struct pixel_count *c)
{
	const struct patch_pixels p = pixel_count_statistics(c);
	int i;

	for (i = 0; i < p.channels; i++)
		if (!(p.mean[i] >= 0 && p.mean[i] <= 1 && p.std[i] >= 0 && p.std[i] <= 0.5 + 1e-9))
			abort();
}

static void
count(const char *path)
{
	struct reader *in = reader_open(path);
	struct pixel_count c = { 0 };
	struct record r = { 0 };
	struct image p;

	/* an image of another shape is left out, so that more than the first one is counted */
	while (in && reader_next(in, &r) > 0)
		if ((image_read(&r, "image", &p) < 0 || transform_cut_padding(&r, &p) < 0 ||
			pixel_count_add(&c, &p) < 0) && err_status() != ERR_DATA)
			abort();
	if (c.pixels > 0)
		check(&c);
	pixel_count_free(&c);
	record_free(&r);
	reader_close(in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	memory_file_stream(bytes, size, count);
	return 0;
}
