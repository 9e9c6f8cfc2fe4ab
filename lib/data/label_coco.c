/* label_coco - the layout of COCO: annotations/instances_SET.json and a folder of pictures

   Classes are the categories by their numbers, which have gaps. With label maps, the regions of a picture are laid over
   each other in the order of the file: later ones cover earlier ones. */
#include "base/err.h"
#include "data/coco.h"
#include "data/label_part.h"
#include "data/region.h"
#include "stream/reader.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct own {
	struct coco coco;
	long *old;		/* place of picture i in coco.images; NULL: i */
	int32_t *becomes;	/* class of each category */
};

/* the objects of one picture */
struct objects {
	struct label_part_box *boxes;
	struct coco_object *list;
	int count;
};

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The folder that a path is in: "" for that of the program itself. */
static char *
above(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (strcmp(path, "") == 0)
		return mem_text("..");
	return mem_format("%.*s", slash ? (int)(slash - path) : 0, path);
}

/* Where the pictures of ROOT/annotations/instances_SET.json are: ROOT/SET, ROOT/images/SET, else beside the file. */
static char *
picture_folder(const char *json)
{
	const char *slash = strrchr(json, '/'), *name = slash ? slash + 1 : json, *dot = strrchr(name, '.');
	char *folder = above(json), *root = above(folder), *path = NULL;
	int i, n = dot ? (int)(dot - name) - (int)strlen("instances_") : 0;

	if (n > 0 && strncmp(name, "instances_", strlen("instances_")) == 0)
		for (i = 0; i < 2 && !path; i++) {
			path = mem_format("%s%s%s%.*s", root, *root ? "/" : "", i ? "images/" : "", n, name + strlen("instances_"));
			if (!is_folder(path)) {
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

struct adding { struct label *label; const char *folder; };

static int
add_picture(void *arg, const char *name)
{
	const struct adding *to = arg;
	char *path = mem_format("%s%s%s", to->folder, *to->folder ? "/" : "", name);

	label_part_add(to->label, path);
	free(path);
	return 0;
}

/* Classes are the categories by number, or those asked for, by name. */
static int
settle_classes(struct label *l, struct own *own)
{
	const struct coco *c = &own->coco;
	const char **names = mem_new(sizeof *names * (size_t)(c->category_count + 1));
	long i;
	int k, result;

	for (i = 0; i < c->category_count; i++)
		names[i] = c->categories[i].name;
	result = label_part_unique(names, (int)c->category_count);
	if (result == 0 && l->options.classes)
		result = label_part_classes(l, &l->classes, &l->class_count);
	else if (result == 0)
		label_part_copy(l, names, (int)c->category_count, false);
	free(names);
	if (result < 0)
		return -1;
	own->becomes = mem_new(sizeof *own->becomes * (size_t)(c->category_count + 1));
	l->class_ids = mem_new(sizeof *l->class_ids * (size_t)(l->class_count + 1));
	for (k = 0; k < l->class_count; k++)
		l->class_ids[k] = -1;
	for (i = 0; i < c->category_count; i++) {
		own->becomes[i] = label_part_class(l->classes, l->class_count, c->categories[i].name);
		if (own->becomes[i] >= 0)
			l->class_ids[own->becomes[i]] = (int32_t)c->categories[i].id;
	}
	for (k = 0; k < l->class_count; k++)
		if (l->class_ids[k] < 0)
			return err(ERR_DATA, "%s: there is no category %s", l->options.from, l->classes[k]);
	return 0;
}

static int
coco_open_layout(struct label *l)
{
	const struct label_options *o = &l->options;
	struct own *own = l->own = mem_new(sizeof *own);
	bool part = is_folder(o->from);
	char *json = part ? mem_format("%s/annotations/instances_%s.json", o->from, o->set ? o->set : "") : mem_text(o->from);
	char *folder = o->images ? mem_text(o->images) : picture_folder(json);
	struct adding to = { l, folder };
	int result;

	own->coco.picture = add_picture;
	own->coco.arg = &to;
	if (part && !o->set)
		result = err(ERR_USAGE, "%s: a folder; --set says which part, or name the JSON file", o->from);
	else
		result = coco_open(&own->coco, json);
	l->root = *folder ? strlen(folder) + 1 : 0;
	l->fields = LABEL_BOXES | LABEL_AREAS | (o->want_maps ? LABEL_MAP : 0) | (o->want_regions ? LABEL_REGIONS : 0);
	l->notes.count[LABEL_DANGLING] = own->coco.dangling;
	if (result == 0)
		result = settle_classes(l, own);
	if (result == 0 && o->want_maps)
		result = label_part_background(l);
	if (result == 0 && !part)
		result = label_part_choose(l, &own->old);
	free(json);
	free(folder);
	return result;
}

/* What is laid over the picture, later objects over earlier ones. */
static int
put_map(const struct objects *all, struct record *r, int width, int height)
{
	struct arena a = { 0 };
	struct region region;
	uint8_t *map;
	int i, result = 0;
	long k;

	if (!width || !height || (size_t)width * (size_t)height > STREAM_BINARY_MAX)
		return err(ERR_DATA, "no label map of %dx%d pixels", width, height);
	map = record_put_tensor(r, "labels", TENSOR_U8, 2, (long[2]){ height, width });
	memset(map, 0, (size_t)width * (size_t)height);
	region = region_new(&a, width, height);
	for (i = 0; i < all->count && result == 0; i++) {
		const struct coco_object *o = &all->list[i];
		uint8_t value = (uint8_t)(all->boxes[i].class + 1);

		if (o->width && (o->width != width || o->height != height))
			result = err(ERR_DATA, "run lengths for %dx%d pixels in a picture of %dx%d", o->width, o->height, width, height);
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
static void
put_regions(const struct objects *all, struct record *r)
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

/* A polygon has three points at least, and whole ones. */
static void
drop_polygons(struct coco_object *o, struct label_notes *notes)
{
	long k, n = 0;

	for (k = 0; k < o->part_count; k++)
		if (o->parts[k].kind == COCO_POLYGON && (o->parts[k].count < 6 || o->parts[k].count % 2))
			notes->count[LABEL_POLYGON]++;
		else
			o->parts[n++] = o->parts[k];
	o->part_count = n;
}

static int
read_objects(const struct label *l, const struct coco_image *image, struct objects *all, struct label_notes *notes)
{
	const struct own *own = l->own;
	int i;

	for (i = 0; i < image->count; i++) {
		const struct coco_annotation *a = &own->coco.annotations[own->coco.order[image->first + i]];
		struct coco_object *o = &all->list[i];
		long category = coco_category(&own->coco, a->category);
		int class = own->becomes[category];

		all->count = i + 1;
		if (class < 0)
			return err(ERR_DATA, "the class %s is not in %s", own->coco.categories[category].name, l->options.classes);
		if (coco_read(&own->coco, a, o) < 0)
			return -1;
		drop_polygons(o, notes);
		all->boxes[i] = (struct label_part_box){
			.left = o->box[0], .top = o->box[1], .right = o->box[0] + o->box[2], .bottom = o->box[1] + o->box[3],
			.area = o->area >= 0 ? o->area : o->box[2] * o->box[3], .class = class, .flags = o->crowd ? 2 : 0
		};
	}
	return 0;
}

static int
coco_put(const struct label *l, long i, struct record *r, struct label_notes *notes)
{
	const struct own *own = l->own;
	const struct coco_image *image = &own->coco.images[own->old ? own->old[i] : i];
	struct objects all = { .count = 0 };
	int width = image->width, height = image->height, k, result;

	if (label_part_size(r, &width, &height) < 0)
		return -1;
	all.boxes = mem_new(sizeof *all.boxes * (size_t)(image->count + 1));
	all.list = mem_new(sizeof *all.list * (size_t)(image->count + 1));
	record_put_int(r, "id", image->id);
	result = read_objects(l, image, &all, notes);
	if (result == 0)
		label_part_boxes(r, all.boxes, all.count, width, height, true, notes);
	if (result == 0 && l->options.want_maps)
		result = put_map(&all, r, width, height);
	if (result == 0 && l->options.want_regions)
		put_regions(&all, r);
	for (k = 0; k < all.count; k++)
		coco_free(&all.list[k]);
	free(all.boxes);
	free(all.list);
	return result < 0 ? -1 : 1;
}

static void
coco_close_layout(struct label *l)
{
	struct own *own = l->own;

	if (own) {
		coco_close(&own->coco);
		free(own->old);
		free(own->becomes);
	}
	free(own);
}

const struct label_layout label_coco = { "coco", coco_open_layout, coco_put, coco_close_layout };
