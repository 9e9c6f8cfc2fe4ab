/* sheet - fuzz target: any bytes as a stream, and as what follows a good header; the fields of its records go on a
   contact sheet, with the attention of each head and the principal components of patch features */
#include "base/err.h"
#include "base/mem.h"
#include "codec/image.h"
#include "memory_file.h"
#include "stream/reader.h"
#include "stream/record.h"
#include "stream/tensor.h"
#include "viz/class_color.h"
#include "viz/contact_sheet.h"
#include "viz/sheet.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* what takes longer than a fuzz run should: pixels of a sheet, values per patch */
enum { PIXELS = 1 << 20, DIM = 256 };

static void
draw(const char *path, bool pca)
{
	struct contact_sheet c = { .sheet = { .columns = 2, .scale = 1 }, .heads = true, .pca = pca, .score = 0.3 };
	struct reader *in = reader_open(path);
	struct record r = { 0 };
	struct class_colors colors = { 0 };
	struct arena a = { 0 };
	struct image drawn;
	int failed = 0;

	contact_sheet_begin(&c);
	if (in)
		failed = class_colors_read(&colors, reader_header(in));
	while (!failed && in && reader_next(in, &r) > 0) {
		const struct value *feature = record_get(&r, "feature");

		if (feature && feature->kind == VALUE_TENSOR && feature->tensor.shape[1] > DIM)
			break;
		failed = contact_sheet_add(&c, &colors, &r);
	}
	/* the records before a damage are drawn, too: few changed streams have a valid digest */
	if (!failed && (long)c.sheet.width * c.sheet.height * c.sheet.count < PIXELS)
		failed = contact_sheet_draw(&c, &a, &drawn);
	if (failed && err_status() != ERR_DATA && err_status() != ERR_USAGE)
		abort();
	contact_sheet_free(&c);
	class_colors_free(&colors);
	arena_free(&a);
	record_free(&r);
	reader_close(in);
}

static void
draw_both(const char *path)
{
	draw(path, false);
	draw(path, true);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	memory_file_stream(bytes, size, draw_both);
	return 0;
}
