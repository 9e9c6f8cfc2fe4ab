/* label_voc - the layout of PASCAL VOC: Annotations/NAME.xml, SegmentationClass/NAME.png, ImageSets/Main/SET.txt

   Boxes count pixels from 1 and include both ends: (xmin - 1, ymin - 1, xmax, ymax) is ours. One whose end is not behind
   its beginning was never drawn: it is left out. All annotations are read at the start, those outside the set for
   the names of their classes, so that parts of a dataset number them alike. */
#include "annotation/boxes.h"
#include "base/err.h"
#include "base/file.h"
#include "dataset/label_part.h"
#include "dataset/label_voc.h"
#include "dataset/voc_xml.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BYTES_MAX = 16 << 20 };	/* of an annotation; the kit's have a few thousand */

static int
keep_objects(struct label *l, struct label_voc *v, const struct voc_xml *x, struct label_voc_image *p)
{
	int i;

	/* more than any decoder takes is as good as unknown */
	p->width = x->width >= 1 && x->width <= LABEL_SIDE_MAX ? (int)x->width : 0;
	p->height = x->height >= 1 && x->height <= LABEL_SIDE_MAX ? (int)x->height : 0;
	p->first = v->count;
	p->there = true;
	for (i = 0; i < x->count; i++) {
		const struct voc_xml_object *o = &x->objects[i];
		int class = label_voc_name(v, o->name);

		if (class < 0)
			return -1;
		/* by the file's own numbers: a point or a line that is one pixel wide was a slip of the hand */
		if (!(o->xmax > o->xmin) || !(o->ymax > o->ymin)) {
			l->notes.count[LABEL_FLAT]++;
			continue;
		}
		if (v->count == v->room)
			v->boxes = mem_grow(v->boxes, sizeof *v->boxes * (size_t)(v->room = v->room ? 2 * v->room : 1024));
		v->boxes[v->count++] = (struct label_part_box){
			.left = o->xmin - 1, .top = o->ymin - 1, .right = o->xmax, .bottom = o->ymax, .class = class,
			.flags = (o->difficult != 0 ? BOX_DIFFICULT : 0U) | (o->truncated != 0 ? BOX_TRUNCATED : 0U)
		};
	}
	p->count = (int)(v->count - p->first);
	return 0;
}

/* Read one annotation: for its objects, or (p NULL) for the names of classes alone. Fine if there is none. */
static int
read_annotation(struct label *l, struct label_voc *v, const char *path, struct label_voc_image *p)
{
	struct arena a = { 0 };
	struct voc_xml x;
	size_t size;
	char *bytes;
	int i, result;

	if (access(path, F_OK) < 0)
		return 0;
	bytes = file_read(path, BYTES_MAX, &size);
	if (!bytes)
		return -1;
	result = voc_xml_read(bytes, size, &a, &x);
	if (result == 0 && p)
		result = keep_objects(l, v, &x, p);
	else
		for (i = 0; result == 0 && i < x.count; i++)
			result = label_voc_name(v, x.objects[i].name) < 0 ? -1 : 0;
	voc_xml_free(&x);
	arena_free(&a);
	free(bytes);
	return result < 0 ? err_in("%s", path) : 0;
}

/* The name of the set's list. */
static char *
set_path(const struct label *l)
{
	const char *set = l->options.set;
	size_t n = strlen(set);

	if (n > 4 && strcmp(set + n - 4, ".txt") == 0)
		return mem_text(set);
	if (strchr(set, '/'))
		return mem_format("%s/ImageSets/%s.txt", l->options.from, set);
	return mem_format("%s/ImageSets/%s/%s.txt", l->options.from, l->options.want_maps ? "Segmentation" : "Main", set);
}

static int
list_names(struct label *l, const char *annotations, const char *maps, const char ***names, long *count)
{
	char *path;
	int result;

	if (!l->options.set)
		return label_part_folder(&l->text, l->options.want_maps ? maps : annotations, l->options.want_maps ? ".png" : ".xml", names, count);
	path = set_path(l);
	result = label_part_lines(&l->text, path, true, names, count);
	free(path);
	return result;
}

/* The image of that name: the kit's are .jpg, other sets have others. */
static void
add_image(struct label *l, const char *folder, const char *name)
{
	static const char *const suffixes[] = { "jpg", "jpeg", "png", "JPG", "JPEG", "PNG" };
	size_t i = sizeof suffixes / sizeof *suffixes;
	char *path = NULL;

	for (i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		path = mem_format("%s/%s.%s", folder, name, suffixes[i]);
		if (access(path, F_OK) == 0)
			break;
		free(path);
		path = NULL;
	}
	if (!path)
		path = mem_format("%s/%s.jpg", folder, name);
	label_part_add(l, path);
	free(path);
}

static int
read_all(struct label *l, struct label_voc *v, const char *annotations, const char *images, const char *maps, const char **names, long count)
{
	const char **others = NULL;
	long i, other_count = 0;
	int result = 0;

	v->images = mem_new(sizeof *v->images * (size_t)(count + 1));
	for (i = 0; i < count && result == 0; i++) {
		char *path = mem_format("%s/%s.xml", annotations, names[i]), *map = mem_format("%s/%s.png", maps, names[i]);

		add_image(l, images, names[i]);
		v->images[i].map = arena_text(&l->text, map);
		result = read_annotation(l, v, path, &v->images[i]);
		free(path);
		free(map);
	}
	if (result < 0 || l->options.classes || access(annotations, F_OK) < 0 || (!l->options.set && !l->options.want_maps))
		return result;
	if (label_part_folder(&l->text, annotations, ".xml", &others, &other_count) < 0)
		return -1;
	for (i = 0; i < other_count && result == 0; i++) {
		char *path = mem_format("%s/%s.xml", annotations, others[i]);

		result = read_annotation(l, v, path, NULL);
		free(path);
	}
	free(others);
	return result;
}

static int
voc_open(struct label *l)
{
	const char *from = l->options.from, **names = NULL;
	char *annotations = mem_format("%s/Annotations", from);
	char *images = l->options.images ? mem_text(l->options.images) : mem_format("%s/JPEGImages", from);
	char *maps = l->options.maps ? mem_text(l->options.maps) : mem_format("%s/SegmentationClass", from);
	struct label_voc *v = l->own = mem_new(sizeof *v);
	long count;
	int result;

	if (access(annotations, F_OK) < 0 && access(maps, F_OK) < 0)
		result = err(ERR_INPUT, "%s: neither Annotations nor SegmentationClass is there", from);
	else
		result = list_names(l, annotations, maps, &names, &count);
	if (result == 0)
		result = read_all(l, v, annotations, images, maps, names, count);
	if (result == 0)
		result = label_voc_classes(l, v);
	if (result == 0 && l->options.want_maps)
		result = label_part_background(l);
	label_part_root(l, images);
	l->fields = l->options.want_maps ? LABEL_MAP : LABEL_BOXES;
	free(names);
	free(annotations);
	free(images);
	free(maps);
	return result;
}

/* With segmentation maps, boxes are there where there is an annotation. */
static int
voc_put(const struct label *l, long i, struct record *r, struct label_notes *notes)
{
	const struct label_voc *v = l->own;
	const struct label_voc_image *p = &v->images[i];
	int width = p->width, height = p->height, result = 1;
	struct label_part_box *boxes;

	if (!p->there && !l->options.want_maps)
		return 0;
	if (label_part_size(r, &width, &height) < 0)
		return -1;
	if (l->options.want_maps)
		result = label_part_map(l, p->map, r, width, height);
	if (result <= 0 || !p->there)
		return result;
	boxes = mem_new(sizeof *boxes * (size_t)(p->count + 1));
	if (p->count)
		memcpy(boxes, v->boxes + p->first, sizeof *boxes * (size_t)p->count);
	label_part_boxes(r, boxes, p->count, width, height, false, notes);
	free(boxes);
	return 1;
}

static void
voc_close(struct label *l)
{
	struct label_voc *v = l->own;

	if (v) {
		free(v->images);
		free(v->boxes);
		class_list_free(&v->names);
	}
	free(v);
}

const struct label_layout label_voc = { "voc", voc_open, voc_put, voc_close };
