/* label_part - what layouts of annotations share */
#ifndef DATASET_LABEL_PART_H
#define DATASET_LABEL_PART_H

#include "annotation/boxes.h"
#include "dataset/label.h"

/* An object of an image, as the layouts give it, in pixels from 0, ends outside. */
struct label_part_box {
	double left, top, right, bottom;
	double area;
	int class;
	unsigned flags;		/* a sum of enum box_flag */
	int place;		/* label_part_boxes() says: of the box in the record, -1: left out */
};

/* Put boxes: cut to an image of width x height (0: unknown, not cut), those without area left out and noted;
   with `areas` also box_area. */
void label_part_boxes(struct record *r, struct label_part_box *boxes, int count, int width, int height, bool areas, struct label_notes *notes);

/* Put the segmentation map in a PNG file. 1; 0: there is no such file; -1 and err(): not a segmentation map, a value that is
   no class, or of another size than width x height (0: any). */
int label_part_map(const struct label *l, const char *path, struct record *r, int width, int height);

/* The size of the image: that of the record's `image` if there is one, which must then agree with what the annotation
   says (0: nothing); else `size` is put where it is known. -1 and err(ERR_DATA). */
int label_part_size(struct record *r, int *width, int *height);

/* Read names, one a line, blanks around them and empty lines left aside, into memory of the arena; the list is for free().
   With `marks` a line may go on with a mark after a blank: those marked -1 are left out (lists of one class in VOC).
   -1 and err(). */
int label_part_lines(struct arena *a, const char *path, bool marks, const char ***list, long *count);

/* The names of classes that --classes gives, into an empty list. -1 and err(): none, one twice, too many, no such file. */
int label_part_classes(struct label *l, struct class_list *list);

/* "background" and the classes become the classes of pixels. -1 and err(ERR_DATA): more than a byte has. */
int label_part_background(struct label *l);

/* A list of classes by its own name ("voc"): their number, 0 if there is none of that name. */
int label_part_known(const char *name, const char *const **list);

/* Append these names to a list, numbered on. -1 and err(ERR_DATA): one comes twice. */
int label_part_names(struct class_list *list, const char *const *names, long count);

/* Sort names bytewise and keep each once; their number. */
long label_part_sort(const char **names, long count);

/* Keep only the images that the lines of options.set, a file, name, in the order of the file: old[i] (for free()) is the
   former place of image i. Without a set nothing changes and old is NULL. -1 and err(): a line names none, or several. */
int label_part_choose(struct label *l, long **old);

/* Sorted names of the files of a folder that end in `suffix` (any case), without it; in memory of the arena, list for
   free(). -1 and err(ERR_INPUT). */
int label_part_folder(struct arena *a, const char *path, const char *suffix, const char ***list, long *count);

/* Add an image; "./" in front of its path is left out. */
struct listing_item *label_part_add(struct label *l, const char *path);

/* The images are in that folder (as label_part_add() writes it): what is in front of their names there says nothing. */
void label_part_root(struct label *l, const char *folder);

bool label_part_is_folder(const char *path);

/* Make the index of the images for label_find(). */
void label_part_index(struct label *l);

extern const struct label_layout label_voc, label_coco, label_pairs, label_table, label_folders;

#endif
