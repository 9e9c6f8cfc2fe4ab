/* label_coco_region - the regions of the objects of an image: as they are kept, and laid onto a segmentation map */
#include "annotation/segmap.h"
#include "base/err.h"
#include "dataset/label_coco.h"
#include "stream/reader.h"

#include <math.h>
#include <string.h>

/* The pixels that a box touches are ignored. */
static void
ignore_box(const struct label_part_box *b, uint8_t *map, int width, int height)
{
	int left = (int)fmax(floor(b->left), 0), right = (int)fmin(ceil(b->right), width), y;

	for (y = (int)fmax(floor(b->top), 0); y < fmin(ceil(b->bottom), height); y++)
		memset(map + (size_t)y * (size_t)width + left, SEGMAP_IGNORE, (size_t)(right - left));
}

/* What is laid over the image, later objects over earlier ones. */
int
label_coco_map(const struct label_coco *all, struct record *r, int width, int height, struct label_notes *notes)
{
	struct arena a = { 0 };
	struct raster raster;
	uint8_t *map;
	int i, result = 0;

	if (!width || !height || (size_t)width * (size_t)height > STREAM_BINARY_MAX)
		return err(ERR_DATA, "no segmentation map of %dx%d pixels", width, height);
	map = segmap_put(r, SEGMAP_GT, height, width);
	memset(map, 0, (size_t)width * (size_t)height);
	raster = raster_new(&a, width, height);
	for (i = 0; i < all->count && result == 0; i++) {
		result = coco_segmentation_draw(&all->list[i], &raster, map, (uint8_t)(all->boxes[i].class + 1));
		if (result == 0 && all->list[i].part_count == 0 && all->boxes[i].place >= 0) {
			ignore_box(&all->boxes[i], map, width, height);
			notes->count[LABEL_COCO + COCO_MASKLESS]++;
		}
	}
	arena_free(&a);
	return result;
}

/* Regions of the boxes that were put: rows of box, kind, count; their numbers one behind the other. */
void
label_coco_regions(const struct label_coco *all, struct record *r)
{
	long rows = 0, numbers = 0, k;
	int32_t *row;
	double *data;
	int i, pass;

	for (pass = 0; pass < 2; pass++) {
		row = pass ? record_put_tensor(r, "regions", TENSOR_I32, 2, (long[2]){ rows, 3 }) : NULL;
		data = pass ? record_put_tensor(r, "region_data", TENSOR_F64, 1, (long[1]){ numbers }) : NULL;
		for (i = 0; i < all->count; i++) {
			const struct coco_segmentation *o = &all->list[i];

			for (k = 0; k < o->part_count && all->boxes[i].place >= 0; k++) {
				const struct coco_part *p = &o->parts[k];

				if (pass) {
					*row++ = all->boxes[i].place;
					*row++ = p->kind;
					*row++ = (int32_t)p->count;
					memcpy(data, o->data + p->first, sizeof *data * (size_t)p->count);
					data += p->count;
				} else {
					rows++;
					numbers += p->count;
				}
			}
		}
	}
}
