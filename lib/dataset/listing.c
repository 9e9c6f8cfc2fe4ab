/* listing - a list of images from files, folders, lists of names and tar archives, in a fixed order */
#include "dataset/listing.h"
#include "base/err.h"
#include "base/file.h"
#include "base/utf8.h"
#include "codec/decode.h"
#include "dataset/tar.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder that is being read and its parents: a link to one of them is a loop. */
struct folder { const struct folder *above; dev_t device; ino_t inode; };

/* Paths found in one folder, before they are sorted. */
struct found { const char **paths; size_t count, room; };

enum { PAGE = 64 << 10 };	/* names are packed into pages, without the alignment of the arena */

struct listing_item *
listing_put(struct listing *l, const char *name, int archive)
{
	struct listing_item *item;

	l->items = mem_room(l->items, &l->room, (size_t)l->count + 1, sizeof *l->items);
	item = &l->items[l->count++];
	*item = (struct listing_item){ name, archive, -1, -1, 0, 0 };
	return item;
}

const char *
listing_text(struct listing *l, const char *text)
{
	size_t n = strlen(text) + 1;

	if (n > l->page_left) {
		l->page_left = n > PAGE ? n : PAGE;
		l->page = arena_get(&l->text, l->page_left);
	}
	memcpy(l->page, text, n);
	l->page += n;
	l->page_left -= n;
	return l->page - n;
}

static bool
ends_with(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n > m && strcasecmp(name + n - m, suffix) == 0;
}

static bool
begins_as_image(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	unsigned char head[DECODE_MAGIC];
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof head);

	if (fd >= 0)
		close(fd);
	return n > 0 && decode_is_image(head, (size_t)n);
}

static int walk(struct listing *l, struct found *f, const char *path, const struct folder *above);

/* Skip an entry of a folder that stat() or opendir() refused with a reason in errno, or return -1 and err(ERR_INPUT).
   Memory and descriptors that run out are no property of the entry: without it the list would differ between runs. */
static int
skip(struct listing *l, const char *path)
{
	enum { SHOWN = 1000 };	/* bytes of a path, so that the reason fits into the message */
	const bool shortage = errno == ENOMEM || errno == EMFILE || errno == ENFILE;

	err(ERR_INPUT, "%.*s%s: %s", SHOWN, path, strlen(path) > SHOWN ? "..." : "", strerror(errno));
	if (shortage || !l->skip_unreadable)
		return -1;
	l->unreadable++;
	if (!l->first_unreadable || strcmp(err_text(), l->first_unreadable) < 0)
		l->first_unreadable = listing_text(l, err_text());
	return 0;
}

/* type: from readdir(), which saves a stat() of each file where the file system provides it */
static int
visit(struct listing *l, struct found *f, const char *path, unsigned char type, const struct folder *here)
{
	struct stat st;

	if (type == DT_UNKNOWN || type == DT_LNK) {
		if (stat(path, &st) < 0)
			return skip(l, path);
		type = IFTODT(st.st_mode);
	}
	if (type == DT_DIR)
		return walk(l, f, path, here);
	if (type != DT_REG)
		return 0;
	if (!decode_has_suffix(path) && !ends_with(path, ".tar") && !begins_as_image(path)) {
		l->passed_over++;
		return 0;
	}
	f->paths = mem_room(f->paths, &f->room, f->count + 1, sizeof *f->paths);
	f->paths[f->count++] = listing_text(l, path);
	return 0;
}

static int
walk(struct listing *l, struct found *f, const char *path, const struct folder *above)
{
	struct folder here = { .above = above };
	const struct folder *i;
	struct dirent *entry;
	struct stat st;
	DIR *d = opendir(path);
	int result = 0;

	if (!d)
		return above ? skip(l, path) : err(ERR_INPUT, "%s: %s", path, strerror(errno));
	if (fstat(dirfd(d), &st) < 0) {
		closedir(d);
		return err(ERR_INPUT, "%s: %s", path, strerror(errno));
	}
	here.device = st.st_dev;
	here.inode = st.st_ino;
	for (i = above; i; i = i->above)
		if (i->device == here.device && i->inode == here.inode) {
			closedir(d);
			return 0;
		}
	while (result == 0 && (entry = readdir(d))) {
		char *name;

		if (entry->d_name[0] == '.')
			continue;
		/* "." is not part of keys */
		if (strcmp(path, ".") == 0)
			name = mem_text(entry->d_name);
		else
			name = mem_format("%s%s%s", path, strcmp(path, "/") == 0 ? "" : "/", entry->d_name);
		result = visit(l, f, name, entry->d_type, &here);
		free(name);
	}
	closedir(d);
	return result;
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
add_folder(struct listing *l, const char *path)
{
	struct found f = { 0 };
	int result = walk(l, &f, path, NULL);
	size_t i;

	if (f.count)
		qsort(f.paths, f.count, sizeof *f.paths, by_bytes);
	for (i = 0; i < f.count && result == 0; i++)
		if (ends_with(f.paths[i], ".tar"))
			result = listing_add_archive(l, f.paths[i]);
		else
			listing_put(l, f.paths[i], -1);
	free(f.paths);
	return result;
}

static bool
is_archive(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char magic[5] = "";
	bool found;

	/* POSIX: "ustar" at byte 257 of the first header */
	found = ends_with(path, ".tar") ||
		(fd >= 0 && pread(fd, magic, 5, 257) == 5 && memcmp(magic, "ustar", 5) == 0 && !begins_as_image(path));
	if (fd >= 0)
		close(fd);
	return found;
}

int
listing_add(struct listing *l, const char *path)
{
	char *clean = mem_text(path);
	size_t n = strlen(clean);
	struct stat st;
	int result = 0;

	while (n > 1 && clean[n - 1] == '/')
		clean[--n] = 0;
	while (strncmp(clean, "./", 2) == 0 && clean[2] && clean[2] != '/')
		memmove(clean, clean + 2, strlen(clean + 2) + 1);
	if (stat(clean, &st) < 0)
		result = err(ERR_INPUT, "%s: %s", path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		result = add_folder(l, clean);
	else if (!S_ISREG(st.st_mode))
		result = err(ERR_INPUT,
			"%s: not a regular file; images are read by name or offset, which a pipe does not have", path);
	else if (is_archive(clean))
		result = listing_add_archive(l, clean);
	else
		listing_put(l, listing_text(l, clean), -1);
	free(clean);
	return result;
}

int
listing_add_names(struct listing *l, const char *path, int end)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int result = 0;

	if (!f)
		return err(ERR_INPUT, "%s: %s", path, strerror(errno));
	while (result == 0 && (n = getdelim(&line, &room, end, f)) > 0) {
		if (line[n - 1] == end)
			line[--n] = 0;
		if (n == 0)
			continue;
		if (decode_has_suffix(line) || access(line, F_OK) < 0)
			listing_put(l, listing_text(l, strncmp(line, "./", 2) == 0 && line[2] ? line + 2 : line), -1);
		else
			result = listing_add(l, line);
	}
	if (result == 0 && ferror(f))
		result = err(ERR_INPUT, "%s: %s", path, strerror(errno));
	free(line);
	if (f != stdin)
		fclose(f);
	return result;
}

char *
listing_key(const struct listing *l, long i, struct arena *a)
{
	const struct listing_item *item = &l->items[i];

	return utf8_escape(a, item->name, item->archive < 0 ? strlen(item->name) : tar_key(item->name));
}

char *
listing_name(const struct listing *l, long i, struct arena *a)
{
	const struct listing_item *item = &l->items[i];
	const char *archive = item->archive < 0 ? "" : l->archives[item->archive].path;
	size_t room = strlen(archive) + strlen(item->name) + 3;
	char *text = arena_get(a, room);

	snprintf(text, room, "%s%s%s", archive, *archive ? ": " : "", item->name);
	return err_plain(text);
}

void *
listing_read(const struct listing *l, long i, size_t limit, size_t *size)
{
	const struct listing_item *item = &l->items[i];
	void *bytes;

	if (item->archive < 0)
		return file_read(item->name, limit, size);
	if (item->size > (int64_t)limit) {
		err(ERR_DATA, "larger than %zu bytes", limit);
		return NULL;
	}
	*size = (size_t)item->size;
	bytes = mem_new(*size + 1);
	if (tar_read(&l->archives[item->archive], item->offset, bytes, *size) == 0)
		return bytes;
	free(bytes);
	return NULL;
}

void
listing_free(struct listing *l)
{
	int i;

	for (i = 0; i < l->archive_count; i++)
		tar_close(&l->archives[i]);
	free(l->archives);
	free(l->items);
	free(l->classes);
	arena_free(&l->text);
	*l = (struct listing){ 0 };
}
