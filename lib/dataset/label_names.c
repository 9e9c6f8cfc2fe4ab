/* label_names - lists of names: images of a split, classes, files of a folder */
#include "annotation/class_list.h"
#include "annotation/key.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "codec/decode.h"
#include "dataset/label.h"
#include "dataset/label_internal.h"
#include "dataset/listing.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* In the order of their values: PASCAL VOC from 1 (Everingham et al., IJCV 88:303, 2010), CamVid's 11 from 0
   (segmentation maps of Badrinarayanan, Kendall, Cipolla, SegNet, 2015; 11 is unlabeled there). */
static const char *const voc[] = {
	"aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
	"horse",
	"motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor", NULL
};
static const char *const camvid[] = {
	"sky", "building", "pole", "road", "pavement", "tree", "signsymbol", "fence", "car", "pedestrian", "bicyclist",
	NULL
};
static const struct { const char *name; const char *const *list; } known[] = { { "voc", voc }, { "camvid", camvid } };

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

long
label_sort_names(const char **names, long count)
{
	long i, n = 0;

	if (count)
		qsort(names, (size_t)count, sizeof *names, by_text);
	for (i = 0; i < count; i++)
		if (n == 0 || strcmp(names[n - 1], names[i]) != 0)
			names[n++] = names[i];
	return n;
}

int
label_add_classes(struct class_list *list, const char *const *names, long count)
{
	long i;

	for (i = 0; i < count; i++)
		if (class_list_add(list, names[i], list->count) < 0)
			return -1;
	return 0;
}

int
label_known_classes(const char *name, const char *const **list)
{
	size_t i;
	int n = 0;

	for (i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].name, name) == 0)
			for (*list = known[i].list; (*list)[n]; n++)
				;
	return n;
}

int
label_read_classes(struct label *l, struct class_list *list)
{
	const char *from = l->options.classes, *const *known_list, **lines;
	long n = label_known_classes(from, &known_list), i;
	int result;

	if (n > 0)
		return label_add_classes(list, known_list, n);
	if (label_read_lines(&l->text, from, false, &lines, &n) < 0)
		return -1;
	for (i = 0; i < n; i++)
		lines[i] = utf8_escape(&l->text, lines[i], strlen(lines[i]));
	if (n == 0)
		result = err(ERR_DATA, "%s: no class names", from);
	else if (n > CLASS_LIST_MAX)
		result = err(ERR_DATA, "%s: more than %d classes", from, CLASS_LIST_MAX);
	else
		result = label_add_classes(list, lines, n) < 0 ? err_in("%s", from) : 0;
	free(lines);
	return result;
}

int
label_add_background(struct label *l)
{
	const char **names;
	int result;

	if (l->classes.count + 1 > LABEL_SEGMAP_CLASSES_MAX)
		return err(ERR_DATA, "%d classes and the background are too many for a segmentation map",
			l->classes.count);
	if (class_list_add(&l->segmap_classes, "background", 0) < 0)
		return -1;
	names = class_list_names(&l->classes);
	result = label_add_classes(&l->segmap_classes, names, l->classes.count);
	free(names);
	return result;
}

static void
append(const char ***list, long *count, size_t *room, const char *text)
{
	*list = mem_room(*list, room, (size_t)*count + 1, sizeof **list);
	(*list)[(*count)++] = text;
}

struct listing_item *
label_add_image(struct label *l, const char *path)
{
	return listing_put(&l->images, listing_text(&l->images, key_plain(path)), -1);
}

/* True if the folder (empty: the working directory) has a file NAME with the suffix, in any case. The folder of an
   absolute name does not count. */
static bool
in_folder(struct label *l, const char *folder, const char *name, const char *suffix)
{
	char *path = mem_format("%s%s%s", *name == '/' ? "" : folder, *name == '/' || !*folder ? "" : "/", name);
	const bool found = file_exists(label_path(&l->text, path, suffix));

	free(path);
	return found;
}

const char *
label_slashes(struct label *l, const char *folder, const char *name)
{
	const char *slashes = key_slashes(&l->text, name);

	return slashes && !in_folder(l, folder, name, "") && in_folder(l, folder, slashes, "") ? slashes : name;
}

const char *
label_listed_name(struct label *l, const char *folder, const char *suffix, const char *name)
{
	const char *forms[4] = { name, key_slashes(&l->text, name) };
	int i;

	for (i = 0; i < 2 && forms[i]; i++) {
		int n;
		const char *part = key_stem(forms[i], &n);
		char *stem = arena_text(&l->text, forms[i]);

		stem[part + n - forms[i]] = 0;
		forms[i + 2] = stem;
	}
	for (i = 0; i < 4; i++)
		if (forms[i] && in_folder(l, folder, forms[i], suffix))
			return forms[i];
	return name;
}

void
label_set_root(struct label *l, const char *folder)
{
	folder = key_plain(folder);
	l->root = !*folder || strcmp(folder, ".") == 0 ? 0 : strlen(folder) + 1;
}

bool
label_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Cut the number after a name off the line: -1, 0 or 1 (the class lists of VOC), or any after the suffix of an image.
   Names may have blanks. Returns the number; without one 0. */
static long
cut_number(char *line)
{
	char *at = line + strlen(line), *end, *rest, blank;
	long number;
	int stem;

	while (at > line && !strchr(" \t", at[-1]))
		at--;
	number = strtol(at, &end, 10);
	for (rest = at; rest > line && strchr(" \t", rest[-1]); rest--)
		;
	if (rest == line || *end)
		return 0;
	blank = *rest;
	*rest = 0;
	if (labs(number) <= 1 || key_stem(line, &stem)[stem])
		return number;
	*rest = blank;
	return 0;
}

int
label_read_lines(struct arena *a, const char *path, bool flags, const char ***list, long *count)
{
	size_t size, room = 0;
	char *text = file_read(path, 0, &size), *line, *next;

	*list = NULL;
	*count = 0;
	if (!text)
		return -1;
	if (strlen(text) < size) {
		free(text);
		return err(ERR_DATA, "%s: not a list of names: it contains a zero byte (UTF-16? convert it to UTF-8)",
			path);
	}
	for (line = text + utf8_mark(text, size); *line; line = next) {
		size_t n = strcspn(line, "\r\n");

		next = line + n + (line[n] != 0);
		line[n] = 0;
		while (n > 0 && strchr(" \t", line[n - 1]))
			line[--n] = 0;
		line += strspn(line, " \t");
		if (*line && (!flags || cut_number(line) != -1))
			append(list, count, &room, arena_text(a, line));
	}
	free(text);
	return 0;
}

int
label_list_folder(struct arena *a, const char *path, const char *suffix, const char ***list, long *count)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	size_t room = 0;
	int got;

	*list = NULL;
	*count = 0;
	if (!d)
		return err(file_status(errno), "%s: %s", path, strerror(errno));
	while ((got = file_entry(d, path, &entry)) > 0) {
		if (*entry->d_name == '.' || !file_has_suffix(entry->d_name, suffix))
			continue;
		entry->d_name[strlen(entry->d_name) - strlen(suffix)] = 0;
		append(list, count, &room, arena_text(a, entry->d_name));
	}
	closedir(d);
	if (*count)
		qsort(*list, (size_t)*count, sizeof **list, by_text);
	return got;
}

const char *
label_path(struct arena *a, const char *stem, const char *suffix)
{
	const size_t n = strlen(stem), m = strlen(suffix);
	char *path = arena_get(a, n + m + 1), *to;

	memcpy(path, stem, n);
	memcpy(path + n, suffix, m + 1);
	if (file_exists(path))
		return path;
	for (to = path + n; *to; to++)
		*to = (char)toupper((unsigned char)*to);
	if (!file_exists(path))
		memcpy(path + n, suffix, m);
	return path;
}

const char *
label_image_file(struct arena *a, const char *stem)
{
	char suffix[DECODE_SUFFIX];
	int i;

	for (i = 0; decode_suffix(i, suffix); i++) {
		const char *path = label_path(a, stem, suffix);

		if (file_exists(path))
			return path;
	}
	return NULL;
}

int
label_choose_images(struct label *l, long **old)
{
	struct listing whole = l->images;
	struct key_index keys = { 0 };
	const char **names;
	long count, i;
	int result = 0;
	char *chosen;

	*old = NULL;
	if (!l->options.split)
		return 0;
	if (label_read_lines(&l->text, l->options.split, true, &names, &count) < 0)
		return -1;
	keys.root = (long)l->root;
	for (i = 0; i < whole.count; i++)
		key_add(&keys, whole.items[i].name);
	chosen = mem_new((size_t)whole.count + 1);
	*old = mem_array((size_t)(count + 1), sizeof **old);
	l->images.items = NULL;
	l->images.count = 0;
	l->images.room = 0;
	for (i = 0; i < count && result == 0; i++) {
		const long at = key_find(&keys, names[i]);

		if (at < 0)
			result = at == -2 ? err_in("%s: %s", l->options.split, names[i])
				: err(ERR_DATA, "%s: image '%s' has no annotations in '%s'", l->options.split,
				names[i], l->options.from);
		else if (chosen[at])
			result = err(ERR_DATA, "%s: image '%s' occurs twice", l->options.split, names[i]);
		else {
			chosen[at] = 1;
			(*old)[l->images.count] = at;
			*listing_put(&l->images, whole.items[at].name, -1) = whole.items[at];
		}
	}
	free(chosen);
	free(names);
	free(whole.items);
	key_free(&keys);
	if (result < 0) {
		free(*old);
		*old = NULL;
	}
	return result;
}
