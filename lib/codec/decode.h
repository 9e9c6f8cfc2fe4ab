/* decode - bytes of a file to an image, in the formats of decode_format.c, recognized by their first bytes

   Pixels are Pillow's: accurate inverse DCT, smooth chroma, palette and gray to RGB, 16 bits to 8 by the
   high byte, alpha left out, CMYK and YCCK by Pillow's formula. Hostile files are refused before memory is
   taken. State is kept from one image to the next in cursors only. */
#ifndef CODEC_DECODE_H
#define CODEC_DECODE_H

#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "codec/image.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum decode_damage {
	DECODE_CLEAN,
	DECODE_TOLERABLE,	/* no pixel is lost: stray bytes before a marker, an unusual version */
	DECODE_REPAIRED,		/* every pixel is there, only the end of the file is missing or wrong */
	DECODE_DAMAGED		/* pixels are missing or wrong: cut short, a Huffman code that does not exist */
};

/* Memory that decoders of several threads may take together; zero it with `max` set, DECODE_BUDGET(max). */
struct decode_budget {
	pthread_mutex_t lock;
	pthread_cond_t freed;
	double used, max;	/* bytes */
	double kept;		/* bytes of cursors, which are given up where an image needs all memory */
	struct decode_cursor *cursors;	/* that keep memory and are not in use */
};

#define DECODE_BUDGET(bytes) { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, bytes, 0, NULL }

/* A place in an animation: frames are drawn over those before them, and with a cursor they go on from the last one that
   was decoded with it, if that is an earlier one. The pixels are those without cursor. Begin with { 0 }; for one thread
   at a time, and for one file, whose bytes must stay where they are. */
struct decode_cursor {
	int frame;		/* the last one that was drawn; 0: none */
	int width, height;	/* of the canvas; 0: not known yet */
	enum decode_damage damage;	/* of these frames, with its message */
	char what[200];
	int bad;		/* frame that cannot be drawn, and with it none after it; 0: none */
	char why[200];		/* the error */

	/* private */
	void *state;		/* of the decoder; NULL: begin at frame 1 */
	void (*close)(void *state);
	double memory;		/* bytes of the state */
	bool listed;		/* in the list of the budget, with its next one */
	struct decode_cursor *next;
};

#define DECODE_EXIF(X) X(DECODE_EXIF_IGNORE, "ignore") X(DECODE_EXIF_APPLY, "apply")
enum decode_exif { DECODE_EXIF(OPT_CONSTANT) };

struct decode_options {
	double max_pixels;	/* width times height */
	double max_expansion;	/* pixels for each byte of the file */
	long max_scans;		/* of a progressive JPEG */
	/* bytes for one image: its pixels and what the decoder needs beside them; 0: no limit */
	double max_memory;
	struct decode_budget *budget;	/* shared by threads: an image waits until its memory is free; NULL: none */
	bool gray;		/* one channel instead of three */
	bool deep;		/* samples of 16 bits: those of 8 bits are multiplied by 257 */
	/* 0: three (or one, with gray); 2, 4 .. 16: that many as the file has them, alpha included */
	int channels;
	int page;		/* or frame, from 1; 0: the first one, and report.more counts the others */
	int64_t page_at;	/* of the page, from decode_pages(); 0: not known */
	struct decode_cursor *cursor;	/* for frames of one file, with `page`; NULL: none */
	bool upright;		/* apply the EXIF orientation */
	bool indices; /* one channel of raw values, for segmentation maps: a gray or palette PNG of 1 to 8 bits, neither
		scaled nor looked up; anything else is refused */
	int side; /* 0, or the shorter side after a later resize: a JPEG is decoded at 1/2, 1/4 or 1/8 where its
		shorter side stays at least that long (faster; other pixels) */
};

/* Limits above any real image, and options with these limits only. */
#define DECODE_MAX_PIXELS 128e6
#define DECODE_MAX_EXPANSION 50000
#define DECODE_MAX_SCANS 100
#define DECODE_MAX_MEMORY 1000000000
#define DECODE_MAX_BYTES 256000000	/* of a file */
extern const struct decode_options decode_defaults;

struct decode_report {
	enum decode_damage damage;
	char what[200];		/* the first warning of that class, "" if clean */
	int orientation;	/* EXIF, 1 .. 8 */
	int width, height;	/* of the whole image, where it was decoded smaller; after turning */
	long more;		/* further pages or frames of the file that are not decoded */
	double memory;		/* bytes taken from the budget: pass them to decode_budget_put() */
};

enum { DECODE_MAGIC = 132 };	/* first bytes that suffice to recognize any format */

/* Whether the first bytes are those of an image in a format of the table, whether or not it is read. Formats whose
   first bytes are also those of texts (PNM) are not recognized here. */
bool decode_is_image(const void *bytes, size_t size);

/* Whether a name ends with a suffix of a format of the table, in any case. */
bool decode_has_suffix(const char *name);

/* Suffix i, from 0, of the formats that are read, with its dot: ".jpg" is the first. Returns text, or NULL after the
   last one. */
enum { DECODE_SUFFIX = 8 };
const char *decode_suffix(int i, char text[DECODE_SUFFIX]);

/* The name of the format of a suffix that is recognized but not read (AVIF, HEIC ...); NULL: another suffix. */
const char *decode_unread_format(const char *name);

/* err(ERR_DATA): a file of that format is not read. Returns -1. */
int decode_refuse(const char *format);

/* Whether a file with these first bytes can have several pages or frames, each of which can be decoded. */
bool decode_has_pages(const void *head, size_t size);

/* Whether it has frames, each of which is drawn over those before it: a cursor saves time. */
bool decode_has_frames(const void *head, size_t size);

/* The number of pages or frames of a file; at least 1, which decoding may refuse. *damaged: there may be others that
   cannot be found, or there are too many frames. *at: where each page is in the file (0: not known), or NULL; free()
   it. */
long decode_pages(const void *bytes, size_t size, bool *damaged, int64_t **at);

/* Give back the memory of a decoded image. The budget may be NULL. */
void decode_budget_put(struct decode_budget *b, double bytes);

/* Free what a cursor keeps; it is as new. The budget of its images, or NULL. */
void decode_cursor_free(struct decode_cursor *c, struct decode_budget *b);

/* Decode into memory of the arena (the work space, too). 0 and a report: an image, perhaps damaged; pixels that could
   not be read are zero or the decoder's guess. -1 and err(ERR_DATA): no image, and no memory of the budget is held. */
int decode_image(const void *bytes, size_t size, const struct decode_options *o,
	struct arena *a, struct image *out, struct decode_report *report) ERR_CHECK;

#endif
