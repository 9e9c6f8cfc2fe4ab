/* label - what is true of images: classes, boxes and segmentation maps, whatever the layout they are kept in

   A layout is a row of label_layouts[] and a file (label_voc.c, label_coco.c, ...). Opening reads what is needed to find
   the annotation of any image by its key; the fields of an image are made when they are asked for. */
#ifndef DATASET_LABEL_H
#define DATASET_LABEL_H

#include "annotation/class_list.h"
#include "annotation/key.h"
#include "annotation/segmap.h"
#include "dataset/listing.h"
#include "dataset/coco_index.h"
#include "stream/record.h"

enum {
	LABEL_CLASSES_MAX = 65536, LABEL_MAP_CLASSES_MAX = SEGMAP_IGNORE,
	LABEL_SIDE_MAX = 1000000	/* pixels: no image is larger */
};

enum label_field { LABEL_CLASS = 1, LABEL_BOXES = 2, LABEL_AREAS = 4, LABEL_MAP = 8, LABEL_REGIONS = 16 };

struct label_options {
	const char *from;	/* folder or file */
	const char *set;	/* name of a part, or a file of names; NULL: everything */
	const char *images;	/* folder of the images, NULL: where the layout has it */
	const char *maps;	/* folder of the segmentation maps, NULL: the same */
	const char *classes;	/* file with a name a line, or a name of label_names_known(); NULL: as the layout has it */
	long void_value;	/* of segmentation maps: becomes SEGMAP_IGNORE; -1: none beside 255 */
	bool want_maps;		/* `labels` where they are not all there is */
	bool want_regions;	/* outlines and run lengths as they are kept (COCO) */
};

/* What was mended or left out, counted; from LABEL_COCO on, enum coco_note. */
enum label_note { LABEL_FLAT, LABEL_OUTSIDE, LABEL_CUT, LABEL_COCO, LABEL_NOTES = LABEL_COCO + COCO_NOTES };
struct label_notes { long count[LABEL_NOTES]; };

/* "boxes without area are left out" */
const char *label_note_text(int note);

struct label;

struct label_layout {
	const char *name;
	/* Fill images, classes, fields and what put() needs. 0, or -1 and err(). */
	int (*open)(struct label *l);
	/* Put the fields of image i into a record. 1; 0: there is no annotation; -1 and err(). Safe side by side. */
	int (*put)(const struct label *l, long i, struct record *r, struct label_notes *notes);
	void (*close)(struct label *l);	/* NULL: nothing of its own */
};

struct label {
	struct label_options options;
	const struct label_layout *layout;
	struct listing images;	/* paths of the images; their classes where the layout has such */
	size_t root;			/* bytes at the beginning of every path that say nothing: label_find() passes them over */
	unsigned fields;		/* enum label_field, a sum: what records get */
	struct class_list classes;	/* of boxes or images */
	struct class_list map_classes;	/* of pixels */
	bool class_ids;			/* classes.ids are of the dataset */
	struct key_index keys;		/* of the images */
	struct label_notes notes;	/* of opening */
	struct arena text;
	void *own;			/* of the layout */
};

/* Layouts by name, ended by NULL; the place is that of the choice in label_layout_names. */
extern const struct label_layout *const label_layouts[];
#define LABEL_LAYOUT_NAMES "voc|coco|pairs|table|folders"

/* Open annotations. -1 and err(): ERR_INPUT missing, ERR_DATA broken or contradictory, ERR_USAGE an option that the
   layout has no use for or lacks. */
int label_open(struct label *l, const struct label_layout *layout, const struct label_options *o);

/* What records of this source have and what their classes are called, into a header. With `all`, every record will
   have an annotation. -1 and err(ERR_DATA): the header already has other classes. */
int label_header(const struct label *l, struct header *h, bool all);

/* The image that a record's key means, by the rule of annotation/key.h. -1: none. -2 and err(ERR_DATA): several. */
long label_find(const struct label *l, const char *key);

/* Put the fields of image i into a record. 1; 0: there is no annotation; -1 and err() with the place. Where the record
   has an `image`, boxes and maps must be of its size. Safe side by side. */
int label_put(const struct label *l, long i, struct record *r, struct label_notes *notes);

void label_close(struct label *l);

#endif
