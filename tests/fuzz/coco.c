/* coco - fuzz target: any bytes as annotations of COCO; each annotation is read from its place and drawn */
#include "base/err.h"
#include "dataset/coco.h"
#include "annotation/region.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { SIDE = 24 };

static void
draw(const struct coco_object *o, struct arena *a)
{
	struct region r = region_new(a, SIDE, SIDE);
	uint8_t map[SIDE * SIDE] = { 0 };
	long k, i;

	for (k = 0; k < o->part_count; k++) {
		const struct coco_part *p = &o->parts[k];

		if (p->first < 0 || p->count < 0 || p->first + p->count > o->data_count)
			abort();
		if (p->kind == COCO_RUNS)
			region_runs(&r, o->data + p->first, p->count, map, 1);
		else if (p->count <= 64)	/* a long walk for each point far outside: time, not danger */
			region_polygon(&r, o->data + p->first, p->count / 2, map, 1);
		for (i = 0; i <= SIDE * SIDE; i++)
			if (r.changes[i])
				abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static int fd = -1;
	static char path[32];
	struct arena a = { 0 };
	struct coco c = { 0 };
	struct coco_object o = { .area = 0 };
	long i, n = 0;

	if (fd < 0) {
		char name[] = "/tmp/tscae-fuzz.XXXXXX";

		fd = mkstemp(name);
		unlink(name);
		snprintf(path, sizeof path, "/dev/fd/%d", fd);
	}
	if (ftruncate(fd, 0) < 0 || pwrite(fd, bytes, size, 0) != (ssize_t)size)
		return 0;
	if (coco_open(&c, path) == 0) {
		for (i = 0; i < c.image_count; i++)
			n += c.images[i].count;
		if (n + c.dangling != c.annotation_count)
			abort();
		for (i = 0; i < c.annotation_count && i < 64; i++)
			if (coco_read(&c, &c.annotations[i], &o) == 0)
				draw(&o, &a);
	}
	coco_free(&o);
	coco_close(&c);
	arena_free(&a);
	return 0;
}
