/* label_table - classes of images: from a table of lines NAME<tab>LABEL (Tiny-ImageNet's val_annotations.txt), or from
   the folders that the images are in */
#include "base/err.h"
#include "base/file.h"
#include "base/utf8.h"
#include "dataset/label_part.h"
#include "dataset/listing.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Classes are those asked for, else the texts that occur, in bytewise order; texts[i] is that of image i. */
static int
settle(struct label *l, const char **texts)
{
	const char **sorted;
	long i, n = l->images.count;
	int result;

	if (l->options.classes)
		result = label_part_classes(l, &l->classes);
	else {
		sorted = mem_new(sizeof *sorted * (size_t)(n + 1));
		memcpy(sorted, texts, sizeof *sorted * (size_t)n);
		result = label_part_names(&l->classes, sorted, label_part_sort(sorted, n));
		free(sorted);
	}
	if (result < 0)
		return -1;
	for (i = 0; i < n; i++) {
		l->images.items[i].class = class_list_find(&l->classes, texts[i]);
		if (l->images.items[i].class < 0)
			return err(ERR_DATA, "%s: the class %s of %s is not in %s", l->options.from, texts[i], l->images.items[i].name, l->options.classes);
	}
	l->fields = LABEL_CLASS;
	return 0;
}

/* Where the images of a table are: the folder asked for, else `images` beside the table, else beside it. */
static char *
beside(const struct label *l)
{
	const char *from = l->options.from, *slash = strrchr(from, '/');
	char *folder, *images;

	if (l->options.images)
		return mem_text(l->options.images);
	folder = mem_format("%.*s", slash ? (int)(slash - from) : 1, slash ? from : ".");
	images = mem_format("%s/images", folder);
	if (access(images, F_OK) == 0) {
		free(folder);
		return images;
	}
	free(images);
	return folder;
}

static int
read_rows(struct label *l, const char **lines, long count, const char *folder, const char ***texts)
{
	long i;

	*texts = mem_new(sizeof **texts * (size_t)(count + 1));
	for (i = 0; i < count; i++) {
		const char *line = lines[i], *blank = strchr(line, '\t') ? "\t" : " ";
		size_t n = strcspn(line, blank), m;
		const char *label = line + n + (line[n] != 0);
		char *path;

		m = strcspn(label, blank);
		if (n == 0 || m == 0)
			return err(ERR_DATA, "%s: no label in the line '%s'", l->options.from, line);
		path = mem_format(line[0] == '/' || strcmp(folder, ".") == 0 ? "%.0s%.*s" : "%s/%.*s", folder, (int)n, line);
		label_part_add(l, path);
		free(path);
		(*texts)[i] = utf8_escape(&l->text, label, m);
	}
	return 0;
}

/* The set may be a list of names: texts go with their images. */
static int
choose(struct label *l, const char **texts)
{
	long *old, i;
	const char **whole;

	if (label_part_choose(l, &old) < 0)
		return -1;
	if (!old)
		return 0;
	whole = mem_new(sizeof *whole * (size_t)(l->images.count + 1));
	for (i = 0; i < l->images.count; i++)
		whole[i] = texts[old[i]];
	memcpy(texts, whole, sizeof *whole * (size_t)l->images.count);
	free(whole);
	free(old);
	return 0;
}

static int
table_open(struct label *l)
{
	char *folder = beside(l);
	const char **lines, **texts = NULL;
	long count;
	int result = label_part_lines(&l->text, l->options.from, false, &lines, &count);

	label_part_root(l, folder);
	if (result == 0)
		result = read_rows(l, lines, count, folder, &texts);
	if (result == 0)
		result = settle(l, texts);
	if (result == 0)
		result = choose(l, texts);
	free(lines);
	free(texts);
	free(folder);
	return result;
}

static int
put_class(const struct label *l, long i, struct record *r, struct label_notes *notes)
{
	(void)notes;
	record_put_int(r, "class", l->images.items[i].class);
	return 1;
}

const struct label_layout label_table = { "table", table_open, put_class, NULL };

static int
folders_open(struct label *l)
{
	const char **texts;
	long i, n, *old;
	int result;

	if (listing_add(&l->images, l->options.from) < 0)
		return -1;
	if (label_part_is_folder(l->options.from))
		label_part_root(l, l->options.from);
	listing_label_folders(&l->images);
	n = l->images.count;
	texts = mem_new(sizeof *texts * (size_t)(n + 1));
	for (i = 0; i < n && l->images.items[i].class >= 0; i++)
		texts[i] = l->images.classes[l->images.items[i].class];
	result = i < n ? err(ERR_DATA, "%s is in no folder", l->images.items[i].name) : settle(l, texts);
	free(texts);
	if (result == 0 && label_part_choose(l, &old) == 0)
		free(old);
	else
		result = -1;
	return result;
}

const struct label_layout label_folders = { "folders", folders_open, put_class, NULL };
