/* foreign - kinds of files that are neither images nor tar archives: compressed archives, tables, pointers ... */
#include "dataset/foreign.h"
#include "base/file.h"

#include <string.h>
#include <strings.h>

#define UNPACK(command) "unpack it first, or: " command " | tscae-decode -"
#define OPERAND "unpack it first; a compressed tar is read as an operand of its own: tscae-decode FILE"

/* First bytes at an offset; suffixes, each ended by a blank: of any such file, and of an archive. */
static const struct {
	const char *bytes;
	size_t size, at;
	const char *suffixes, *archives;
	struct foreign kind;
} kinds[] = {
	{ "\x1f\x8b", 2, 0, ".gz ", ".tgz ", { "a gzip-compressed file", OPERAND, false } },
	{ "\x28\xb5\x2f\xfd", 4, 0, ".zst ", ".tzst ", { "a zstd-compressed file", OPERAND, false } },
	{ "\xfd" "7zXZ", 5, 0, ".xz ", ".txz ", { "an xz-compressed file", UNPACK("xz -dc FILE"), false } },
	{ "BZh", 3, 0, ".bz2 ", ".tbz .tbz2 ", { "a bzip2-compressed file", UNPACK("bzip2 -dc FILE"), false } },
	{ "\x04\x22\x4d\x18", 4, 0, ".lz4 ", ".tlz4 ", { "an lz4-compressed file", UNPACK("lz4 -dc FILE"), false } },
	{ "PK\3\4", 4, 0, "", ".zip ", { "a zip archive", "unpack it first (unzip) and give the folder", false } },
	{ "7z\xbc\xaf\x27\x1c", 6, 0, "", ".7z ",
		{ "a 7z archive", "unpack it first (7z x) and give the folder", false } },
	{ "Rar!", 4, 0, "", ".rar ", { "a rar archive", "unpack it first and give the folder", false } },
	{ "PAR1", 4, 0, ".parquet ", "",
		{ "a Parquet table",
		    "write its images to a folder or a tar first (datasets: save_to_disk, webdataset)", false } },
	{ "ARROW1", 6, 0, ".arrow .feather ", "",
		{ "an Arrow table", "write its images to a folder or a tar first", false } },
	{ "\x89HDF", 4, 0, ".h5 .hdf5 ", "", { "an HDF5 file", "write its images to a folder or a tar first", false } },
	{ "\x93NUMPY", 6, 0, ".npy .npz ", "", { "a NumPy array", "write its images to a folder first", false } },
	{ "SQLite format 3", 15, 0, ".sqlite ", "",
		{ "an SQLite database", "write its images to a folder first", false } },
	{ FILE_LFS_POINTER, sizeof FILE_LFS_POINTER - 1, 0, "", "", { "a Git LFS pointer", FILE_LFS_REMEDY, false } },
	{ NULL, 0, 0, ".tfrecord .tfrecords .mdb .rec .beton .pkl ", "",
		{ "a container of another program", "write its images to a folder or a tar first", false } },
	{ NULL, 0, 0, ".pcx .nii ", "", { "an image of another format", "convert it to PNG or JPEG first", true } },
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* The bytes of the suffix of a list with which the first n bytes of a name end, in any case; 0: none. */
static size_t
suffix(const char *name, size_t n, const char *list)
{
	size_t m;

	for (; *list; list += m + 1) {
		m = strcspn(list, " ");
		if (n > m && strncasecmp(name + n - m, list, m) == 0)
			return m;
	}
	return 0;
}

const struct foreign *
foreign_find(const char *name, const void *head, size_t size)
{
	const size_t n = strlen(name);
	size_t i;

	for (i = 0; head && i < KINDS; i++)
		if (kinds[i].bytes && kinds[i].at + kinds[i].size <= size &&
			memcmp((const char *)head + kinds[i].at, kinds[i].bytes, kinds[i].size) == 0)
			return &kinds[i].kind;
	for (i = 0; i < KINDS; i++)
		if (suffix(name, n, kinds[i].suffixes) || suffix(name, n, kinds[i].archives))
			return &kinds[i].kind;
	return NULL;
}

bool
foreign_is_packed(const char *name)
{
	static const char tar[] = ".tar ";
	const size_t n = strlen(name);
	size_t i;

	/* A.tar itself, too: there is nothing to cut off its end */
	for (i = 0; i < KINDS; i++)
		if (suffix(name, n, kinds[i].archives) ||
			(*kinds[i].archives && suffix(name, n - suffix(name, n, kinds[i].suffixes), tar)))
			return true;
	return false;
}
