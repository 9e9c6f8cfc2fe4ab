/* roster - lists of class names, and what a number of one list means in another

   Models and data number their classes each in their own way: a class is its name. */
#ifndef METRICS_ROSTER_H
#define METRICS_ROSTER_H

#include "stream/record.h"

#include <stdbool.h>

struct roster {
	int count;
	char **names;		/* (count) all different */
	int64_t *ids;		/* (count) numbers in the dataset, all different */
	bool *left_out;		/* (count) not scored: the other side does not know it, and --intersect allows that */
};

/* Append a class. -1 and err(ERR_DATA): the name or the number is there already. */
int roster_add(struct roster *c, const char *name, int64_t id);

/* Its index, -1 if there is none. */
int roster_find(const struct roster *c, const char *name);
int roster_find_id(const struct roster *c, int64_t id);

/* Fill from a header: the texts under `key` with the numbers under `ids` (may be NULL; 0, 1, 2 ... where the header has
   none). A header without the key leaves the list empty. -1 and err(ERR_DATA): not a list of texts, or one twice. */
int roster_read(struct roster *c, const struct header *h, const char *key, const char *ids);

/* For each class of `from` its index in `to`; free() it. A class that one side alone has is an error that names it;
   with `restricted` it is -1 in the map, or marked left_out in `to`. NULL and err(ERR_DATA): that, or no class in common. */
int *roster_map(const struct roster *from, struct roster *to, bool restricted);

void roster_free(struct roster *c);

#endif
