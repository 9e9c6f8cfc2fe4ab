/* label_coco_region - the regions of the objects of an image: as they are kept, and laid onto a segmentation map */
#include "annotation/segmap.h"
#include "base/err.h"
#include "dataset/label_coco.h"
#include "annotation/region.h"
#include "stream/reader.h"

#include <string.h>

/* A polygon has three points at least, and whole ones. */
void
label_coco_polygons(struct coco_object *o, struct label_notes *notes)
{
	long k, n = 0;

	for (k = 0; k < o->part_count; k++)
		if (o->parts[k].kind == COCO_POLYGON && (o->parts[k].count < 6 || o->parts[k].count % 2))
			notes->count[LABEL_POLYGON]++;
		else
			o->parts[n++] = o->parts[k];
	o->part_count = n;
}

/* What is laid over the image, later objects over earlier ones. */
int
label_coco_map(const struct label_coco *all, struct record *r, int width, int height)
{
	struct arena a = { 0 };
	struct region region;
	uint8_t *map;
	int i, result = 0;
	long k;

	if (!width || !height || (size_t)width * (size_t)height > STREAM_BINARY_MAX)
		return err(ERR_DATA, "no segmentation map of %dx%d pixels", width, height);
	map = segmap_put(r, SEGMAP_GT, height, width);
	memset(map, 0, (size_t)width * (size_t)height);
	region = region_new(&a, width, height);
	for (i = 0; i < all->count && result == 0; i++) {
		const struct coco_object *o = &all->list[i];
		uint8_t value = (uint8_t)(all->boxes[i].class + 1);

		if (o->width && (o->width != width || o->height != height))
			result = err(ERR_DATA, "run lengths for %dx%d pixels in an image of %dx%d", o->width, o->height, width, height);
		for (k = 0; k < o->part_count && result == 0; k++) {
			const struct coco_part *p = &o->parts[k];

			result = p->kind == COCO_RUNS ? region_runs(&region, o->data + p->first, p->count, map, value) :
				region_polygon(&region, o->data + p->first, p->count / 2, map, value);
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
			const struct coco_object *o = &all->list[i];

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
