/* mask - the masks of COCO's files to pixels

   The objects are read again from their places in the file. */
#include "metrics/mask.h"
#include "annotation/raster.h"
#include "base/err.h"
#include "dataset/coco.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct file { int fd; const char *path; enum coco_list list; struct coco_segmentation segmentation; struct arena arena; };

static int
take(struct evaluation *s, struct evaluation_box *b, struct file *f)
{
	const struct evaluation_image *image = &s->images[b->image];
	const size_t size = (size_t)image->height * (size_t)image->width;
	struct coco_object o;
	struct raster raster;
	struct runs runs;
	uint8_t *map;

	if (size == 0 || image->height > 65535 || image->width > 65535)
		return err(ERR_DATA, "%s: image %s has no height and width that masks could have", f->path, image->key);
	if (coco_read_object(f->fd, f->path, f->list, b->mask->begin, b->mask->end, &o, &f->segmentation) < 0)
		return -1;
	s->notes.coco[COCO_BAD_POLYGON] += f->segmentation.left_out;
	if (f->segmentation.part_count == 0)
		return err(ERR_DATA, "%s: byte %zu: an object without mask", f->path, b->mask->begin);
	arena_reset(&f->arena);
	raster = raster_new(&f->arena, image->width, image->height);
	map = arena_get(&f->arena, size);
	memset(map, 0, size);
	if (coco_segmentation_draw(&f->segmentation, &raster, map, 1) < 0)
		return err_in("%s: byte %zu", f->path, b->mask->begin);
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
	struct file f = { .fd = open(path, O_RDONLY | O_CLOEXEC), .path = path, .list = found ? COCO_RESULTS : COCO_ANNOTATIONS };
	int result = 0;
	long i;

	if (f.fd < 0)
		return err(ERR_INPUT, "%s: %s", path, strerror(errno));
	for (i = 0; i < boxes->count && result == 0; i++) {
		result = take(s, &boxes->list[i], &f);
		if (found && result == 0)
			boxes->list[i].area = (double)boxes->list[i].mask->area;
	}
	coco_segmentation_free(&f.segmentation);
	close(f.fd);
	arena_free(&f.arena);
	return result;
}
