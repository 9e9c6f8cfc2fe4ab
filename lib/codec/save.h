/* save - images to JPEG and PNG files: the same image gives the same bytes */
#ifndef CODEC_SAVE_H
#define CODEC_SAVE_H

#include "base/err.h"
#include "base/mem.h"
#include "codec/image.h"

#include <stddef.h>
#include <stdint.h>

enum { SAVE_JPEG_SIDE_MAX = 65500 };	/* libjpeg's limit, in pixels */

/* An image as the bytes of a JPEG file (quality 1 .. 100, chroma halved below 90), from the arena. */
void *save_jpeg(struct arena *a, const struct image *p, int quality, size_t *size);

/* An image as the bytes of a PNG file, from the arena. With `palette` (256 colors) the image has one channel,
   which holds indices. */
void *save_png(struct arena *a, const struct image *p, const uint8_t (*palette)[3], size_t *size);

/* Write an image in the format that its name ends in: .png, .jpg or .jpeg. -1 and err(ERR_USAGE, ERR_OUTPUT). */
int save_image(struct arena *a, const char *path, const struct image *p, int quality) ERR_CHECK;

/* 0 if the name ends in one of these, else -1 and err(ERR_USAGE). */
int save_check_name(const char *path) ERR_CHECK;

#endif
