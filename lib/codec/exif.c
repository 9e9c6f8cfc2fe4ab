/* exif - the one tag that changes how an image looks: orientation

   A TIFF structure: byte order ("II" or "MM"), 42, the offset of directory 0; a directory is a count and
   entries of 12 bytes (tag, type, count, value). Only directory 0 speaks of the image itself. */
#include "codec/exif.h"

#include <string.h>

enum { TAG = 0x0112, SHORT = 3, ENTRY = 12 };

static unsigned
get(const unsigned char *p, int bytes, int big)
{
	unsigned x = 0;
	int i;

	for (i = 0; i < bytes; i++)
		x = x << 8 | p[big ? i : bytes - 1 - i];
	return x;
}

int
exif_orientation(const unsigned char *tiff, size_t size)
{
	size_t at, i, entries;
	int big;

	if (size < 8 || (memcmp(tiff, "II", 2) != 0 && memcmp(tiff, "MM", 2) != 0))
		return 1;
	big = tiff[0] == 'M';
	at = get(tiff + 4, 4, big);
	if (get(tiff + 2, 2, big) != 42 || at > size - 2)
		return 1;
	entries = get(tiff + at, 2, big);
	at += 2;
	for (i = 0; i < entries && size - at >= ENTRY; i++, at += ENTRY)
		if (get(tiff + at, 2, big) == TAG) {
			unsigned value = get(tiff + at + 8, 2, big);

			if (get(tiff + at + 2, 2, big) != SHORT || get(tiff + at + 4, 4, big) != 1)
				return 1;
			return value >= 1 && value <= 8 ? (int)value : 1;
		}
	return 1;
}
