/* decompress - the content of a gzip or zstd file, read once from its beginning

   Both libraries are called alike: they take bytes of the input, give bytes of the content, and say where a member
   (gzip) or frame (zstd) ends. Another one may follow; zeros after the last one are padding. */
#include "dataset/decompress.h"
#include "base/mem.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { INPUT = 1 << 16, GZIP_WINDOW = 15 + 16 /* zlib: 32 KiB, gzip header */ };

struct decompress {
	const struct format *format;
	const char *name;
	int fd;
	unsigned char *input;
	size_t at, held, room;	/* bytes of the input that are used, and that are there */
	int64_t before;		/* bytes of the file before `input` */
	bool inside;		/* of a member: the end of the file cuts it */
	bool ended;		/* the file has no further bytes */
	z_stream gzip;
	ZSTD_DStream *zstd;
};

struct format {
	const char *magic, *program;
	size_t size;		/* of the magic */
	void (*begin)(struct decompress *d);
	/* Decompress into *to, which has *left bytes. 1: a member ended; 0; -1 and err() without location. */
	int (*step)(struct decompress *d, unsigned char **to, size_t *left);
	void (*end)(struct decompress *d);
};

static void
begin_gzip(struct decompress *d)
{
	if (inflateInit2(&d->gzip, GZIP_WINDOW) != Z_OK)
		mem_none();
}

static int
step_gzip(struct decompress *d, unsigned char **to, size_t *left)
{
	const unsigned size = *left < (unsigned)INPUT ? (unsigned)*left : (unsigned)INPUT;
	int result;

	d->gzip.next_in = d->input + d->at;
	d->gzip.avail_in = (unsigned)(d->held - d->at);
	d->gzip.next_out = *to;
	d->gzip.avail_out = size;
	result = inflate(&d->gzip, Z_NO_FLUSH);
	d->at = d->held - d->gzip.avail_in;
	*to += size - d->gzip.avail_out;
	*left -= size - d->gzip.avail_out;
	if (result == Z_MEM_ERROR)
		mem_none();
	if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
		return err(ERR_DATA, "damaged gzip data%s%s", d->gzip.msg ? ": " : "", d->gzip.msg ? d->gzip.msg : "");
	return result == Z_STREAM_END && inflateReset(&d->gzip) == Z_OK;
}

static void
end_gzip(struct decompress *d)
{
	inflateEnd(&d->gzip);
}

static void
begin_zstd(struct decompress *d)
{
	d->zstd = ZSTD_createDStream();
	if (!d->zstd || ZSTD_isError(ZSTD_initDStream(d->zstd)))
		mem_none();
}

static int
step_zstd(struct decompress *d, unsigned char **to, size_t *left)
{
	ZSTD_inBuffer in = { d->input, d->held, d->at };
	ZSTD_outBuffer out = { *to, *left, 0 };
	const size_t result = ZSTD_decompressStream(d->zstd, &out, &in);

	d->at = in.pos;
	*to += out.pos;
	*left -= out.pos;
	if (ZSTD_isError(result))
		return err(ERR_DATA, "damaged zstd data: %s", ZSTD_getErrorName(result));
	return result == 0;
}

static void
end_zstd(struct decompress *d)
{
	ZSTD_freeDStream(d->zstd);
}

static const struct format formats[] = {
	{ "\x1f\x8b", "gzip", 2, begin_gzip, step_gzip, end_gzip },
	{ "\x28\xb5\x2f\xfd", "zstd", 4, begin_zstd, step_zstd, end_zstd }
};

static const struct format *
find(const void *head, size_t size)
{
	size_t i;

	for (i = 0; i < sizeof formats / sizeof *formats; i++)
		if (size >= formats[i].size && memcmp(head, formats[i].magic, formats[i].size) == 0)
			return &formats[i];
	return NULL;
}

const char *
decompress_program(const void *head, size_t size)
{
	const struct format *f = find(head, size);

	return f ? f->program : NULL;
}

struct decompress *
decompress_new(int fd, const char *name, const void *head, size_t size)
{
	struct decompress *d = mem_new(sizeof *d);

	*d = (struct decompress){ .format = find(head, size), .name = name, .fd = fd, .held = size, .inside = true,
		.room = size < INPUT ? INPUT : size };
	d->input = mem_new(d->room);
	memcpy(d->input, head, size);
	d->format->begin(d);
	return d;
}

void
decompress_free(struct decompress *d)
{
	if (d)
		d->format->end(d);
	if (d)
		free(d->input);
	free(d);
}

/* Move the bytes that are left to the front and read more, until `need` are there or the file ends. 0, or -1 and
   err(). */
static int
fill(struct decompress *d, size_t need)
{
	memmove(d->input, d->input + d->at, d->held - d->at);
	d->before += (int64_t)d->at;
	d->held -= d->at;
	d->at = 0;
	while (d->held < need && !d->ended) {
		const ssize_t n = read(d->fd, d->input + d->held, d->room - d->held);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err(ERR_INPUT, "%s: %s", d->name, strerror(errno));
		d->ended = n == 0;
		d->held += (size_t)n;
	}
	return 0;
}

/* Between two members: skip padding; another member begins, or the file ends. 1, 0, or -1 and err(). */
static int
next_member(struct decompress *d)
{
	bool padded = false;

	for (;;) {
		while (d->at < d->held && d->input[d->at] == 0) {
			d->at++;
			padded = true;
		}
		if (d->held - d->at < DECOMPRESS_HEAD && !d->ended) {
			if (fill(d, DECOMPRESS_HEAD) < 0)
				return -1;
			continue;
		}
		if (d->at == d->held)
			return 0;
		if (!padded && find(d->input + d->at, d->held - d->at) == d->format)
			return 1;
		return err(ERR_DATA, "%s: byte %lld: other bytes after the end of the %s data", d->name,
			(long long)d->before + (long long)d->at, d->format->program);
	}
}

ssize_t
decompress_read(struct decompress *d, void *to, size_t size)
{
	unsigned char *next = to;
	size_t left = size, before;
	int got;

	for (;;) {
		if (!d->inside) {
			got = next_member(d);
			if (got <= 0)
				return got < 0 ? -1 : (ssize_t)(size - left);
			d->inside = true;
		}
		if (left == 0)
			return (ssize_t)size;
		if (d->at == d->held && !d->ended && fill(d, 1) < 0)
			return -1;
		before = left;
		got = d->format->step(d, &next, &left);
		if (got < 0)
			return err_in("%s: byte %lld", d->name, (long long)d->before + (long long)d->at);
		d->inside = got == 0;
		/* without input, the library may still hold bytes of the content */
		if (d->inside && d->ended && d->at == d->held && left == before)
			return err(ERR_DATA, "%s: byte %lld: cut short: the %s data end here", d->name,
				(long long)d->before + (long long)d->at, d->format->program);
	}
}
