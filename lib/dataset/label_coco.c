/* label_coco - the layout of COCO: annotations/instances_SET.json and a folder of images

   Classes are the categories by their numbers, which have gaps. With segmentation maps, the regions of an image are laid over
   each other in the order of the file: later ones cover earlier ones. */
#include "annotation/boxes.h"
#include "base/err.h"
#include "dataset/label_coco.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct own {
	struct coco_index coco;
	char *path;		/* of the file, open: annotations are read again */
	int fd;
	long *old;		/* place of image i in coco.images; NULL: i */
	int32_t *becomes;	/* class of each of coco.classes */
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

static void
add_images(struct label *l, const struct coco_index *c, const char *folder)
{
	long i;

	for (i = 0; i < c->image_count; i++) {
		char *path = mem_format("%s%s%s", folder, *folder ? "/" : "", c->images[i].file_name);

		label_part_add(l, path);
		free(path);
	}
}

/* The classes asked for, by name, with their ids. */
static int
choose_classes(struct label *l, const struct class_list *from)
{
	struct class_list wanted = { 0 };
	int result = label_part_classes(l, &wanted), i, k;

	for (i = 0; i < wanted.count && result == 0; i++) {
		k = class_list_find(from, wanted.names[i]);
		result = k < 0 ? err(ERR_DATA, "%s: there is no category %s", l->options.from, wanted.names[i]) : class_list_add(&l->classes, from->names[k], from->ids[k]);
	}
	class_list_free(&wanted);
	return result;
}

/* Classes are the categories by id, or those asked for. */
static int
settle_classes(struct label *l, struct own *own)
{
	const struct class_list *from = &own->coco.classes;
	int i, result = 0;

	if (l->options.classes)
		result = choose_classes(l, from);
	for (i = 0; i < from->count && !l->options.classes && result == 0; i++)
		result = class_list_add(&l->classes, from->names[i], from->ids[i]);
	own->becomes = mem_new(sizeof *own->becomes * (size_t)(from->count + 1));
	for (i = 0; i < from->count; i++)
		own->becomes[i] = class_list_find(&l->classes, from->names[i]);
	l->class_ids = true;
	return result;
}

static int
open_index(struct own *own, const char *json)
{
	struct stat st;

	own->path = mem_text(json);
	own->fd = open(json, O_RDONLY | O_CLOEXEC);
	if (own->fd < 0)
		return err(ERR_INPUT, "%s: %s", json, strerror(errno));
	if (fstat(own->fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err(ERR_INPUT, "%s: not a file", json);
	return coco_index_read(&own->coco, json);
}

static int
coco_open_layout(struct label *l)
{
	const struct label_options *o = &l->options;
	struct own *own = l->own = mem_new(sizeof *own);
	bool part = label_part_is_folder(o->from);
	char *json = part ? mem_format("%s/annotations/instances_%s.json", o->from, o->set ? o->set : "") : mem_text(o->from);
	char *folder = o->images ? mem_text(o->images) : image_folder(json);
	int result, k;

	own->fd = -1;
	if (part && !o->set)
		result = err(ERR_USAGE, "%s: a folder; --split says which part, or name the JSON file", o->from);
	else
		result = open_index(own, json);
	if (result == 0)
		add_images(l, &own->coco, folder);
	label_part_root(l, folder);
	l->fields = LABEL_BOXES | LABEL_AREAS | (o->want_maps ? LABEL_MAP : 0) | (o->want_regions ? LABEL_REGIONS : 0);
	for (k = 0; k < COCO_NOTES; k++)
		l->notes.count[LABEL_COCO + k] = own->coco.notes[k];
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
	const struct class_list *from = &own->coco.classes;
	const bool masks = l->options.want_maps || l->options.want_regions;
	struct coco_object o;
	int i;

	for (i = 0; i < image->count; i++) {
		const struct coco_annotation *a = &own->coco.annotations[own->coco.order[image->first + i]];
		int class = own->becomes[a->class];

		all->count = i + 1;
		if (class < 0)
			return err(ERR_DATA, "the class %s is not in %s", from->names[a->class], l->options.classes);
		if (coco_read_object(own->fd, own->path, COCO_ANNOTATIONS, (size_t)a->begin, (size_t)a->begin + a->size, &o, masks ? &all->list[i] : NULL) < 0)
			return -1;
		if (o.image_id != image->id || !(o.has & COCO_BBOX))
			return err(ERR_DATA, "%s: byte %lld: the file has changed", own->path, (long long)a->begin);
		notes->count[LABEL_COCO + COCO_NO_AREA] += !(o.has & COCO_AREA);
		notes->count[LABEL_COCO + COCO_BAD_POLYGON] += all->list[i].left_out;
		all->boxes[i] = (struct label_part_box){
			.left = o.bbox[0], .top = o.bbox[1], .right = o.bbox[0] + o.bbox[2], .bottom = o.bbox[1] + o.bbox[3],
			.area = o.has & COCO_AREA ? o.area : o.bbox[2] * o.bbox[3], .class = class, .flags = o.iscrowd ? BOX_CROWD : 0
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
		result = label_coco_map(&all, r, width, height, notes);
	if (result == 0 && l->options.want_regions)
		label_coco_regions(&all, r);
	for (k = 0; k < all.count; k++)
		coco_segmentation_free(&all.list[k]);
	free(all.boxes);
	free(all.list);
	return result < 0 ? -1 : 1;
}

static void
coco_close_layout(struct label *l)
{
	struct own *own = l->own;

	if (own) {
		coco_index_free(&own->coco);
		if (own->fd >= 0)
			close(own->fd);
		free(own->path);
		free(own->old);
		free(own->becomes);
	}
	free(own);
}

const struct label_layout label_coco = { "coco", coco_open_layout, coco_put, coco_close_layout };
