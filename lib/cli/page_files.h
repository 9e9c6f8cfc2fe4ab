/* page_files - files of several pages or frames while their pages are decoded: each is read once, and frames go on from
   those before them

   The pages are taken and put by one thread and decoded by any. Frames of a file that are taken in ascending order are
   decoded one after the other, with one cursor; a frame that is taken after a later one begins a new cursor. So the
   result is that of each page alone, and frames in the order of the file are drawn once. */
#ifndef CLI_PAGE_FILES_H
#define CLI_PAGE_FILES_H

#include "base/err.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/image.h"

#include <stddef.h>

struct page_files {
	/* set by the caller */
	const struct listing *listing;
	size_t max_bytes;	/* of a file; also of all files that are kept for pages that are taken later */
	struct decode_budget *budget;	/* of the images; may be NULL */

	struct page_file *files;	/* private: the one taken last is the first */
};

/* A page from when it is taken until it is put. */
struct page_turn { struct page_file *file; struct page_chain *chain; long number; };

/* Take a page: item i of the listing, which has a page number. */
struct page_turn page_files_take(struct page_files *f, long i);

/* decode_image() for a page that was taken, once; waits for frames of the file that were taken before it. Pages must be
   begun in the order in which they were taken. */
int page_files_decode(const struct page_files *f, struct page_turn t, long i, struct decode_options o, struct arena *a,
	struct image *out, struct decode_report *report) ERR_CHECK;

/* The page was decoded. */
void page_files_put(struct page_files *f, struct page_turn t);

/* Free everything. */
void page_files_end(struct page_files *f);

#endif
