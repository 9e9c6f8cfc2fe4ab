/* decode_pnm - PBM, PGM and PPM (P1 .. P6): bits, gray and RGB of 1 to 16 bits, as text or bytes

   Own code: libnetpbm ends the program on an error. Samples are scaled to 255, or to 65535 where their maximum is above
   255: v * top / max, rounded to nearest, as Pillow does it. */
#include "base/err.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/decode_job.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pnm {
	const unsigned char *at, *end;
	bool text, bits;
	unsigned max;
};

/* The next number, after blanks and comments; digits: at most that many. -1: none. */
static long
number(struct pnm *n, int digits)
{
	long value = -1;

	while (n->at < n->end && (*n->at == '#' || *n->at == ' ' || (*n->at >= '\t' && *n->at <= '\r')))
		if (*n->at++ == '#')
			while (n->at < n->end && *n->at != '\n' && *n->at != '\r')
				n->at++;
	while (n->at < n->end && *n->at >= '0' && *n->at <= '9' && digits-- > 0)
		value = (value < 0 ? 0 : value) * 10 + (*n->at++ - '0');
	return value;
}

/* One row of `count` samples. False: it is not there whole. */
static bool
read_row(struct pnm *n, uint16_t *row, long count)
{
	const int bytes = n->max > 255 ? 2 : 1;
	long i;

	if (!n->text && n->end - n->at < (n->bits ? (count + 7) / 8 : count * bytes))
		return false;
	for (i = 0; i < count; i++) {
		if (n->text) {
			const long value = number(n, n->bits ? 1 : 5);

			if (value < 0)
				return false;
			row[i] = (uint16_t)(value > n->max ? n->max : value);
		} else if (n->bits) {
			row[i] = n->at[i / 8] >> (7 - i % 8) & 1;
		} else {
			row[i] = (uint16_t)(bytes == 2 ? n->at[2 * i] << 8 | n->at[2 * i + 1] : n->at[i]);
		}
	}
	if (!n->text)
		n->at += n->bits ? (count + 7) / 8 : count * bytes;
	return true;
}

/* Scale a row to 8 bits (in place, packed) or 16 bits. */
static void
scale(const struct pnm *n, uint16_t *row, long count, int bytes)
{
	const uint32_t top = bytes == 2 ? 65535 : 255;
	uint8_t *narrow = (uint8_t *)row;
	long i;

	for (i = 0; i < count; i++) {
		const uint32_t value = row[i] < n->max ? row[i] : n->max,
		    scaled = (uint32_t)(((uint64_t)value * top * 2 + n->max) / (2 * n->max));

		if (bytes == 2)
			row[i] = (uint16_t)scaled;
		else
			narrow[i] = (uint8_t)(n->bits ? top - scaled : scaled);
	}
}

int
decode_pnm(struct decode_job *job)
{
	struct pnm n = { .at = job->bytes + 2, .end = job->bytes + job->size };
	const int kind = job->bytes[1] - '0', channels = kind % 3 == 0 ? 3 : 1;
	long width, height, max, y;
	struct decode_layout layout;
	uint16_t *row;

	n.text = kind <= 3;
	n.bits = kind % 3 == 1;
	width = number(&n, 9);
	height = number(&n, 9);
	max = n.bits ? 1 : number(&n, 6);
	if (width < 0 || height < 0 || max < 1 || max > 65535 || n.at == n.end)
		return err(ERR_DATA, "a PNM header without width, height and a maximum from 1 to 65535");
	n.max = (unsigned)max;
	n.at++;	/* one blank before the samples */
	layout = (struct decode_layout){ channels, channels, max > 255 ? 2 : 1 };
	if (decode_job_size(job, (double)width, (double)height) < 0 || decode_job_memory(job, (double)width,
	    (double)height, 0) < 0 ||
		decode_job_begin(job, (int)width, (int)height, layout) < 0)
		return -1;
	row = arena_array(job->arena, (size_t)width, (size_t)channels * sizeof *row);
	for (y = 0; y < height && read_row(&n, row, width * channels); y++) {
		scale(&n, row, width * channels, layout.bytes);
		decode_job_row(job, (int)y, row, layout);
	}
	if (y == height) {
		if (n.text && !n.bits && n.at == n.end)
			decode_job_damage(job, DECODE_REPAIRED,
			    "no blank after the last number, which may be cut short");
		return 0;
	}
	if (!job->begun)
		return err(ERR_DATA, "cut short before the first row");
	decode_job_damage(job, DECODE_DAMAGED, "the PNM file is cut short");
	return 0;
}
