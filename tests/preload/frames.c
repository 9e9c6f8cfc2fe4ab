/* frames - preloaded library: counts the work of reading pages and frames

   FRAMES=FILE    at the exit, FILE gets a line: rows of GIF frames that were drawn, frames of WebP animations, walks
   along the pages of a TIFF, bytes that were read */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_long rows, frames, walks, bytes;

int DGifGetLine(void *file, void *line, int length);
int WebPAnimDecoderGetNext(void *decoder, uint8_t **pixels, int *time);
int TIFFSetDirectory(void *file, uint32_t page);
ssize_t read(int fd, void *to, size_t size);
ssize_t pread(int fd, void *to, size_t size, off_t at);

/* The function of that name that comes after this library. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int
DGifGetLine(void *file, void *line, int length)
{
	rows++;
	return NEXT(DGifGetLine)(file, line, length);
}

int
WebPAnimDecoderGetNext(void *decoder, uint8_t **pixels, int *time)
{
	frames++;
	return NEXT(WebPAnimDecoderGetNext)(decoder, pixels, time);
}

int
TIFFSetDirectory(void *file, uint32_t page)
{
	walks++;
	return NEXT(TIFFSetDirectory)(file, page);
}

static ssize_t
counted(ssize_t got)
{
	if (got > 0)
		bytes += got;
	return got;
}

ssize_t read(int fd, void *to, size_t size) { return counted(NEXT(read)(fd, to, size)); }
ssize_t pread(int fd, void *to, size_t size, off_t at) { return counted(NEXT(pread)(fd, to, size, at)); }

__attribute__((destructor)) static void
show(void)
{
	const char *path = getenv("FRAMES");
	FILE *f = path ? fopen(path, "w") : NULL;

	if (!f)
		return;
	fprintf(f, "%ld %ld %ld %ld\n", rows, frames, walks, bytes);
	fclose(f);
}
