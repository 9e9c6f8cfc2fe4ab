/* listing - a list of images from files, folders, lists of names and tar archives, in a fixed order

   It holds names only. A folder gives its files in bytewise order of their paths, without names that begin with a dot
   and without files that have neither the suffix nor the first bytes of an image; those are counted. An archive is
   indexed when it is added; the image of each sample is chosen by dataset/sample.h. */
#ifndef DATASET_LISTING_H
#define DATASET_LISTING_H

#include "annotation/class_list.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct listing_item {
	const char *name;	/* path of the file, or name of the member */
	int archive;		/* index into archives; -1: a file */
	int class;		/* index into classes; -1: unknown */
	int page;		/* of the file, from 1; 0: the first one, of all that it has */
	int64_t page_at;	/* where it is in the file, as decode_pages() says; 0: not known */
	/* bytes of the name up to the folder that was added and its slash; -1: no such folder */
	int root;
	int key;		/* bytes of the name of a member that are its key */
	int class_size;		/* of the member with its class; -1: none */
	int64_t offset, size;	/* of the content of a member */
	int64_t class_offset;	/* of the content of the member with its class */
};

/* What is left out or guessed, counted; the first one is named. */
enum listing_note {
	LISTING_UNREADABLE,	/* links and subfolders that cannot be opened */
	LISTING_FOREIGN,	/* images of other formats, compressed archives, tables: files of folders */
	LISTING_OTHER,		/* other files of folders */
	LISTING_FURTHER,	/* images of archives beside the image of their sample */
	LISTING_PACKED,		/* archives within archives */
	LISTING_REPEATED,	/* images of archives whose sample came before */
	LISTING_DOTTED,		/* images without a plain image in their sample: each counts as a sample */
	LISTING_NO_MEMBER,	/* samples without the requested member */
	LISTING_LINKS,		/* links in archives, which are not followed */
	LISTING_OPEN_ENDED,	/* archives without end blocks and without ARCHIVE.count: perhaps cut short */
	LISTING_JOINED,		/* archives that follow others in one file; they are read */
	LISTING_AFTER_END,	/* archives with other bytes after their end */
	LISTING_UNCLASSED,	/* images without a class */
	LISTING_ROWS,		/* rows of the table of labels that fit no image */
	LISTING_COLUMNS,	/* rows with a column of 0 and 1 for each class */
	LISTING_REPEATED_ROWS,	/* rows of the table of labels that repeat an earlier one */
	LISTING_REPEATED_CLASS,	/* members with a class that come again; the first is read */
	LISTING_CLASS_ALONE,	/* members with a class that belong to no image */
	LISTING_CUT_PAGES,	/* files of several pages, of which some may be missing */
	LISTING_BESIDE,		/* images beside class folders: their class is the folder of these */
	LISTING_TWICE,		/* images with the key of an earlier one of another operand or line; they are read */
	LISTING_NOTES
};

/* Which notes make an error of a strict option, and which count as images that were skipped. */
enum listing_weight { LISTING_SAID, LISTING_STRICT, LISTING_SKIPPED };

struct listing_note_kind { const char *text, *noun; enum listing_weight weight; };
extern const struct listing_note_kind listing_note_kinds[LISTING_NOTES];	/* "links in archives are ignored",
    "links" */

struct listing {
	struct listing_item *items;
	long count;
	size_t room;		/* of items */
	struct tar *archives;
	int archive_count;
	size_t archive_room;
	struct class_list classes;	/* sorted bytewise, or numbers; valid UTF-8 */
	struct { long count; const char *first; } notes[LISTING_NOTES];	/* first: its name, or a message; NULL: none */
	bool skip_unreadable;	/* by the caller: skip links and subfolders that cannot be opened; else an error */
	const char *image_member;	/* by the caller: extensions of the image of a sample,
	    as "rgb.png,jpg"; NULL: any */
	const char *class_member;	/* by the caller: extension of the member with the class,
	    as "cls"; NULL: none */
	struct arena text;	/* names, packed into pages */
	char *page;
	size_t page_left;
};

/* Add a file, folder or archive. -1 and err(): ERR_INPUT missing or, unless skip_unreadable, holding a link or
   subfolder that cannot be opened; ERR_DATA a damaged archive, or one whose number of images differs from the number in
   the file ARCHIVE.count. */
int listing_add(struct listing *l, const char *path) ERR_CHECK;

/* Add the names in a text (changed; a zero byte follows its `size` bytes), each ended by `end` (newline or zero byte).
   With newlines, a byte order mark and carriage returns at line ends are dropped. Names of missing images are accepted;
   reading them fails later. -1 and err() as listing_add() for folders and archives. */
int listing_add_names(struct listing *l, char *text, size_t size, int end) ERR_CHECK;

/* Index a tar archive. -1 and err() as listing_add(). */
int listing_add_archive(struct listing *l, const char *path) ERR_CHECK;

/* Append an item; its name must live as long as the listing (listing_text()). Returns it until the next one is
   added. */
struct listing_item *listing_put(struct listing *l, const char *name, int archive);

/* A copy of a text that lives as long as the listing. */
const char *listing_text(struct listing *l, const char *text);

/* Count one of these; its name is copied if it is the first. */
void listing_note(struct listing *l, enum listing_note note, const char *name);

/* Count the images whose key an earlier one has: a name that a list has twice, a file beside its folder, archives with
   the same keys. They stay: a list may repeat images on purpose. Call it before listing_expand_pages(). */
void listing_note_twice(struct listing *l);

/* Class of each image: the outermost folder below the folder that was added; for lists of names and archives, below the
   folders that all of their images share. An image right there has the name of that folder as its class; if it is
   "images", the name of the one above it (Tiny-ImageNet). -1 and err(ERR_DATA): too many classes. */
int listing_label_folders(struct listing *l) ERR_CHECK;

/* Class of each image: the text of the member `class_member` of its archive (WebDataset's KEY.cls), or with `field` the
   value of this field of the JSON object in it. If all are numbers, the names of classes are the numbers from 0 to the
   largest; else they are the texts in bytewise order. -1 and err(ERR_DATA): no image has a class, or a member is
   malformed. */
int listing_label_members(struct listing *l, const char *field) ERR_CHECK;

/* Class of each image from a table (dataset/table.h). -1 and err(): as table_read(); a name that fits several rows; a
   row that fits images of different names; none of the images has a row. */
int listing_label_table(struct listing *l, const char *path) ERR_CHECK;

/* Replace each file of several pages or frames (TIFF, GIF, WebP) by them: items with its class, and with #N before the
   image suffix (or at the end) of the keys of all but the first. Files of more than `limit` bytes, and those that
   cannot be read, stay. */
void listing_expand_pages(struct listing *l, size_t limit);

/* The key of an item (valid UTF-8), from the arena. */
char *listing_key(const struct listing *l, long i, struct arena *a);

/* Its name for messages, path or archive and member, from the arena. */
char *listing_name(const struct listing *l, long i, struct arena *a);

/* Read its bytes, at most `limit`; the caller frees them. Safe from any thread. NULL and err(). */
void *listing_read(const struct listing *l, long i, size_t limit, size_t *size) ERR_CHECK;

void listing_free(struct listing *l);

#endif
