/* decode - the image corpora: files that libjpeg-turbo and libpng decode give the same bytes; other files do no
   harm */
#include "base/err.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/image.h"
#include "crc.h"
#include "dataset/tar.h"
#include "tap.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct member { char *name; int64_t offset, size; };

/* a row of VERDICTS.tsv */
struct verdict { char kind[8], color[8], path[512]; int width, height, components, depth; unsigned sum; };

static struct arena arena;
static struct member *members;
static int member_count;
static struct tar tar;

static int
open_pack(const char *name)
{
	char path[256];
	struct tar_member m;

	snprintf(path, sizeof path, "../shared/data/%s.tar", name);
	member_count = 0;
	if (tar_open(&tar, path) < 0)
		return -1;
	while (tar_next(&tar, &m) > 0) {
		members = mem_grow(members, sizeof *members * (size_t)(member_count + 1));
		members[member_count++] = (struct member){ mem_text(m.name), m.offset, m.size };
	}
	return 0;
}

static void
close_pack(void)
{
	while (member_count > 0)
		free(members[--member_count].name);
	tar_close(&tar);
}

/* a path of VERDICTS may hold "/./" */
static int
same_name(const char *a, const char *b)
{
	while (*a && *b) {
		while (strncmp(a, "/./", 3) == 0)
			a += 2;
		if (*a++ != *b++)
			return 0;
	}
	return !*a && !*b;
}

static unsigned char *
get(const char *name, size_t *size)
{
	unsigned char *bytes;
	int i;

	for (i = 0; i < member_count; i++)
		if (same_name(name, members[i].name))
			break;
	if (i == member_count)
		return NULL;
	*size = (size_t)members[i].size;
	bytes = mem_new(*size + 1);
	if (tar_read(&tar, members[i].offset, bytes, *size) == 0)
		return bytes;
	free(bytes);
	return NULL;
}

static int
decode(const char *name, struct image *p, struct decode_report *r)
{
	struct decode_options o = decode_defaults;
	size_t size;
	unsigned char *bytes = get(name, &size);
	int result;

	o.max_pixels = 20e6;
	arena_reset(&arena);
	result = bytes ? decode_image(bytes, size, &o, &arena, p, r) : err(ERR_INPUT, "%s: not in the pack", name);
	free(bytes);
	return result;
}

static unsigned
sum(const struct image *p)
{
	return crc(0, p->pixels, p->stride * (size_t)p->height);
}

/* 1: size and bytes are the verdict's, or cannot be compared (CMYK, 16 bits, palettes, alpha); 0: they differ */
static int
agrees(const struct verdict *v, const struct image *p)
{
	size_t i, n = (size_t)p->width * (size_t)p->height;
	uint32_t got = 0;

	if (p->width != v->width || p->height != v->height)
		return 0;
	if (v->depth != 8 || strcmp(v->color, "png3") == 0 || (v->components != 1 && v->components != 3))
		return 1;
	if (v->components == 3)
		return sum(p) == v->sum;
	for (i = 0; i < n; i++)
		got = crc(got, p->pixels + 3 * i, 1);
	return got == v->sum;
}

static int
parse(char *line, struct verdict *v)
{
	char *field[12] = { 0 };
	int i;

	for (i = 0; i < 12 && line; i++)
		field[i] = strsep(&line, "\t\n");
	if (!field[10] || *field[0] == '#')
		return 0;
	*v = (struct verdict){ .width = atoi(field[1]),
		.height = atoi(field[2]),
		.components = atoi(field[3]),
		.depth = atoi(field[7]),
		.sum = (unsigned)strtoul(field[9], NULL, 16) };
	snprintf(v->kind, sizeof v->kind, "%s", field[0]);
	snprintf(v->color, sizeof v->color, "%s", field[4]);
	snprintf(v->path, sizeof v->path, "%s", field[10]);
	return 1;
}

/* One pack: `good` is decoded again after every image that gave an error. */
static void
corpus(const char *pack, const char *list, const char *good)
{
	int rows = 0, fine = 0, wrong = 0, poisoned = 0;
	struct decode_report r;
	struct image p = { 0 };
	char *text, *line, *next;
	unsigned expected;
	struct verdict v;
	size_t size;

	if (open_pack(pack) < 0) {
		printf("ok %d - %s # SKIP the data pack is missing\n", ++tap_count, pack);
		return;
	}
	text = (char *)get(list, &size);
	ok(text && decode(good, &p, &r) == 0 && r.damage == DECODE_CLEAN, "%s: the pack has a list and a good image",
		pack);
	expected = sum(&p);
	for (line = text; line && *line; line = next) {
		next = line + strcspn(line, "\n");
		next += *next == '\n';
		if (!parse(line, &v))
			continue;
		rows++;
		if (decode(v.path, &p, &r) < 0 || r.damage == DECODE_DAMAGED) {
			if (strcmp(v.kind, "OK") == 0) {
				diag("%s: %s", v.path, err_text());
				wrong++;
			}
			poisoned += decode(good, &p, &r) < 0 || sum(&p) != expected;
		} else if (strcmp(v.kind, "OK") == 0) {
			fine += agrees(&v, &p);
			wrong += !agrees(&v, &p);
			if (!agrees(&v, &p))
				diag("%s differs", v.path);
		}
	}
	ok(rows > 0 && wrong == 0, "%s: of %d files, the %d valid ones decode to the expected size and bytes", pack,
		rows, fine);
	ok(poisoned == 0, "%s: a good image decodes to the same bytes after each bad one", pack);
	free(text);
	close_pack();
}

int
main(void)
{
	corpus("jpeg-corpus", "jpeg-corpus/VERDICTS.tsv", "jpeg-corpus/libjpeg-turbo/testimages/testorig.jpg");
	corpus("png-corpus", "png-corpus/VERDICTS.tsv", "png-corpus/pngsuite/png_suite/basn2c08.png");
	corpus("exif-orientation", "exif-orientation-examples/VERDICTS.tsv",
		"exif-orientation-examples/Landscape_0.jpg");
	arena_free(&arena);
	free(members);
	return tap_end();
}
