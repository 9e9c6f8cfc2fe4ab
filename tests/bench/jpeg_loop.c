/* jpeg_loop - speed of libjpeg alone: a loop over files in memory with one decoder object, in one thread

   jpeg_loop DENOMINATOR SECONDS FILE ... decodes all files to RGB at 1/DENOMINATOR of their size, repeatedly for about
   SECONDS of processor time, and prints images per second of processor time. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <jpeglib.h>

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static unsigned char *
load(const char *path, unsigned long *size)
{
	FILE *f = fopen(path, "rb");
	unsigned char *bytes;
	long end;

	if (!f || fseek(f, 0, SEEK_END) < 0 || (end = ftell(f)) < 0) {
		perror(path);
		exit(1);
	}
	rewind(f);
	bytes = malloc((size_t)end);
	if (!bytes || fread(bytes, 1, (size_t)end, f) != (size_t)end)
		exit(1);
	fclose(f);
	*size = (unsigned long)end;
	return bytes;
}

/* Decode into `room`, which grows as needed. */
static void decode(struct jpeg_decompress_struct *d, const unsigned char *bytes, unsigned long size,
	unsigned denominator, unsigned char **room, size_t *held)
{
	size_t row, need;

	jpeg_mem_src(d, bytes, size);
	jpeg_read_header(d, TRUE);
	d->out_color_space = JCS_RGB;
	d->scale_num = 1;
	d->scale_denom = denominator;
	jpeg_start_decompress(d);
	row = 3 * (size_t)d->output_width;
	need = row * d->output_height;
	if (need > *held && !(*room = realloc(*room, *held = need)))
		exit(1);
	while (d->output_scanline < d->output_height) {
		JSAMPROW line = *room + row * d->output_scanline;

		jpeg_read_scanlines(d, &line, 1);
	}
	jpeg_finish_decompress(d);
}

int
main(int argc, char **argv)
{
	struct jpeg_error_mgr error;
	struct jpeg_decompress_struct d;
	int files = argc - 3, i;
	unsigned char **bytes, *room = NULL;
	unsigned long *sizes;
	size_t held = 0;
	long count = 0;
	double start, limit;

	if (files < 1) {
		fprintf(stderr, "jpeg_loop DENOMINATOR SECONDS FILE ...\n");
		return 2;
	}
	d.err = jpeg_std_error(&error);
	jpeg_create_decompress(&d);
	bytes = calloc((size_t)files, sizeof *bytes);
	sizes = calloc((size_t)files, sizeof *sizes);
	for (i = 0; i < files; i++)
		bytes[i] = load(argv[3 + i], &sizes[i]);
	limit = atof(argv[2]);
	start = now();
	while (now() - start < limit)
		for (i = 0; i < files; i++, count++)
			decode(&d, bytes[i], sizes[i], (unsigned)atoi(argv[1]), &room, &held);
	printf("%.6g\n", (double)count / (now() - start));
	jpeg_destroy_decompress(&d);
	for (i = 0; i < files; i++)
		free(bytes[i]);
	free(bytes);
	free(sizes);
	free(room);
	return 0;
}
