/* results_voc - VOC's detection files into a set: compN_det_SET_CLASS.txt */
#include "metrics/results.h"
#include "base/err.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The next word of a line, ended by a zero byte; NULL: there is none. */
static char *
word(char **at)
{
	char *begin = *at + strspn(*at, " \t\r"), *end = begin + strcspn(begin, " \t\r");

	*at = *end ? end + 1 : end;
	*end = '\0';
	return *begin ? begin : NULL;
}

static int
take(struct evaluation *s, char *line, int class, const struct evaluation_rules *rules)
{
	struct evaluation_box b = { .class = class };
	char *key = word(&line), *number, *end;
	double value[5];
	int i;

	if (!key)
		return 0;
	for (i = 0; i < 5; i++) {
		if (!(number = word(&line)))
			return err(ERR_DATA, "not 'image score left top right bottom'");
		value[i] = strtod(number, &end);
		if (*end)
			return err(ERR_DATA, "'%s' is not a number", number);
	}
	if (word(&line))
		return err(ERR_DATA, "more than 'image score left top right bottom'");
	b.image = evaluation_find(s, key);
	if (b.image == -2)
		return -1;
	if (b.image < 0 && rules->restricted) {
		s->notes.images++;
		return 0;
	}
	if (b.image < 0)
		return err(ERR_DATA, "the truth has no image %s (--intersect leaves it out)", key);
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
		if (take(s, line, class, rules) < 0)
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

/* The class that a file is of: the longest name that stands before .txt, behind an underscore. */
static int
class_of(const struct evaluation *s, const char *name)
{
	size_t n = strlen(name), longest = 0;
	int i, class = -1;

	if (n < 4 || strcmp(name + n - 4, ".txt") != 0)
		return -1;
	n -= 4;
	for (i = 0; i < s->classes.count; i++) {
		size_t m = strlen(s->classes.names[i]);

		/* compN_det_S_ stands before it */
		if (m > longest && n >= m + 12 && name[n - m - 1] == '_' && strncmp(name + n - m, s->classes.names[i], m) == 0) {
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

/* Which file is of which class; -1 and err(). names: (classes) */
static int
assign(struct evaluation *s, DIR *d, char **names, const struct evaluation_rules *rules)
{
	const struct dirent *e;

	while ((e = readdir(d))) {
		int class = is_detection(e->d_name) ? class_of(s, e->d_name) : -1;

		if (!is_detection(e->d_name))
			continue;
		if (class < 0 && !rules->restricted)
			return err(ERR_DATA, "%s: the truth has no class of that name (--intersect leaves the file out)", e->d_name);
		if (class < 0)
			continue;
		if (names[class])
			return err(ERR_DATA, "%s and %s are of one class", e->d_name, names[class]);
		names[class] = mem_text(e->d_name);
	}
	return 0;
}

static int
read_all(struct evaluation *s, const char *folder, char *const *names, const struct evaluation_rules *rules)
{
	int i, files = 0;

	for (i = 0; i < s->classes.count; i++) {
		files += names[i] != NULL;
		if (!names[i] && !rules->restricted)
			return err(ERR_DATA, "%s: no file compN_det_SET_%s.txt (--intersect leaves the class out)", folder, s->classes.names[i]);
		s->classes.left_out[i] = !names[i];
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
		return err(ERR_INPUT, "%s: %s", folder, strerror(errno));
	names = mem_new(sizeof *names * (size_t)s->classes.count + 1);
	result = assign(s, d, names, rules);
	closedir(d);
	result = result < 0 ? err_in("%s", folder) : read_all(s, folder, names, rules);
	for (i = 0; i < s->classes.count; i++)
		free(names[i]);
	free(names);
	if (result == 0)
		s->said_parts |= EVALUATION_BOXES;
	return result;
}
