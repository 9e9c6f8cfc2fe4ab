/* mask - the masks of COCO's files to pixels

   The objects are read again from their places in the file; what they are made of is data/coco's and data/region's. */
#include "metrics/mask.h"
#include "base/err.h"
#include "dataset/coco.h"
#include "annotation/region.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The parts of an object laid onto an empty map. */
static int
lay(struct region *region, const struct coco_object *o, uint8_t *map)
{
	int result = 0, used = 0;
	long k;

	if (o->width && (o->width != region->width || o->height != region->height))
		return err(ERR_DATA, "run lengths for %d x %d pixels, the image has %d x %d", o->width, o->height, region->width, region->height);
	for (k = 0; k < o->part_count && result == 0; k++) {
		const struct coco_part *p = &o->parts[k];

		if (p->kind == COCO_POLYGON && (p->count < 6 || p->count % 2))
			return err(ERR_DATA, "a polygon of %ld numbers", p->count);
		used++;
		result = p->kind == COCO_RUNS ? region_runs(region, o->data + p->first, p->count, map, 1)
			: region_polygon(region, o->data + p->first, p->count / 2, map, 1);
	}
	return result == 0 && !used ? err(ERR_DATA, "an object without mask") : result;
}

static int
take(struct evaluation *s, struct evaluation_box *b, const struct coco *file, struct coco_object *o, struct arena *a)
{
	const struct evaluation_image *image = &s->images[b->image];
	const struct coco_annotation where = { .offset = (int64_t)b->mask->begin, .size = (uint32_t)(b->mask->end - b->mask->begin), .category = (int32_t)s->classes.ids[b->class] };
	struct region region;
	struct runs runs;
	uint8_t *map;
	size_t size = (size_t)image->height * (size_t)image->width;

	if (b->mask->end - b->mask->begin > UINT32_MAX)
		return err(ERR_DATA, "%s: byte %zu: an object of %zu bytes", file->path, b->mask->begin, b->mask->end - b->mask->begin);
	if (size == 0 || image->height > 65535 || image->width > 65535)
		return err(ERR_DATA, "%s: image %s has no height and width that masks could have", file->path, image->key);
	if (coco_read(file, &where, o) < 0)
		return -1;
	arena_reset(a);
	region = region_new(a, image->width, image->height);
	map = arena_get(a, size);
	memset(map, 0, size);
	if (lay(&region, o, map) < 0)
		return err_in("%s: byte %zu", file->path, b->mask->begin);
	runs_pack(&runs, map, image->height, image->width);
	b->mask->runs = runs;
	b->mask->runs.list = arena_copy(&s->text, runs.list, sizeof *runs.list * (size_t)runs.count);
	runs_free(&runs);
	b->mask->area = runs_area(&b->mask->runs);
	return 0;
}

int
mask_read(struct evaluation *s, struct evaluation_boxes *boxes, bool found, const char *path)
{
	struct coco file = { .fd = open(path, O_RDONLY | O_CLOEXEC) };
	struct coco_object o = { .boxless = true };
	struct arena a = { 0 };
	int result = 0;
	long i;

	if (file.fd < 0)
		return err(ERR_INPUT, "%s: %s", path, strerror(errno));
	file.path = mem_text(path);
	for (i = 0; i < boxes->count && result == 0; i++) {
		result = take(s, &boxes->list[i], &file, &o, &a);
		if (found && result == 0)
			boxes->list[i].area = (double)boxes->list[i].mask->area;
	}
	coco_free(&o);
	coco_close(&file);
	arena_free(&a);
	return result;
}
