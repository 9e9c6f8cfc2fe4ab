/* safetensors_read - read a safetensors file: map it, then check every rule of the format

   8 bytes with the length of the header (little-endian), the header (JSON, padded with spaces), the data: consecutive
   tensors without gap, overlap or trailing byte. */
#define _GNU_SOURCE	/* memmem */
#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/safetensors_memory.h"
#include "stream/tensor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_MAX = 100000000 };	/* the reference program's limit */

/* Drop the pages of the mapped file that lie wholly within these bytes from memory; a later access reads them again.
   Bytes outside of the file are ignored. */
static void
drop_pages(const struct safetensors *c, const void *bytes, size_t size)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), at = (uintptr_t)bytes;
	const uintptr_t begin = (uintptr_t)c->memory->map, end = begin + c->memory->map_size;
	const uintptr_t from = (at + page - 1) / page * page, to = (at + size) / page * page;

	if (c->memory->map && at >= begin && at + size <= end && from < to)
		madvise((void *)from, to - from, MADV_DONTNEED);	/* only a hint: errors do not matter */
}

/* Hash a range piece by piece, so that the file is never in memory as a whole. */
static void
add_range(const struct safetensors *c, struct digest *d, const char *begin, const char *end)
{
	enum { PIECE = 1 << 23 };

	while (begin < end) {
		const size_t size = end - begin < PIECE ? (size_t)(end - begin) : PIECE;

		digest_add(d, begin, size);
		drop_pages(c, begin, size);
		begin += size;
	}
}

void
safetensors_memory_digest(const struct safetensors *c, const struct safetensors_memory_part *parts,
	const char *digits, char out[SAFETENSORS_DIGITS + 1])
{
	struct digest *d = digest_new();

	for (; parts->bytes; parts++) {
		const char *begin = parts->bytes, *end = begin + parts->size;

		if (digits && digits >= begin && digits < end) {
			add_range(c, d, begin, digits);
			digest_add(d, SAFETENSORS_ZEROS, SAFETENSORS_DIGITS);
			begin = digits + SAFETENSORS_DIGITS;
		}
		add_range(c, d, begin, end);
	}
	snprintf(out, SAFETENSORS_DIGITS + 1, "%016" PRIx64, digest_value(d));
	digest_free(d);
}

void
safetensors_drop_pages(const struct safetensors *c, const struct tensor *t)
{
	drop_pages(c, t->data, tensor_bytes(t));
}

static int
map(struct safetensors *c, int fd)
{
	struct safetensors_memory *m = safetensors_memory(c);
	struct stat info;

	if (fstat(fd, &info) < 0)
		return err(file_status(errno), "%s", strerror(errno));
	if (info.st_size < SAFETENSORS_LENGTH)
		return err(ERR_DATA, "byte %jd: cut short in the header length", (intmax_t)info.st_size);
	m->map_size = (size_t)info.st_size;
	m->map = mmap(NULL, m->map_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (m->map == MAP_FAILED) {
		m->map = NULL;
		return err(file_status(errno), "%s", strerror(errno));
	}
	return 0;
}

static int
by_offset(const void *a, const void *b)
{
	const struct safetensors_entry *x = a, *y = b;
	const char *p = x->tensor.data, *q = y->tensor.data;
	size_t m = tensor_bytes(&x->tensor), n = tensor_bytes(&y->tensor);

	/* an empty tensor comes before the tensor that begins at the same offset */
	return p != q ? (p > q) - (p < q) : m != n ? (m > n) - (m < n) : strcmp(x->name, y->name);
}

static int
check_offsets(const struct safetensors *c, const char *data, size_t size)
{
	const char *begin = c->memory->map, *expected = data;
	int i;

	if (c->count > 1)
		qsort(c->entries, (size_t)c->count, sizeof *c->entries, by_offset);
	for (i = 0; i < c->count; i++) {
		const struct safetensors_entry *e = &c->entries[i];
		const char *at = e->tensor.data;

		if (at > expected)
			return err(ERR_DATA, "byte %td: gap before tensor '%.100s'", at - begin, e->name);
		if (at < expected)
			return err(ERR_DATA, "byte %td: tensor '%.100s' overlaps the one before", at - begin, e->name);
		expected = at + tensor_bytes(&e->tensor);
	}
	if (expected != data + size)
		return err(ERR_DATA, "byte %td: %td bytes after the last tensor", expected - begin,
			data + size - expected);
	return 0;
}

/* 16 lower-case digits are our digest; other programs may use the same key. */
static bool
is_digest(const char *text)
{
	return text && strlen(text) == SAFETENSORS_DIGITS && strspn(text, "0123456789abcdef") == SAFETENSORS_DIGITS;
}

int
safetensors_verify(const struct safetensors *c)
{
	const char *begin = c->memory->map, *header = begin + SAFETENSORS_LENGTH, *digits;
	const char *stated = safetensors_metadata(c, "digest");
	struct safetensors_memory_part whole[2] = { { c->memory->map, c->memory->map_size }, { NULL, 0 } };
	char member[64], found[SAFETENSORS_DIGITS + 1];

	if (!is_digest(stated)) {
		if (safetensors_metadata(c, "tscae"))
			return err(ERR_DATA, "byte %d: metadata 'tscae' without metadata 'digest'", SAFETENSORS_LENGTH);
		return 0;
	}
	/* within another text the quotes are escaped: this can only be the digest itself */
	snprintf(member, sizeof member, "\"digest\":\"%s\"", stated);
	digits = memmem(header, c->memory->header_size, member, strlen(member));
	if (!digits)
		return err(ERR_DATA, "byte %d: metadata 'digest' is not written as \"digest\":\"...\"",
			SAFETENSORS_LENGTH);
	digits += strlen("\"digest\":\"");
	safetensors_memory_digest(c, whole, digits, found);
	if (strcmp(stated, found) != 0)
		return err(ERR_DATA, "byte %td: damaged: digest is %s, expected %s", digits - begin, found, stated);
	return 0;
}

/* Files that people take for safetensors, by their first bytes. */
static int
check_kind(const char *bytes, size_t size)
{
	static const struct { const char *magic; size_t size; const char *what; } kinds[] = {
		{ "PK\3\4", 4, "a zip file, as torch.save writes: " SAFETENSORS_CONVERT },
		{ "\x80\2", 2, "a Python pickle, as torch.save writes: " SAFETENSORS_CONVERT },
		{ "\x80\3", 2, "a Python pickle, as torch.save writes: " SAFETENSORS_CONVERT },
		{ "\x80\4", 2, "a Python pickle, as torch.save writes: " SAFETENSORS_CONVERT },
		{ "\x80\5", 2, "a Python pickle, as torch.save writes: " SAFETENSORS_CONVERT },
		{ FILE_LFS_POINTER, sizeof FILE_LFS_POINTER - 1, "a Git LFS pointer, not a model; " FILE_LFS_REMEDY },
		{ "\x89HDF\r\n", 6, "an HDF5 file (Keras), which is not read: load it there and save it as "
		    "safetensors" },
		{ "\x93NUMPY", 6, "a NumPy array, not a model" },
		{ "\xa7tscae/", 7, "a stream of tscae, not a model" },
		{ "{", 1, "a JSON text, not a model; the index of several files has a name that ends in .index.json" },
		{ "<!DOCTYPE", 9, "a web page, not a model: the download failed" },
		{ "<html", 5, "a web page, not a model: the download failed" }
	};
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		/* a safetensors header begins at byte 8 with '{': a length may look like a pickle */
		if (size >= kinds[i].size && memcmp(bytes, kinds[i].magic, kinds[i].size) == 0 &&
			!(size > SAFETENSORS_LENGTH && bytes[SAFETENSORS_LENGTH] == '{' &&
			    bytes[SAFETENSORS_LENGTH - 1] == 0))
			return err(ERR_DATA, "%s", kinds[i].what);
	}
	return 0;
}

static int
read_mapped(struct safetensors *c)
{
	char *begin = c->memory->map, *header = begin + SAFETENSORS_LENGTH, *data;
	size_t room = c->memory->map_size - SAFETENSORS_LENGTH, end;
	uint64_t size = 0;
	int i;

	if (check_kind(begin, c->memory->map_size) < 0)
		return -1;
	for (i = SAFETENSORS_LENGTH - 1; i >= 0; i--)
		size = size << 8 | (unsigned char)begin[i];
	if (size > HEADER_MAX)
		return err(ERR_DATA, "byte 0: header of %" PRIu64 " bytes, limit %d: no safetensors file, or a "
			"damaged one; download or convert it again", size, HEADER_MAX);
	if (size > room)
		return err(ERR_DATA, "byte %zu: cut short in the header of %" PRIu64 " bytes", c->memory->map_size,
			size);
	if (size == 0 || header[0] != '{')
		return err(ERR_DATA, "byte %d: header does not begin with '{'", SAFETENSORS_LENGTH);
	for (end = size; end > 0 && header[end - 1] == ' '; end--)
		;
	if (header[end - 1] != '}')
		return err(ERR_DATA, "byte %zu: header does not end with '}' and spaces", SAFETENSORS_LENGTH + end - 1);
	data = header + size;
	c->memory->header_size = size;
	if (safetensors_memory_parse(c, header, size, SAFETENSORS_LENGTH, data, room - size) < 0)
		return -1;
	return check_offsets(c, data, room - size);
}

int
safetensors_open_unverified(struct safetensors *c, const char *path)
{
	int fd = file_open(path), result;

	*c = (struct safetensors){ 0 };
	if (fd < 0)
		return -1;
	result = map(c, fd) < 0 || read_mapped(c) < 0 ? err_in("%s", path) : 0;
	close(fd);
	if (result < 0)
		safetensors_close(c);
	return result;
}

int
safetensors_open(struct safetensors *c, const char *path)
{
	if (safetensors_open_unverified(c, path) < 0)
		return -1;
	if (safetensors_verify(c) < 0) {
		safetensors_close(c);
		return err_in("%s", path);
	}
	return 0;
}
