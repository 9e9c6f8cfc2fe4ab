/* label - annotations cut at every byte, bombs, deep nesting; RLE and polygons; matching keys with records */
#include "annotation/class_list.h"
#include "annotation/raster.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "dataset/coco.h"
#include "dataset/coco_index.h"
#include "dataset/coco_segmentation.h"
#include "dataset/label.h"
#include "dataset/label_internal.h"
#include "dataset/voc_xml.h"
#include "tap.h"

#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char annotation[] =
	"<?xml version=\"1.0\"?>\n<annotation>\n\t<filename>a.jpg</filename><size><width>50</width><height>40</height>"
	"<depth>3</depth></size>\n"
	"\t<object><name> person </name><bndbox><xmax>30.5</xmax><xmin>2</xmin><ymin>3</ymin><ymax>40</ymax></bndbox>\n"
	"\t\t<part><name>head</name><bndbox><xmin>4</xmin><ymin>5</ymin><xmax>6</xmax><ymax>7</ymax></bndbox></part>"
	"<difficult>1</difficult></object>\n"
	"\t<object><name>caf\xc3\xa9 &amp; co</name><truncated>1</truncated><bndbox><xmin>1</xmin><ymin>1</ymin>"
	"<xmax>2</xmax><ymax>2</ymax></bndbox></object>\n"
	"</annotation>";

static int
read_xml(const char *text, struct voc_xml *x, struct arena *a)
{
	int result;

	err(0, "%s", "");
	result = voc_xml_read(text, strlen(text), a, x);
	return result;
}

static void
test_xml(void)
{
	static const struct { const char *text, *says; } bad[] = {
		{ "", "line 1" },
		{ "<html></html>", "not an annotation" },
		{ "<annotation><object></object></annotation>", "without a name" },
		{ "<annotation><object><name>a</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax></bndbox>"
			"</object></annotation>",
			"without a whole box: a" },
		{ "<annotation><object><name>a</name><name>b</name></object></annotation>", "second" },
		{ "<annotation><object><name> </name></object></annotation>", "nothing in" },
		{ "<annotation><object><bndbox><xmin>nan</xmin></bndbox></object></annotation>", "not a number" },
		{ "<annotation><object><bndbox><xmin>0x10</xmin></bndbox></object></annotation>", "not a number" },
		{ "<annotation><object><bndbox><xmin>1e999</xmin></bndbox></object></annotation>", "not a number" },
		{ "<annotation><object><bndbox><xmin></xmin></bndbox></object></annotation>", "not a number" },
		{ "<annotation><object><bndbox><xmin>1 2</xmin></bndbox></object></annotation>", "not a number" },
		{ "<annotation><size><width>99999999999</width></size></annotation>",
			"1000000 in /annotation/size/width: 99999999999" },
		{ "<annotation><size><width>-5</width></size></annotation>",
			"1000000 in /annotation/size/width: -5" },
		{ "<annotation><size><height>1e999</height></size></annotation>",
			"1000000 in /annotation/size/height: 1e999" },
		{ "<annotation><size><height>48.5</height></size></annotation>",
			"1000000 in /annotation/size/height: 48.5" },
		{ "<!DOCTYPE annotation><annotation></annotation>", "document type" },
		{ "<!DOCTYPE a [<!ENTITY l \"lol\"><!ENTITY m \"&l;&l;&l;&l;&l;&l;&l;&l;&l;&l;\"><!ENTITY n "
		"\"&m;&m;&m;&m;&m;&m;&m;&m;&m;&m;\">]><annotation>&n;</annotation>",
			"document type" },
		{ "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><annotation></annotation>", "document type" },
		{ "<annotation>&unknown;</annotation>", "line 1" },
		{ "<annotation></annotation><annotation></annotation>", "line 1" },
	};
	struct arena a = { 0 };
	struct voc_xml x;
	char text[sizeof annotation], *deep = mem_new(200000);
	size_t i, refused = 0;

	ok(read_xml(annotation, &x, &a) == 0 && x.count == 2 && x.width == 50 && x.height == 40,
		"VOC XML: an annotation is read (%s)", err_text());
	ok(strcmp(x.objects[0].name, "person") == 0 && x.objects[0].xmin == 2 && x.objects[0].xmax == 30.5 &&
			x.objects[0].difficult == 1 && x.objects[0].truncated == 0,
		"VOC XML: the boxes of parts are ignored");
	ok(strcmp(x.objects[1].name, "caf\xc3\xa9 & co") == 0 && x.objects[1].truncated == 1 &&
			x.objects[1].difficult == 0,
		"VOC XML: class names may have entities and UTF-8");
	voc_xml_free(&x);
	for (i = 0; i < sizeof annotation - 1; i++) {
		memcpy(text, annotation, i);
		text[i] = 0;
		refused += read_xml(text, &x, &a) < 0;
	}
	ok(refused == sizeof annotation - 1, "VOC XML cut at each byte: %zu of %zu files are refused", refused,
		sizeof annotation - 1);
	ok(read_xml("<annotation><size><width>1e3</width><height>0</height></size></annotation>", &x, &a) == 0 &&
		x.width == 1000 && x.height == 0, "VOC XML: a size of 1e3 is one of 1000, and 0 is unknown");
	voc_xml_free(&x);
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		ok(read_xml(bad[i].text, &x, &a) < 0 && err_status() == ERR_DATA && strstr(err_text(), bad[i].says),
			"VOC XML: refused: %.40s: %s", bad[i].text, err_text());
	strcpy(deep, "<annotation>");
	for (i = 0; i < 20000; i++)
		strcat(deep + 3 * i, "<a>");
	ok(read_xml(deep, &x, &a) < 0 && strstr(err_text(), "nested too deeply"),
		"VOC XML: 20000 nested elements are refused: %s", err_text());
	free(deep);
	arena_free(&a);
}

static const char instances[] =
	"{\"info\": {\"id\": [1, {\"id\": 2}]}, \"annotations\": [\n"
	"{\"id\": 1, \"image_id\": 7, \"category_id\": 90, \"bbox\": [1.5, 2, 3, 4], \"area\": 5.5, \"iscrowd\": 0, "
	"\"segmentation\": [[1, 1, 4, 1, 4, 4], [5, 5, 7, 5, 7, 7, 5, 7]]},\n"
	"{\"id\": 2, \"image_id\": 8, \"category_id\": 2, \"bbox\": [0, 0, 2, 2], \"area\": 4, \"iscrowd\": 1, "
	"\"segmentation\": {\"counts\": [0, 2, 6, 2, 70], \"size\": [8, 10]}},\n"
	"{\"id\": 3, \"image_id\": 7, \"category_id\": 2, \"bbox\": [0, 0, 2, 2], \"segmentation\": {\"size\": [8, "
	"10], \"counts\": \"02620\"}},\n"
	"{\"id\": 4, \"image_id\": 99, \"category_id\": 2, \"bbox\": [0, 0, 2, 2]}],\n"
	"\"images\": [{\"id\": 7, \"file_name\": \"a.jpg\", \"width\": 10, \"height\": 8}, {\"file_name\": \"b.jpg\", "
	"\"id\": 8.0}, {\"id\": 9, \"file_name\": \"c.jpg\"}],\n"
	"\"categories\": [{\"id\": 90, \"name\": \"dog\"}, {\"id\": 2, \"name\": \"cat\"}]}";

static int
open_text(const char *path, struct coco_index *c, const char *text, size_t size)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(text, 1, size, f) != size || fclose(f) != 0)
		return -2;
	*c = (struct coco_index){ 0 };
	return coco_index_read(c, path);
}

/* Annotation i, read from its offset. */
static int
read_again(const char *path, const struct coco_index *c, long i, struct coco_object *o, struct coco_segmentation *s)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const size_t begin = (size_t)c->annotations[i].begin;
	int result = coco_read_object(fd, path, COCO_ANNOTATIONS, begin, begin + c->annotations[i].size, o, s);

	close(fd);
	return result;
}

/* The sample with its first `from` replaced. */
static char *
changed(const char *from, const char *to)
{
	const char *at = strstr(instances, from);

	return mem_format("%.*s%s%s", (int)(at - instances), instances, to, at + strlen(from));
}

static void
test_coco(const char *path)
{
	static const char whole[] = "[[1, 1, 4, 1, 4, 4], [5, 5, 7, 5, 7, 7, 5, 7]]";
	static const struct { const char *from, *to, *says; } bad[] = {
		{ "\"images\"", "\"photos\"", "no list 'images'" },
		{ "\"annotations\"", "\"anno\"", "no list 'annotations'" },
		{ "\"categories\"", "\"cats\"", "no list 'categories'" },
		{ "\"categories\"", "\"images\"", "'images' occurs twice" },
		{ "\"images\": [", "\"images\": [3, ", "not an object" },
		{ "\"annotations\": [", "\"annotations\": 3, \"x\": [", "must be lists" },
		{ "\"id\": 8.0", "\"id\": 7", "the id 7" },
		{ "\"id\": 8.0", "\"id\": 8.5", "not an integer" },
		{ "\"id\": 8.0", "\"id\": 1e19", "not an integer" },
		{ "\"id\": 8.0", "\"id\": \"\"", "not an integer" },
		{ "\"id\": 8.0", "\"id\": true", "not an integer" },
		{ "\"id\": 8.0", "\"id\": [8]", "not an integer" },
		{ "\"id\": 8.0", "\"id\": null", "without 'id'" },
		{ "\"id\": 8.0", "\"nr\": 8", "without 'id'" },
		{ "\"file_name\": \"b.jpg\"", "\"file_name\": 3", "not a string" },
		{ "\"file_name\": \"b.jpg\"", "\"file_name\": \"\"", "has 0 bytes" },
		{ "\"file_name\": \"b.jpg\"", "\"file\": 3", "without 'file_name'" },
		{ "\"file_name\": \"b.jpg\"", "\"file_name\": \"b\\u0000.jpg\"", "zero byte" },
		{ "\"file_name\": \"b.jpg\"", "\"id\": 8, \"file_name\": \"b.jpg\"", "'id' occurs twice" },
		{ "\"id\": 90, \"name\"", "\"id\": 2, \"name\"", "the id 2" },
		{ "\"name\": \"dog\"", "\"name\": \"cat\"", "both called 'cat'" },
		{ "\"width\": 10", "\"width\": -10", "'a.jpg' of -10x8" },
		{ "\"image_id\": 7,", "", "without 'image_id'" },
		{ "[1.5, 2, 3, 4]", "[1.5, 2, 3]", "four numbers" },
		{ "[1.5, 2, 3, 4]", "[1.5, 2, 3, 4, 5]", "four numbers" },
		{ "[1.5, 2, 3, 4]", "[1.5, 2, 3, [4]]", "four numbers" },
		{ "[1.5, 2, 3, 4]", "\"1\"", "four numbers" },
		{ "\"bbox\": [1.5, 2, 3, 4], ", "", "without 'bbox'" },
		{ "[1.5, 2, 3, 4]", "null", "without 'bbox'" },
		{ "\"area\": 5.5", "\"area\": \"5\"", "not a number" },
		{ "\"iscrowd\": 0", "\"iscrowd\": 0.5", "not 0, 1, true or false" },
		{ "\"iscrowd\": 0", "\"iscrowd\": -1", "not 0, 1, true or false" },
		{ "\"iscrowd\": 0", "\"iscrowd\": \"01\"", "not 0, 1, true or false" },
		{ "\"iscrowd\": 0", "\"iscrowd\": \"2\"", "not 0, 1, true or false" },
		{ "\"iscrowd\": 0", "\"iscrowd\": \"\"", "not 0, 1, true or false" },
	}, *b;
	/* variants that are accepted */
	static const struct { const char *from, *to; } good[] = {
		{ "\"id\": 8.0", "\"id\": \"8\"" },
		{ "\"id\": 8.0", "\"id\": 8e0" },
		{ "\"image_id\": 8", "\"image_id\": \"8\"" },
		{ "\"category_id\": 90", "\"category_id\": 90.0" },
		{ "\"iscrowd\": 1", "\"iscrowd\": true" },
		{ "\"iscrowd\": 1", "\"iscrowd\": 1.0" },
		{ "\"iscrowd\": 1", "\"iscrowd\": \"1\"" },
		{ "\"iscrowd\": 0", "\"iscrowd\": \"0\"" },
		{ "\"iscrowd\": 0", "\"iscrowd\": false" },
		{ "\"iscrowd\": 0", "\"iscrowd\": 0.0" },
		{ "\"iscrowd\": 0", "\"iscrowd\": null" },
		{ "\"iscrowd\": 0, ", "" },
		{ "\"width\": 10, \"height\": 8", "\"width\": \"10\", \"height\": 8.0" },
		{ "{\"info\"", "\xef\xbb\xbf{\"info\"" },
		{ "\"file_name\": \"c.jpg\"", "\"file_name\": \"./c.jpg\"" },
		{ whole, "7" },
		{ whole, "{\"a\": [[{}]]}" },
		{ "\"segmentation\": ", "\"x\": " },
		{ "{\"id\": 9,", "{\"id\": 7, \"file_name\": \"a.jpg\", \"width\": 10, \"height\": 8}, {\"id\": 9," },
		{ "[{\"id\": 90,", "[{\"id\": 3, \"name\": \"dog\"}, {\"id\": 90," },
	};
	/* segmentation: the numbers of parts, of numbers and of parts left out, or the message */
	static const struct { const char *text; long parts, numbers, left_out; const char *says; } masks[] = {
		{ "null", 0, 0, 0, NULL },
		{ "[]", 0, 0, 0, NULL },
		{ "\"\"", 0, 0, 0, NULL },
		{ "[[]]", 0, 0, 1, NULL },
		{ "{}", 0, 0, 0, NULL },
		{ "{\"size\": [8, 10]}", 0, 0, 0, NULL },
		{ "{\"size\": [8, 10], \"counts\": null}", 0, 0, 0, NULL },
		{ "{\"size\": [8, 10], \"counts\": []}", 0, 0, 0, NULL },
		{ "[1, 1, 4, 1, 4, 4]", 1, 6, 0, NULL },
		{ "[[[1, 1], [4, 1], [4, 4]]]", 1, 6, 0, NULL },
		{ "[[1, 1, 4, 1, 4, 4], [1, 2, 3, 4]]", 1, 10, 1, NULL },
		{ "[[1, 1, 4, 1, 4, 4, 5]]", 0, 7, 1, NULL },
		{ "[{\"counts\": [80], \"size\": [8, 10]}, {\"size\": [8.0, 10], \"counts\": \"02620\"}]", 2, 6, 0,
			NULL },
		{ "[[1, 1, 4, 1, 4, \"4\"]]", 0, 0, 0, "neither polygons" },
		{ "[[1, 1, 4, 1, [4], 4]]", 0, 0, 0, "neither polygons" },
		{ "[1, [1, 1, 4, 1, 4, 4]]", 0, 0, 0, "neither polygons" },
		{ "[[1, 1], 4]", 0, 0, 0, "neither polygons" },
		{ "[[[1, 1, 2], [4, 1, 2]]]", 0, 0, 0, "neither polygons" },
		{ "[[[1, 1], 4, 1]]", 0, 0, 0, "neither polygons" },
		{ "[[[[1, 1]]]]", 0, 0, 0, "neither polygons" },
		{ "7", 0, 0, 0, "neither polygons" },
		{ "\"x\"", 0, 0, 0, "neither polygons" },
		{ "[[1, 2], {}]", 0, 0, 0, "neither polygons" },
		{ "{\"counts\": 7}", 0, 0, 0, "neither polygons" },
		{ "{\"counts\": [1], \"size\": [0, 3]}", 0, 0, 0, "height and width" },
		{ "{\"size\": 5}", 0, 0, 0, "height and width" },
		{ "{\"size\": [1, 2, 3]}", 0, 0, 0, "height and width" },
		{ "[{\"size\": [1, 2]}, {\"size\": [1, 3]}]", 0, 0, 0, "several sizes" },
		{ "{\"counts\": \"~\", \"size\": [8, 10]}", 0, 0, 0, "not compressed RLE" },
		{ "{\"counts\": \"P\", \"size\": [8, 10]}", 0, 0, 0, "not compressed RLE" },
	};
	struct coco_segmentation s = { 0 };
	struct coco_object o;
	struct coco_index c;
	size_t i, refused = 0, size = sizeof instances - 1;
	char *text;
	int got;

	ok(open_text(path, &c, instances, size) == 0 && c.image_count == 3 && c.annotation_count == 4 &&
			c.classes.count == 2 && c.notes[COCO_ORPHAN] == 1,
		"COCO: the index has all images, annotations and classes (%s)", err_text());
	ok(c.images[0].count == 2 && c.images[1].count == 1 && c.images[2].count == 0 && c.classes.list[0].id == 2,
		"COCO: annotations are grouped by image, classes are in the order of their ids");
	ok(read_again(path, &c, c.order[0], &o, &s) == 0 && o.bbox[0] == 1.5 && o.area == 5.5 && s.part_count == 2 &&
			s.parts[0].count == 6 && s.parts[1].first == 6,
		"COCO: an annotation with polygons is read from its offset (%s)", err_text());
	ok(read_again(path, &c, c.order[1], &o, &s) == 0 && !(o.has & COCO_AREA) && s.part_count == 1 &&
			s.parts[0].kind == COCO_RLE && s.height == 8 && s.width == 10,
		"COCO: an annotation with compressed RLE is read (%s)", err_text());
	ok(read_again(path, &c, c.order[2], &o, &s) == 0 && o.iscrowd == 1 && s.parts[0].count == 5,
		"COCO: an annotation with uncompressed RLE is read");
	coco_index_free(&c);
	for (i = 0; i < size; i++) {
		refused += open_text(path, &c, instances, i) == -1;
		coco_index_free(&c);
	}
	ok(refused == size, "COCO cut at each byte: %zu of %zu files are refused", refused, size);
	for (b = bad; b < bad + sizeof bad / sizeof *bad; b++) {
		text = changed(b->from, b->to);
		ok(open_text(path, &c, text, strlen(text)) == -1 && err_status() == ERR_DATA &&
				strstr(err_text(), b->says),
			"COCO: refused: %s: %s", b->to, err_text());
		coco_index_free(&c);
		free(text);
	}
	for (i = 0; i < sizeof good / sizeof *good; i++) {
		text = changed(good[i].from, good[i].to);
		ok(open_text(path, &c, text, strlen(text)) == 0 && c.image_count == 3 && c.annotation_count == 4 &&
				c.classes.count == 2 && c.classes.list[1].id == 90 && c.images[0].count == 2 &&
				c.images[1].count == 1 && strcmp(c.images[2].file_name, "c.jpg") == 0 &&
				c.images[0].width == 10 && read_again(path, &c, c.order[2], &o, NULL) == 0 &&
				o.iscrowd == 1 && read_again(path, &c, c.order[0], &o, NULL) == 0 && !o.iscrowd &&
				o.bbox[3] == 4,
			"COCO: an accepted variant: %s (%s)", good[i].to, err_text());
		coco_index_free(&c);
		free(text);
	}
	for (i = 0; i < sizeof masks / sizeof *masks; i++) {
		text = changed(whole, masks[i].text);
		got = open_text(path, &c, text, strlen(text)) == 0 ? read_again(path, &c, 0, &o, &s) : -2;
		if (masks[i].says)
			ok(got == -1 && strstr(err_text(), masks[i].says), "COCO: a segmentation is refused: %s: %s",
				masks[i].text, err_text());
		else
			ok(got == 0 && s.part_count == masks[i].parts && s.data_count == masks[i].numbers &&
					s.left_out == masks[i].left_out,
				"COCO: a segmentation is read: %s: %ld parts, %ld numbers, %ld left out",
				masks[i].text, s.part_count, s.data_count, s.left_out);
		coco_index_free(&c);
		free(text);
	}
	text = changed("\"category_id\": 90", "\"category_id\": 5");
	ok(open_text(path, &c, text, strlen(text)) == 0 && c.notes[COCO_UNLISTED] == 1 && c.images[0].count == 1 &&
	    c.first[COCO_UNLISTED] > 1,
		"json: an annotation of an unlisted category is counted with its byte, and left out");
	coco_index_free(&c);
	free(text);
	text = changed("\"id\": 8.0", "\"id\": \"8x\"");
	ok(open_text(path, &c, text, strlen(text)) == 0 && c.images[1].id < 0 && c.images[1].count == 0,
	    "json: an id that is a name is a negative number");
	coco_index_free(&c);
	free(text);
	text = changed("\"area\": 5.5", "\"area\": -1");
	ok(open_text(path, &c, text, strlen(text)) == 0 && read_again(path, &c, 0, &o, &s) == 0 &&
			!(o.has & COCO_AREA) && o.area == 0,
		"COCO: a negative area counts as missing");
	coco_index_free(&c);
	free(text);
	text = mem_new(100001);
	memset(text, '[', 100000);
	ok(open_text(path, &c, text, 100000) == -1, "COCO: 100000 nested arrays are refused: %s", err_text());
	coco_index_free(&c);
	free(text);
	text = mem_format("{\"images\": [{\"id\": 1, \"x\": %0*d}]}", 2000000, 0);
	memset(strstr(text, "000"), '[', 2000000);
	ok(open_text(path, &c, text, strlen(text)) == -1 && strstr(err_text(), "nested too deeply"),
		"COCO: nested arrays in an image are refused: %s", err_text());
	coco_index_free(&c);
	free(text);
	/* the file changes under the index */
	ok(open_text(path, &c, instances, size) == 0 && truncate(path, 200) == 0 &&
			read_again(path, &c, 1, &o, &s) == -1,
		"COCO: a file that was cut after indexing is an error: %s", err_text());
	coco_index_free(&c);
	coco_segmentation_free(&s);
}

/* The definition of rleFrPoly: walk all points of all edges, and change the map at each step between columns. */
static void
walk(const double *xy, int n, int width, int height, uint8_t *map)
{
	uint8_t *changes = calloc((size_t)(width * height) + 1, 1);
	int i, u = 0, v = 0, begun = 0, inside = 0;

	for (i = 0; i < n; i++) {
		const int k = (i + 1) % n;
		int xs = (int)(5 * xy[2 * i] + .5), ys = (int)(5 * xy[2 * i + 1] + .5),
		    xe = (int)(5 * xy[2 * k] + .5), ye = (int)(5 * xy[2 * k + 1] + .5);
		const int dx = abs(xe - xs), dy = abs(ye - ys), flat = dx >= dy, steps = flat ? dx : dy,
		    flip = flat ? xs > xe : ys > ye;
		double slope;
		int d, t;

		if (flip) {
			t = xs, xs = xe, xe = t;
			t = ys, ys = ye, ye = t;
		}
		slope = steps == 0 ? 0 : flat ? (double)(ye - ys) / dx : (double)(xe - xs) / dy;
		for (d = 0; d <= steps; d++) {
			int a, b, column, row, y;

			t = flip ? steps - d : d;
			a = flat ? t + xs : (int)(xs + slope * t + .5);
			b = flat ? (int)(ys + slope * t + .5) : t + ys;
			column = a < u ? a : a - 1;
			row = b < v ? b : v;
			if (begun && a != u && column >= 0 && column % 5 == 2 && column / 5 < width) {
				y = row <= 2 ? 0 : (row + 2) / 5;
				changes[column / 5 * height + (y < height ? y : height)] ^= 1;
			}
			u = a, v = b, begun = 1;
		}
	}
	for (i = 0; i < width * height; i++) {
		inside ^= changes[i];
		if (inside)
			map[i % height * width + i / height] = 1;
	}
	free(changes);
}

static void
check_walk(void)
{
	enum { WIDTH = 37, HEIGHT = 23, ROUNDS = 3000 };
	static const double reach[] = { 5, 40, 300, 3000 };
	struct rng r = rng_at(7, 0, "polygons", "");
	struct arena a = { 0 };
	struct raster raster = raster_new(&a, WIDTH, HEIGHT);
	double xy[2 * 12], *many = mem_array(2 * 40000, sizeof *many);
	static uint8_t got[WIDTH * HEIGHT], want[WIDTH * HEIGHT];
	int round, i, different = 0;

	for (round = 0; round < ROUNDS; round++) {
		const int n = 3 + (int)rng_below(&r, 10);
		const double scale = reach[round % 4];

		for (i = 0; i < 2 * n; i++) {
			xy[i] = (rng_unit(&r) - .3) * scale;
			if (round % 3 == 0)
				xy[i] = floor(xy[i]);
		}
		memset(got, 0, sizeof got);
		memset(want, 0, sizeof want);
		walk(xy, n, WIDTH, HEIGHT, want);
		different += raster_polygon(&raster, xy, n, got, 1) < 0 || memcmp(got, want, sizeof got) != 0;
	}
	ok(different == 0, "polygons: %d of %d differ from the walk over all points of all edges", different, ROUNDS);
	/* seconds, where a walk over all points takes minutes */
	for (i = 0; i < 40000; i++) {
		many[2 * i] = i % 2 ? 99999 : -99999;
		many[2 * i + 1] = i % 3 ? 99999 : -99999;
	}
	ok(raster_polygon(&raster, many, 40000, got, 1) == 0, "polygons: 40000 edges of 2 million steps each");
	free(many);
	arena_free(&a);
}

/* Masks read and write the rows of their boxes only: the others of a raster and map of one page a row are protected. */
static void
check_box(void)
{
	enum { HEIGHT = 64, TOP = 20, BOTTOM = 24 };
	const long page = sysconf(_SC_PAGESIZE);
	const double square[] = { 5, TOP, 30, TOP, 30, BOTTOM, 5, BOTTOM };
	double runs[2 * 25 + 1];
	struct arena a = { 0 };
	struct raster r = raster_new(&a, (int)page, HEIGHT);
	uint8_t *both = mmap(NULL, 2 * HEIGHT * (size_t)page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *map = both + HEIGHT * page;
	long y, x, wrong = 0;
	int i, part;

	/* a column changes to outside in the row after its last pixel */
	for (part = 0; part < 2; part++)
		ok(mprotect(both + (part * HEIGHT + TOP) * page, (size_t)((BOTTOM - TOP + (part == 0)) * page),
			PROT_READ | PROT_WRITE) == 0, "rows of a raster or map are made accessible");
	r.changes = both;
	ok(raster_polygon(&r, square, 4, map, 1) == 0 && r.drawn.left == 5 && r.drawn.right == 30 &&
		r.drawn.top == TOP && r.drawn.bottom == BOTTOM, "polygon: only its box is touched");
	raster_forget(&r);
	for (i = 0; i < 25; i++) {
		runs[2 * i] = i ? HEIGHT - (BOTTOM - TOP) : 5 * HEIGHT + TOP;
		runs[2 * i + 1] = BOTTOM - TOP;
	}
	runs[2 * 25] = (double)page * HEIGHT - 29 * HEIGHT - BOTTOM;
	ok(raster_rle(&r, runs, 2 * 25 + 1, map, 1) == 0 && r.drawn.left == 5 && r.drawn.right == 30 &&
		r.drawn.top == TOP && r.drawn.bottom == BOTTOM, "RLE: only the box of its runs is touched");
	for (y = TOP; y < BOTTOM; y++)
		for (x = 0; x < page; x++)
			wrong += map[y * page + x] != (x >= 5 && x < 30);
	ok(wrong == 0, "polygon and RLE of a box: %ld pixels differ", wrong);
	munmap(both, 2 * HEIGHT * (size_t)page);
	arena_free(&a);
}

/* A 3x4 map as text, rows divided by '/'. */
static const char *
shown(const uint8_t map[12])
{
	static char text[16];
	int i, n = 0;

	for (i = 0; i < 12; i++) {
		if (i && i % 4 == 0)
			text[n++] = '/';
		text[n++] = (char)('0' + map[i]);
	}
	return text;
}

static void
test_region(void)
{
	static const double square[] = { 1, 0, 3, 0, 3, 2, 1, 2 }, outside[] = { -9, -9, 20, -9, 20, 20, -9, 20 },
		far[] = { 0, 0, 1e9, 0, 1, 1 }, point[] = { 1, 1, 1, 1, 1, 1 };
	struct arena a = { 0 };
	struct raster r = raster_new(&a, 4, 3);
	uint8_t map[12] = { 0 };
	double counts[64];
	long n;

	ok(raster_polygon(&r, square, 4, map, 1) == 0 && strcmp(shown(map), "0110/0110/0000") == 0,
		"polygon: a square fills its pixels: %s", shown(map));
	ok(raster_polygon(&r, point, 3, map, 2) == 0 && strcmp(shown(map), "0110/0110/0000") == 0,
		"polygon: no pixels for a polygon of one point");
	ok(raster_rle(&r, (double[]){ 1, 2, 8, 1 }, 4, map, 3) == 0 && strcmp(shown(map), "0110/3110/3003") == 0,
		"RLE: runs go down the columns: %s", shown(map));
	ok(raster_rle(&r, (double[]){ 12, 0, 0 }, 3, map, 4) == 0 && strcmp(shown(map), "0110/3110/3003") == 0,
		"RLE: no pixels for an empty mask");
	ok(raster_rle(&r, (double[]){ 1, 2, 8 }, 3, map, 4) < 0 && raster_rle(&r, (double[]){ 1, 12 }, 2, map, 4) < 0 &&
			raster_rle(&r, (double[]){ -1, 13 }, 2, map, 4) < 0 &&
			raster_rle(&r, (double[]){ .5, 11.5 }, 2, map, 4) < 0 && raster_rle(&r, counts, 0, map, 4) < 0,
		"RLE: runs that do not add up to the image are refused: %s", err_text());
	ok(raster_polygon(&r, far, 3, map, 4) < 0, "polygon: a vertex at 1e9 is refused: %s", err_text());
	ok(raster_polygon(&r, outside, 4, map, 5) == 0 && strcmp(shown(map), "5555/5555/5555") == 0,
		"polygon: a polygon around the image fills it: %s", shown(map));
	n = raster_rle_text("02620Q2", 5, counts);
	ok(n == 5 && counts[0] == 0 && counts[1] == 2 && counts[2] == 6 && counts[3] == 4 && counts[4] == 6,
		"compressed RLE: numbers from the fourth on are differences");
	n = raster_rle_text("Pl3", 3, counts);
	ok(n == 1 && counts[0] == 28 * 32 + 3 * 1024, "compressed RLE: a number of three characters: %g", counts[0]);
	ok(raster_rle_text("P", 1, counts) < 0 && raster_rle_text("PPPPPPPPPPPP0", 13, counts) < 0 &&
			raster_rle_text("\x01", 1, counts) < 0,
		"compressed RLE: malformed text is refused: %s", err_text());
	arena_free(&a);
}

static void
test_find(void)
{
	static const struct { const char *key; long expected; } wanted[] = {
		{ "d/a/1.jpg", 0 },
		{ "a/1.jpg", 0 },
		{ "b/1.jpg", 1 },
		{ "elsewhere/x/a/1.png", 0 },
		{ "d/b/1", 1 },
		{ "b/1", 1 },
		{ "1.jpg", -2 },
		{ "1", -2 },
		{ "2.jpg", 2 },
		{ "2.png", 2 },
		{ "c/2", 2 },
		{ "./d/c/2.jpg", 2 },
		{ "q/2.jpg", -1 },
		{ "3.jpg", -1 },
		{ "x.y.jpg", 3 },
		{ "x", 3 },
		{ "x.z", -1 },
		{ "", -1 },
		{ "/", -1 },
		{ "back\\\\slash.jpg", 4 },
		{ "\\xff.jpg", 5 },
	};
	struct label l = { .root = 2 };
	size_t i;

	label_add_image(&l, "d/a/1.jpg");
	label_add_image(&l, "d/b/1.jpg");
	label_add_image(&l, "d/c/2.jpg");
	label_add_image(&l, "d/x.y.jpg");
	label_add_image(&l, "d/back\\slash.jpg");
	label_add_image(&l, "d/\xff.jpg");
	label_index_keys(&l);
	for (i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		long got = label_find_image(&l, wanted[i].key);

		ok(got == wanted[i].expected, "key matching: '%s' finds image %ld (got %ld)", wanted[i].key,
			wanted[i].expected, got);
	}
	label_close(&l);
}

int
main(void)
{
	char path[] = "/tmp/tscae-label.XXXXXX";
	int fd = mkstemp(path);

	close(fd);
	test_xml();
	test_coco(path);
	test_region();
	check_walk();
	check_box();
	test_find();
	unlink(path);
	return tap_end();
}
