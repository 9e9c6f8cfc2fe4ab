/* yolo - fuzz target: any bytes as a label file of YOLO; boxes are valid, and what is written of them is read back */
#include "annotation/boxes.h"
#include "base/err.h"
#include "base/file.h"
#include "dataset/label.h"
#include "dataset/label_internal.h"
#include "dataset/yolo_write.h"
#include "stream/record.h"
#include "stream/tensor.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH = 97, HEIGHT = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static char folder[64];

static const char *
path(const char *name)
{
	static char text[128];

	snprintf(text, sizeof text, "%s/%s", folder, name);
	return text;
}

/* A dataset of one image, in a folder of memory. */
static void
make_folder(void)
{
	snprintf(folder, sizeof folder, "/dev/shm/tscae-fuzz-yolo.%d", (int)getpid());
	if (file_directory(path("images")) < 0 || file_directory(path("labels")) < 0 ||
		file_save(path("images/a.png"), "", 0, false) < 0 ||
		file_save(path("data.yaml"), "train: images\nnames: [a, b, c]\n", 31, false) < 0)
		abort();
}

/* The record of the image with the boxes of a label file of the folder. 0, or -1 where it is refused. */
static int
read_boxes(struct record *r, struct boxes *b, struct header *h)
{
	struct label_options o = { .from = folder, .ignore_index = -1 };
	const long shape[3] = { HEIGHT, WIDTH, 1 };
	struct label_notes notes = { { 0 } };
	struct label l = { 0 };
	int result;

	if (label_open(&l, &label_yolo, &o) < 0)
		abort();
	record_reset(r);
	record_set_key(r, "images/a.png");
	memset(record_put_tensor(r, "image", TENSOR_U8, 3, shape), 0, (size_t)WIDTH * HEIGHT);
	result = label_put(&l, 0, r, &notes);
	if (result < 0 && err_status() != ERR_DATA)
		abort();
	if (result == 1 && (label_header(&l, h, true) < 0 ||
		boxes_read(b, r, BOXES_GT, BOXES_BOX | BOXES_CLASS, 3) < 0))
		abort();
	label_close(&l);
	return result == 1 ? 0 : -1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct record first = { 0 }, again = { 0 };
	struct header h = { 0 }, other = { 0 };
	struct boxes a, b;

	if (!*folder)
		make_folder();
	if (file_save(path("labels/a.txt"), bytes, size, false) < 0)
		abort();
	if (read_boxes(&first, &a, &h) == 0) {
		struct yolo_write y = { .folder = folder };
		long empty;

		if (yolo_write_put(&y, &h, &first) != 1 || yolo_write_end(&y) < 0)
			abort();
		/* a box may have an area as doubles, and none as floats */
		empty = y.notes[YOLO_WRITE_EMPTY].count;
		yolo_write_free(&y);
		if (read_boxes(&again, &b, &other) < 0 || b.count + empty != a.count)
			abort();
		if (empty == 0 && memcmp(a.box, b.box, sizeof *a.box * (size_t)a.count) != 0)
			abort();
		if (file_save(path("data.yaml"), "train: images\nnames: [a, b, c]\n", 31, false) < 0)
			abort();
	}
	record_free(&first);
	record_free(&again);
	header_free(&h);
	header_free(&other);
	return 0;
}
