/* coco - fuzz target: any bytes as ground truth of COCO; each annotation is read from its place and drawn */
#include "annotation/class_list.h"
#include "annotation/raster.h"
#include "base/mem.h"
#include "dataset/coco.h"
#include "dataset/coco_index.h"
#include "dataset/coco_segmentation.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { SIDE = 24 };

static void
draw(const struct coco_segmentation *s, struct arena *a)
{
	struct raster r = raster_new(a, SIDE, SIDE);
	uint8_t map[SIDE * SIDE] = { 0 };
	long k, i, most = 0;

	for (k = 0; k < s->part_count; k++) {
		const struct coco_part *p = &s->parts[k];

		if (p->first < 0 || p->count <= 0 || p->first + p->count > s->data_count)
			abort();
		most = p->kind == COCO_POLYGON && p->count > most ? p->count : most;
	}
	/* a long walk for each point far outside: time, not danger */
	if (most <= 64)
		(void)coco_segmentation_draw(s, &r, map, 1);
	for (i = 0; i <= SIDE * SIDE; i++)
		if (r.changes[i])
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static int fd = -1;
	static char path[32];
	struct arena a = { 0 };
	struct coco_index c = { .image_count = 0 };
	struct coco_segmentation s = { 0 };
	struct coco_object o;
	long i, n = 0;

	if (fd < 0) {
		char name[] = "/tmp/tscae-fuzz.XXXXXX";

		fd = mkstemp(name);
		unlink(name);
		snprintf(path, sizeof path, "/dev/fd/%d", fd);
	}
	if (ftruncate(fd, 0) < 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size)
		return 0;
	if (coco_index_read(&c, path) == 0) {
		for (i = 0; i < c.image_count; i++)
			n += c.images[i].count;
		if (n + c.notes[COCO_ORPHAN] + c.notes[COCO_UNLISTED] != c.annotation_count)
			abort();
		for (i = 0; i < c.annotation_count && i < 64; i++) {
			const struct coco_annotation *at = &c.annotations[i];

			/* one that is left out belongs to no image */
			if (at->class >= c.classes.count || (at->class < 0 && at->image >= 0))
				abort();
			if (coco_read_object(fd, path, COCO_ANNOTATIONS, (size_t)at->begin,
				(size_t)at->begin + at->size, &o, &s) == 0)
				draw(&s, &a);
		}
	}
	coco_segmentation_free(&s);
	coco_index_free(&c);
	arena_free(&a);
	return 0;
}
