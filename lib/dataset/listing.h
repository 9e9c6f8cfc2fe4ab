/* listing - which images there are: files, folders, lists of names and tar archives, in a fixed order

   Only names are kept. A folder gives its files in bytewise order of their paths; names that begin with a dot
   are passed over, and so are files that neither have an image's suffix nor begin like one. An archive is
   indexed when it is added; members of one key (WebDataset) are one image, the first. */
#ifndef DATASET_LISTING_H
#define DATASET_LISTING_H

#include "base/mem.h"
#include "dataset/tar.h"

struct listing_item {
	const char *name;	/* path of the file, or name of the member */
	int archive;		/* index into archives; -1: a file */
	int class;		/* index into classes; -1: unknown */
	int number;		/* of its class, from the KEY.cls beside it in an archive; -1: none */
	int64_t offset, size;	/* of a member's content */
};

struct listing {
	struct listing_item *items;
	long count, room;
	struct tar *archives;
	int archive_count;
	const char **classes;	/* sorted bytewise; valid UTF-8 */
	int class_count;
	long passed_over;	/* files of folders that are no images */
	long further;		/* images of archives whose key had one already */
	long links;		/* links in archives: not followed */
	long open_ended;	/* archives without end blocks whose count nobody vouches for: perhaps cut */
	struct arena text;	/* names, packed into pages */
	char *page;
	size_t page_left;
};

/* Add a file, folder or archive. -1 and err(): ERR_INPUT missing, ERR_DATA a damaged archive, or one whose
   number of images is not the one in ARCHIVE.count. */
int listing_add(struct listing *l, const char *path);

/* Add the names in a file ("-" is standard input), each ended by `end` (newline or zero byte). A name that is not
   there is still listed: reading it will say so. -1 and err(ERR_INPUT), or as listing_add() for folders and archives. */
int listing_add_names(struct listing *l, const char *path, int end);

/* Class of each image: the folder it is in, or the one above if that folder is called "images" (Tiny-ImageNet). */
void listing_label_folders(struct listing *l);

/* Class of each image: the number in the member KEY.cls of its archive (WebDataset); the classes are called by their
   numbers, from 0 to the largest. -1 and err(ERR_DATA): no image has one. */
int listing_label_members(struct listing *l);

/* Class of each image from a table of lines "name label ...": fields end at tabs, or at blanks where a line has
   no tab; a name is the last part of a path. -1 and err(): the table cannot be read, or knows none of the images. */
int listing_label_table(struct listing *l, const char *path);

/* The key of an item (valid UTF-8), in memory of the arena. */
char *listing_key(const struct listing *l, long i, struct arena *a);

/* Its name for messages: path, or archive and member. */
char *listing_name(const struct listing *l, long i, struct arena *a);

/* Its bytes, at most `limit`, in memory that the caller frees; safe from any thread. NULL and err(). */
void *listing_read(const struct listing *l, long i, size_t limit, size_t *size);

void listing_free(struct listing *l);

#endif
