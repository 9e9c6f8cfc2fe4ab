/* label_internal - functions that the layouts of annotations share */
#ifndef DATASET_LABEL_INTERNAL_H
#define DATASET_LABEL_INTERNAL_H

#include "annotation/class_list.h"
#include "base/err.h"
#include "base/mem.h"
#include "dataset/label.h"
#include "stream/record.h"

#include <stdbool.h>

/* An annotated object, in pixels from 0, ends outside. */
struct label_object {
	double left, top, right, bottom;
	double area;
	int class;
	unsigned flags;		/* a sum of enum box_flag */
	int row;		/* set by label_put_boxes(): its row in the boxes of the record; -1: dropped */
};

/* Put boxes: clipped to an image of width x height (0: unknown, not clipped); those without area are dropped and
   counted. `areas`: also box_area. */
void label_put_boxes(struct record *r, struct label_object *boxes, int count, int width, int height, bool areas,
	struct label_notes *notes);

/* Put the segmentation map of a PNG file. 1; 0: the file does not exist; -1 and err(): not a segmentation map, a value
   that is not a class, another size than width x height (0: any). */
int label_put_segmap(const struct label *l, const char *path, struct record *r, int width, int height,
	struct label_notes *notes) ERR_CHECK;

/* Set width and height to those of the record's `image`. The annotation's (0: unknown) may be off by a pixel, counted;
   for others see options.on_size. A record without image gets the field `size` if it is known. 0, LABEL_SKIPPED and
   err(), or -1 and err(ERR_DATA). */
int label_put_size(const struct label *l, struct record *r, int *width, int *height, struct label_notes *notes)
	ERR_CHECK;

/* Read names, one per line, without surrounding blanks and empty lines, into the arena; free() the list. `flags`: a
   line may have a number after the name; names with -1 are dropped (the class lists of VOC). -1 and err(). */
int label_read_lines(struct arena *a, const char *path, bool flags, const char ***list, long *count) ERR_CHECK;

/* Append the classes of options.classes to an empty list. -1 and err(): none, one twice, too many, no such file. */
int label_read_classes(struct label *l, struct class_list *list) ERR_CHECK;

/* Set the classes of pixels to "background" and the classes of the label. -1 and err(ERR_DATA): more than 255. */
int label_add_background(struct label *l) ERR_CHECK;

/* A built-in class list by name ("voc"). Returns its length; 0: unknown name. */
int label_known_classes(const char *name, const char *const **list);

/* Append names to a list; ids continue. -1 and err(ERR_DATA): a name occurs twice. */
int label_add_classes(struct class_list *list, const char *const *names, long count) ERR_CHECK;

/* Sort names bytewise and remove duplicates. Returns their number. */
long label_sort_names(const char **names, long count);

/* Keep only the images named in the file options.split, in its order: old[i] (free() it) is the former index of image
   i. Without a split nothing changes and old is NULL. -1 and err(): a line matches no image, or several. */
int label_choose_images(struct label *l, long **old) ERR_CHECK;

/* Sorted names, without `suffix`, of the files of a folder that end in it (in any case), in the arena; free() the list.
   -1 and err(ERR_INPUT). */
int label_list_folder(struct arena *a, const char *path, const char *suffix, const char ***list, long *count) ERR_CHECK;

/* The path of a file beside an image: `stem` and a suffix such as ".xml", or the suffix in capitals where only that
   file exists; in the arena. */
const char *label_path(struct arena *a, const char *stem, const char *suffix);

/* The image STEM.jpg, STEM.png ..., of any suffix of a format that is read; in the arena. NULL: there is none. */
const char *label_image_file(struct arena *a, const char *stem);

/* Count the files with that suffix for which there is no image: in the folders of `files` (the file of each image of
   the listing; NULL: none) that are not the folders of the images. A file classes.txt is none. */
void label_count_alone(struct label *l, const char *const *files, const char *suffix);

/* Count the images of a folder for which there is no file with that suffix in the folder of annotations: the listing
   leaves them out. */
void label_count_unused(struct label *l, const char *images, const char *annotations, const char *suffix);

/* Add an image; a leading "./" is removed from its path. */
struct listing_item *label_add_image(struct label *l, const char *path);

/* The name of an image, or of another file, relative to a folder: with slashes for its backslashes where there is such
   a file and none of that name. The name itself, or in the arena. */
const char *label_slashes(struct label *l, const char *folder, const char *name);

/* The name of a line of a split: as it stands, with slashes for its backslashes, or one of these without the suffix of
   an image; the first of which the folder has a file with this suffix. The name itself, or in the arena. */
const char *label_listed_name(struct label *l, const char *folder, const char *suffix, const char *name);

/* Set the folder of the images (as in the paths of label_add_image()): label_find_image() ignores this part of the
   paths. */
void label_set_root(struct label *l, const char *folder);

bool label_is_folder(const char *path);

/* Build the index of the images for label_find_image(). */
void label_index_keys(struct label *l);

extern const struct label_layout label_voc, label_coco, label_pairs, label_table, label_folders, label_yolo;

#endif
