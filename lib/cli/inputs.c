/* inputs - the images that a command line names (files, folders, archives, lists of names) and their classes */
#include "cli/inputs.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "codec/decode.h"
#include "dataset/decompress.h"
#include "dataset/foreign.h"
#include "dataset/tar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD = 512 };	/* bytes by which an archive is recognized */

/* Read from a descriptor until `size` bytes are there or the input ends. Their number. */
static size_t
read_up_to(int fd, char *to, size_t size)
{
	const ssize_t n = file_read_at(fd, -1, to, size);

	if (n < 0)
		die_with(file_status(errno), "standard input: %s", strerror(errno));
	return (size_t)n;
}

/* Read an archive once, in its order; `text`: its first bytes. */
static void
take_archive(struct inputs *in, int fd, const char *name, bool alone, const char *text, size_t size,
	struct decompress *packed)
{
	if (!alone && packed)
		die_with(ERR_USAGE, "%s: a compressed archive is read once, in its order, and must be the only input; "
			"unpack it (%s -d), or join several: cat FILE ... | tscae-decode -", name, in->packed);
	if (!alone)
		die_with(ERR_USAGE, "%s: an archive from a pipe must be the only input", name);
	in->pipe = mem_new(sizeof *in->pipe);
	tar_open_pipe(in->pipe, fd, name, text, size, packed);
}

/* An archive without members is no list of names. */
static void
refuse_empty(const char *name, const char *text, size_t size)
{
	if (tar_is_empty(text, size))
		die_with(ERR_INPUT, "%s: an empty tar archive (zeros), no images found", name);
}

/* Take a compressed archive whose first `size` bytes are in `head`. False: it is something else. */
static bool
take_packed(struct inputs *in, int fd, const char *name, bool alone, const char *head, size_t size)
{
	struct decompress *packed;
	char text[HEAD];
	ssize_t n;

	if (!decompress_program(head, size))
		return false;
	packed = decompress_new(fd, name, head, size);
	n = decompress_read(packed, text, sizeof text);
	if (n >= 0)
		refuse_empty(name, text, (size_t)n);
	if (n < 0 || !tar_is_archive(text, (size_t)n)) {
		decompress_free(packed);
		return false;
	}
	in->packed = decompress_program(head, size);
	take_archive(in, fd, name, alone, text, (size_t)n, packed);
	return true;
}

/* Take a file that is a compressed archive. False: it is something else. */
static bool
take_packed_file(struct inputs *in, const char *path, bool alone)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char head[DECOMPRESS_HEAD];
	struct stat st;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && read(fd, head, sizeof head) == sizeof head &&
		take_packed(in, fd, path, alone, head, sizeof head))
		return true;
	close(fd);
	return false;
}

/* Add the names of a list; its text is freed. */
static void
add_names(const struct inputs *in, struct listing *l, char *text, size_t size)
{
	const int result = listing_add_names(l, text, size, in->zero ? 0 : '\n');

	free(text);
	if (result < 0)
		die();
}

/* Names, or an archive, from standard input or a pipe: recognized by the first bytes. */
static void
take_pipe(struct inputs *in, struct listing *l, int fd, const char *name, bool alone)
{
	size_t room = 0, n, size;
	char *text = mem_room(NULL, &room, HEAD + 1, 1);
	const struct foreign *kind;

	size = read_up_to(fd, text, HEAD);
	refuse_empty(name, text, size);
	if (tar_is_archive(text, size))
		take_archive(in, fd, name, alone, text, size, NULL);
	if (in->pipe || take_packed(in, fd, name, alone, text, size)) {
		free(text);
		return;
	}
	kind = foreign_find("", text, size);
	if (kind || decode_is_image(text, size)) {
		free(text);
		die_with(ERR_DATA, "%s: %s, neither a list of names nor a tar archive%s%s", name,
			kind ? kind->what : "an image", kind ? "; " : "", kind ? kind->remedy : "");
	}
	do {
		text = mem_room(text, &room, room + 1, 1);
		n = read_up_to(fd, text + size, room - 1 - size);
		size += n;
	} while (size == room - 1);
	text[size] = 0;
	add_names(in, l, text, size);
}

static void
take_names(struct inputs *in, struct listing *l, const char *path, bool alone)
{
	struct stat st;
	size_t size;
	char *text;
	int fd;

	if (strcmp(path, "-") == 0) {
		take_pipe(in, l, 0, "standard input", alone);
		return;
	}
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			die_with(file_status(errno), "%s: %s", path, strerror(errno));
		take_pipe(in, l, fd, path, alone);
		return;
	}
	text = file_read(path, 0, &size);
	if (!text)
		die();
	add_names(in, l, text, size);
}

static bool
is_pipe(const char *path)
{
	struct stat st;

	return strcmp(path, "-") == 0 || (stat(path, &st) == 0 && S_ISFIFO(st.st_mode) &&
		(strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0));
}

void
inputs_irregular(struct inputs *in, const struct listing *l)
{
	int i;

	for (i = 0; i < LISTING_NOTES; i++) {
		const struct listing_note_kind *kind = &listing_note_kinds[i];
		const long n = l->notes[i].count;
		char *note;

		if (!n || (i == LISTING_OPEN_ENDED && in->count >= 0))
			continue;
		if (in->strict && kind->weight == LISTING_SKIPPED && i != LISTING_FOREIGN)
			die_with(i == LISTING_UNREADABLE ? ERR_INPUT : ERR_DATA, "%ld %s; the first: %s", n, kind->text,
				l->notes[i].first);
		if (kind->weight != LISTING_SAID || cli_common.verbose)
			warn("%ld %s, the first: %s%s", n, kind->text, l->notes[i].first,
				kind->weight == LISTING_SKIPPED ? " (skipped)" : "");
		in->skipped += kind->weight == LISTING_SKIPPED ? n : 0;
		in->irregular |= kind->weight != LISTING_SAID;
		note = mem_format("%s%s%ld %s (the first: %s)", in->note ? in->note : "", in->note ? ", " : "", n,
		    kind->noun,
			l->notes[i].first);
		free(in->note);
		in->note = note;
	}
}

static void
label(const struct inputs *in, struct listing *l)
{
	const char *field = in->labels == INPUTS_JSON ? in->class_field : NULL;

	if ((in->labels == INPUTS_DIRS && listing_label_folders(l) < 0) ||
		(l->class_member && listing_label_members(l, field) < 0) ||
		(in->table && listing_label_table(l, in->table) < 0))
		die();
}

void
inputs(struct inputs *in, struct listing *l, int n, char **operands)
{
	int i;

	l->skip_unreadable = !in->strict;
	l->image_member = in->image_member;
	l->class_member = in->labels == INPUTS_CLS ? "cls" : in->labels == INPUTS_JSON ? "json" : NULL;
	if (n == 0 && !in->files_from && isatty(0))
		die_with(ERR_USAGE, "no images given, and standard input is a terminal; try '%s --help'", cli_tool());
	for (i = 0; i < n; i++)
		if (is_pipe(operands[i]))
			take_names(in, l, operands[i], n == 1 && !in->files_from);
		else if (take_packed_file(in, operands[i], n == 1 && !in->files_from))
			continue;
		else if (listing_add(l, operands[i]) < 0)
			die();
	if (in->files_from || n == 0)
		take_names(in, l, in->files_from ? in->files_from : "-", n == 0);
	if (in->pipe)
		return;
	if (l->count > 0)
		label(in, l);
	listing_note_twice(l);
	if (in->pages == INPUTS_PAGES_ALL)
		listing_expand_pages(l, (size_t)in->max_bytes);
	inputs_irregular(in, l);
	if (l->count == 0)
		die_with(ERR_INPUT, "%s: no images found", n ? operands[0] : in->files_from ? in->files_from : "-");
	if (in->count >= 0 && l->count != in->count)
		die_with(ERR_DATA, "%ld images found, but --count requires %ld", l->count, in->count);
}
