/* label_list - lists of names: images of a part, classes, files of a folder */
#include "base/err.h"
#include "base/file.h"
#include "dataset/label_part.h"
#include "dataset/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static void
append(const char ***list, long *count, long *room, const char *text)
{
	if (*count == *room)
		*list = mem_grow(*list, sizeof **list * (size_t)(*room = *room ? 2 * *room : 256));
	(*list)[(*count)++] = text;
}

struct listing_item *
label_part_add(struct label *l, const char *path)
{
	return listing_put(&l->images, listing_text(&l->images, key_plain(path)), -1);
}

void
label_part_root(struct label *l, const char *folder)
{
	folder = key_plain(folder);
	l->root = !*folder || strcmp(folder, ".") == 0 ? 0 : strlen(folder) + 1;
}

bool
label_part_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int
label_part_lines(struct arena *a, const char *path, bool marks, const char ***list, long *count)
{
	size_t size;
	char *text = file_read(path, 0, &size), *line, *next;
	long room = 0;

	*list = NULL;
	*count = 0;
	if (!text)
		return -1;
	if (strlen(text) < size) {
		free(text);
		return err(ERR_DATA, "%s: not a list: there is a zero byte", path);
	}
	for (line = text; *line; line = next) {
		size_t n = strcspn(line, "\n");

		next = line + n + (line[n] != 0);
		line[n] = 0;
		while (n > 0 && strchr(" \t\r", line[n - 1]))
			line[--n] = 0;
		line += strspn(line, " \t");
		if (marks) {
			char *mark = line + strcspn(line, " \t");

			if (*mark && strcmp(mark + strspn(mark, " \t"), "-1") == 0)
				continue;
			*mark = 0;
		}
		if (*line)
			append(list, count, &room, arena_text(a, line));
	}
	free(text);
	return 0;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int
label_part_folder(struct arena *a, const char *path, const char *suffix, const char ***list, long *count)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	long room = 0;

	*list = NULL;
	*count = 0;
	if (!d)
		return err(ERR_INPUT, "%s: %s", path, strerror(errno));
	while ((entry = readdir(d))) {
		size_t n = strlen(entry->d_name), m = strlen(suffix);

		if (*entry->d_name == '.' || n <= m || strcasecmp(entry->d_name + n - m, suffix) != 0)
			continue;
		entry->d_name[n - m] = 0;
		append(list, count, &room, arena_text(a, entry->d_name));
	}
	closedir(d);
	if (*count)
		qsort(*list, (size_t)*count, sizeof **list, by_text);
	return 0;
}

int
label_part_choose(struct label *l, long **old)
{
	struct listing whole = l->images;
	struct key_index keys = { 0 };
	const char **names;
	long count, i;
	int result = 0;
	char *taken;

	*old = NULL;
	if (!l->options.set)
		return 0;
	if (label_part_lines(&l->text, l->options.set, true, &names, &count) < 0)
		return -1;
	keys.root = (long)l->root;
	for (i = 0; i < whole.count; i++)
		key_add(&keys, whole.items[i].name);
	taken = mem_new((size_t)whole.count + 1);
	*old = mem_new(sizeof **old * (size_t)(count + 1));
	l->images.items = NULL;
	l->images.count = l->images.room = 0;
	for (i = 0; i < count && result == 0; i++) {
		const long at = key_find(&keys, names[i]);

		if (at < 0)
			result = at == -2 ? err_in("%s: %s", l->options.set, names[i]) : err(ERR_DATA, "%s: %s has no labels in %s", l->options.set, names[i], l->options.from);
		else if (taken[at])
			result = err(ERR_DATA, "%s: %s comes twice", l->options.set, names[i]);
		else {
			taken[at] = 1;
			(*old)[l->images.count] = at;
			*listing_put(&l->images, whole.items[at].name, -1) = whole.items[at];
		}
	}
	free(taken);
	free(names);
	free(whole.items);
	key_free(&keys);
	if (result < 0) {
		free(*old);
		*old = NULL;
	}
	return result;
}
