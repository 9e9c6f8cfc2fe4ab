/* label - annotations of images: classes, boxes and segmentation maps, in any layout */
#include "dataset/label.h"
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "annotation/segmap.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "dataset/label_internal.h"
#include "stream/tensor.h"

#include <stdlib.h>
#include <string.h>

const struct label_layout *const label_layouts[LABEL_LAYOUT_COUNT] = {
	[LABEL_LAYOUT_VOC] = &label_voc,
	[LABEL_LAYOUT_COCO] = &label_coco,
	[LABEL_LAYOUT_PAIRS] = &label_pairs,
	[LABEL_LAYOUT_TABLE] = &label_table,
	[LABEL_LAYOUT_FOLDERS] = &label_folders,
	[LABEL_LAYOUT_YOLO] = &label_yolo,
};

const char *
label_note_text(int note)
{
	static const char *const texts[LABEL_COCO] = {
		[LABEL_EMPTY] = "boxes without area are left out",
		[LABEL_OUTSIDE] = "boxes outside the image are left out",
		[LABEL_REPEATED_ROW] = "rows repeat an earlier one",
		[LABEL_UNLABELED_ROW] = "rows have a negative number, which means no class, and are left out",
		[LABEL_REPEATED_IMAGE] = "images are named again and are read once",
		[LABEL_FLAGS] = "flags are neither numbers nor yes or no and are taken as 0",
		[LABEL_ENCODING] = "files are not in the encoding that they declare and are read as Windows-1252",
		[LABEL_SIZE_OFF] = "annotations have a size that is off by a pixel: that of the image is taken",
		[LABEL_SIZE_OTHER] = "annotations are for another size than that of the image and are kept as they are",
		[LABEL_UNLISTED] = "objects are of classes that are not listed and are left out",
		[LABEL_UNLISTED_MAP] = "segmentation maps have values that are not listed, which are ignored",
		[LABEL_BINARY] = "segmentation maps have only 0 and 255, which is ignored (--binary: 255 is a class)",
		[LABEL_UNANNOTATED] = "images have no label file and count as images without objects",
		[LABEL_UNUSED] = "images have no XML file and are left out",
		[LABEL_ALONE] = "label files or segmentation maps have no image and are left out",
		[LABEL_SHARED] = "images fit records of several keys, which all get their annotations",
		[LABEL_COLUMNS] = "rows have a column of 0 and 1 for each class: only the first column is read",
		[LABEL_CUT] = "boxes that reach over the edge are clipped to the image",
	};

	return note < LABEL_COCO ? texts[note] : coco_index_note_texts[note - LABEL_COCO];
}

void
label_note_first(struct label_notes *notes, const struct label_notes *before, long i)
{
	int k;

	for (k = 0; k < LABEL_NOTES; k++)
		if (notes->count[k] > before->count[k] && (!notes->first[k] || i + 1 < notes->first[k]))
			notes->first[k] = i + 1;
}

static int
compare_paths(const void *a, const void *b)
{
	return strcmp(**(const char *const *const *)a, **(const char *const *const *)b);
}

/* Refuse several annotations of one image. */
static int
check_unique(const struct label *l)
{
	const char ***names = mem_array((size_t)(l->images.count + 1), sizeof *names);
	int result = 0;
	long i;

	for (i = 0; i < l->images.count; i++)
		names[i] = &l->images.items[i].name;
	qsort(names, (size_t)l->images.count, sizeof *names, compare_paths);
	for (i = 1; i < l->images.count && result == 0; i++)
		if (strcmp(*names[i - 1], *names[i]) == 0)
			result = err(ERR_DATA, "%s: image '%s' occurs twice", l->options.from, *names[i]);
	free(names);
	return result;
}

/* Refuse options that the layout would not use. */
static int
check_options(const struct label_layout *layout, const struct label_options *o)
{
	const struct { bool given; enum label_supported bit; const char *name, *layouts; } rows[] = {
		{ o->image_dir, LABEL_SUPPORTS_IMAGE_DIR, "--image-dir", "voc, coco, pairs, table and yolo" },
		{ o->want_segmaps, LABEL_SUPPORTS_SEGMAPS, "--segmaps", "voc, coco and pairs" },
		{ o->segmap_dir, LABEL_SUPPORTS_SEGMAP_FILES, "--segmap-dir", "voc and pairs" },
		{ o->ignore_index >= 0, LABEL_SUPPORTS_SEGMAP_FILES, "--ignore-index", "voc and pairs" },
		{ o->binary, LABEL_SUPPORTS_SEGMAP_FILES, "--binary", "voc and pairs" },
		{ o->want_segmentation, LABEL_SUPPORTS_SEGMENTATION, "--segmentation", "coco" },
	};
	size_t i;

	for (i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].given && !(layout->supports & rows[i].bit))
			return err(ERR_USAGE, "%s is not for this layout, only for %s", rows[i].name, rows[i].layouts);
	return 0;
}

/* A copy of a path without trailing slashes. */
static const char *
trim_slashes(struct label *l, const char *path)
{
	char *copy = path ? arena_text(&l->text, path) : NULL;
	size_t n = copy ? strlen(copy) : 0;

	while (n > 1 && copy[n - 1] == '/')
		copy[--n] = 0;
	return copy;
}

int
label_open(struct label *l, const struct label_layout *layout, const struct label_options *o)
{
	*l = (struct label){ .options = *o, .layout = layout };
	l->options.from = trim_slashes(l, o->from);
	l->options.image_dir = trim_slashes(l, o->image_dir);
	l->options.segmap_dir = trim_slashes(l, o->segmap_dir);
	if (check_options(layout, o) < 0 || layout->open(l) < 0 || check_unique(l) < 0) {
		label_close(l);
		return -1;
	}
	label_index_keys(l);
	if (l->images.count > 0)
		return 0;
	err(ERR_INPUT, "%s%s%s: no annotated images", o->from, o->split ? ", " : "", o->split ? o->split : "");
	label_close(l);
	return -1;
}

static int
put_classes(struct header *h, const char *name, const struct class_list *c)
{
	struct class_list present = { 0 };
	int result = 0;

	if (record_get(&h->extra, name) &&
		(class_list_read(&present, h, name, NULL) < 0 || class_list_match(&present, c) < 0))
		result = err(ERR_DATA, "the input has the field '%s' with other classes than the annotations", name);
	else
		class_list_write(c, h, name);
	class_list_free(&present);
	return result;
}

int
label_header(const struct label *l, struct header *h, bool all)
{
	/* of the segmentation */
	static const struct { const char *name; enum tensor_type type; int rank; long shape[2]; } rows[] = {
		{ "regions", TENSOR_I32, 2, { 0, 3 } },
		{ "region_data", TENSOR_F64, 1, { 0 } },
	};
	const struct value *exif = record_get(&h->extra, "exif");
	const bool located = l->fields & (LABEL_BOXES | LABEL_SEGMAP);
	const bool rotated = exif && exif->kind == VALUE_TEXT && strcmp(exif->text, "apply") == 0;
	size_t i;

	if (located && rotated && !l->options.upright)
		return err(ERR_DATA, "the images were decoded with --exif apply, but annotations are for images "
			"as stored; use --exif ignore, or tscae-label --exif apply if the labels were drawn on "
			    "rotated images");
	if (located && exif && !rotated && l->options.upright)
		return err(ERR_DATA,
		    "the annotations are for images rotated by their EXIF orientation; decode with --exif apply");
	if (located && l->options.upright)
		record_put_text(&h->extra, "exif", "apply");
	if (l->fields & LABEL_BOXES)
		boxes_declare(h, BOXES_GT, !all ? 0U
			: BOXES_BOX | BOXES_CLASS | BOXES_FLAGS | (l->fields & LABEL_AREAS ? BOXES_AREA : 0U));
	if (l->fields & LABEL_SEGMAP && all)
		segmap_declare(h, SEGMAP_GT, 0, 0);
	else if (l->fields & LABEL_SEGMAP)
		segmap_undeclare(h, SEGMAP_GT);
	/* the segmentation of earlier boxes is dropped with them */
	for (i = 0; l->fields & (LABEL_SEGMENTATION | LABEL_BOXES) && i < sizeof rows / sizeof *rows; i++) {
		if (all && l->fields & LABEL_SEGMENTATION)
			header_put_field(h, rows[i].name, rows[i].type, rows[i].rank, rows[i].shape);
		else
			header_drop_field(h, rows[i].name);
	}
	if (l->classes.count && put_classes(h, CLASS_LIST_GT, &l->classes) < 0)
		return -1;
	if (l->segmap_classes.count && put_classes(h, CLASS_LIST_GT_SEGMAP, &l->segmap_classes) < 0)
		return -1;
	if (l->fields & LABEL_BOXES)
		record_drop(&h->extra, CLASS_LIST_GT_IDS);
	if (l->class_ids)
		class_list_write_ids(&l->classes, h, CLASS_LIST_GT_IDS);
	return 0;
}

/* fields that belong to boxes, besides their columns: dropped when the boxes are replaced */
static const char *const box_fields[] = { "regions", "region_data", "id", NULL };

int
label_put(const struct label *l, long i, struct record *r, struct label_notes *notes)
{
	const struct label_notes before = *notes;
	int result, k;

	for (k = 0; l->fields & LABEL_BOXES && box_fields[k]; k++)
		record_drop(r, box_fields[k]);
	result = l->layout->put(l, i, r, notes);
	label_note_first(notes, &before, i);
	return result;
}

void
label_close(struct label *l)
{
	if (l->layout && l->layout->close)
		l->layout->close(l);
	class_list_free(&l->classes);
	class_list_free(&l->segmap_classes);
	key_free(&l->keys);
	listing_free(&l->images);
	arena_free(&l->text);
	*l = (struct label){ 0 };
}

void
label_index_keys(struct label *l)
{
	long i;

	l->keys.root = (long)l->root;
	for (i = 0; i < l->images.count; i++)
		key_add(&l->keys, l->images.items[i].name);
}

long
label_find_image(const struct label *l, const char *key)
{
	struct arena a = { 0 };
	long i = key_find(&l->keys, utf8_unescape(&a, key));

	arena_free(&a);
	return i;
}
