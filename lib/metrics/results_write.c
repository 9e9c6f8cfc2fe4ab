/* results_write - write an evaluation as files of COCO and VOC

   Numbers have enough digits to read back as the same double: other programs compute the same scores. */
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "annotation/key.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "json/writer.h"
#include "metrics/evaluation.h"
#include "metrics/iou.h"
#include "metrics/results.h"

#include <float.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_CHARS = 32 };	/* characters of a number */

/* The shortest text that reads back as x. */
static const char *
digits(double x, char text[NUMBER_CHARS])
{
	int n;

	for (n = 0; n <= DBL_DIG; n++)
		if (snprintf(text, NUMBER_CHARS, "%.*f", n, x) < NUMBER_CHARS && strtod(text, NULL) == x)
			return text;
	snprintf(text, NUMBER_CHARS, "%.*g", DBL_DECIMAL_DIG, x);
	return text;
}

/* Close a text and write it to a file. */
static int
save_text(struct mem_stream *m, const char *path)
{
	int result;

	mem_stream_close(m);
	result = file_save(path, m->text, m->size, false);
	free(m->text);
	return result;
}

static int64_t
image_id(const struct evaluation *s, int image)
{
	return s->images[image].has_id ? s->images[image].id : image + 1;
}

static void
put_box(struct json_writer *w, const struct iou_box *b)
{
	const double values[] = { b->left, b->top, b->width, b->height };
	char text[NUMBER_CHARS];
	int i;

	json_put_array(w, "bbox");
	for (i = 0; i < 4; i++)
		json_put_number(w, NULL, digits(values[i], text));
	json_put_array_end(w);
}

static int
write_json(struct json_writer *w, const char *path)
{
	size_t size;
	const char *text;
	int result;

	json_put_end(w);
	text = json_writer_text(w, &size);
	result = file_save(path, text, size, false);
	json_writer_free(w);
	return result;
}

/* Begin item i of a list: each on its own line, the first on that of the bracket. */
static void
begin_item(struct json_writer *w, long i)
{
	if (i)
		json_put_line(w);
	json_put_object(w, NULL);
}

int
results_write_coco(const struct evaluation *s, const char *path)
{
	struct json_writer *w = json_writer_new(NULL, false);
	char text[NUMBER_CHARS];
	long i;

	json_put_array(w, NULL);
	for (i = 0; i < s->detections.count; i++) {
		const struct evaluation_box *b = &s->detections.list[i];

		begin_item(w, i);
		json_put_int(w, "image_id", image_id(s, b->image));
		json_put_int(w, "category_id", s->classes.list[b->class].id);
		put_box(w, &b->box);
		json_put_number(w, "score", digits(b->score, text));
		json_put_object_end(w);
	}
	json_put_array_end(w);
	return write_json(w, path);
}

static void
put_annotation(struct json_writer *w, const struct evaluation_box *b, int64_t image, int64_t class, long index)
{
	char text[NUMBER_CHARS];

	begin_item(w, index);
	json_put_int(w, "id", index + 1);
	json_put_int(w, "image_id", image);
	json_put_int(w, "category_id", class);
	put_box(w, &b->box);
	json_put_number(w, "area", digits(b->area, text));
	json_put_int(w, "iscrowd", (b->flags & BOX_CROWD) != 0);
	/* COCO has no field for difficult objects; other programs use `ignore` */
	json_put_int(w, "ignore", (b->flags & (BOX_DIFFICULT | BOX_IGNORE)) != 0);
	json_put_object_end(w);
}

int
results_write_gt(const struct evaluation *s, const char *path)
{
	struct json_writer *w = json_writer_new(NULL, false);
	struct arena a = { 0 };
	long i;

	json_put_object(w, NULL);
	json_put_array(w, "images");
	for (i = 0; i < s->count; i++) {
		begin_item(w, i);
		json_put_int(w, "id", image_id(s, (int)i));
		/* keys are escaped, file names are not */
		json_put_text(w, "file_name", utf8_unescape(&a, s->images[i].key));
		arena_reset(&a);
		json_put_int(w, "height", s->images[i].height);
		json_put_int(w, "width", s->images[i].width);
		json_put_object_end(w);
	}
	arena_free(&a);
	json_put_array_end(w);
	json_put_line(w);
	json_put_array(w, "categories");
	for (i = 0; i < s->classes.count; i++) {
		begin_item(w, i);
		json_put_int(w, "id", s->classes.list[i].id);
		json_put_text(w, "name", s->classes.list[i].name);
		json_put_object_end(w);
	}
	json_put_array_end(w);
	json_put_line(w);
	json_put_array(w, "annotations");
	for (i = 0; i < s->gt.count; i++) {
		const struct evaluation_box *b = &s->gt.list[i];

		put_annotation(w, b, image_id(s, b->image), s->classes.list[b->class].id, i);
	}
	json_put_array_end(w);
	json_put_object_end(w);
	return write_json(w, path);
}

static int
write_class(const struct evaluation *s, int class, const char *path)
{
	struct mem_stream m;
	char v[5][NUMBER_CHARS];
	long i;

	mem_stream_open(&m);
	for (i = 0; i < s->detections.count; i++) {
		const struct evaluation_box *b = &s->detections.list[i];
		const char *stem;
		int n;

		if (b->class != class)
			continue;
		stem = key_stem(s->images[b->image].key, &n);
		fprintf(m.file, "%.*s %s %s %s %s %s\n", n, stem, digits(b->score, v[0]), digits(b->box.left + 1, v[1]),
			digits(b->box.top + 1, v[2]), digits(b->box.right, v[3]), digits(b->box.bottom, v[4]));
	}
	return save_text(&m, path);
}

/* Check that VOC files can hold the names of images and classes, and that each name identifies one image. */
static int
check_names(const struct evaluation *s)
{
	int i, n;

	for (i = 0; i < s->count; i++) {
		const char *stem = key_stem(s->images[i].key, &n);
		char *alone = mem_format("%.*s", n, stem);
		int match = evaluation_find(s, alone);

		free(alone);
		if (n == 0 || (int)strcspn(stem, " \t\r\n") < n)
			return err(ERR_DATA, "image '%s': VOC files cannot hold a name with blanks", s->images[i].key);
		if (match != i)
			return err(ERR_DATA, "image '%s': VOC files identify an image by the last part of its key, "
				"and another image has the same", s->images[i].key);
	}
	for (i = 0; i < s->classes.count; i++)
		if (!*s->classes.list[i].name || strchr(s->classes.list[i].name, '/'))
			return err(ERR_DATA, "class '%s' cannot be part of a file name", s->classes.list[i].name);
	return 0;
}

int
results_write_voc(const struct evaluation *s, const char *folder, const char *name)
{
	int i, result = 0;

	if (check_names(s) < 0 || file_directory(folder) < 0)
		return -1;
	for (i = 0; i < s->classes.count && result == 0; i++) {
		char *path = mem_format("%s/comp4_det_%s_%s.txt", folder, name, s->classes.list[i].name);

		result = write_class(s, i, path);
		free(path);
	}
	return result;
}
