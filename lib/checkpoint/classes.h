/* classes - the names that class numbers stand for: in a stream's header, in a model's metadata, in memory

   A number alone means nothing: whoever joins a model and data, or two streams, goes by the names. */
#ifndef CHECKPOINT_CLASSES_H
#define CHECKPOINT_CLASSES_H

#include "checkpoint/safetensors.h"
#include "stream/record.h"

/* By number; begins empty ({ 0 }). */
struct classes {
	int count;
	char **names;
};

/* Read the names under `key` ("classes", "label_classes") of a header into an empty list. -1 and err(ERR_DATA): there
   are none. */
int classes_read(struct classes *c, const struct header *h, const char *key);

/* Write them into a header. */
void classes_write(const struct classes *c, struct header *h, const char *key);

/* The same with a model's metadata (`classes`, a JSON list). -1 and err(ERR_DATA): none, or not a list of texts. */
int classes_load(struct classes *c, const struct safetensors *model);
void classes_save(const struct classes *c, struct safetensors *model);

/* The number of a name, -1: there is none. */
int classes_find(const struct classes *c, const char *name);

/* Append a name (copied); its number. */
int classes_put(struct classes *c, const char *name);

/* 0 if both are the same names in the same order, else -1 and err(ERR_DATA), naming the first difference ("class 3 is 'cat', not 'dog'"). */
int classes_match(const struct classes *want, const struct classes *got);

void classes_free(struct classes *c);

#endif
