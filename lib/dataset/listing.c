/* listing - a list of images from files, folders, lists of names and tar archives, in a fixed order */
#include "dataset/listing.h"
#include "annotation/key.h"
#include "base/err.h"
#include "base/file.h"
#include "base/utf8.h"
#include "codec/decode.h"
#include "dataset/foreign.h"
#include "dataset/tar.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder that is being read and its parents: a link to one of them is a loop. */
struct folder { const struct folder *above; dev_t device; ino_t inode; };

/* A file of a folder that is neither image nor archive; kind NULL: an unknown one. */
struct passed { const char *path; const struct foreign *kind; };

/* Files found in one folder, before they are sorted: images and archives; others. */
struct found { const char **paths; struct passed *passed; size_t count, room, passed_count, passed_room; };

enum { PAGE = 64 << 10 };	/* names are packed into pages, without the alignment of the arena */

const struct listing_note_kind listing_note_kinds[LISTING_NOTES] = {
	[LISTING_UNREADABLE] = { "links and subfolders cannot be opened", "unreadable", LISTING_SKIPPED },
	[LISTING_FOREIGN] = { "files of folders are not read", "of other formats", LISTING_SKIPPED },
	[LISTING_OTHER] = { "files of folders are not images", "other files", LISTING_SAID },
	[LISTING_FURTHER] = { "images of archives are not the image of their sample and are not read", "further images",
		LISTING_SKIPPED },
	[LISTING_PACKED] = { "archives within archives are not read; unpack the outer ones first", "packed again",
		LISTING_SKIPPED },
	[LISTING_REPEATED] = { "images of archives have the key of an earlier one and are not read", "repeated keys",
		LISTING_SKIPPED },
	[LISTING_DOTTED] = { "images of archives share a key and count as samples of their own", "dotted names",
		LISTING_SAID },
	[LISTING_NO_MEMBER] = { "samples of archives lack the image member", "without image", LISTING_SKIPPED },
	[LISTING_LINKS] = { "links in archives are ignored", "links", LISTING_STRICT },
	[LISTING_OPEN_ENDED] = { "archives have no end blocks and may be cut short: counted as skipped; "
		"set --count or write ARCHIVE.count if they are complete", "open archives", LISTING_SKIPPED },
	[LISTING_JOINED] = { "archives follow another one in the same file and are read too", "joined archives",
		LISTING_SAID },
	[LISTING_AFTER_END] = { "archives have other bytes after their end, which are not read",
		"with bytes after the end", LISTING_SKIPPED },
	[LISTING_UNCLASSED] = { "images have no class", "without class", LISTING_STRICT },
	[LISTING_ROWS] = { "rows of the table fit no image", "rows without image", LISTING_SAID },
	[LISTING_REPEATED_ROWS] = { "rows of the table repeat an earlier one", "repeated rows", LISTING_SAID },
	[LISTING_COLUMNS] = {
		"rows of the table have a column of 0 and 1 for each class: only the first column is read",
		"rows of several columns", LISTING_STRICT },
	[LISTING_REPEATED_CLASS] = { "members with a class come again; the first one is read", "repeated classes",
		LISTING_STRICT },
	[LISTING_CLASS_ALONE] = { "members with a class belong to no image", "classes without image", LISTING_SAID },
	[LISTING_CUT_PAGES] = { "files of several pages or frames are damaged or have too many, and some are missing",
		"with missing pages", LISTING_SKIPPED },
	[LISTING_BESIDE] = { "images are beside the class folders: their class is the folder of these",
		"beside class folders", LISTING_STRICT },
	[LISTING_TWICE] = { "images have the key of an earlier one: several records have that key", "keys given twice",
		LISTING_STRICT },
};

void
listing_note(struct listing *l, enum listing_note note, const char *name)
{
	if (l->notes[note].count++ == 0)
		l->notes[note].first = listing_text(l, name);
}

struct listing_item *
listing_put(struct listing *l, const char *name, int archive)
{
	struct listing_item *item;

	l->items = mem_room(l->items, &l->room, (size_t)l->count + 1, sizeof *l->items);
	item = &l->items[l->count++];
	*item = (struct listing_item){ .name = name, .archive = archive, .class = -1, .root = -1, .class_size = -1 };
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

/* The first bytes of a file, at most `size`: their number; -1 with errno. */
static ssize_t
read_head(const char *path, void *head, size_t size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;
	int error;

	if (fd < 0)
		return -1;
	n = file_read_at(fd, -1, head, size);
	error = errno;
	close(fd);
	errno = error;
	return n;
}

/* Count a file of a folder that is not read; kind NULL: an unknown one. */
static void
note_file(struct listing *l, const char *path, const struct foreign *kind)
{
	char *text = kind && l->notes[LISTING_FOREIGN].count == 0
		? mem_format("%s, %s (%s)", path, kind->what, kind->remedy) : NULL;

	if (kind)
		listing_note(l, LISTING_FOREIGN, text ? text : path);
	else
		listing_note(l, LISTING_OTHER, path);
	free(text);
}

static int walk(struct listing *l, struct found *f, const char *path, const struct folder *above);

/* Skip an entry of a folder that stat() or opendir() refused with a reason in errno, or return -1 and err(ERR_INPUT).
   Memory and descriptors that run out are no property of the entry: without it the list would differ between runs. */
static int
skip(struct listing *l, const char *path)
{
	enum { SHOWN = 1000 };	/* bytes of a path, so that the reason fits into the message */
	const bool shortage = file_status(errno) == ERR_OS;

	err(file_status(errno), "%.*s%s: %s", SHOWN, path, strlen(path) > SHOWN ? "..." : "", strerror(errno));
	if (shortage || !l->skip_unreadable)
		return -1;
	listing_note(l, LISTING_UNREADABLE, err_text());
	if (strcmp(err_text(), l->notes[LISTING_UNREADABLE].first) < 0)
		l->notes[LISTING_UNREADABLE].first = listing_text(l, err_text());
	return 0;
}

/* type: from readdir(), which saves a stat() of each file where the file system provides it */
static int
visit(struct listing *l, struct found *f, const char *path, unsigned char type, const struct folder *here)
{
	static const struct foreign unnamed = { "a tar archive without the suffix .tar",
		"rename it, or give it as an operand of its own", false };
	unsigned char head[512];	/* a header of tar */
	struct stat st;
	ssize_t n;

	if (type == DT_UNKNOWN || type == DT_LNK) {
		if (stat(path, &st) < 0)
			return skip(l, path);
		type = IFTODT(st.st_mode);
	}
	if (type == DT_DIR)
		return walk(l, f, path, here);
	if (type != DT_REG)
		return 0;
	if (!decode_has_suffix(path) && !file_has_suffix(path, ".tar")) {
		n = read_head(path, head, sizeof head);
		if (n < 0)
			return skip(l, path);
		if (!decode_is_image(head, (size_t)n)) {
			f->passed = mem_room(f->passed, &f->passed_room, f->passed_count + 1, sizeof *f->passed);
			f->passed[f->passed_count++] = (struct passed){ listing_text(l, path),
				tar_is_archive(head, (size_t)n) ? &unnamed : foreign_find(path, head, (size_t)n) };
			return 0;
		}
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
		return above ? skip(l, path) : err(file_status(errno), "%s: %s", path, strerror(errno));
	if (fstat(dirfd(d), &st) < 0) {
		closedir(d);
		return err(file_status(errno), "%s: %s", path, strerror(errno));
	}
	here.device = st.st_dev;
	here.inode = st.st_ino;
	for (i = above; i; i = i->above)
		if (i->device == here.device && i->inode == here.inode) {
			closedir(d);
			return 0;
		}
	while (result == 0 && (result = file_entry(d, path, &entry)) > 0) {
		char *name;

		result = 0;
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
by_path(const void *a, const void *b)
{
	return strcmp(((const struct passed *)a)->path, ((const struct passed *)b)->path);
}

/* Add a regular file: an image or an archive. */
static int
add_file(struct listing *l, const char *path)
{
	unsigned char head[512];
	const ssize_t got = read_head(path, head, sizeof head);
	const size_t n = got > 0 ? (size_t)got : 0;	/* where it cannot be read, the name decides */
	const bool image = decode_has_suffix(path) || decode_is_image(head, n);
	const struct foreign *kind = image ? NULL : foreign_find("", head, n);

	if (!image && !kind && (file_has_suffix(path, ".tar") || tar_is_archive(head, n)))
		return listing_add_archive(l, path);
	if (!image && !kind)
		kind = foreign_find(path, NULL, 0);
	if (kind && !kind->image)
		return err(ERR_DATA, "%s: %s, which is not read; %s", path, kind->what, kind->remedy);
	listing_put(l, listing_text(l, path), -1);
	return 0;
}

static int
add_folder(struct listing *l, const char *path)
{
	const size_t root = strcmp(path, ".") == 0 ? 0 : strlen(path) + (strcmp(path, "/") != 0);
	struct found f = { 0 };
	int result = walk(l, &f, path, NULL);
	size_t i;

	if (f.count)
		qsort(f.paths, f.count, sizeof *f.paths, by_bytes);
	if (f.passed_count)
		qsort(f.passed, f.passed_count, sizeof *f.passed, by_path);
	for (i = 0; i < f.passed_count && result == 0; i++)
		note_file(l, f.passed[i].path, f.passed[i].kind);
	for (i = 0; i < f.count && result == 0; i++)
		if (file_has_suffix(f.paths[i], ".tar"))
			result = add_file(l, f.paths[i]);
		else
			listing_put(l, f.paths[i], -1)->root = (int)root;
	free(f.paths);
	free(f.passed);
	return result;
}

int
listing_add(struct listing *l, const char *path)
{
	char *clean = mem_text(path);
	size_t n = strlen(clean);
	struct stat st;
	int result;

	while (n > 1 && clean[n - 1] == '/')
		clean[--n] = 0;
	while (strncmp(clean, "./", 2) == 0 && clean[2] && clean[2] != '/')
		memmove(clean, clean + 2, strlen(clean + 2) + 1);
	if (stat(clean, &st) < 0)
		result = err(file_status(errno), "%s: %s", path, strerror(errno));
	else if (S_ISDIR(st.st_mode))
		result = add_folder(l, clean);
	else if (!S_ISREG(st.st_mode))
		result = err(ERR_INPUT,
		    "%s: not a regular file; images are read by name or offset, which a pipe does not have; "
			"a tar archive from a pipe is read as the only operand", path);
	else
		result = add_file(l, clean);
	free(clean);
	return result;
}

static int
add_name(struct listing *l, const char *name)
{
	struct arena a = { 0 };
	const char *slashes = key_slashes(&a, name);
	int result = 0;

	if (slashes && !file_exists(name) && file_exists(slashes))
		name = slashes;
	if (!decode_has_suffix(name) && file_exists(name))
		result = listing_add(l, name);
	else
		listing_put(l, listing_text(l, strncmp(name, "./", 2) == 0 && name[2] ? name + 2 : name), -1);
	arena_free(&a);
	return result;
}

int
listing_add_names(struct listing *l, char *text, size_t size, int end)
{
	char *line = text, *next, *last = text + size;
	int result = 0;

	if (end) {
		line += utf8_mark(text, size);
		if (memchr(text, 0, size))
			return err(ERR_DATA, "a list of names with a zero byte: UTF-16 (convert it to UTF-8), or names "
				"that end with zero bytes (use --null)");
	}
	for (; line < last && result == 0; line = next + 1) {
		next = memchr(line, end, (size_t)(last - line));
		if (!next)
			next = last;
		*next = 0;
		if (end && next > line && next[-1] == '\r')
			next[-1] = 0;
		if (*line)
			result = add_name(l, line);
	}
	return result;
}

void
listing_free(struct listing *l)
{
	int i;

	for (i = 0; i < l->archive_count; i++)
		tar_close(&l->archives[i]);
	free(l->archives);
	free(l->items);
	class_list_free(&l->classes);
	arena_free(&l->text);
	*l = (struct listing){ 0 };
}
