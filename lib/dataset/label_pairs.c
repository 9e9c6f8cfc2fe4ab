/* label_pairs - images and their segmentation maps side by side: two folders (CamVid's train and trainannot), or a list of pairs */
#include "base/err.h"
#include "dataset/label_part.h"
#include "dataset/listing.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pairs {
	const char **maps;	/* path of the segmentation map of each image */
};

/* Images of one folder, maps of the other by the same name. */
static int
two_folders(struct label *l, struct pairs *p, const char *images, const char *maps)
{
	long i;

	if (!label_part_is_folder(images) || !label_part_is_folder(maps))
		return err(ERR_INPUT, "%s: not a folder", label_part_is_folder(images) ? maps : images);
	if (listing_add(&l->images, images) < 0)
		return -1;
	label_part_root(l, images);
	p->maps = mem_new(sizeof *p->maps * (size_t)(l->images.count + 1));
	for (i = 0; i < l->images.count; i++) {
		const char *name = l->images.items[i].name + l->root, *dot = strrchr(name, '.');
		char *path = mem_format("%s/%.*s.png", maps, dot ? (int)(dot - name) : (int)strlen(name), name);

		if (l->images.items[i].archive >= 0) {
			free(path);
			return err(ERR_DATA, "%s: archives do not go with pairs", images);
		}
		p->maps[i] = arena_text(&l->text, path);
		free(path);
	}
	return 0;
}

/* A path of a list is taken from the list's folder; parts at its beginning that are of the machine where the list was
   made are dropped one by one. */
static char *
resolve(const char *folder, const char *path)
{
	const char *part = path;
	char *whole;

	if (*path == '/' && access(path, F_OK) == 0)
		return mem_text(path);
	while (part) {
		part += strspn(part, "/");
		whole = mem_format("%s%s%s", folder, *folder ? "/" : "", part);
		if (access(whole, F_OK) == 0)
			return whole;
		free(whole);
		part = strchr(part, '/');
	}
	return mem_text(path);
}

static int
from_list(struct label *l, struct pairs *p)
{
	const char *list = l->options.from, *slash = strrchr(list, '/'), **lines;
	char *folder = mem_format("%.*s", slash ? (int)(slash - list) : 0, list);
	long count, i;
	int result = label_part_lines(&l->text, list, false, &lines, &count);

	label_part_root(l, folder);
	p->maps = mem_new(sizeof *p->maps * (size_t)(count + 1));
	for (i = 0; i < count && result == 0; i++) {
		const char *blank = strchr(lines[i], '\t') ? "\t" : " ";
		size_t n = strcspn(lines[i], blank), m = n + strspn(lines[i] + n, blank);
		char *name = mem_format("%.*s", (int)n, lines[i]), *image = resolve(folder, name), *map = resolve(folder, lines[i] + m);

		if (!lines[i][m] || strpbrk(lines[i] + m, blank))
			result = err(ERR_DATA, "%s: not the names of an image and its segmentation map: %s", list, lines[i]);
		label_part_add(l, image);
		if (strncmp(image, folder, strlen(folder)) != 0)
			l->root = 0;
		p->maps[i] = arena_text(&l->text, map);
		free(name);
		free(image);
		free(map);
	}
	free(lines);
	free(folder);
	return result;
}

static int
from_folders(struct label *l, struct pairs *p)
{
	const struct label_options *o = &l->options;
	char *images, *maps;
	int result;

	if (!o->set && !(o->images && o->maps))
		return err(ERR_USAGE, "pairs in folders: --split says which part, or --image-dir and --segmap-dir where they are");
	images = o->images ? mem_text(o->images) : mem_format("%s/%s", o->from, o->set);
	maps = o->maps ? mem_text(o->maps) : mem_format("%s/%sannot", o->from, o->set);
	result = two_folders(l, p, images, maps);
	free(images);
	free(maps);
	return result;
}

/* The images that the file --split names, and their maps. */
static int
choose(struct label *l, struct pairs *p)
{
	const char **maps = p->maps;
	long *old, i;

	if (label_part_choose(l, &old) < 0)
		return -1;
	if (!old)
		return 0;
	p->maps = mem_new(sizeof *p->maps * (size_t)(l->images.count + 1));
	for (i = 0; i < l->images.count; i++)
		p->maps[i] = maps[old[i]];
	free(maps);
	free(old);
	return 0;
}

static int
pairs_open(struct label *l)
{
	struct pairs *p = l->own = mem_new(sizeof *p);
	const bool folder = label_part_is_folder(l->options.from);

	if (!l->options.classes)
		return err(ERR_USAGE, "pairs: --classes says what the values of the segmentation maps mean");
	if (label_part_classes(l, &l->map_classes) < 0)
		return -1;
	if (l->map_classes.count > LABEL_MAP_CLASSES_MAX)
		return err(ERR_DATA, "%s: %d classes are more than a segmentation map holds", l->options.classes, l->map_classes.count);
	l->fields = LABEL_MAP;
	if ((folder ? from_folders(l, p) : from_list(l, p)) < 0)
		return -1;
	/* a set by name was the folders' */
	return folder && !(l->options.images && l->options.maps) ? 0 : choose(l, p);
}

static int
pairs_put(const struct label *l, long i, struct record *r, struct label_notes *notes)
{
	const struct pairs *p = l->own;
	int width = 0, height = 0;

	(void)notes;
	if (record_get(r, "image") && label_part_size(r, &width, &height) < 0)
		return -1;
	return label_part_map(l, p->maps[i], r, width, height);
}

static void
pairs_close(struct label *l)
{
	struct pairs *p = l->own;

	if (p)
		free(p->maps);
	free(p);
}

const struct label_layout label_pairs = { "pairs", pairs_open, pairs_put, pairs_close };
