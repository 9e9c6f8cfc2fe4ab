/* tiff_chain - the directories of a TIFF, one for each page, where each one states where the next one is

   A directory is a number of entries, the entries, and the offset of the next directory. The header ends with the
   offset of the first one. */
#include "codec/tiff_chain.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { VERSION_BIG = 43 };

/* Bytes of an offset, of a number of entries, of an entry and of the header. */
struct tiff_chain { bool big_endian; int offset, count, entry; size_t header; };

uint64_t
tiff_chain_number(const unsigned char *p, int bytes, bool big_endian)
{
	uint64_t x = 0;
	int i;

	for (i = 0; i < bytes; i++)
		x = x << 8 | p[big_endian ? i : bytes - 1 - i];
	return x;
}

static struct tiff_chain
chain_of(const unsigned char *bytes)
{
	const bool big_endian = bytes[0] == 'M';

	if (tiff_chain_number(bytes + 2, 2, big_endian) == VERSION_BIG)
		return (struct tiff_chain){ big_endian, 8, 8, 20, TIFF_CHAIN_HEADER };
	return (struct tiff_chain){ big_endian, 4, 2, 12, 8 };
}

int64_t *
tiff_chain_find(const unsigned char *bytes, size_t size, long pages)
{
	const struct tiff_chain c = chain_of(bytes);
	const uint64_t end = size;
	int64_t *list = mem_array((size_t)pages, sizeof *list);
	uint64_t at = size < c.header ? 0
	    : tiff_chain_number(bytes + c.header - c.offset, c.offset, c.big_endian), entries;
	long i;

	for (i = 0; i < pages && at > 0 && at <= end && end - at >= (uint64_t)c.count; i++) {
		list[i] = (int64_t)at;
		entries = tiff_chain_number(bytes + at, c.count, c.big_endian);
		at += (uint64_t)c.count;
		if (entries > (end - at) / (uint64_t)c.entry)
			break;
		at += entries * (uint64_t)c.entry;
		at = end - at < (uint64_t)c.offset ? 0 : tiff_chain_number(bytes + at, c.offset, c.big_endian);
	}
	return list;
}

size_t
tiff_chain_header(unsigned char header[TIFF_CHAIN_HEADER], const unsigned char *bytes, size_t size, int64_t at)
{
	const struct tiff_chain c = chain_of(bytes);
	int i;

	if (size < c.header)
		return 0;
	memcpy(header, bytes, c.header);
	for (i = 0; i < c.offset; i++)
		header[(int)c.header - 1 - (c.big_endian ? i : c.offset - 1 - i)] = (unsigned char)(at >> 8 * i);
	return c.header;
}
