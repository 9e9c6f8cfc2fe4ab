/* yolo_write - write the boxes of records as a YOLO dataset: a text file for each image, and data.yaml

   A line is "class x y width height", center and size as fractions of the image. Each pair of a center and a size has
   the fewest digits from which the reader computes the same edges. */
#include "dataset/yolo_write.h"
#include "annotation/image_size.h"
#include "annotation/key.h"
#include "base/file.h"
#include "base/utf8.h"
#include "dataset/yolo_config.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	DIGITS = 6, DIGITS_MAX = 17,	/* decimals of a fraction, or its digits with an exponent */
	CHARS = 32			/* of a number */
};

const char *const yolo_write_note_texts[YOLO_WRITE_NOTES] = {
	[YOLO_WRITE_CROWD] = "boxes of crowds are left out: YOLO has no such objects",
	[YOLO_WRITE_FLAGS] = "boxes are written without their flags 'difficult' and 'truncated'",
	[YOLO_WRITE_CUT] = "boxes are clipped to the image",
	[YOLO_WRITE_EMPTY] = "boxes without area in the image are left out",
};

static void
note(struct yolo_write *y, enum yolo_write_note kind, const char *key)
{
	if (y->notes[kind].count++ == 0)
		y->notes[kind].first = arena_text(&y->text, key);
}

/* True if the reader gets the edges `low` and `high` and does not cut them to the image. */
static bool
reads_back(const char *center, const char *extent, double pixels, const float edges[2])
{
	const double c = strtod(center, NULL), half = strtod(extent, NULL) / 2;
	const double low = (c - half) * pixels, high = (c + half) * pixels;

	return low >= 0 && high <= pixels && (float)low == edges[0] && (float)high == edges[1];
}

/* Center and extent as texts. Rounding may take the edges over the border of the image: then the last digit of the
   extent is one less. A box at the border that is too small for decimals gets exponents. */
static void
put_fractions(const float edges[2], double pixels, char center[CHARS], char extent[CHARS])
{
	const double low = edges[0], high = edges[1], c = (low + high) / 2 / pixels, e = (high - low) / pixels;
	int digits, less;

	for (digits = DIGITS; digits <= DIGITS_MAX; digits++)
		for (less = 0; less <= 2; less++) {
			snprintf(center, CHARS, "%.*f", digits, c);
			snprintf(extent, CHARS, "%.*f", digits, e - less * pow(10, -digits));
			if (reads_back(center, extent, pixels, edges))
				return;
		}
	for (digits = DIGITS; digits <= DIGITS_MAX; digits++) {
		snprintf(center, CHARS, "%.*g", digits, c);
		snprintf(extent, CHARS, "%.*g", digits, e);
		if (reads_back(center, extent, pixels, edges))
			return;
	}
	/* equal but for the last bit of a float */
	snprintf(center, CHARS, "%.*f", DIGITS_MAX, c);
	snprintf(extent, CHARS, "%.*f", DIGITS_MAX, e);
}

/* The path of the label file below the folder `labels`, from the arena of texts. NULL and err(): none is possible. */
static const char *
label_path(struct yolo_write *y, const char *key)
{
	const char *name = utf8_unescape(&y->text, key), *rest = yolo_config_image(name), *at, *stem;
	char *path;
	int n;

	if (rest)
		name = rest;
	name += strspn(name, "/");
	while (strncmp(name, "./", 2) == 0 || strncmp(name, "../", 3) == 0)
		name += strspn(name, "./");
	stem = key_stem(name, &n);
	for (at = name; at < stem; at = strchr(at, '/') + 1)
		if (strncmp(at, "../", 3) == 0)
			break;
	if (at < stem || n == 0) {
		err(ERR_DATA, "the key is not the path of an image");
		return NULL;
	}
	path = arena_get(&y->text, (size_t)(stem - name) + (size_t)n + 5);
	sprintf(path, "%.*s.txt", (int)(stem - name) + n, name);
	return path;
}

/* Remember the path of a label file; -1 and err(): another record has it. */
static int
claim_path(struct yolo_write *y, const char *path, const char *key)
{
	const uint32_t hash = lookup_bytes(path, strlen(path));
	long at = -1, i;

	while ((i = lookup_next(&y->by_path, hash, &at)) >= 0)
		if (strcmp(y->files[i].path, path) == 0)
			return err(ERR_DATA, "labels/%s is already the file of the record '%s'", path, y->files[i].key);
	y->files = mem_room(y->files, &y->room, (size_t)y->count + 1, sizeof *y->files);
	y->files[y->count] = (struct yolo_write_file){ arena_text(&y->text, key), path };
	lookup_put(&y->by_path, hash, y->count++);
	return 0;
}

static int
save(const struct yolo_write *y, const char *below, const char *bytes, size_t size)
{
	char *path = mem_format("%s/labels/%s", y->folder, below), *slash = strrchr(path, '/');
	int result;

	*slash = 0;
	result = file_directory(path);
	*slash = '/';
	if (result == 0)
		result = file_save(path, bytes, size, false);
	free(path);
	return result;
}

/* The lines of the boxes; free() them. */
static char *
lines(struct yolo_write *y, const struct boxes *b, const char *key, double height, double width, size_t *size)
{
	struct mem_stream m;
	char v[4][CHARS];
	long i;

	mem_stream_open(&m);
	for (i = 0; i < b->count; i++) {
		float box[4];

		if (b->flags && b->flags[i] & BOX_CROWD) {
			note(y, YOLO_WRITE_CROWD, key);
			continue;
		}
		memcpy(box, b->box[i], sizeof box);
		if (!boxes_clip(box, (float)width, (float)height)) {
			note(y, YOLO_WRITE_EMPTY, key);
			continue;
		}
		if (memcmp(box, b->box[i], sizeof box) != 0)
			note(y, YOLO_WRITE_CUT, key);
		if (b->flags && b->flags[i])
			note(y, YOLO_WRITE_FLAGS, key);
		put_fractions((float[2]){ box[0], box[2] }, width, v[0], v[2]);
		put_fractions((float[2]){ box[1], box[3] }, height, v[1], v[3]);
		fprintf(m.file, "%d %s %s %s %s\n", b->class[i], v[0], v[1], v[2], v[3]);
	}
	mem_stream_close(&m);
	*size = m.size;
	return m.text;
}

int
yolo_write_put(struct yolo_write *y, const struct header *h, const struct record *r)
{
	const bool predicted = y->begun ? y->kind == BOXES_PREDICTED : boxes_has(r, BOXES_PREDICTED);
	const enum boxes_kind kind = predicted ? BOXES_PREDICTED : BOXES_GT;
	int height = 0, width = 0, got;
	const char *path;
	struct boxes b;
	size_t size;
	char *text;
	int result;

	if (!boxes_has(r, kind))
		return 0;
	if (!y->begun && class_list_require(&y->classes, h, predicted ? CLASS_LIST_PREDICTED : CLASS_LIST_GT) < 0)
		return -1;
	y->begun = true;
	y->kind = kind;
	if (boxes_read(&b, r, kind, BOXES_BOX | BOXES_CLASS, y->classes.count) < 0 ||
		(got = image_size_read(r, &height, &width)) < 0)
		return -1;
	if (!got)
		return err(ERR_DATA, "neither an image nor its size, of which the numbers are fractions; "
			"add images with tscae-decode --records");
	if (!(path = label_path(y, r->key)) || claim_path(y, path, r->key) < 0)
		return -1;
	text = lines(y, &b, r->key, height, width, &size);
	result = save(y, path, text, size);
	free(text);
	return result < 0 ? -1 : 1;
}

int
yolo_write_end(struct yolo_write *y)
{
	char *path = mem_format("%s/data.yaml", y->folder);
	const char **names = class_list_names(&y->classes);
	int result = yolo_config_write(path, names, y->classes.count);

	free(names);
	free(path);
	return result;
}

void
yolo_write_free(struct yolo_write *y)
{
	class_list_free(&y->classes);
	lookup_free(&y->by_path);
	free(y->files);
	arena_free(&y->text);
}
