/* exif - the one tag that changes how an image looks: orientation */
#ifndef CODEC_EXIF_H
#define CODEC_EXIF_H

#include <stddef.h>

/* Orientations from here on swap width and height. */
enum { EXIF_TURNED = 5 };

/* Orientation (1 .. 8) from a TIFF structure, which is what follows "Exif\0\0" in a JPEG's APP1 marker and what a
   PNG's eXIf chunk holds. 1 where it says nothing or is malformed. */
int exif_orientation(const unsigned char *tiff, size_t size);

#endif
