/* label_count - count files of one kind, images or annotations, that lack the file of the other kind */
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "dataset/label.h"
#include "dataset/label_internal.h"
#include "dataset/listing.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Does STEM have a file with this suffix; NULL: an image, or an image file without suffix? */
static bool
exists(struct arena *a, const char *stem, const char *suffix)
{
	if (suffix)
		return file_exists(label_path(a, stem, suffix));
	return label_image_file(a, stem) || (file_exists(stem) && !label_is_folder(stem));
}

/* Count the files of a folder with one suffix for which the other folder has none with the other suffix. A suffix of
   NULL means images. */
static void
count_single(struct label *l, const char *folder, const char *suffix, const char *other, const char *other_suffix,
	enum label_note note)
{
	struct arena a = { 0 }, paths = { 0 };
	const char **names = NULL;
	long count = 0, i;

	if (!label_is_folder(folder) || label_list_folder(&a, folder, suffix ? suffix : "", &names, &count) < 0)
		count = 0;
	for (i = 0; i < count; i++) {
		const char *dot = suffix ? NULL : strrchr(names[i], '.');
		char *stem;

		if (suffix ? strcmp(names[i], "classes") == 0 : !decode_has_suffix(names[i]))
			continue;
		stem = mem_format("%s/%.*s", other, (int)(dot ? (size_t)(dot - names[i]) : strlen(names[i])), names[i]);
		if (!exists(&paths, stem, other_suffix) && l->notes.count[note]++ == 0) {
			free(stem);
			stem = mem_format("%s/%s%s", folder, names[i], suffix ? suffix : "");
			l->notes.name[note] = arena_text(&l->text, stem);
		}
		free(stem);
		arena_reset(&paths);
	}
	free(names);
	arena_free(&a);
	arena_free(&paths);
}

void
label_count_unused(struct label *l, const char *images, const char *annotations, const char *suffix)
{
	count_single(l, images, NULL, annotations, suffix, LABEL_UNUSED);
}

/* The bytes of the folder of a path; 0: it has none. */
static int
folder_size(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (int)(slash - path) : 0;
}

void
label_count_alone(struct label *l, const char *const *files, const char *suffix)
{
	struct lookup seen = { 0 };
	long i, k, at;

	for (i = 0; i < l->images.count; i++) {
		const char *file = files[i], *image = l->images.items[i].name;
		const int n = file ? folder_size(file) : 0;
		const uint32_t hash = n ? lookup_bytes(file, (size_t)n) : 0;
		char *folder, *images;

		if (!n || (n == folder_size(image) && strncmp(file, image, (size_t)n) == 0))
			continue;
		for (at = -1; (k = lookup_next(&seen, hash, &at)) >= 0;)
			if (folder_size(files[k]) == n && strncmp(files[k], file, (size_t)n) == 0)
				break;
		if (k >= 0)
			continue;
		lookup_put(&seen, hash, i);
		folder = mem_format("%.*s", n, file);
		images = strchr(image, '/') ? mem_format("%.*s", folder_size(image), image) : mem_text(".");
		count_single(l, folder, suffix, images, NULL, LABEL_ALONE);
		free(folder);
		free(images);
	}
	lookup_free(&seen);
}
