/* results_voc - read VOC results: detection files compN_det_SET_CLASS.txt, and segmentation maps as PNG files */
#include "annotation/class_list.h"
#include "annotation/segmap.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/image.h"
#include "dataset/listing.h"
#include "metrics/evaluation.h"
#include "metrics/iou.h"
#include "metrics/results.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The next word of a line, terminated by a zero byte; NULL: no further word. */
static char *
next_word(char **at)
{
	char *begin = *at + strspn(*at, " \t\r"), *end = begin + strcspn(begin, " \t\r");

	*at = *end ? end + 1 : end;
	*end = '\0';
	return *begin ? begin : NULL;
}

static int
take_line(struct evaluation *s, char *line, int class, const struct evaluation_rules *rules)
{
	struct evaluation_box b = { .class = class };
	char *key = next_word(&line), *number, *end;
	double value[5];
	int i;

	if (!key)
		return 0;
	for (i = 0; i < 5; i++) {
		if (!(number = next_word(&line)))
			return err(ERR_DATA, "expected 'image score left top right bottom'");
		value[i] = strtod(number, &end);
		if (*end)
			return err(ERR_DATA, "'%s' is not a number", number);
	}
	if (next_word(&line))
		return err(ERR_DATA, "text after 'image score left top right bottom'");
	b.image = evaluation_find(s, key);
	if (b.image == -2)
		return -1;
	if (b.image < 0 && rules->intersect) {
		s->notes.unmatched_images++;
		return 0;
	}
	if (b.image < 0)
		return err(ERR_DATA, "the ground truth has no image '%s'; use --intersect to drop it", key);
	b.score = value[0];
	b.box = iou_corners(value[1] - 1, value[2] - 1, value[3], value[4]);
	return evaluation_put_detection(s, &b, rules);
}

int
results_parse_voc(struct evaluation *s, char *text, int class, const struct evaluation_rules *rules)
{
	char *line, *next;
	long number = 1;

	for (line = text; *line; line = next, number++) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		if (take_line(s, line, class, rules) < 0)
			return err_in("line %ld", number);
	}
	return 0;
}

/* "compN_det_" */
static bool
is_detection(const char *name)
{
	return strncmp(name, "comp", 4) == 0 && name[4] && strncmp(name + 5, "_det_", 5) == 0;
}

bool
results_has_voc(const char *folder)
{
	DIR *d = opendir(folder);
	const struct dirent *e;
	bool has = false;

	while (d && !has && (e = readdir(d)))
		has = is_detection(e->d_name);
	if (d)
		closedir(d);
	return has;
}

/* The class of a file: the longest class name between an underscore and .txt. */
static int
class_of(const struct evaluation *s, const char *name)
{
	size_t n = strlen(name), longest = 0;
	int i, class = -1;

	if (n < 4 || strcmp(name + n - 4, ".txt") != 0)
		return -1;
	n -= 4;
	for (i = 0; i < s->classes.count; i++) {
		size_t m = strlen(s->classes.list[i].name);

		/* compN_det_S_ precedes it */
		if (m > longest && n >= m + 12 && name[n - m - 1] == '_' &&
			strncmp(name + n - m, s->classes.list[i].name, m) == 0) {
			longest = m;
			class = i;
		}
	}
	return class;
}

static int
read_file(struct evaluation *s, const char *folder, const char *name, int class, const struct evaluation_rules *rules)
{
	char *path = mem_format("%s/%s", folder, name), *text;
	size_t size;
	int result = -1;

	if ((text = file_read(path, 0, &size))) {
		result = strlen(text) == size ? results_parse_voc(s, text, class, rules) : err(ERR_DATA, "a zero byte");
		if (result < 0)
			err_in("%s", path);
	}
	free(text);
	free(path);
	return result;
}

/* Find the file of each class. names: (classes). -1 and err(). */
static int
assign_files(struct evaluation *s, DIR *d, char **names, const struct evaluation_rules *rules)
{
	struct dirent *e;
	int got;

	while ((got = file_entry(d, "entries", &e)) > 0) {
		int class = is_detection(e->d_name) ? class_of(s, e->d_name) : -1;

		if (!is_detection(e->d_name))
			continue;
		if (class < 0 && !rules->intersect)
			return err(ERR_DATA,
				"%s: the ground truth has no class of that name; use --intersect to drop the file",
				e->d_name);
		if (class < 0)
			continue;
		if (names[class])
			return err(ERR_DATA, "'%s' and '%s' belong to the same class", e->d_name, names[class]);
		names[class] = mem_text(e->d_name);
	}
	return got;
}

static int
read_files(struct evaluation *s, const char *folder, char *const *names, const struct evaluation_rules *rules)
{
	int i, files = 0;

	for (i = 0; i < s->classes.count; i++) {
		files += names[i] != NULL;
		if (!names[i] && !rules->intersect)
			return err(ERR_DATA, "%s: no file compN_det_SET_%s.txt; use --intersect to drop the class",
				folder, s->classes.list[i].name);
		s->classes.list[i].left_out = !names[i];
		if (names[i] && read_file(s, folder, names[i], i, rules) < 0)
			return -1;
	}
	return files ? 0 : err(ERR_DATA, "%s: no file compN_det_SET_CLASS.txt", folder);
}

int
results_read_voc(struct evaluation *s, const char *folder, const struct evaluation_rules *rules)
{
	DIR *d = opendir(folder);
	char **names;
	int i, result;

	if (!d)
		return err(file_status(errno), "%s: %s", folder, strerror(errno));
	names = mem_array((size_t)s->classes.count + 1, sizeof *names);
	result = assign_files(s, d, names, rules);
	closedir(d);
	result = result < 0 ? err_in("%s", folder) : read_files(s, folder, names, rules);
	for (i = 0; i < s->classes.count; i++)
		free(names[i]);
	free(names);
	if (result == 0)
		s->predicted_tasks |= EVALUATION_DETECT;
	return result;
}

static int
count_pixels(struct evaluation *s, struct evaluation_image *image, const struct image *p,
	const struct evaluation_rules *rules)
{
	int classes[256], i;

	if (image->predicted)
		return err(ERR_DATA, "image '%s' is predicted twice", image->key);
	image->predicted = true;
	if (p->width != image->segmap.width || p->height != image->segmap.height)
		return err(ERR_DATA, "%d x %d pixels, but the ground-truth segmentation map has %d x %d", p->width,
			p->height, image->segmap.width, image->segmap.height);
	if (segmap_check(p->pixels, p->height, p->width, s->label_classes.count) < 0)
		return -1;
	for (i = 0; i < 256; i++)
		classes[i] = i < s->label_classes.count ? i : -1;
	evaluation_count_pixels(s, image, p->pixels, classes, classes, rules);
	return 0;
}

static int
read_segmap(struct evaluation *s, const struct listing *l, long i, struct arena *a,
	const struct evaluation_rules *rules)
{
	struct decode_options o = decode_defaults;
	struct decode_report report;
	struct image p;
	size_t size;
	/* the folders of the maps are not those of the images */
	const char *key = listing_key(l, i, a), *slash = strrchr(key, '/');
	int image = evaluation_find(s, slash ? slash + 1 : key), result;
	void *bytes;

	if (image == -2)
		return -1;
	if (image < 0 && !rules->intersect)
		return err(ERR_DATA, "the ground truth has no such image; use --intersect to drop it");
	if (image < 0) {
		s->notes.unmatched_images++;
		return 0;
	}
	if (!(bytes = listing_read(l, i, DECODE_MAX_BYTES, &size)))
		return -1;
	o.indices = true;
	result = decode_image(bytes, size, &o, a, &p, &report);
	free(bytes);
	if (result == 0 && report.damage == DECODE_DAMAGED)
		result = err(ERR_DATA, "%s", report.what);
	return result < 0 ? -1 : count_pixels(s, &s->images[image], &p, rules);
}

int
results_read_segmaps(struct evaluation *s, const char *folder, const struct evaluation_rules *rules)
{
	struct listing l = { 0 };
	struct arena a = { 0 };
	int result = listing_add(&l, folder);
	long i;

	if (result == 0 && l.count == 0)
		result = err(ERR_DATA, "%s: no segmentation maps", folder);
	if (result == 0 && !(s->gt_tasks & EVALUATION_SEGMENT))
		result = err(ERR_DATA, "%s: segmentation maps, but the ground truth has none", folder);
	for (i = 0; i < l.count && result == 0; i++) {
		arena_reset(&a);
		if (read_segmap(s, &l, i, &a, rules) < 0)
			result = err_in("%s", listing_name(&l, i, &a));
	}
	s->predicted_tasks |= EVALUATION_SEGMENT;
	arena_free(&a);
	listing_free(&l);
	return result;
}
