/* label_simple - layouts without annotation files of their own format

   pairs: images and their segmentation maps, as two folders (CamVid's train and trainannot) or as a list of pairs;
   table: lines NAME<tab>LABEL (Tiny-ImageNet's val_annotations.txt); folders: the folder of an image is its class. */
#include "annotation/class_list.h"
#include "annotation/image_class.h"
#include "annotation/key.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "dataset/label.h"
#include "dataset/label_internal.h"
#include "dataset/listing.h"
#include "dataset/table.h"
#include "stream/record.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct pairs_layout {
	const char **segmaps;	/* path of the segmentation map of each image */
};

/* Images of one folder, segmentation maps of the same names in the other. */
static int
pair_folders(struct label *l, struct pairs_layout *p, const char *images, const char *segmaps)
{
	long i;

	if (!label_is_folder(images) || !label_is_folder(segmaps))
		return err(ERR_INPUT, "%s: not a folder", label_is_folder(images) ? segmaps : images);
	if (listing_add(&l->images, images) < 0)
		return -1;
	label_set_root(l, images);
	p->segmaps = mem_array((size_t)(l->images.count + 1), sizeof *p->segmaps);
	for (i = 0; i < l->images.count; i++) {
		const char *name = l->images.items[i].name + l->root;
		int n;
		const char *part = key_stem(name, &n);
		char *stem = mem_format("%s/%.*s", segmaps, (int)(part - name) + n, name);

		if (l->images.items[i].archive >= 0) {
			free(stem);
			return err(ERR_DATA, "%s: the layout pairs does not support archives", images);
		}
		p->segmaps[i] = label_path(&l->text, stem, ".png");
		free(stem);
	}
	label_count_alone(l, p->segmaps, ".png");
	return 0;
}

/* Find the file of a path of a list, relative to the folder of the list; leading parts that do not exist there are
   dropped one by one. NULL: there is none. */
static char *
find_file(const char *folder, const char *path)
{
	const char *rest = path;
	char *whole;

	if (*path == '/' && file_exists(path))
		return mem_text(path);
	while (rest) {
		rest += strspn(rest, "/");
		whole = mem_format("%s%s%s", folder, *folder ? "/" : "", rest);
		if (file_exists(whole))
			return whole;
		free(whole);
		rest = strchr(rest, '/');
	}
	return NULL;
}

/* The file of a path of a list, whose backslashes may be meant as slashes; a missing one fails later. */
static char *
resolve(struct label *l, const char *folder, const char *path)
{
	const char *slashes = key_slashes(&l->text, path);
	char *whole = find_file(folder, path);

	if (!whole && slashes)
		whole = find_file(folder, slashes);
	return whole ? whole : mem_text(path);
}

static int
open_pair_list(struct label *l, struct pairs_layout *p)
{
	const char *list = l->options.from, *slash = strrchr(list, '/'), **lines;
	char *folder = mem_format("%.*s", slash ? (int)(slash - list) : 0, list);
	long count, i;
	int result = label_read_lines(&l->text, list, false, &lines, &count);

	label_set_root(l, folder);
	p->segmaps = mem_array((size_t)(count + 1), sizeof *p->segmaps);
	for (i = 0; i < count && result == 0; i++) {
		const char *blank = strchr(lines[i], '\t') ? "\t" : " ";
		size_t n = strcspn(lines[i], blank), m = n + strspn(lines[i] + n, blank);
		char *name = mem_format("%.*s", (int)n, lines[i]), *image = resolve(l, folder, name),
			*map = resolve(l, folder, lines[i] + m);

		if (!lines[i][m] || strpbrk(lines[i] + m, blank))
			result = err(
				ERR_DATA, "%s: expected an image and its segmentation map, not '%s'", list, lines[i]);
		label_add_image(l, image);
		if (strncmp(image, folder, strlen(folder)) != 0)
			l->root = 0;
		p->segmaps[i] = arena_text(&l->text, map);
		free(name);
		free(image);
		free(map);
	}
	free(lines);
	free(folder);
	return result;
}

static int
open_pair_folders(struct label *l, struct pairs_layout *p)
{
	const struct label_options *o = &l->options;
	char *images, *segmaps;
	int result;

	if (!o->split && !(o->image_dir && o->segmap_dir))
		return err(ERR_USAGE, "pairs in folders: use --split, or --image-dir and --segmap-dir");
	images = o->image_dir ? mem_text(o->image_dir) : mem_format("%s/%s", o->from, o->split);
	segmaps = o->segmap_dir ? mem_text(o->segmap_dir) : mem_format("%s/%sannot", o->from, o->split);
	result = pair_folders(l, p, images, segmaps);
	free(images);
	free(segmaps);
	return result;
}

/* Keep the images named in the file --split, and their segmentation maps. */
static int
choose_pairs(struct label *l, struct pairs_layout *p)
{
	const char **segmaps = p->segmaps;
	long *old, i;

	if (label_choose_images(l, &old) < 0)
		return -1;
	if (!old)
		return 0;
	p->segmaps = mem_array((size_t)(l->images.count + 1), sizeof *p->segmaps);
	for (i = 0; i < l->images.count; i++)
		p->segmaps[i] = segmaps[old[i]];
	free(segmaps);
	free(old);
	return 0;
}

static int
open_pairs(struct label *l)
{
	struct pairs_layout *p = l->layout_data = mem_new(sizeof *p);
	const bool folder = label_is_folder(l->options.from);

	if (!l->options.classes)
		return err(ERR_USAGE, "pairs: the classes of the segmentation maps are unknown; use --classes");
	if (label_read_classes(l, &l->segmap_classes) < 0)
		return -1;
	if (l->segmap_classes.count > LABEL_SEGMAP_CLASSES_MAX)
		return err(ERR_DATA, "%s: %d classes are too many for a segmentation map", l->options.classes,
			l->segmap_classes.count);
	l->fields = LABEL_SEGMAP;
	if ((folder ? open_pair_folders(l, p) : open_pair_list(l, p)) < 0)
		return -1;
	/* the name of a split has selected the folders */
	return folder && !(l->options.image_dir && l->options.segmap_dir) ? 0 : choose_pairs(l, p);
}

static int
put_pairs(const struct label *l, long i, struct record *r, struct label_notes *notes)
{
	const struct pairs_layout *p = l->layout_data;
	int width = 0, height = 0, result;

	if (record_get(r, "image") && (result = label_put_size(l, r, &width, &height, notes)) != 0)
		return result;
	return label_put_segmap(l, p->segmaps[i], r, width, height, notes);
}

static void
close_pairs(struct label *l)
{
	struct pairs_layout *p = l->layout_data;

	if (p)
		free(p->segmaps);
	free(p);
}

const struct label_layout label_pairs = { open_pairs, put_pairs, close_pairs,
	LABEL_SUPPORTS_IMAGE_DIR | LABEL_SUPPORTS_SEGMAPS | LABEL_SUPPORTS_SEGMAP_FILES };

/* The classes: those of --classes, else all texts in bytewise order; texts[i] is the class of image i. */
static int
assign_classes(struct label *l, const char **texts)
{
	const char **sorted;
	long i, n = l->images.count;
	int result;

	if (l->options.classes)
		result = label_read_classes(l, &l->classes);
	else {
		sorted = mem_array((size_t)(n + 1), sizeof *sorted);
		memcpy(sorted, texts, sizeof *sorted * (size_t)n);
		result = label_add_classes(&l->classes, sorted, label_sort_names(sorted, n));
		free(sorted);
	}
	if (result < 0)
		return -1;
	for (i = 0; i < n; i++) {
		l->images.items[i].class = class_list_find(&l->classes, texts[i]);
		if (l->images.items[i].class < 0)
			return err(ERR_DATA, "%s: class '%s' of '%s' is not in '%s'", l->options.from, texts[i],
				l->images.items[i].name, l->options.classes);
	}
	l->fields = LABEL_CLASS;
	return 0;
}

/* The folder of the images of a table: --image-dir, else `images` in the folder of the table, else that folder. */
static char *
image_folder(const struct label *l)
{
	const char *from = l->options.from, *slash = strrchr(from, '/');
	char *folder, *images;

	if (l->options.image_dir)
		return mem_text(l->options.image_dir);
	folder = mem_format("%.*s", slash ? (int)(slash - from) : 1, slash ? from : ".");
	images = mem_format("%s/images", folder);
	if (file_exists(images)) {
		free(folder);
		return images;
	}
	free(images);
	return folder;
}

/* The images of the rows with a label, and their labels. */
static void
add_rows(struct label *l, const struct table *t, const char *folder, const char **texts)
{
	long i;

	for (i = 0; i < t->count; i++) {
		const char *name = t->rows[i].name;
		char *path;

		if (!t->rows[i].label)
			continue;
		path = mem_format(*name == '/' || strcmp(folder, ".") == 0 ? "%.0s%s" : "%s/%s", folder, name);
		texts[l->images.count] = arena_text(&l->text, t->rows[i].label);
		label_add_image(l, path);
		free(path);
	}
	l->notes.count[LABEL_REPEATED_ROW] += t->repeated;
	l->notes.count[LABEL_UNLABELED_ROW] += t->unlabeled;
	l->notes.count[LABEL_COLUMNS] += table_flag_rows(t);
	if (t->first_unlabeled)
		l->notes.name[LABEL_UNLABELED_ROW] = arena_text(&l->text, t->first_unlabeled);
	if (t->first_flag_row)
		l->notes.name[LABEL_COLUMNS] = arena_text(&l->text, t->first_flag_row);
}

/* Keep the images named in the file --split, and their texts. */
static int
choose_rows(struct label *l, const char **texts)
{
	long *old, i;
	const char **chosen;

	if (label_choose_images(l, &old) < 0)
		return -1;
	if (!old)
		return 0;
	chosen = mem_array((size_t)(l->images.count + 1), sizeof *chosen);
	for (i = 0; i < l->images.count; i++)
		chosen[i] = texts[old[i]];
	memcpy(texts, chosen, sizeof *chosen * (size_t)l->images.count);
	free(chosen);
	free(old);
	return 0;
}

static int
open_table(struct label *l)
{
	char *folder = image_folder(l);
	struct table t = { 0 };
	int result = table_read(&t, l->options.from);
	const char **texts = mem_array((size_t)t.count + 1, sizeof *texts);

	label_set_root(l, folder);
	if (result == 0)
		add_rows(l, &t, folder, texts);
	if (result == 0)
		result = assign_classes(l, texts);
	if (result == 0)
		result = choose_rows(l, texts);
	free(texts);
	free(folder);
	table_free(&t);
	return result;
}

static int
put_class(const struct label *l, long i, struct record *r, struct label_notes *notes)
{
	(void)notes;
	image_class_put(r, IMAGE_CLASS_GT, l->images.items[i].class);
	return 1;
}

const struct label_layout label_table = { open_table, put_class, NULL, LABEL_SUPPORTS_IMAGE_DIR };

static int
open_folders(struct label *l)
{
	const char **texts;
	long i, n, *old;
	int result;

	if (listing_add(&l->images, l->options.from) < 0)
		return -1;
	if (label_is_folder(l->options.from))
		label_set_root(l, l->options.from);
	if (listing_label_folders(&l->images) < 0)
		return err_in("%s", l->options.from);
	n = l->images.count;
	texts = mem_array((size_t)(n + 1), sizeof *texts);
	for (i = 0; i < n && l->images.items[i].class >= 0; i++)
		texts[i] = l->images.classes.list[l->images.items[i].class].name;
	result = i < n ? err(ERR_DATA, "%s: not in a folder, which would be its class", l->images.items[i].name)
		: assign_classes(l, texts);
	free(texts);
	if (result == 0 && label_choose_images(l, &old) == 0)
		free(old);
	else
		result = -1;
	return result;
}

const struct label_layout label_folders = { open_folders, put_class, NULL, 0 };
