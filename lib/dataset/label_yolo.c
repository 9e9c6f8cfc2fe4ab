/* label_yolo - the layout of YOLO: a text file for each image, and data.yaml

   A line is "class x y width height": the center and size of the box as fractions of the image; with kpt_shape in
   data.yaml, keypoints follow, which are not read; or "class x y x y ..." with three points or more: the box around a
   polygon. The file has the path of the image with the last folder `images`
   replaced by `labels`, or is beside the image. An image without file has no objects. */
#include "annotation/class_list.h"
#include "annotation/key.h"
#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "codec/decode.h"
#include "codec/image.h"
#include "dataset/label.h"
#include "dataset/label_internal.h"
#include "dataset/listing.h"
#include "dataset/yolo_config.h"
#include "stream/record.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LABELS_MAX = 16 << 20, FIELDS = 6 };

#define FAR 0.5	/* points of a polygon are at most this far outside, in sizes of the image */

struct yolo_layout {
	const char **files;	/* label file of each image; NULL: none */
	long keypoints;		/* numbers of a line after its box; 0: none, lines may be polygons */
};

/* The label file of an image, from the arena; NULL: there is none. */
static const char *
find_file(struct label *l, const char *image)
{
	const char *rest = yolo_config_image(image), *path, *dot;
	char *stem;
	int n, pass;

	dot = key_stem(image, &n) + n;
	for (pass = rest ? 0 : 1; pass < 2; pass++) {
		stem = pass ? mem_format("%.*s", (int)(dot - image), image)
			: mem_format("%.*slabels/%.*s", (int)(rest - image) - (int)strlen("images/"), image,
			    (int)(dot - rest), rest);
		path = label_path(&l->text, stem, ".txt");
		free(stem);
		if (file_exists(path))
			return path;
	}
	return NULL;
}

/* A path of data.yaml with slashes for its backslashes, but for a file with backslashes in its name. */
static const char *
take_slashes(struct label *l, const char *folder, const char *path)
{
	const char *slashes = key_slashes(&l->text, path);
	char *whole = mem_format("%s/%s", folder, path);
	const bool exists = slashes && file_exists(whole);

	free(whole);
	return slashes && !exists ? slashes : path;
}

/* A path of data.yaml: relative to its `path`, or to the file; Roboflow's "../train/images" is meant without "../". */
static char *
resolve(struct label *l, const char *folder, const struct yolo_config *c, const char *path)
{
	const char *base = c->path ? take_slashes(l, folder, c->path) : "";
	char *whole;

	path = take_slashes(l, folder, path);
	if (*path == '/')
		return mem_text(path);
	whole = mem_format("%s%s%s%s%s", *base == '/' ? "" : folder, *base == '/' ? "" : "/", base, *base ? "/" : "",
	    path);
	if (file_exists(whole))
		return whole;
	free(whole);
	whole = mem_format("%s/%s", folder, path);
	if (!file_exists(whole))
		while (strncmp(path, "../", 3) == 0) {
			free(whole);
			whole = mem_format("%s/%s", folder, path += 3);
		}
	return whole;
}

/* Drop images that came before, from index `from` on. Their number; *first: the name of the first of them, if it is not
   set. */
static long
drop_repeated(struct label *l, long from, const char **first)
{
	struct listing *images = &l->images;
	struct lookup by_name = { 0 };
	long i, k, count = from;

	for (i = from; i < images->count; i++) {
		const char *name = images->items[i].name;
		const uint32_t hash = lookup_bytes(name, strlen(name));
		long at = -1;

		while ((k = lookup_next(&by_name, hash, &at)) >= 0 && strcmp(images->items[k].name, name) != 0)
			;
		if (k >= 0) {
			*first = *first ? *first : name;
			continue;
		}
		lookup_put(&by_name, hash, count);
		images->items[count++] = images->items[i];
	}
	k = images->count - count;
	images->count = count;
	lookup_free(&by_name);
	return k;
}

/* Add the images of a folder, or of a list of names, which are relative to the list's folder. */
static int
add_images(struct label *l, const char *path)
{
	const char **names = NULL, *slash = strrchr(path, '/');
	const long before = l->images.count;
	const size_t n = strlen(path);
	char *folder;
	long count = 0, i;

	if (n < 4 || strcmp(path + n - 4, ".txt") != 0)
		return listing_add(&l->images, path);
	if (label_read_lines(&l->text, path, false, &names, &count) < 0)
		return -1;
	folder = mem_format("%.*s", slash ? (int)(slash - path) : 0, path);
	for (i = 0; i < count; i++) {
		/* a name may be relative to the working directory, too */
		const char *name = key_plain(label_slashes(l, folder, label_slashes(l, "", names[i])));
		char *whole = mem_format("%s%s%s", *name == '/' ? "" : folder, *name == '/' || !slash ? "" : "/", name);

		label_add_image(l, file_exists(whole) ? whole : name);
		free(whole);
	}
	l->notes.count[LABEL_REPEATED_IMAGE] += drop_repeated(l, before, &l->notes.name[LABEL_REPEATED_IMAGE]);
	free(folder);
	free(names);
	return 0;
}

/* Keep the images of the list options.split, which is no split of the dataset. */
static int
choose_listed(struct label *l)
{
	const char *split = l->options.split;
	long *old;

	if (!file_exists(split))
		return err(ERR_INPUT, "%s: no split '%s' (train, val, test), and no file of image names is called so",
			l->options.from, split);
	if (label_choose_images(l, &old) < 0)
		return -1;
	free(old);
	return 0;
}

/* The images and classes of data.yaml. */
static int
read_config(struct label *l, const char *path)
{
	const char *slash = strrchr(path, '/');
	const int split = l->options.split ? yolo_config_split(l->options.split) : -1;
	char *folder = slash ? mem_format("%.*s", (int)(slash - path), path) : mem_text(".");
	const char *repeated = NULL;
	struct yolo_config c;
	int result = yolo_config_read(&c, path, &l->text), k;
	long i, found = 0;

	for (k = 0; k < YOLO_CONFIG_SPLITS && result == 0; k++)
		for (i = 0; i < c.splits[k].count && result == 0 && (split < 0 || split == k); i++, found++) {
			char *images = resolve(l, folder, &c, c.splits[k].list[i]);

			result = l->options.image_dir ? 0 : add_images(l, images);
			free(images);
		}
	if (result == 0 && found == 0)
		result = split < 0 ? err(ERR_DATA, "%s: neither train, val nor test has images", path)
			: err(ERR_DATA, "%s: no images for the split '%s'", path, l->options.split);
	if (result == 0 && l->options.image_dir)
		result = listing_add(&l->images, l->options.image_dir);
	((struct yolo_layout *)l->layout_data)->keypoints = c.keypoints;
	/* splits may be the same folder, or overlap: that is no error */
	drop_repeated(l, 0, &repeated);
	if (result == 0 && l->options.split && split < 0)
		result = choose_listed(l);
	if (result == 0 && !l->options.classes && c.count == 0)
		result = err(ERR_DATA, "%s: no class names; use --classes", path);
	if (result == 0)
		result = l->options.classes ? label_read_classes(l, &l->classes)
			: label_add_classes(&l->classes, c.names, c.count) < 0 ? err_in("%s", path) : 0;
	free(folder);
	return result;
}

/* A folder without data.yaml: its classes are in --classes or classes.txt. */
static int
read_folder(struct label *l)
{
	const struct label_options *o = &l->options;
	char *images = mem_format("%s/images", o->from), *classes = mem_format("%s/classes.txt", o->from),
		*part = mem_format("%s/%s", images, o->split ? o->split : "");
	const bool named = o->split && !o->image_dir && label_is_folder(part);
	int result;

	if (!o->classes && file_exists(classes))
		l->options.classes = arena_text(&l->text, classes);
	if (!l->options.classes)
		result = err(ERR_USAGE, "%s: neither data.yaml nor classes.txt; use --classes", o->from);
	else
		result = label_read_classes(l, &l->classes);
	if (result == 0)
		result = listing_add(&l->images, o->image_dir ? o->image_dir : named ? part
			: file_exists(images) ? images : o->from);
	if (result == 0 && o->split && !named)
		result = choose_listed(l);
	free(images);
	free(classes);
	free(part);
	return result;
}

static int
open_yolo(struct label *l)
{
	struct yolo_layout *y = l->layout_data = mem_new(sizeof *y);
	const bool folder = label_is_folder(l->options.from);
	char *config = folder ? mem_format("%s/data.yaml", l->options.from) : mem_text(l->options.from);
	int result = !file_exists(config) && folder ? read_folder(l) : read_config(l, config);
	long i, files = 0;

	free(config);
	y->files = mem_array((size_t)l->images.count + 1, sizeof *y->files);
	for (i = 0; i < l->images.count && result == 0; i++) {
		y->files[i] = find_file(l, l->images.items[i].name);
		files += y->files[i] != NULL;
	}
	if (result == 0)
		label_count_alone(l, y->files, ".txt");
	if (result == 0 && files == 0 && l->images.count > 0)
		result = err(ERR_INPUT, "%s: none of %ld images has a label file, such as '%s' with the suffix .txt in "
			"labels/ or beside it",
			l->options.from, l->images.count, l->images.items[0].name);
	l->fields = LABEL_BOXES;
	return result;
}

/* Read a line, in place. 1; 0: empty; -1 and err(). */
static int
read_line(const struct label *l, char *line, double width, double height, struct label_object *o)
{
	const long keypoints = ((const struct yolo_layout *)l->layout_data)->keypoints;
	double x, low[2] = { INFINITY, INFINITY }, high[2] = { -INFINITY, -INFINITY }, first[FIELDS] = { 0 };
	char *end;
	long n = 0;

	for (line += strspn(line, " \t\r"); *line; line = end + strspn(end, " \t\r"), n++) {
		x = strtod(line, &end);
		if (end == line || !isfinite(x) || (*end && !strchr(" \t\r", *end)))
			return err(ERR_DATA, "'%.20s' is not a number", line);
		if (n < FIELDS)
			first[n] = x;
		if (n > 0) {
			low[(n - 1) % 2] = fmin(low[(n - 1) % 2], x);
			high[(n - 1) % 2] = fmax(high[(n - 1) % 2], x);
		}
	}
	if (n == 0)
		return 0;
	if (n > 5 && keypoints && n != 5 + keypoints)
		return err(ERR_DATA, "%ld numbers; expected 'class x y width height' and, by kpt_shape, "
			"%ld of keypoints", n, keypoints);
	if (n < 5 || (n > FIELDS && n % 2 == 0 && !keypoints))
		return err(ERR_DATA,
		    "%ld numbers; expected 'class x y width height', or a class and the points of a polygon", n);
	if (first[0] != floor(first[0]) || first[0] < 0 || (first[0] >= l->classes.count && !l->options.drop_unlisted))
		return err(ERR_DATA, "class %g, but there are %d classes", first[0], l->classes.count);
	/* the sixth number is a score */
	if (n <= FIELDS || keypoints) {
		low[0] = first[1] - first[3] / 2;
		low[1] = first[2] - first[4] / 2;
		high[0] = first[1] + first[3] / 2;
		high[1] = first[2] + first[4] / 2;
	}
	if (fmax(fabs(low[0]), fabs(low[1])) > 10 || fmax(fabs(high[0]), fabs(high[1])) > 10)
		return err(ERR_DATA, "coordinates in pixels: YOLO's are fractions of the image");
	if (n > FIELDS && !keypoints && (fmin(low[0], low[1]) < -FAR || fmax(high[0], high[1]) > 1 + FAR))
		return err(ERR_DATA, "a polygon far outside of the image; lines with keypoints need kpt_shape "
			"in data.yaml");
	*o = (struct label_object){ .left = low[0] * width, .top = low[1] * height, .right = high[0] * width,
		.bottom = high[1] * height, .class = first[0] < l->classes.count ? (int)first[0] : -1 };
	return 1;
}

/* The size of an image file, by decoding it as small as possible; `upright`: as its EXIF orientation rotates it. */
static int
image_size(const char *path, bool upright, int *width, int *height)
{
	struct decode_options o = decode_defaults;
	struct decode_report report;
	struct arena a = { 0 };
	struct image p;
	size_t size;
	void *bytes = file_read(path, DECODE_MAX_BYTES, &size);
	int result;

	o.side = 1;
	o.upright = upright;
	result = bytes ? decode_image(bytes, size, &o, &a, &p, &report) : -1;
	if (result == 0) {
		*width = report.width;
		*height = report.height;
	}
	free(bytes);
	arena_free(&a);
	return result;
}

static int
put_yolo(const struct label *l, long i, struct record *r, struct label_notes *notes)
{
	const char *file = ((const struct yolo_layout *)l->layout_data)->files[i];
	int width = 0, height = 0, count = 0, got, result;
	struct label_object *list = NULL, o;
	char *text, *line, *next;
	size_t size, room = 0;
	long number = 0;

	if (!record_get(r, "image") && image_size(l->images.items[i].name, l->options.upright, &width, &height) < 0)
		return err_status() == ERR_OS ? -1 : LABEL_SKIPPED;
	if ((result = label_put_size(l, r, &width, &height, notes)) != 0)
		return result;
	text = file ? file_read(file, LABELS_MAX, &size) : mem_text("");
	if (!text)
		return -1;
	notes->count[LABEL_UNANNOTATED] += !file;
	if (file && strlen(text) < size)
		result = err(ERR_DATA, "%s: a zero byte (UTF-16? convert it to UTF-8)", file);
	line = text + utf8_mark(text, strlen(text));
	for (; *line && result == 0; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = 0;
		number++;
		got = read_line(l, line, width, height, &o);
		if (got < 0)
			result = err_in("%s: line %ld", file, number);
		if (got <= 0)
			continue;
		if (o.class < 0) {
			notes->count[LABEL_UNLISTED]++;
			continue;
		}
		list = mem_room(list, &room, (size_t)count + 1, sizeof *list);
		list[count++] = o;
	}
	if (result == 0)
		label_put_boxes(r, list, count, width, height, false, notes);
	free(list);
	free(text);
	return result < 0 ? -1 : 1;
}

static void
close_yolo(struct label *l)
{
	struct yolo_layout *y = l->layout_data;

	if (y)
		free(y->files);
	free(y);
}

const struct label_layout label_yolo = { open_yolo, put_yolo, close_yolo, LABEL_SUPPORTS_IMAGE_DIR };
