/* label_map - segmentation maps kept as PNG: the value of a pixel is its class */
#include "annotation/segmap.h"
#include "base/err.h"
#include "base/file.h"
#include "dataset/label_part.h"
#include "codec/decode.h"
#include "stream/reader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* as tscae-decode reads images */
enum { BYTES_MAX = 256000000 };

/* Every value a class or void; the dataset's own void becomes ours. */
static int
judge(const struct label *l, struct image *p)
{
	uint8_t becomes[256];
	bool known[256];
	int x, y, v;

	for (v = 0; v < 256; v++) {
		bool none = v == l->options.void_value || v == SEGMAP_IGNORE;

		becomes[v] = none ? SEGMAP_IGNORE : (uint8_t)v;
		known[v] = none || v < l->map_classes.count;
	}
	for (y = 0; y < p->height; y++) {
		uint8_t *row = image_row(p, y);

		for (x = 0; x < p->width; x++) {
			if (!known[row[x]])
				return err(ERR_DATA, "the label %d (column %d, row %d), but there are %d classes", row[x], x, y, l->map_classes.count);
			row[x] = becomes[row[x]];
		}
	}
	return 0;
}

static int
read_map(const struct label *l, const char *path, struct arena *a, struct image *p)
{
	struct decode_options o = decode_defaults;
	struct decode_report report;
	size_t size;
	void *bytes = file_read(path, BYTES_MAX, &size);
	int result;

	if (!bytes)
		return -1;
	o.indices = true;
	result = decode_image(bytes, size, &o, a, p, &report);
	free(bytes);
	if (result == 0 && report.damage == DECODE_DAMAGED)
		result = err(ERR_DATA, "%s", report.what);
	if (result == 0)
		result = judge(l, p);
	return result < 0 ? err_in("%s", path) : 0;
}

int
label_part_map(const struct label *l, const char *path, struct record *r, int width, int height)
{
	struct arena a = { 0 };
	struct image p, to;
	int result;

	if (access(path, F_OK) < 0)
		return 0;
	result = read_map(l, path, &a, &p);
	if (result == 0 && ((width && p.width != width) || (height && p.height != height)))
		result = err(ERR_DATA, "%s: %dx%d pixels, but the image has %dx%d", path, p.width, p.height, width, height);
	if (result == 0 && (size_t)p.width * (size_t)p.height > STREAM_BINARY_MAX)
		result = err(ERR_DATA, "%s: %dx%d pixels are more than a record holds", path, p.width, p.height);
	if (result == 0) {
		to = image_over(segmap_put(r, SEGMAP_GT, p.height, p.width), p.width, p.height, 1);
		image_copy(&to, &p);
		if (!record_get(r, "image"))
			result = label_part_size(r, &p.width, &p.height);
	}
	arena_free(&a);
	return result < 0 ? -1 : 1;
}
