/* foreign - kinds of files that are neither images nor tar archives: compressed archives, tables, pointers ... */
#ifndef DATASET_FOREIGN_H
#define DATASET_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

struct foreign {
	const char *what;	/* "a gzip-compressed file" */
	const char *remedy;	/* what to do with it */
	bool image;		/* an image of another format, not a container of images */
};

/* The kind of a file by its first bytes, else (head NULL or unknown) by its suffix. NULL: none of these. */
const struct foreign *foreign_find(const char *name, const void *head, size_t size);

/* Whether a member of a tar archive is by its name an archive itself, which is not read. */
bool foreign_is_packed(const char *name);

#endif
