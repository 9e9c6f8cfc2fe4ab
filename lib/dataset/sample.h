/* sample - which members of a tar archive are images: the rule for the samples of WebDataset

   The members of a sample have one key: their name up to the first dot of its last part. The image of a sample is the
   member whose extension is requested; else KEY.jpg, KEY.jpeg, KEY.jpe, KEY.jfif, KEY.png, any other KEY.SUFFIX, in
   this order. A sample without such a plain image has the one image with a longer extension (KEY.left.jpg); if there
   are several, as in names that have dots of their own, each is a sample whose key is its name without the last suffix.
   Formats that are not read (HEIC ...) are taken only if the sample has no other image. */
#ifndef DATASET_SAMPLE_H
#define DATASET_SAMPLE_H

#include <stddef.h>

enum sample_use { SAMPLE_USED, SAMPLE_FURTHER, SAMPLE_REPEATED, SAMPLE_DOTTED };

struct sample_member {
	const char *name;
	size_t key;		/* bytes of the name that are the key */
	int rank;		/* sample_rank() */
	enum sample_use use;	/* set by sample_choose(); DOTTED: used, with a key of its own */
};

/* Precedence of an image by its extension, 0 first; -1: none of those in `wanted` ("rgb.png,jpg"; NULL: any). */
int sample_rank(const char *name, const char *wanted);

/* Choose among the images of one key, in the order of the archive. `use` and, where DOTTED, `key` are set. */
void sample_choose(struct sample_member **group, size_t count);

#endif
