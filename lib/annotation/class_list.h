/* class_list - class names, the numbers that a dataset gives them, and what an index of one list is in another

   Models and datasets number their classes each in their own way: a class is its name. */
#ifndef ANNOTATION_CLASS_LIST_H
#define ANNOTATION_CLASS_LIST_H

#include "base/lookup.h"
#include "stream/record.h"

#include <stdbool.h>
#include <stdint.h>

struct class_list {			/* begins empty: { 0 } */
	int count, room;
	char **names;			/* (count) all different */
	int64_t *ids;			/* (count) numbers in the dataset, all different; without one: the index */
	bool *left_out;			/* (count) not scored: class_list_map() */
	struct lookup by_name, by_id;
};

/* Append a class (the name is copied). -1 and err(ERR_DATA): the name or the id is there already. */
int class_list_add(struct class_list *c, const char *name, int64_t id);

/* Index of a name or of an id; -1: there is none. */
int class_list_find(const struct class_list *c, const char *name);
int class_list_find_id(const struct class_list *c, int64_t id);

/* Read from a header: the texts under `key` with the ids (i4 or i8) under `ids` (may be NULL; 0, 1, 2 ... where the header
   has none). A header without the key leaves the list empty. -1 and err(ERR_DATA): not a list of texts, or one twice. */
int class_list_read(struct class_list *c, const struct header *h, const char *key, const char *ids);

/* The same without ids, where the header must have names: -1 and err(ERR_DATA) says how to get them. */
int class_list_require(struct class_list *c, const struct header *h, const char *key);

/* Write the names into a header, and the ids: i4, or i8 where one is too large for that. */
void class_list_write(const struct class_list *c, struct header *h, const char *key);
void class_list_write_ids(const struct class_list *c, struct header *h, const char *key);

/* For each class of `from` its index in `to`; free() it. A class that one side alone has is an error that names it;
   with `intersect` it is -1 in the map, or marked left_out in `to`. NULL and err(ERR_DATA): that, or no class in common. */
int *class_list_map(const struct class_list *from, struct class_list *to, bool intersect);

/* 0 if both are the same names in the same order, else -1 and err(ERR_DATA) that names the first difference ("class 3 is
   'cat', not 'dog'"). */
int class_list_match(const struct class_list *want, const struct class_list *got);

void class_list_free(struct class_list *c);

#endif
