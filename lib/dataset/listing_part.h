/* listing_part - what the files of listing share */
#ifndef DATASET_LISTING_PART_H
#define DATASET_LISTING_PART_H

#include "dataset/listing.h"

/* A copy of a text that lives as long as the listing. */
const char *listing_text(struct listing *l, const char *text);

/* Append an item; its name must be such a copy. */
struct listing_item *listing_put(struct listing *l, const char *name, int archive);

/* True if the name ends like an image's: jpg, jpeg, jpe, jfif, png, in any case. */
bool listing_has_image_suffix(const char *name);

/* Index a tar archive. -1 and err(). */
int listing_add_archive(struct listing *l, const char *path);

#endif
