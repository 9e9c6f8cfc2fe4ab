/* listing - a list of images from files, folders, lists of names and tar archives, in a fixed order

   It holds names only. A folder gives its files in bytewise order of their paths, without names that begin with a dot
   and without files that have neither the suffix nor the first bytes of an image. An archive is indexed when it is
   added; of several images with one key (WebDataset) only the first counts. */
#ifndef DATASET_LISTING_H
#define DATASET_LISTING_H

#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct listing_item {
	const char *name;	/* path of the file, or name of the member */
	int archive;		/* index into archives; -1: a file */
	int class;		/* index into classes; -1: unknown */
	int number;		/* class number from the member KEY.cls of the archive; -1: none */
	int64_t offset, size;	/* of the content of a member */
};

struct listing {
	struct listing_item *items;
	long count;
	size_t room;		/* of items */
	struct tar *archives;
	int archive_count;
	size_t archive_room;
	const char **classes;	/* sorted bytewise; valid UTF-8 */
	int class_count;
	long passed_over;	/* files in folders that are not images */
	long further;		/* images in archives after the first with the same key */
	long links;		/* links in archives; they are not followed */
	bool skip_unreadable;	/* by the caller: skip links and subfolders that cannot be opened; else an error */
	long unreadable;	/* links and subfolders skipped so */
	const char *first_unreadable;	/* path and reason of the first, bytewise; NULL: none */
	long open_ended;	/* archives without end blocks and without ARCHIVE.count: perhaps cut short */
	struct arena text;	/* names, packed into pages */
	char *page;
	size_t page_left;
};

/* Add a file, folder or archive. -1 and err(): ERR_INPUT missing or, unless skip_unreadable, holding a link or
   subfolder that cannot be opened; ERR_DATA a damaged archive, or one whose number of images differs from the number in
   the file ARCHIVE.count. */
int listing_add(struct listing *l, const char *path) ERR_CHECK;

/* Add the names in a file ("-" is standard input), each ended by `end` (newline or zero byte). Names of missing images
   are accepted; reading them fails later. -1 and err(ERR_INPUT), or as listing_add() for folders and archives. */
int listing_add_names(struct listing *l, const char *path, int end) ERR_CHECK;

/* Index a tar archive. -1 and err() as listing_add(). */
int listing_add_archive(struct listing *l, const char *path) ERR_CHECK;

/* Append an item; its name must live as long as the listing (listing_text()). Returns it until the next one is
   added. */
struct listing_item *listing_put(struct listing *l, const char *name, int archive);

/* A copy of a text that lives as long as the listing. */
const char *listing_text(struct listing *l, const char *text);

/* Class of each image: its folder, or the folder above one that is named "images" (Tiny-ImageNet). */
void listing_label_folders(struct listing *l);

/* Class of each image: the number in the member KEY.cls of its archive (WebDataset); the names of classes are the
   numbers from 0 to the largest. -1 and err(ERR_DATA): no image has a number. */
int listing_label_members(struct listing *l) ERR_CHECK;

/* Class of each image from a table of lines "name label ...": fields are separated by tabs, or by blanks in a line
   without tabs; a name is the last component of a path. -1 and err(): the table is unreadable, or has none of the
   images. */
int listing_label_table(struct listing *l, const char *path) ERR_CHECK;

/* The key of an item (valid UTF-8), from the arena. */
char *listing_key(const struct listing *l, long i, struct arena *a);

/* Its name for messages, path or archive and member, from the arena. */
char *listing_name(const struct listing *l, long i, struct arena *a);

/* Read its bytes, at most `limit`; the caller frees them. Safe from any thread. NULL and err(). */
void *listing_read(const struct listing *l, long i, size_t limit, size_t *size);

void listing_free(struct listing *l);

#endif
