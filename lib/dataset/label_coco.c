/* label_coco - the layout of COCO: annotations/instances_SET.json and a folder of images

   Classes are the categories in the order of their ids, which have gaps. In segmentation maps, the masks of an image
   are drawn in the order of the file: later objects cover earlier ones. */
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "annotation/raster.h"
#include "annotation/segmap.h"
#include "annotation/transform.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "dataset/coco.h"
#include "dataset/coco_index.h"
#include "dataset/coco_segmentation.h"
#include "dataset/label.h"
#include "dataset/label_internal.h"
#include "stream/reader.h"
#include "stream/record.h"
#include "stream/tensor.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct coco_layout {
	struct coco_index coco;
	char *path;		/* of the JSON file, from which annotations are read again */
	int fd;
	long *chosen;		/* index of image i in coco.images; NULL: i */
	int32_t *class_map;	/* class of each of coco.classes */
};

/* The objects of one image. */
struct coco_annotations {
	struct label_object *boxes;	/* (count) */
	struct coco_segmentation *list;	/* (count) */
	const struct coco_annotation **from;	/* (count) */
	int count;
};

/* Set the pixels that a box touches to the ignore index. */
static void
ignore_box(const struct label_object *b, uint8_t *map, int width, int height)
{
	int left = (int)fmax(floor(b->left), 0), right = (int)fmin(ceil(b->right), width), y;

	for (y = (int)fmax(floor(b->top), 0); y < fmin(ceil(b->bottom), height); y++)
		memset(map + (size_t)y * (size_t)width + left, SEGMAP_IGNORE, (size_t)(right - left));
}

/* Put the file and the first byte of an object in front of the error. Returns -1. */
static int
blame(const struct coco_layout *own, int64_t begin)
{
	return err_in("%s: byte %" PRId64, own->path, begin);
}

/* Put `labels`: masks drawn in the order of the list; the box of an object without a mask becomes SEGMAP_IGNORE and is
   counted. -1 and err(ERR_DATA) with path and byte: RLE of another size; the size is not known or too large. */
static int
draw_segmap(const struct coco_layout *own, const struct coco_image *image, const struct coco_annotations *all,
	struct record *r, int width, int height, struct label_notes *notes)
{
	struct arena a = { 0 };
	struct raster raster;
	uint8_t *map;
	int i, result = 0;

	if (!width || !height) {
		err(ERR_DATA, "the image has no width and height, which a segmentation map needs; "
			"add them, or label the decoded images, without --standalone");
		return blame(own, image->begin);
	}
	if ((size_t)width * (size_t)height > STREAM_BINARY_MAX) {
		err(ERR_DATA, "a segmentation map of %dx%d pixels is too large, at most %zu pixels are possible; "
			"use tscae-label without --segmaps", width, height, STREAM_BINARY_MAX);
		return blame(own, image->begin);
	}
	map = segmap_put(r, SEGMAP_GT, height, width);
	memset(map, 0, (size_t)width * (size_t)height);
	raster = raster_new(&a, width, height);
	for (i = 0; i < all->count && result == 0; i++) {
		if (coco_segmentation_draw(&all->list[i], &raster, map, (uint8_t)(all->boxes[i].class + 1)) < 0)
			result = blame(own, all->from[i]->begin);
		if (result == 0 && all->list[i].part_count == 0 && all->boxes[i].row >= 0) {
			ignore_box(&all->boxes[i], map, width, height);
			notes->count[LABEL_COCO + COCO_MASKLESS]++;
		}
	}
	arena_free(&a);
	return result;
}

/* Put `regions` (rows of box, kind, count) and `region_data` (their numbers in sequence) of the boxes that were put. */
static void
put_segmentation(const struct coco_annotations *all, struct record *r)
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

			for (k = 0; k < o->part_count && all->boxes[i].row >= 0; k++) {
				const struct coco_part *p = &o->parts[k];

				if (pass) {
					*row++ = all->boxes[i].row;
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

/* The parent folder of a path; "": the current folder. */
static char *
parent_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (strcmp(path, "") == 0)
		return mem_text("..");
	return mem_format("%.*s", slash ? (int)(slash - path) : 0, path);
}

/* The folder of the images of ROOT/annotations/instances_SET.json: ROOT/SET, ROOT/images/SET, else that of the file. */
static char *
image_folder(const char *json)
{
	const char *slash = strrchr(json, '/'), *name = slash ? slash + 1 : json, *dot = strrchr(name, '.');
	char *folder = parent_folder(json), *root = parent_folder(folder), *path = NULL;
	int i, n = dot ? (int)(dot - name) - (int)strlen("instances_") : 0;

	if (n > 0 && strncmp(name, "instances_", strlen("instances_")) == 0)
		for (i = 0; i < 2 && !path; i++) {
			path = mem_format("%s%s%s%.*s", root, *root ? "/" : "", i ? "images/" : "", n,
				name + strlen("instances_"));
			if (!label_is_folder(path)) {
				free(path);
				path = NULL;
			}
		}
	free(root);
	if (!path)
		return folder;
	free(folder);
	return path;
}

static void
add_images(struct label *l, const struct coco_index *c, const char *folder)
{
	long i;

	for (i = 0; i < c->image_count; i++) {
		char *path = mem_format("%s%s%s", folder, *folder ? "/" : "",
			label_slashes(l, folder, c->images[i].file_name));

		label_add_image(l, path);
		free(path);
	}
}

/* The classes of --classes, by name, with their ids. */
static int
choose_classes(struct label *l, const struct class_list *from)
{
	struct class_list wanted = { 0 };
	int result = label_read_classes(l, &wanted), i, k;

	for (i = 0; i < wanted.count && result == 0; i++) {
		k = class_list_find(from, wanted.list[i].name);
		result = k < 0 ? err(ERR_DATA, "%s: no category '%s'", l->options.from, wanted.list[i].name)
			: class_list_add(&l->classes, from->list[k].name, from->list[k].id);
	}
	class_list_free(&wanted);
	return result;
}

/* The classes: all categories by id, or those of --classes. */
static int
choose_all_classes(struct label *l, struct coco_layout *own)
{
	const struct class_list *from = &own->coco.classes;
	int i, result = 0;

	if (l->options.classes)
		result = choose_classes(l, from);
	for (i = 0; i < from->count && !l->options.classes && result == 0; i++)
		result = class_list_add(&l->classes, from->list[i].name, from->list[i].id);
	own->class_map = mem_array((size_t)(from->count + 1), sizeof *own->class_map);
	for (i = 0; i < from->count; i++)
		own->class_map[i] = class_list_find(&l->classes, from->list[i].name);
	l->class_ids = true;
	return result;
}

static int
open_index(struct coco_layout *own, const char *json)
{
	own->path = mem_text(json);
	own->fd = file_open(json);
	return own->fd < 0 ? -1 : coco_index_read(&own->coco, json);
}

static int
open_coco(struct label *l)
{
	const struct label_options *o = &l->options;
	struct coco_layout *own = l->layout_data = mem_new(sizeof *own);
	bool folder_given = label_is_folder(o->from);
	char *json = folder_given ? mem_format("%s/annotations/instances_%s.json", o->from, o->split ? o->split : "")
		: mem_text(o->from);
	char *folder = o->image_dir ? mem_text(o->image_dir) : image_folder(json);
	int result, k;

	own->fd = -1;
	if (folder_given && !o->split)
		result = err(ERR_USAGE, "%s: a folder; use --split to select a split, or give the JSON file", o->from);
	else
		result = open_index(own, json);
	if (result == 0)
		add_images(l, &own->coco, folder);
	label_set_root(l, folder);
	l->fields = LABEL_BOXES | LABEL_AREAS | (o->want_segmaps ? LABEL_SEGMAP : 0) |
		(o->want_segmentation ? LABEL_SEGMENTATION : 0);
	for (k = 0; k < COCO_NOTES; k++) {
		l->notes.count[LABEL_COCO + k] = own->coco.notes[k];
		l->notes.at[LABEL_COCO + k] = own->coco.first[k];
	}
	if (result == 0)
		result = choose_all_classes(l, own);
	if (result == 0 && o->want_segmaps)
		result = label_add_background(l);
	if (result == 0 && !folder_given)
		result = label_choose_images(l, &own->chosen);
	free(json);
	free(folder);
	return result;
}

static int
read_objects(const struct label *l, const struct coco_image *image, struct coco_annotations *all,
	struct label_notes *notes)
{
	const struct coco_layout *own = l->layout_data;
	const struct class_list *from = &own->coco.classes;
	const bool masks = l->options.want_segmaps || l->options.want_segmentation;
	struct coco_object o;
	int i = 0, k;

	for (k = 0; k < image->count; k++) {
		const struct coco_annotation *a = &own->coco.annotations[own->coco.order[image->first + k]];
		int class = own->class_map[a->class];

		if (class < 0 && l->options.drop_unlisted) {
			notes->count[LABEL_UNLISTED]++;
			continue;
		}
		all->count = i + 1;
		all->from[i] = a;
		if (class < 0) {
			err(ERR_DATA, "class '%s' is not in '%s'; use --unlisted drop to drop its objects",
				from->list[a->class].name, l->options.classes);
			return blame(own, a->begin);
		}
		if (coco_read_object(own->fd, own->path, COCO_ANNOTATIONS, (size_t)a->begin, (size_t)a->begin + a->size,
			&o, masks ? &all->list[i] : NULL) < 0)
			return -1;
		if (o.image_id != image->id || !(o.has & COCO_BBOX)) {
			err(ERR_DATA, "the file has changed");
			return blame(own, a->begin);
		}
		notes->count[LABEL_COCO + COCO_NO_AREA] += !(o.has & COCO_AREA);
		notes->count[LABEL_COCO + COCO_BAD_POLYGON] += all->list[i].left_out;
		all->boxes[i++] = (struct label_object){
			.left = o.bbox[0], .top = o.bbox[1], .right = o.bbox[0] + o.bbox[2],
			    .bottom = o.bbox[1] + o.bbox[3],
			.area = o.has & COCO_AREA ? o.area : o.bbox[2] * o.bbox[3], .class = class,
			.flags = (o.iscrowd ? BOX_CROWD : 0U) | (o.ignore ? BOX_IGNORE : 0U)
		};
	}
	return 0;
}

static int
put_coco(const struct label *l, long i, struct record *r, struct label_notes *notes)
{
	const struct coco_layout *own = l->layout_data;
	const struct coco_image *image = &own->coco.images[own->chosen ? own->chosen[i] : i];
	struct coco_annotations all = { .count = 0 };
	int width = image->width, height = image->height, k, result;

	/* of a crop, the record is to blame */
	result = label_put_size(l, r, &width, &height, notes);
	if (result != 0) {
		if (!transform_has(r))
			blame(own, image->begin);
		return result;
	}
	all.boxes = mem_array((size_t)(image->count + 1), sizeof *all.boxes);
	all.list = mem_array((size_t)(image->count + 1), sizeof *all.list);
	all.from = mem_array((size_t)(image->count + 1), sizeof *all.from);
	record_put_int(r, "id", image->id);
	result = read_objects(l, image, &all, notes);
	if (result == 0)
		label_put_boxes(r, all.boxes, all.count, width, height, true, notes);
	if (result == 0 && l->options.want_segmaps)
		result = draw_segmap(own, image, &all, r, width, height, notes);
	if (result == 0 && l->options.want_segmentation)
		put_segmentation(&all, r);
	for (k = 0; k < all.count; k++)
		coco_segmentation_free(&all.list[k]);
	free(all.boxes);
	free(all.list);
	free(all.from);
	return result < 0 ? -1 : 1;
}

static void
close_coco(struct label *l)
{
	struct coco_layout *own = l->layout_data;

	if (own) {
		coco_index_free(&own->coco);
		if (own->fd >= 0)
			close(own->fd);
		free(own->path);
		free(own->chosen);
		free(own->class_map);
	}
	free(own);
}

const struct label_layout label_coco = { open_coco, put_coco, close_coco,
	LABEL_SUPPORTS_IMAGE_DIR | LABEL_SUPPORTS_SEGMAPS | LABEL_SUPPORTS_SEGMENTATION };
