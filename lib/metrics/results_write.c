/* results_write - a set as the files of COCO and VOC

   Numbers have as many digits as bring back the same double, so that other programs score what we score. */
#include "metrics/results.h"
#include "annotation/key.h"
#include "base/err.h"
#include "base/file.h"
#include "base/utf8.h"
#include "codec/save.h"
#include "json/json.h"

#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 32 };	/* characters of a number */

/* The shortest text that reads back as x. */
static const char *
digits(double x, char text[ROOM])
{
	int n;

	for (n = 0; n <= DBL_DIG; n++)
		if (snprintf(text, ROOM, "%.*f", n, x) < ROOM && strtod(text, NULL) == x)
			return text;
	snprintf(text, ROOM, "%.*g", DBL_DECIMAL_DIG, x);
	return text;
}

/* A file that is written in memory first. */
struct page { FILE *f; char *bytes; size_t size; };

static void
page_open(struct page *p)
{
	if (!(p->f = open_memstream(&p->bytes, &p->size)))
		mem_none();
}

static int
page_close(struct page *p, const char *path)
{
	int result;

	if (fclose(p->f) != 0)
		mem_none();
	result = save_bytes(path, p->bytes, p->size);
	free(p->bytes);
	return result;
}

static int64_t
number(const struct evaluation *s, int image)
{
	return s->images[image].numbered ? s->images[image].id : image + 1;
}

static void
put_box(FILE *f, const struct iou_box *b)
{
	char x[ROOM], y[ROOM], w[ROOM], h[ROOM];

	fprintf(f, "\"bbox\":[%s,%s,%s,%s]", digits(b->left, x), digits(b->top, y), digits(b->width, w), digits(b->height, h));
}

int
results_write_coco(const struct evaluation *s, const char *path)
{
	struct page p;
	char text[ROOM];
	long i;

	page_open(&p);
	for (i = 0; i < s->found.count; i++) {
		const struct evaluation_box *b = &s->found.list[i];

		fprintf(p.f, "%s{\"image_id\":%" PRId64 ",\"category_id\":%" PRId64 ",", i ? ",\n" : "[", number(s, b->image), s->classes.ids[b->class]);
		put_box(p.f, &b->box);
		fprintf(p.f, ",\"score\":%s}", digits(b->score, text));
	}
	fputs(i ? "]\n" : "[]\n", p.f);
	return page_close(&p, path);
}

static void
put_truth(FILE *f, const struct evaluation_box *b, int64_t image, int64_t class, long place)
{
	char text[ROOM];

	fprintf(f, "{\"id\":%ld,\"image_id\":%" PRId64 ",\"category_id\":%" PRId64 ",", place + 1, image, class);
	put_box(f, &b->box);
	/* COCO has nothing for difficult objects; `ignore` is what other programs that have them use */
	fprintf(f, ",\"area\":%s,\"iscrowd\":%d,\"ignore\":%d}", digits(b->area, text), (b->flags & BOX_CROWD) != 0, (b->flags & (BOX_DIFFICULT | (unsigned)EVALUATION_IGNORE)) != 0);
}

int
results_write_truth(const struct evaluation *s, const char *path)
{
	struct arena a = { 0 };
	struct page p;
	long i;

	page_open(&p);
	fputs("{\"images\":[", p.f);
	for (i = 0; i < s->count; i++) {
		/* keys are escaped, names of files are not */
		char *name = json_quote(utf8_unescape(&a, s->images[i].key));

		arena_reset(&a);
		fprintf(p.f, "%s{\"id\":%" PRId64 ",\"file_name\":%s,\"height\":%d,\"width\":%d}", i ? ",\n" : "", number(s, (int)i), name, s->images[i].height, s->images[i].width);
		free(name);
	}
	arena_free(&a);
	fputs("],\n\"categories\":[", p.f);
	for (i = 0; i < s->classes.count; i++) {
		char *name = json_quote(s->classes.names[i]);

		fprintf(p.f, "%s{\"id\":%" PRId64 ",\"name\":%s}", i ? ",\n" : "", s->classes.ids[i], name);
		free(name);
	}
	fputs("],\n\"annotations\":[", p.f);
	for (i = 0; i < s->truth.count; i++) {
		const struct evaluation_box *b = &s->truth.list[i];

		fputs(i ? ",\n" : "", p.f);
		put_truth(p.f, b, number(s, b->image), s->classes.ids[b->class], i);
	}
	fputs("]}\n", p.f);
	return page_close(&p, path);
}

static int
write_class(const struct evaluation *s, int class, const char *path)
{
	struct page p;
	char v[5][ROOM];
	long i;

	page_open(&p);
	for (i = 0; i < s->found.count; i++) {
		const struct evaluation_box *b = &s->found.list[i];
		const char *stem;
		int n;

		if (b->class != class)
			continue;
		stem = key_stem(s->images[b->image].key, &n);
		fprintf(p.f, "%.*s %s %s %s %s %s\n", n, stem, digits(b->score, v[0]), digits(b->box.left + 1, v[1]), digits(b->box.top + 1, v[2]), digits(b->box.right, v[3]), digits(b->box.bottom, v[4]));
	}
	return page_close(&p, path);
}

/* Names that a line or a path of VOC's can hold, and that mean one image. */
static int
check_names(const struct evaluation *s)
{
	int i, n;

	for (i = 0; i < s->count; i++) {
		const char *stem = key_stem(s->images[i].key, &n);
		char *alone = mem_format("%.*s", n, stem);
		int found = evaluation_find(s, alone);

		free(alone);
		if (n == 0 || (int)strcspn(stem, " \t\r\n") < n)
			return err(ERR_DATA, "image '%s': a name with blanks cannot stand in VOC's files", s->images[i].key);
		if (found != i)
			return err(ERR_DATA, "image '%s': VOC's files know images by the last part of their names, and another one has the same", s->images[i].key);
	}
	for (i = 0; i < s->classes.count; i++)
		if (!*s->classes.names[i] || strchr(s->classes.names[i], '/'))
			return err(ERR_DATA, "class '%s' cannot be part of a file's name", s->classes.names[i]);
	return 0;
}

int
results_write_voc(const struct evaluation *s, const char *folder, const char *name)
{
	int i, result = 0;

	if (check_names(s) < 0 || file_directory(folder) < 0)
		return -1;
	for (i = 0; i < s->classes.count && result == 0; i++) {
		char *path = mem_format("%s/comp4_det_%s_%s.txt", folder, name, s->classes.names[i]);

		result = write_class(s, i, path);
		free(path);
	}
	return result;
}
