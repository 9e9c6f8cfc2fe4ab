/* label_voc - the layout of PASCAL VOC: Annotations/NAME.xml, SegmentationClass/NAME.png, ImageSets/Main/SET.txt

   Boxes count pixels from 1 and include both ends: they become (xmin - 1, ymin - 1, xmax, ymax). Boxes whose end does
   not exceed their beginning are dropped. Opening reads all annotations, those outside the split for their class names:
   all splits of a dataset then number the classes alike. */
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "dataset/label.h"
#include "dataset/label_internal.h"
#include "dataset/voc_xml.h"
#include "stream/record.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ANNOTATION_BYTES_MAX = 16 << 20 };	/* the development kit's have a few thousand */

struct voc_image {
	bool annotated;		/* it has an XML file */
	int width, height;	/* 0: unknown */
	long first;		/* index of its first box */
	int count;		/* boxes */
	const char *map;	/* path of its segmentation map */
};

struct voc_layout {
	struct voc_image *images;
	struct label_object *boxes; /* class: index into names, after assign_classes() into the classes of the label */
	long count;
	size_t room;
	struct class_list names;	/* class names in order of occurrence */
};

/* The index of a class name in v->names, appended if new. -1 and err(ERR_DATA): too many. */
static int
find_class(struct voc_layout *v, const char *name)
{
	int i = class_list_find(&v->names, name);

	if (i >= 0)
		return i;
	if (v->names.count == CLASS_LIST_MAX)
		return err(ERR_DATA, "more than %d classes", CLASS_LIST_MAX);
	return class_list_add(&v->names, name, v->names.count) < 0 ? -1 : v->names.count - 1;
}

/* The classes: those of --classes; else those listed in ImageSets/Main; else the 20 of the development kit if they
   cover all names; else all that occur. */
static int
list_classes(struct label *l, const struct voc_layout *v)
{
	const char *const *kit_names, **names = NULL;
	struct class_list kit = { 0 };
	char *lists = mem_format("%s/ImageSets/Main", l->options.from);
	long count = 0;
	int k, n = label_known_classes("voc", &kit_names), all_in_kit = 1, result;

	if (label_add_classes(&kit, kit_names, n) < 0)
		return -1;
	for (k = 0; k < v->names.count; k++)
		all_in_kit &= class_list_find(&kit, v->names.list[k].name) >= 0;
	if (l->options.classes)
		result = label_read_classes(l, &l->classes);
	else if (file_exists(lists) && label_list_folder(&l->text, lists, "_trainval.txt", &names, &count) < 0)
		result = -1;
	else if (count > 0)
		result = label_add_classes(&l->classes, names, count);
	else if (all_in_kit)
		result = label_add_classes(&l->classes, kit_names, n);
	else if (l->options.want_segmaps)
		result = err(ERR_USAGE, "%s: the classes of the values of segmentation maps are unknown; use --classes",
			l->options.from);
	else {
		free(names);
		names = class_list_names(&v->names);
		result = label_add_classes(&l->classes, names, label_sort_names(names, v->names.count));
	}
	free(names);
	free(lists);
	class_list_free(&kit);
	return result;
}

/* Determine the classes and renumber the boxes. -1 and err(): a box of another class; the classes of segmentation maps
   are unknown. */
static int
assign_classes(struct label *l, struct voc_layout *v)
{
	int *class_map, k, result = 0;
	long i;

	if (list_classes(l, v) < 0)
		return -1;
	class_map = mem_array((size_t)(v->names.count + 1), sizeof *class_map);
	for (k = 0; k < v->names.count; k++)
		class_map[k] = class_list_find(&l->classes, v->names.list[k].name);
	for (i = 0; i < v->count && result == 0; i++) {
		int name = v->boxes[i].class;

		v->boxes[i].class = class_map[name];
		if (class_map[name] < 0 && l->options.drop_unlisted)
			l->notes.count[LABEL_UNLISTED]++;
		else if (class_map[name] < 0)
			result = err(ERR_DATA, "%s: class '%s' is not in '%s'", l->options.from,
				v->names.list[name].name, l->options.classes ? l->options.classes : "ImageSets/Main");
	}
	free(class_map);
	return result;
}

static int
keep_objects(struct label *l, struct voc_layout *v, const struct voc_xml *x, struct voc_image *p)
{
	int i;

	p->width = (int)x->width;
	p->height = (int)x->height;
	p->first = v->count;
	p->annotated = true;
	l->notes.count[LABEL_FLAGS] += x->odd_flags;
	l->notes.count[LABEL_ENCODING] += x->guessed;
	for (i = 0; i < x->count; i++) {
		const struct voc_xml_object *o = &x->objects[i];
		int class = find_class(v, o->name);

		if (class < 0)
			return -1;
		/* in the coordinates of the file: a box of one row or column is an annotation error */
		if (!(o->xmax > o->xmin) || !(o->ymax > o->ymin)) {
			l->notes.count[LABEL_EMPTY]++;
			continue;
		}
		v->boxes = mem_room(v->boxes, &v->room, (size_t)v->count + 1, sizeof *v->boxes);
		v->boxes[v->count++] = (struct label_object){
			.left = o->xmin - 1, .top = o->ymin - 1, .right = o->xmax, .bottom = o->ymax, .class = class,
			.flags = (o->difficult != 0 ? BOX_DIFFICULT : 0U) | (o->truncated != 0 ? BOX_TRUNCATED : 0U)
		};
	}
	p->count = (int)(v->count - p->first);
	return 0;
}

/* Read one annotation, STEM.xml: its objects, or (p NULL) only the names of their classes. A missing file is not an
   error. */
static int
read_annotation(struct label *l, struct voc_layout *v, const char *stem, struct voc_image *p)
{
	const struct label_notes before = l->notes;
	struct arena a = { 0 };
	const char *path = label_path(&a, stem, ".xml");
	struct voc_xml x;
	size_t size;
	char *bytes;
	int i, result;

	if (!file_exists(path)) {
		arena_free(&a);
		return 0;
	}
	bytes = file_read(path, ANNOTATION_BYTES_MAX, &size);
	if (!bytes) {
		arena_free(&a);
		return -1;
	}
	result = voc_xml_read(bytes, size, &a, &x);
	if (result == 0 && p)
		result = keep_objects(l, v, &x, p);
	else
		for (i = 0; result == 0 && i < x.count; i++)
			result = find_class(v, x.objects[i].name) < 0 ? -1 : 0;
	if (p)
		label_note_first(&l->notes, &before, p - v->images);
	if (result < 0)
		err_in("%s", path);
	voc_xml_free(&x);
	arena_free(&a);
	free(bytes);
	return result;
}

/* The path of the list of the split. */
static char *
split_path(const struct label *l)
{
	const char *split = l->options.split;
	size_t n = strlen(split);

	if (n > 4 && strcmp(split + n - 4, ".txt") == 0)
		return mem_text(split);
	if (strchr(split, '/'))
		return mem_format("%s/ImageSets/%s.txt", l->options.from, split);
	return mem_format(
		"%s/ImageSets/%s/%s.txt", l->options.from, l->options.want_segmaps ? "Segmentation" : "Main", split);
}

static int
list_names(struct label *l, const char *annotations, const char *maps, const char ***names, long *count)
{
	char *path;
	int result;
	long i;

	if (!l->options.split)
		return label_list_folder(&l->text, l->options.want_segmaps ? maps : annotations,
			l->options.want_segmaps ? ".png" : ".xml", names, count);
	path = split_path(l);
	result = label_read_lines(&l->text, path, true, names, count);
	free(path);
	for (i = 0; i < *count && result == 0; i++) {
		(*names)[i] = label_listed_name(l, annotations, ".xml", (*names)[i]);
		if (l->options.want_segmaps)
			(*names)[i] = label_listed_name(l, maps, ".png", (*names)[i]);
	}
	return result;
}

/* Add the image of that name: .jpg in the development kit, other formats elsewhere. */
static void
add_image(struct label *l, const char *folder, const char *name)
{
	char *stem = mem_format("%s/%s", folder, name);
	struct arena a = { 0 };
	const char *path = label_image_file(&a, stem);

	label_add_image(l, path ? path : label_path(&a, stem, ".jpg"));
	arena_free(&a);
	free(stem);
}

static int
read_annotations(struct label *l, struct voc_layout *v, const char *annotations, const char *images, const char *maps,
	const char **names, long count)
{
	const char **others = NULL;
	long i, other_count = 0;
	int result = 0;

	v->images = mem_array((size_t)(count + 1), sizeof *v->images);
	for (i = 0; i < count && result == 0; i++) {
		char *stem = mem_format("%s/%s", annotations, names[i]), *map = mem_format("%s/%s", maps, names[i]);

		add_image(l, images, names[i]);
		v->images[i].map = label_path(&l->text, map, ".png");
		result = read_annotation(l, v, stem, &v->images[i]);
		free(stem);
		free(map);
	}
	if (result < 0 || l->options.classes || !file_exists(annotations)
		|| (!l->options.split && !l->options.want_segmaps))
		return result;
	if (label_list_folder(&l->text, annotations, ".xml", &others, &other_count) < 0)
		return -1;
	for (i = 0; i < other_count && result == 0; i++) {
		char *stem = mem_format("%s/%s", annotations, others[i]);

		result = read_annotation(l, v, stem, NULL);
		free(stem);
	}
	free(others);
	return result;
}

/* A folder of VOC, by the names that it has in datasets of this layout: the first that exists; else the first name. The
   dataset's own folder is "." */
static char *
find_folder(const char *from, const char *const *names)
{
	char *path;
	int i;

	for (i = 0; names[i]; i++) {
		path = strcmp(names[i], ".") == 0 ? mem_text(from) : mem_format("%s/%s", from, names[i]);
		if (file_exists(path))
			return path;
		free(path);
	}
	return mem_format("%s/%s", from, names[0]);
}

/* True if a folder has files with that suffix. */
static bool
has_files(const char *path, const char *suffix)
{
	struct arena a = { 0 };
	const char **names = NULL;
	long count = 0;
	const bool has = label_is_folder(path) && label_list_folder(&a, path, suffix, &names, &count) == 0 && count > 0;

	free(names);
	arena_free(&a);
	return has;
}

static int
open_voc(struct label *l)
{
	static const char *const annotation_names[] = { "Annotations", "annotations", "annots", "xmls", NULL };
	static const char *const image_names[] = { "JPEGImages", "images", "Images", "imgs", ".", NULL };
	const char *from = l->options.from, **names = NULL;
	/* XML files beside the images: a flat folder, as Roboflow and makesense.ai write it */
	const bool flat = has_files(from, ".xml");
	char *annotations = flat ? mem_text(from) : find_folder(from, annotation_names);
	char *images = l->options.image_dir ? mem_text(l->options.image_dir)
		: flat && !has_files(from, ".jpg") ? find_folder(from, image_names) : flat ? mem_text(from)
		: find_folder(from, image_names);
	char *maps = l->options.segmap_dir ? mem_text(l->options.segmap_dir) : mem_format("%s/SegmentationClass", from);
	struct voc_layout *v = l->layout_data = mem_new(sizeof *v);
	long count;
	int result;

	if (!file_exists(annotations) && !file_exists(maps))
		result = err(ERR_INPUT,
		    "%s: contains neither XML files, Annotations (annotations, annots) nor SegmentationClass",
			from);
	else
		result = list_names(l, annotations, maps, &names, &count);
	if (result == 0 && !l->options.split && !l->options.want_segmaps)
		label_count_unused(l, images, annotations, ".xml");
	if (result == 0)
		result = read_annotations(l, v, annotations, images, maps, names, count);
	if (result == 0)
		result = assign_classes(l, v);
	if (result == 0 && l->options.want_segmaps)
		result = label_add_background(l);
	label_set_root(l, images);
	l->fields = l->options.want_segmaps ? LABEL_SEGMAP : LABEL_BOXES;
	free(names);
	free(annotations);
	free(images);
	free(maps);
	return result;
}

/* With segmentation maps, only images with an XML file have boxes. */
static int
put_voc(const struct label *l, long i, struct record *r, struct label_notes *notes)
{
	const struct voc_layout *v = l->layout_data;
	const struct voc_image *p = &v->images[i];
	int width = p->width, height = p->height, result;
	struct label_object *boxes;
	int k, count = 0;

	if (!p->annotated && !l->options.want_segmaps)
		return 0;
	if ((result = label_put_size(l, r, &width, &height, notes)) != 0)
		return result;
	result = 1;
	if (l->options.want_segmaps)
		result = label_put_segmap(l, p->map, r, width, height, notes);
	if (result <= 0 || !p->annotated)
		return result;
	boxes = mem_array((size_t)(p->count + 1), sizeof *boxes);
	/* those of classes that are not listed are dropped */
	for (k = 0; k < p->count; k++)
		if (v->boxes[p->first + k].class >= 0)
			boxes[count++] = v->boxes[p->first + k];
	label_put_boxes(r, boxes, count, width, height, false, notes);
	free(boxes);
	return 1;
}

static void
close_voc(struct label *l)
{
	struct voc_layout *v = l->layout_data;

	if (v) {
		free(v->images);
		free(v->boxes);
		class_list_free(&v->names);
	}
	free(v);
}

const struct label_layout label_voc = { open_voc, put_voc, close_voc,
	LABEL_SUPPORTS_IMAGE_DIR | LABEL_SUPPORTS_SEGMAPS | LABEL_SUPPORTS_SEGMAP_FILES };
