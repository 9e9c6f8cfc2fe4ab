/* decode_images - images of files, archives or a pipe to records, on several threads, in order */
#include "cli/decode_images.h"
#include "annotation/crop.h"
#include "annotation/image_class.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/ordered.h"
#include "base/pool.h"
#include "base/utf8.h"
#include "cli/attach_image.h"
#include "cli/die.h"
#include "cli/page_files.h"
#include "cli/pipe_order.h"
#include "cli/progress.h"
#include "codec/decode.h"
#include "codec/image.h"
#include "dataset/epoch_order.h"
#include "dataset/listing.h"
#include "dataset/tar_stream.h"
#include "stream/record.h"
#include "stream/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct decode_images_slot {
	struct record record;
	long index, epoch, item;	/* in the sequence; of the listing, -1: from a pipe */
	struct tar_image member;	/* from a pipe */
	struct page_turn turn;		/* of an item with a page number */
	int status;			/* of the error; 0: the record has an image */
	bool repaired;			/* all pixels are there, but not the end of the file */
	long more;			/* further pages or frames, which are left out */
	char what[400];			/* error or damage, "" if there is none */
};

static int
take(void *arg, int i)
{
	struct decode_images *job = arg;
	struct decode_images_slot *s = &job->slots[i];
	int got;

	s->item = -1;
	free(s->member.name);
	s->member = (struct tar_image){ NULL };
	if (job->from_pipe)
		return pipe_order_next(&job->pipe, &s->member, &s->index);
	got = epoch_order_next(&job->sequence, &s->index, &s->epoch, &s->item);
	if (got > 0 && job->listing.items[s->item].page)
		s->turn = page_files_take(&job->pages, s->item);
	return got;
}

static int
fill(const struct decode_images *job, struct decode_images_slot *s, const struct image *p,
	const struct decode_report *whole, struct arena *a)
{
	struct record *r = &s->record;
	const int class = s->item < 0 ? -1 : job->listing.items[s->item].class;

	record_set_key(r, s->item < 0 ? utf8_escape(a, s->member.name, s->member.key)
		: listing_key(&job->listing, s->item, a));
	r->epoch = job->several_epochs ? s->epoch : -1;
	record_put_int(r, "index", s->index);
	if (class >= 0)
		image_class_put(r, IMAGE_CLASS_GT, class);
	return job->cropped ? crop_image(&job->crop, r, p) : attach_image_put(r, p, whole, job->attach->size, a);
}

/* The only image or the first page of a file or member. */
static int
decode_whole(const struct decode_images *job, struct decode_images_slot *s, struct arena *a, struct image *p,
	struct decode_report *report)
{
	const struct decode_options *options = &job->attach->options;
	const char *unread = decode_unread_format(s->item < 0 ? s->member.name : job->listing.items[s->item].name);
	size_t size;
	void *bytes = s->item < 0 ? s->member.bytes
		: listing_read(&job->listing, s->item, (size_t)job->attach->max_bytes, &size);
	int result;

	if (s->item < 0)
		size = s->member.size;
	if (s->item < 0 && !bytes)
		err(ERR_DATA, "larger than %ld bytes", job->attach->max_bytes);
	result = bytes ? decode_image(bytes, size, options, a, p, report) : -1;
	/* some formats are recognized only by their suffix */
	if (result < 0 && bytes && !decode_is_image(bytes, size) && unread)
		result = decode_refuse(unread);
	free(bytes);
	s->member.bytes = NULL;
	return result;
}

static int
decode(const struct decode_images *job, struct decode_images_slot *s, struct arena *scratch)
{
	/* an image that is not resized is decoded into its record */
	struct arena *a = job->attach->size || job->cropped ? scratch : &s->record.arena;
	struct decode_report report = { 0 };
	struct image p;
	int result;

	if (s->turn.file)
		result = page_files_decode(&job->pages, s->turn, s->item, job->attach->options, a, &p, &report);
	else
		result = decode_whole(job, s, a, &p, &report);
	if (result < 0)
		return -1;
	s->repaired = report.damage == DECODE_REPAIRED;
	s->more = report.more;
	if (report.damage >= DECODE_REPAIRED)
		snprintf(s->what, sizeof s->what, "%s", report.what);
	if (report.damage == DECODE_DAMAGED && job->attach->on_error != ATTACH_IMAGE_KEEP)
		result = err(ERR_DATA, "%s", report.what);
	else
		result = fill(job, s, &p, &report, a);
	/* an arena keeps its memory: that of a large image goes back before the next one may begin */
	if (scratch->held > ATTACH_IMAGE_ARENA_KEPT)
		arena_free(scratch);
	if (result < 0 && s->record.arena.held > ATTACH_IMAGE_ARENA_KEPT)
		record_free(&s->record);
	decode_budget_put(job->attach->options.budget, report.memory);
	return result;
}

static void
work(void *arg, int i, int worker)
{
	const struct decode_images *job = arg;
	struct decode_images_slot *s = &job->slots[i];

	record_reset(&s->record);
	arena_reset(&job->arenas[worker]);
	*s->what = 0;
	s->status = 0;
	s->repaired = false;
	s->more = 0;
	if (decode(job, s, &job->arenas[worker]) < 0) {
		s->status = err_status();
		snprintf(s->what, sizeof s->what, "%s", err_text());
	}
}

static const char *
name_image(const struct decode_images *job, const struct decode_images_slot *s, struct arena *a)
{
	return s->item < 0 ? tar_stream_name(&job->pipe.stream, &s->member, a) : listing_name(&job->listing, s->item,
	    a);
}

/* Warn about an image. The message of a file that cannot be read begins with the name already. */
static void
warn_image(const struct decode_images *job, const struct decode_images_slot *s, const char *after)
{
	struct arena a = { 0 };
	const char *name = name_image(job, s, &a);

	if (strncmp(s->what, name, strlen(name)) == 0)
		warn("%s%s", s->what, after);
	else
		warn("%s: %s%s", name, s->what, after);
	arena_free(&a);
}

static void
count(const struct decode_images *job, const struct decode_images_slot *s, struct progress_count *c, const char *what)
{
	struct arena a = { 0 };

	progress_count(c, name_image(job, s, &a), what);
	arena_free(&a);
}

static int
put(void *arg, int i)
{
	struct decode_images *job = arg;
	struct decode_images_slot *s = &job->slots[i];
	char partial[80];

	if (s->turn.file)
		page_files_put(&job->pages, s->turn);
	s->turn.file = NULL;
	/* memory and descriptors that run out are no property of the image */
	if (s->status == ERR_OS || (s->status && job->attach->on_error == ATTACH_IMAGE_FAIL)) {
		struct arena a = { 0 };

		err(s->status, "%s: %s", name_image(job, s, &a), s->what);
		arena_free(&a);
		return -1;
	}
	if (s->status) {
		warn_image(job, s, " (skipped)");
		job->progress.skipped++;
	} else {
		if (s->more) {
			snprintf(partial, sizeof partial, ATTACH_IMAGE_PARTIAL, s->more + 1);
			count(job, s, &job->progress.partial, partial);
			job->progress.pages += s->more;
		}
		if (s->repaired)
			count(job, s, &job->progress.repaired, s->what);
		else if (*s->what)
			warn_image(job, s, " (kept)");
		if (writer_put(job->writer, &s->record) < 0)
			return -1;
		job->progress.records++;
	}
	progress_step(&job->progress);
	return 0;
}

static size_t
size(void *arg, int i)
{
	const struct decode_images *job = arg;

	return job->slots[i].record.arena.used;
}

int
decode_images_run(struct decode_images *job, struct pool *pool)
{
	struct ordered o = { .take = take, .work = work, .put = put, .size = size, .arg = job, .pool = pool };
	const int threads = pool_threads(pool);
	int i, result;

	o.slots = ordered_slots(pool);
	job->pages = (struct page_files){ .listing = &job->listing, .max_bytes = (size_t)job->attach->max_bytes,
		.budget = job->attach->options.budget };
	job->slots = mem_array((size_t)o.slots, sizeof *job->slots);
	job->arenas = mem_array((size_t)threads, sizeof *job->arenas);
	result = ordered_run(&o);
	for (i = 0; i < o.slots; i++) {
		record_free(&job->slots[i].record);
		free(job->slots[i].member.name);
	}
	for (i = 0; i < threads; i++)
		arena_free(&job->arenas[i]);
	page_files_end(&job->pages);
	free(job->slots);
	free(job->arenas);
	return result < 0 ? -1 : 0;
}
