/* page_files - files of several pages or frames while their pages are decoded */
#include "cli/page_files.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "dataset/listing.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

enum { FILES_KEPT = 8 };

/* Pages of a file in ascending order, which share a cursor. */
struct page_chain {
	struct decode_cursor cursor;
	long taken, put;	/* pages so far */
	long turn;		/* pages that were decoded: the number of the next frame; under the file's lock */
	int page;		/* the last one that was taken */
};

struct page_file {
	long first;		/* the item of its first page */
	void *bytes;		/* NULL: not read yet */
	size_t size;
	long users;		/* pages that are taken and not put */
	struct page_chain *chain;	/* of the last page, while its file is the last one */
	pthread_mutex_t lock;	/* of bytes, size and turns */
	pthread_cond_t moved;	/* a turn */
	struct page_file *next;
};

static void
free_chain(const struct page_files *f, struct page_chain *c)
{
	decode_cursor_free(&c->cursor, f->budget);
	free(c);
}

/* No page follows on the last one of the file. */
static void
end_chain(const struct page_files *f, struct page_file *file)
{
	struct page_chain *c = file->chain;

	file->chain = NULL;
	if (c && c->put == c->taken)
		free_chain(f, c);
}

static void
free_file(const struct page_files *f, struct page_file *file)
{
	end_chain(f, file);
	pthread_mutex_destroy(&file->lock);
	pthread_cond_destroy(&file->moved);
	free(file->bytes);
	free(file);
}

/* Free files that have not been used for the longest time. */
static void
trim(struct page_files *f)
{
	struct page_file **at = &f->files->next, *file;
	size_t bytes = 0;
	int kept = 1;

	while ((file = *at)) {
		if (file->users == 0 && (kept >= FILES_KEPT || (bytes += file->size) > f->max_bytes)) {
			*at = file->next;
			free_file(f, file);
			continue;
		}
		kept++;
		at = &file->next;
	}
}

/* The file with this first page; it becomes the first one of the list. */
static struct page_file *
use(struct page_files *f, long first)
{
	struct page_file **at = &f->files, *file;

	if (f->files && f->files->first == first)
		return f->files;
	if (f->files)
		end_chain(f, f->files);
	while (*at && (*at)->first != first)
		at = &(*at)->next;
	file = *at;
	if (file)
		*at = file->next;
	else {
		file = mem_new(sizeof *file);
		file->first = first;
		pthread_mutex_init(&file->lock, NULL);
		pthread_cond_init(&file->moved, NULL);
	}
	file->next = f->files;
	f->files = file;
	trim(f);
	return file;
}

struct page_turn
page_files_take(struct page_files *f, long i)
{
	const int page = f->listing->items[i].page;
	struct page_file *file = use(f, i - page + 1);

	if (file->chain && page <= file->chain->page)
		end_chain(f, file);
	if (!file->chain)
		file->chain = mem_new(sizeof *file->chain);
	file->chain->page = page;
	file->users++;
	return (struct page_turn){ file, file->chain, file->chain->taken++ };
}

int
page_files_decode(const struct page_files *f, struct page_turn t, long i, struct decode_options o, struct arena *a,
	struct image *out, struct decode_report *report)
{
	struct page_file *file = t.file;
	bool frames;
	int result;

	pthread_mutex_lock(&file->lock);
	if (!file->bytes)
		file->bytes = listing_read(f->listing, i, f->max_bytes, &file->size);
	frames = file->bytes && decode_has_frames(file->bytes, file->size);
	while ((frames || !file->bytes) && t.chain->turn < t.number)
		pthread_cond_wait(&file->moved, &file->lock);
	pthread_mutex_unlock(&file->lock);

	o.page = f->listing->items[i].page;
	o.page_at = f->listing->items[i].page_at;
	o.cursor = frames ? &t.chain->cursor : NULL;
	result = file->bytes ? decode_image(file->bytes, file->size, &o, a, out, report) : -1;

	pthread_mutex_lock(&file->lock);
	t.chain->turn++;
	pthread_cond_broadcast(&file->moved);
	pthread_mutex_unlock(&file->lock);
	return result;
}

void
page_files_put(struct page_files *f, struct page_turn t)
{
	t.file->users--;
	if (++t.chain->put == t.chain->taken && t.chain != t.file->chain)
		free_chain(f, t.chain);
}

void
page_files_end(struct page_files *f)
{
	struct page_file *file;

	while ((file = f->files)) {
		f->files = file->next;
		free_file(f, file);
	}
}
