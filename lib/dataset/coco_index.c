/* coco_index - index of COCO ground truth: images and classes in memory, annotations as byte ranges of the file */
#include "dataset/coco_index.h"
#include "annotation/image_size.h"
#include "annotation/key.h"
#include "base/err.h"
#include "dataset/coco.h"
#include "dataset/coco_object.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { ANNOTATION_BYTES_MAX = 16 << 20 };	/* upper limit of an annotation */

const char *const coco_index_note_texts[COCO_NOTES] = {
	[COCO_ORPHAN] = "annotations belong to no image and are left out",
	[COCO_REPEATED] = "images or categories are listed again and are left out",
	[COCO_NAMESAKE] = "categories without annotations have the name of another one and are left out",
	[COCO_NO_AREA] = "annotations have no area: that of the box is taken",
	[COCO_NEGATIVE] = "boxes of negative width or height are left out",
	[COCO_BAD_POLYGON] = "polygons have too few points or half a point, and are left out",
	[COCO_UNLISTED] = "annotations belong to no listed category and are left out",
	[COCO_MASKLESS] = "objects have no mask: their boxes are ignored in segmentation maps",
};

/* A copy of a name. Packs the many short names, because an arena aligns each piece of memory. */
static const char *
copy_name(struct coco_index *c, const char *name)
{
	enum { BLOCK = 1 << 16 };
	const size_t size = strlen(name) + 1;

	if (size > c->text_left)
		c->text_end = arena_get(&c->text, c->text_left = BLOCK);
	c->text_end += size;
	c->text_left -= size;
	return memcpy(c->text_end - size, name, size);
}

/* The index of an image by id; -1: not found. */
static long
find_image(const struct coco_index *c, int64_t id)
{
	const uint32_t hash = lookup_number(id);
	long at = -1, i;

	while ((i = lookup_next(&c->by_id, hash, &at)) >= 0 && c->images[i].id != id)
		;
	return i;
}

/* The category of an id, appended if new. */
static struct coco_category *
find_category(struct coco_index *c, int64_t id)
{
	const uint32_t hash = lookup_number(id);
	long at = -1, i;

	while ((i = lookup_next(&c->by_category, hash, &at)) >= 0)
		if (c->categories[i].id == id)
			return &c->categories[i];
	c->categories = mem_room(
		c->categories, &c->category_room, (size_t)c->category_count + 1, sizeof *c->categories);
	lookup_put(&c->by_category, hash, c->category_count);
	c->categories[c->category_count] = (struct coco_category){ .id = id };
	return &c->categories[c->category_count++];
}

static int
add_image(struct coco_index *c, const struct coco_object *o)
{
	const char *name = key_plain(o->file_name);
	const struct coco_image *same;
	long i;

	if (coco_object_need(o, COCO_ID | COCO_FILE_NAME) < 0)
		return -1;
	if (o->width < 0 || o->width > IMAGE_SIZE_MAX || o->height < 0 || o->height > IMAGE_SIZE_MAX)
		return err(ERR_DATA, "image '%s' of %" PRId64 "x%" PRId64 " pixels: width and height must be 0 to %d",
			name, o->width, o->height, IMAGE_SIZE_MAX);
	if ((i = find_image(c, o->id)) >= 0) {
		same = &c->images[i];
		if (strcmp(same->file_name, name) != 0 || same->width != o->width || same->height != o->height)
			return err(ERR_DATA, "two images have the id %" PRId64 ": '%s' and '%s'", o->id,
				same->file_name, name);
		c->notes[COCO_REPEATED]++;
		return 0;
	}
	if (c->image_count == INT32_MAX)
		return err(ERR_DATA, "more than %d images; split the file", INT32_MAX);
	c->images = mem_room(c->images, &c->image_room, (size_t)c->image_count + 1, sizeof *c->images);
	lookup_put(&c->by_id, lookup_number(o->id), c->image_count);
	c->images[c->image_count++] = (struct coco_image){ o->id, copy_name(c, name), (int)o->width, (int)o->height, 0,
		0, (int64_t)o->begin };
	return 0;
}

static int
add_annotation(struct coco_index *c, const struct coco_object *o)
{
	struct coco_category *k;

	if (coco_object_need(o, COCO_IMAGE_ID | COCO_CATEGORY_ID | COCO_BBOX) < 0)
		return -1;
	if (o->end - o->begin > ANNOTATION_BYTES_MAX)
		return err(ERR_DATA, "annotation of %zu bytes, at most %d are possible; write its mask as "
			"compressed RLE", o->end - o->begin, ANNOTATION_BYTES_MAX);
	if (c->annotation_count == INT32_MAX)
		return err(ERR_DATA, "more than %d annotations; split the file", INT32_MAX);
	k = find_category(c, o->category_id);
	if (k->uses++ == 0)
		k->first = o->begin;
	c->annotations = mem_room(c->annotations, &c->annotation_room, (size_t)c->annotation_count + 1,
		sizeof *c->annotations);
	c->annotations[c->annotation_count++] = (struct coco_annotation){ o->image_id, (int64_t)o->begin,
		(uint32_t)(o->end - o->begin), (int32_t)(k - c->categories) };
	return c->annotation ? c->annotation(c->arg, o) : 0;
}

static int
add_category(struct coco_index *c, const struct coco_object *o)
{
	struct coco_category *k;

	if (coco_object_need(o, COCO_ID | COCO_NAME) < 0)
		return -1;
	k = find_category(c, o->id);
	if (k->name && strcmp(k->name, o->name) != 0)
		return err(ERR_DATA, "two categories have the id %" PRId64 ": '%s' and '%s'", o->id, k->name,
			o->name);
	if (k->name)
		c->notes[COCO_REPEATED]++;
	else
		k->name = copy_name(c, o->name);
	return 0;
}

static int
each(void *arg, enum coco_list list, const struct coco_object *o)
{
	return list == COCO_IMAGES ? add_image(arg, o) : list == COCO_ANNOTATIONS ? add_annotation(arg, o)
		: add_category(arg, o);
}

static int
by_id(const void *a, const void *b)
{
	const int64_t x = (*(const struct coco_category *const *)a)->id,
		y = (*(const struct coco_category *const *)b)->id;

	return (x > y) - (x < y);
}

/* By name; of equal names those with annotations first, then the higher ids. */
static int
by_name(const void *a, const void *b)
{
	const struct coco_category *x = *(const struct coco_category *const *)a,
				   *y = *(const struct coco_category *const *)b;
	const int order = strcmp(x->name, y->name);

	return order ? order : !x->uses != !y->uses ? !x->uses - !y->uses : (x->id < y->id) - (x->id > y->id);
}

/* Of several categories of one name, the one with annotations is the class. */
static int
drop_namesakes(struct coco_index *c, struct coco_category **list, long *count)
{
	long i, n = 0;

	if (*count)
		qsort(list, (size_t)*count, sizeof *list, by_name);
	for (i = 0; i < *count; i++)
		if (n == 0 || strcmp(list[n - 1]->name, list[i]->name) != 0)
			list[n++] = list[i];
		else if (list[i]->uses)
			return err(ERR_DATA, "byte %zu: the categories %" PRId64 " and %" PRId64 " are both called "
				"'%s', and both have annotations, of which this is one; rename a category",
				list[i]->first, list[i]->id, list[n - 1]->id, list[i]->name);
		else
			c->notes[COCO_NAMESAKE]++;
	*count = n;
	return 0;
}

/* Determine the classes, in order of id, and the class of each annotation. */
static int
determine_classes(struct coco_index *c)
{
	struct coco_category **list = mem_array((size_t)c->category_count + 1, sizeof *list);
	int32_t *class = mem_array((size_t)c->category_count + 1, sizeof *class);
	int result = 0;
	long i, n = 0;

	for (i = 0; i < c->category_count && result == 0; i++)
		if (c->categories[i].name)
			list[n++] = &c->categories[i];
	if (result == 0)
		result = drop_namesakes(c, list, &n);
	if (result == 0 && n > CLASS_LIST_MAX)
		result = err(ERR_DATA, "more than %d categories", CLASS_LIST_MAX);
	if (result == 0 && n)
		qsort(list, (size_t)n, sizeof *list, by_id);
	for (i = 0; i < c->category_count; i++)
		class[i] = -1;
	for (i = 0; i < n && result == 0; i++) {
		class[list[i] - c->categories] = (int32_t)i;
		result = class_list_add(&c->classes, list[i]->name, list[i]->id);
	}
	for (i = 0; i < c->annotation_count && result == 0; i++)
		c->annotations[i].class = class[c->annotations[i].class];
	free(class);
	free(list);
	return result;
}

/* Assign the annotations to their images. */
static void
connect_images(struct coco_index *c)
{
	enum coco_note note;
	long i, next = 0;

	for (i = 0; i < c->annotation_count; i++) {
		struct coco_annotation *a = &c->annotations[i];

		a->image = find_image(c, a->image);
		if (a->image >= 0 && a->class >= 0) {
			c->images[a->image].count++;
			continue;
		}
		note = a->image < 0 ? COCO_ORPHAN : COCO_UNLISTED;
		if (c->notes[note]++ == 0)
			c->first[note] = a->begin + 1;
		a->image = -1;
	}
	for (i = 0; i < c->image_count; i++) {
		c->images[i].first = next;
		next += c->images[i].count;
		c->images[i].count = 0;
	}
	c->order = mem_array((size_t)next + 1, sizeof *c->order);
	for (i = 0; i < c->annotation_count; i++)
		if (c->annotations[i].image >= 0) {
			struct coco_image *image = &c->images[c->annotations[i].image];

			c->order[image->first + image->count++] = (int32_t)i;
		}
}

/* Reject a file without anything to label or to score. Without annotations, all its images are background. */
static int
check_content(const struct coco_index *c)
{
	if (!c->image_count || !c->classes.count)
		return err(ERR_DATA, "no %s", c->image_count ? "categories" : "images");
	if (c->annotation_count && c->notes[COCO_ORPHAN] + c->notes[COCO_UNLISTED] == c->annotation_count)
		return err(ERR_DATA, "byte %" PRId64 ": none of %ld annotations, of which this is the first, has an "
			"image and a category that are listed; correct image_id and category_id",
			c->annotations[0].begin, c->annotation_count);
	return 0;
}

static int
finish(struct coco_index *c, int result, const char *path)
{
	if (result < 0)
		return -1;
	result = determine_classes(c);
	if (result == 0) {
		connect_images(c);
		result = check_content(c);
	}
	if (result < 0)
		return path ? err_in("%s", path) : -1;
	lookup_free(&c->by_id);
	lookup_free(&c->by_category);
	return 0;
}

int
coco_index_read(struct coco_index *c, const char *path)
{
	return finish(c, coco_read(path, &(struct coco_rules){ false, each, c }), path);
}

int
coco_index_parse(struct coco_index *c, const void *bytes, size_t size)
{
	return finish(c, coco_parse(bytes, size, &(struct coco_rules){ false, each, c }), NULL);
}

void
coco_index_free(struct coco_index *c)
{
	free(c->images);
	free(c->annotations);
	free(c->order);
	free(c->categories);
	class_list_free(&c->classes);
	lookup_free(&c->by_id);
	lookup_free(&c->by_category);
	arena_free(&c->text);
	*c = (struct coco_index){ 0 };
}
