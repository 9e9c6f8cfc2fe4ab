/* listing_part - what the files of listing share */
#ifndef DATASET_LISTING_PART_H
#define DATASET_LISTING_PART_H

#include "dataset/listing.h"

/* A copy of a text that lives as long as the listing. */
const char *listing_part_text(struct listing *l, const char *text);

/* Append an item; its name must be such a copy. */
struct listing_item *listing_part_put(struct listing *l, const char *name, int archive);

/* True if the name ends like an image's: jpg, jpeg, jpe, jfif, png, in any case. */
bool listing_part_suffix(const char *name);

/* Index a tar archive. -1 and err(). */
int listing_part_archive(struct listing *l, const char *path);

#endif
