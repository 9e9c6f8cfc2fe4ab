/* label - annotations of images: classes, boxes and segmentation maps, in any layout

   A layout is a row of label_layouts[] and its functions (label_voc.c, label_coco.c, label_simple.c). Opening reads
   what is needed to find the annotation of an image by its key; the fields of an image are built on demand. */
#ifndef DATASET_LABEL_H
#define DATASET_LABEL_H

#include "annotation/class_list.h"
#include "annotation/key.h"
#include "annotation/segmap.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "dataset/coco_index.h"
#include "dataset/listing.h"
#include "stream/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LABEL_SEGMAP_CLASSES_MAX = SEGMAP_IGNORE };

enum label_field { LABEL_CLASS = 1, LABEL_BOXES = 2, LABEL_AREAS = 4, LABEL_SEGMAP = 8, LABEL_SEGMENTATION = 16 };

struct label_options {
	const char *from;	/* folder or file */
	const char *split;	/* name of a split, or a file of image names; NULL: all images */
	const char *image_dir;	/* folder of the images; NULL: given by the layout */
	const char *segmap_dir;	/* folder of the segmentation maps; NULL: given by the layout */
	const char *classes;	/* file with one class name per line, or "voc" or "camvid"; NULL: given by the layout */
	long ignore_index;	/* of the dataset's segmentation maps: becomes SEGMAP_IGNORE; -1: none besides 255 */
	bool want_segmaps;	/* also segmentation maps, in layouts that have boxes too */
	bool want_segmentation;	/* also polygons and RLE (COCO) */
	/* the annotations are for images rotated by their EXIF orientation, else for images as stored */
	bool upright;
	bool binary;		/* segmentation maps: 0 is class 0, any other value class 1 */
	bool drop_unlisted;	/* drop objects of other classes than `classes`, and ignore such pixels; else errors */
	int on_size;		/* enum label_on_size */
};

/* What to do with annotations for another size than the image's, by more than a pixel. */
#define LABEL_ON_SIZES(X) X(LABEL_SIZE_FAIL, "fail") X(LABEL_SIZE_SKIP, "skip") X(LABEL_SIZE_KEEP, "keep")
enum label_on_size { LABEL_ON_SIZES(OPT_CONSTANT) };

/* Repaired or dropped annotations, counted; from LABEL_COCO on, enum coco_note. */
enum label_note {
	LABEL_EMPTY, LABEL_OUTSIDE, LABEL_CUT, LABEL_REPEATED_ROW, LABEL_UNLABELED_ROW, LABEL_REPEATED_IMAGE,
	LABEL_FLAGS, LABEL_ENCODING,
	LABEL_SIZE_OFF, LABEL_SIZE_OTHER, LABEL_UNLISTED, LABEL_UNLISTED_MAP, LABEL_BINARY, LABEL_UNANNOTATED,
	LABEL_UNUSED, LABEL_ALONE, LABEL_SHARED, LABEL_COLUMNS, LABEL_COCO, LABEL_NOTES = LABEL_COCO + COCO_NOTES
};
struct label_notes {
	long count[LABEL_NOTES];
	long first[LABEL_NOTES];	/* 1 + index of the first image with such a note; 0: none, or not of an image */
	const char *name[LABEL_NOTES];	/* the first, where it is not an image; NULL: none */
	int64_t at[LABEL_NOTES];	/* 1 + byte of the first such annotation in the file; 0: unknown */
};

/* Keep image i as the first one of every note that has more counts than `before`. */
void label_note_first(struct label_notes *notes, const struct label_notes *before, long i);

/* "boxes without area are left out" */
const char *label_note_text(int note);

struct label;

/* Members of struct label_options that only some layouts support. */
enum label_supported {
	LABEL_SUPPORTS_IMAGE_DIR = 1,
	LABEL_SUPPORTS_SEGMAPS = 2,		/* want_segmaps */
	LABEL_SUPPORTS_SEGMAP_FILES = 4,	/* segmap_dir, ignore_index, binary */
	LABEL_SUPPORTS_SEGMENTATION = 8		/* want_segmentation */
};

struct label_layout {
	/* Fill images, classes, fields and the data for put(). 0, or -1 and err(). */
	int (*open)(struct label *l);
	/* Put the fields of image i into a record. 1; 0: no annotation; -1 and err(). Thread-safe. */
	int (*put)(const struct label *l, long i, struct record *r, struct label_notes *notes);
	void (*close)(struct label *l);	/* NULL: nothing to free */
	unsigned supports;		/* sum of enum label_supported */
};

struct label {
	struct label_options options;
	const struct label_layout *layout;
	struct listing images;	/* paths of the images, and their classes if the layout has them */
	size_t root;			/* bytes at the beginning of every path that label_find_image() ignores */
	unsigned fields;		/* sum of enum label_field: the fields of the records */
	struct class_list classes;	/* of boxes or images */
	struct class_list segmap_classes;	/* of pixels */
	bool class_ids;			/* classes.ids are those of the dataset */
	struct key_index keys;		/* of the images */
	struct label_notes notes;	/* of opening */
	struct arena text;
	void *layout_data;		/* owned by the layout */
};

/* The layouts: enum label_layout_index and their names for options; label_layouts[] is in this order. */
#define LABEL_LAYOUTS(X) X(LABEL_LAYOUT_VOC, "voc") X(LABEL_LAYOUT_COCO, "coco") X(LABEL_LAYOUT_PAIRS, "pairs") \
	X(LABEL_LAYOUT_TABLE, "table") X(LABEL_LAYOUT_FOLDERS, "folders") X(LABEL_LAYOUT_YOLO, "yolo")
enum label_layout_index { LABEL_LAYOUTS(OPT_CONSTANT) LABEL_LAYOUT_COUNT };
#define LABEL_LAYOUT_NAMES OPT_NAMES(LABEL_LAYOUTS)
extern const struct label_layout *const label_layouts[LABEL_LAYOUT_COUNT];

/* Open annotations. -1 and err(): ERR_INPUT missing, ERR_DATA malformed or contradictory, ERR_USAGE an option that the
   layout needs or does not support. */
ERR_CHECK int label_open(struct label *l, const struct label_layout *layout, const struct label_options *o);

/* Declare the fields and classes in a header. `all`: every record has an annotation. -1 and err(ERR_DATA): the header
   already has other classes. */
ERR_CHECK int label_header(const struct label *l, struct header *h, bool all);

/* The index of the image that a key means, by the rule of annotation/key.h. -1: none; -2 and err(ERR_DATA): several. */
long label_find_image(const struct label *l, const char *key) ERR_CHECK;

/* Put the fields of image i into a record. 1; 0: no annotation; LABEL_SKIPPED and err(): an annotation of another size
   that options.on_size skips, an image whose size is needed and that is damaged; -1 and err(). Messages are without
   the key of the record, which the caller adds. If the record has an `image`, boxes must fit it but for a pixel and
   maps have its size. Thread-safe. */
enum { LABEL_SKIPPED = 2 };
ERR_CHECK int label_put(const struct label *l, long i, struct record *r, struct label_notes *notes);

void label_close(struct label *l);

#endif
