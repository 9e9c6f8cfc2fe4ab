/* class_list - a list of class names with the ids of a dataset, and the mapping between two lists

   Models and datasets number their classes differently: classes are matched by name. formats/records.md has the keys of
   the lists in headers. */
#ifndef ANNOTATION_CLASS_LIST_H
#define ANNOTATION_CLASS_LIST_H

#include "base/err.h"
#include "base/hash.h"
#include "json/writer.h"
#include "stream/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Header keys of the names: of images and boxes, of pixels, and the same of predictions; of the ids. */
#define CLASS_LIST_GT "classes"
#define CLASS_LIST_GT_SEGMAP "label_classes"
#define CLASS_LIST_PREDICTED "predicted_classes"
#define CLASS_LIST_PREDICTED_SEGMAP "predicted_label_classes"
#define CLASS_LIST_GT_IDS "class_ids"

/* Classes of a dataset or a model, at most: a stream's value has at most 65536 objects, one of which is the list. */
enum { CLASS_LIST_MAX = 65535 };

struct class_list {			/* begins empty: { 0 } */
	int count;
	struct class_entry {
		char *name;		/* no other has it */
		int64_t id;		/* in the dataset, no other has it; without ids: the index */
		bool left_out;		/* excluded from scores by class_list_map() */
	} *list;
	size_t room;
	struct lookup by_name, by_id;
};

/* Append a class (the name is copied). -1 and err(ERR_DATA): the name or the id occurs twice, or the list is full. */
int class_list_add(struct class_list *c, const char *name, int64_t id) ERR_CHECK;

/* The index of a name or an id; -1: not found. */
int class_list_find(const struct class_list *c, const char *name);
int class_list_find_id(const struct class_list *c, int64_t id);

/* The names in order, borrowed; free() the array. */
const char **class_list_names(const struct class_list *c);

/* Read from a header: the strings under `key` with the ids (i4 or i8) under `ids` (may be NULL; 0, 1, 2 ... if the
   header has none). A header without the key leaves the list empty. -1 and err(ERR_DATA): not a list of strings, or a
   name that occurs twice. */
int class_list_read(struct class_list *c, const struct header *h, const char *key, const char *ids) ERR_CHECK;

/* The same without ids; the header must have the names, else -1 and err(ERR_DATA). */
int class_list_require(struct class_list *c, const struct header *h, const char *key) ERR_CHECK;

/* Write the names into a header, and the ids: i4, or i8 if an id does not fit. */
void class_list_write(const struct class_list *c, struct header *h, const char *key);
void class_list_write_ids(const struct class_list *c, struct header *h, const char *key);

/* Write the names into JSON, as an array of strings; `key` as in json/writer.h. */
void class_list_write_json(const struct class_list *c, struct json_writer *w, const char *key);

/* The index in `to` (ground truth) of each class of `from` (predictions); free() it. A class that only one list has is
   an error; with `intersect` it is -1 in the map, or marked left_out in `to`. NULL and err(ERR_DATA): such a class, or
   none in common. */
int *class_list_map(const struct class_list *from, struct class_list *to, bool intersect) ERR_CHECK;

/* 0 if both lists have the same names in the same order, else -1 and err(ERR_DATA) with the first difference ("class 3
   is 'cat', not 'dog'"). */
int class_list_match(const struct class_list *expected, const struct class_list *got) ERR_CHECK;

void class_list_free(struct class_list *c);

#endif
