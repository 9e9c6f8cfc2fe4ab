/* label_coco - the layout of COCO: annotations/instances_SET.json and a folder of images

   Classes are the categories by their numbers, which have gaps. With segmentation maps, the regions of an image are laid over
   each other in the order of the file: later ones cover earlier ones. */
#include "annotation/boxes.h"
#include "base/err.h"
#include "dataset/label_coco.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct own {
	struct coco coco;
	long *old;		/* place of image i in coco.images; NULL: i */
	int32_t *becomes;	/* class of each category */
};

/* The folder that a path is in: "" for that of the program itself. */
static char *
above(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (strcmp(path, "") == 0)
		return mem_text("..");
	return mem_format("%.*s", slash ? (int)(slash - path) : 0, path);
}

/* Where the images of ROOT/annotations/instances_SET.json are: ROOT/SET, ROOT/images/SET, else beside the file. */
static char *
image_folder(const char *json)
{
	const char *slash = strrchr(json, '/'), *name = slash ? slash + 1 : json, *dot = strrchr(name, '.');
	char *folder = above(json), *root = above(folder), *path = NULL;
	int i, n = dot ? (int)(dot - name) - (int)strlen("instances_") : 0;

	if (n > 0 && strncmp(name, "instances_", strlen("instances_")) == 0)
		for (i = 0; i < 2 && !path; i++) {
			path = mem_format("%s%s%s%.*s", root, *root ? "/" : "", i ? "images/" : "", n, name + strlen("instances_"));
			if (!label_part_is_folder(path)) {
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
add_image(void *arg, const char *name)
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
	bool part = label_part_is_folder(o->from);
	char *json = part ? mem_format("%s/annotations/instances_%s.json", o->from, o->set ? o->set : "") : mem_text(o->from);
	char *folder = o->images ? mem_text(o->images) : image_folder(json);
	struct adding to = { l, folder };
	int result;

	own->coco.image = add_image;
	own->coco.arg = &to;
	if (part && !o->set)
		result = err(ERR_USAGE, "%s: a folder; --split says which part, or name the JSON file", o->from);
	else
		result = coco_open(&own->coco, json);
	label_part_root(l, folder);
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

static int
read_objects(const struct label *l, const struct coco_image *image, struct label_coco *all, struct label_notes *notes)
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
		label_coco_polygons(o, notes);
		all->boxes[i] = (struct label_part_box){
			.left = o->box[0], .top = o->box[1], .right = o->box[0] + o->box[2], .bottom = o->box[1] + o->box[3],
			.area = o->area >= 0 ? o->area : o->box[2] * o->box[3], .class = class, .flags = o->crowd ? BOX_CROWD : 0
		};
	}
	return 0;
}

static int
coco_put(const struct label *l, long i, struct record *r, struct label_notes *notes)
{
	const struct own *own = l->own;
	const struct coco_image *image = &own->coco.images[own->old ? own->old[i] : i];
	struct label_coco all = { .count = 0 };
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
		result = label_coco_map(&all, r, width, height);
	if (result == 0 && l->options.want_regions)
		label_coco_regions(&all, r);
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
