/* npy - .npy files: an array written row after row, the rows of a file read as floats */
#include "stream/npy.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "stream/reader.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The writer.

   \x93NUMPY 1 0, length of the rest of the header (2 bytes, little-endian), a Python dictionary
   {'descr': '<f4', 'fortran_order': False, 'shape': (N, D), }, spaces, newline. */

enum { HEADER = 128, PREFIX = 10 };

/* The longest header has rank 8 and dimensions of 10 digits: 10 + 60 + 19 + 8 * 12 exceeds 128 bytes, so rows have at
   most 4 dimensions. */
enum { RANK_MAX = 4 };

static void
print_header(const struct npy *n, long count, char header[HEADER])
{
	int i, at = PREFIX;

	memcpy(header, "\x93NUMPY\1\0", 8);
	header[8] = (char)(HEADER - PREFIX);
	header[9] = 0;
	at += snprintf(header + at, (size_t)(HEADER - at), "{'descr': '%s', 'fortran_order': False, 'shape': (%ld,",
		tensor_text(n->row.type), count);
	for (i = 0; i < n->row.rank; i++)
		at += snprintf(header + at, (size_t)(HEADER - at), i ? ", %ld" : " %ld", n->row.shape[i]);
	at += snprintf(header + at, (size_t)(HEADER - at), "), }");
	assert(at < HEADER);
	memset(header + at, ' ', (size_t)(HEADER - at));
	header[HEADER - 1] = '\n';
}

int
npy_create(struct npy *n, const char *path, const struct tensor *row, long count)
{
	char header[HEADER];

	assert(row->rank <= RANK_MAX && tensor_text(row->type));
	*n = (struct npy){ .row = *row };
	if (file_create(&n->file, path) < 0)
		return -1;
	n->count = n->file.temporary ? -1 : count;
	if (count < 0 && !n->file.temporary) {
		err(ERR_USAGE, "%s: the number of rows is unknown; an array without it needs a file as output", path);
		file_abandon(&n->file);
		return -1;
	}
	print_header(n, n->count < 0 ? 0 : n->count, header);
	if (file_write(&n->file, header, HEADER) < 0) {
		file_abandon(&n->file);
		return -1;
	}
	return 0;
}

int
npy_write(struct npy *n, const void *data, long rows)
{
	const size_t size = (size_t)rows * tensor_bytes(&n->row);
	void *swapped;
	int status;

	n->rows += rows;
	if (!tensor_swapped(n->row.type) || size == 0)
		return file_write(&n->file, data, size);
	swapped = mem_new(size);
	memcpy(swapped, data, size);
	tensor_swap(n->row.type, swapped, size);
	status = file_write(&n->file, swapped, size);
	free(swapped);
	return status;
}

int
npy_close(struct npy *n)
{
	char header[HEADER];

	if (n->count >= 0 && n->rows != n->count) {
		err(ERR_DATA, "%s: %ld rows instead of %ld", n->file.path, n->rows, n->count);
		file_abandon(&n->file);
		return -1;
	}
	print_header(n, n->rows, header);
	if (n->count < 0 && file_patch(&n->file, 0, header, HEADER) < 0) {
		file_abandon(&n->file);
		return -1;
	}
	return file_commit(&n->file, false);
}

void
npy_abandon(struct npy *n)
{
	file_abandon(&n->file);
}

/* npy_reader - the rows of a .npy file as floats

   \x93NUMPY, version (2 bytes), length of the header (2 bytes; 4 from version 2.0 on, little-endian), a Python
   dictionary {'descr': '<f4', 'fortran_order': False, 'shape': (N, D), } with these three keys, the array. */

enum {
	HEADER_MAX = 1 << 16,	/* bytes of the dictionary; numpy's own limit is 10,000 */
	BUFFER = 1 << 20	/* bytes that are read ahead */
};

int
npy_reader_is(const char *path)
{
	char first[NPY_READER_MAGIC_SIZE];
	struct stat st;
	FILE *f;
	int is;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0 : err(file_status(errno), "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return 0;
	if (!(f = file_open_stream(path)))
		return -1;
	is = fread(first, 1, sizeof first, f) == sizeof first && memcmp(first, NPY_READER_MAGIC, sizeof first) == 0;
	if (ferror(f))
		is = err(file_status(errno), "%s: %s", path, strerror(errno));
	fclose(f);
	return is;
}

static void
skip_blanks(const char **p)
{
	*p += strspn(*p, " \t\r\n");
}

/* Skip one character if it is the next one after blanks. */
static bool
skip_char(const char **p, char c)
{
	skip_blanks(p);
	if (**p != c)
		return false;
	++*p;
	return true;
}

/* A quoted text without escapes; its length, -1 if there is none. */
static long
read_quoted(const char **p, const char **text)
{
	const char *end;

	skip_blanks(p);
	end = **p == '\'' || **p == '"' ? strchr(*p + 1, **p) : NULL;
	if (!end)
		return -1;
	*text = *p + 1;
	*p = end + 1;
	return end - *text;
}

/* (N, D): of a row as much as fits; 0, or -1 and err(). */
static int
read_shape(struct npy_reader *n, const char **p)
{
	int rank = 0;

	if (!skip_char(p, '('))
		return err(ERR_DATA, "'shape' is not a tuple");
	for (n->width = 1; !skip_char(p, ')'); rank++) {
		char *end;
		long size;

		errno = 0;
		size = strtol(*p, &end, 10);
		if (end == *p || errno || size < 0)
			return err(ERR_DATA, "'shape' is not a tuple of sizes");
		*p = end;
		if (rank == 0)
			n->rows = size;
		else if (size == 0 || size > (long)(STREAM_BINARY_MAX / sizeof(float)) / n->width)
			return err(ERR_DATA, "rows of no elements, or of more than 64 MiB");
		else
			n->width *= size;
		if (!skip_char(p, ',') && **p != ')')
			return err(ERR_DATA, "'shape' is not a tuple of sizes");
	}
	return rank > 0 ? 0 : err(ERR_DATA, "a single number instead of an array of rows");
}

static int
read_type(struct npy_reader *n, const char **p)
{
	const char *text;
	long length = read_quoted(p, &text);
	int type;

	if (length < 0)
		return err(ERR_DATA, "a structured array; save one field of it");
	type = tensor_from_text(text, (size_t)length);
	if (type < 0)
		return err(ERR_DATA, "type '%.*s' is not read; save x.astype('<f4')", length < 20 ? (int)length : 20,
			text);
	n->type = (enum tensor_type)type;
	return 0;
}

static int
read_order(const char **p)
{
	skip_blanks(p);
	if (strncmp(*p, "False", 5) == 0) {
		*p += 5;
		return 0;
	}
	if (strncmp(*p, "True", 4) == 0)
		return err(ERR_DATA, "the array is in Fortran order; save numpy.ascontiguousarray(x)");
	return err(ERR_DATA, "'fortran_order' is neither True nor False");
}

static int
read_dictionary(struct npy_reader *n, const char *p)
{
	enum { TYPE = 1, ORDER = 2, SHAPE = 4 };
	int found = 0;

	if (!skip_char(&p, '{'))
		return err(ERR_DATA, "the header is not a dictionary");
	while (!skip_char(&p, '}')) {
		const char *key;
		const long length = read_quoted(&p, &key);
		int bit, got;

		if (length < 0 || !skip_char(&p, ':'))
			return err(ERR_DATA, "the header is not a dictionary");
		if (length == 5 && memcmp(key, "descr", 5) == 0) {
			bit = TYPE;
			got = read_type(n, &p);
		} else if (length == 13 && memcmp(key, "fortran_order", 13) == 0) {
			bit = ORDER;
			got = read_order(&p);
		} else if (length == 5 && memcmp(key, "shape", 5) == 0) {
			bit = SHAPE;
			got = read_shape(n, &p);
		} else
			return err(ERR_DATA, "an unknown key in the header");
		if (got < 0)
			return -1;
		if (found & bit)
			return err(ERR_DATA, "a key occurs twice in the header");
		found |= bit;
		if (!skip_char(&p, ',') && *p != '}')
			return err(ERR_DATA, "the header is not a dictionary");
	}
	return found == (TYPE | ORDER | SHAPE) ? 0
		: err(ERR_DATA, "the header lacks 'descr', 'fortran_order' or 'shape'");
}

/* The file ended or could not be read within its header. */
static int
no_header(const struct npy_reader *n)
{
	return ferror(n->file) ? err(file_status(errno), "%s", strerror(errno))
		: err(ERR_DATA, "cut short: the file ends in the header");
}

/* Read the header and leave the file at the first row; *begin: where that is. */
static int
read_header(struct npy_reader *n, long *begin)
{
	unsigned char head[12];
	char *text;
	size_t length, size = 10;
	int got;

	if (fread(head, 1, size, n->file) != size)
		return no_header(n);
	if (memcmp(head, NPY_READER_MAGIC, NPY_READER_MAGIC_SIZE) != 0)
		return err(ERR_DATA, "not a NumPy array");
	if (head[6] < 1 || head[6] > 3)
		return err(ERR_DATA, "version %d.%d of the format; versions 1 to 3 are read", head[6], head[7]);
	length = head[8] | (size_t)head[9] << 8;
	if (head[6] > 1) {
		if (fread(head + size, 1, 2, n->file) != 2)
			return no_header(n);
		size += 2;
		length |= (size_t)head[10] << 16 | (size_t)head[11] << 24;
	}
	if (length > HEADER_MAX)
		return err(ERR_DATA, "a header of %zu bytes (at most %d)", length, HEADER_MAX);
	text = mem_new(length + 1);
	got = fread(text, 1, length, n->file) == length ? read_dictionary(n, text)
		: no_header(n);
	free(text);
	*begin = (long)(size + length);
	return got;
}

/* The file must have exactly the rows that the header states. */
static int
check_size(const struct npy_reader *n, long begin)
{
	const long row = n->width * (long)tensor_width(n->type);
	struct stat st;

	if (fstat(fileno(n->file), &st) < 0)
		return err(file_status(errno), "%s", strerror(errno));
	if (n->rows > (LONG_MAX - begin) / row || st.st_size < begin + n->rows * row)
		return err(ERR_DATA, "cut short: byte %ld: the header states %ld rows of %ld bytes, the file has %ld",
			(long)st.st_size, n->rows, row, ((long)st.st_size - begin) / row);
	if (st.st_size > begin + n->rows * row)
		return err(ERR_DATA, "byte %ld: %ld bytes follow the array", begin + n->rows * row,
			(long)st.st_size - (begin + n->rows * row));
	return 0;
}

int
npy_reader_open(struct npy_reader *n, const char *path)
{
	long begin = 0;

	*n = (struct npy_reader){ .file = file_open_stream(path) };
	if (!n->file)
		return -1;
	setvbuf(n->file, NULL, _IOFBF, BUFFER);
	if (read_header(n, &begin) < 0 || check_size(n, begin) < 0) {
		err_in("%s", path);
		npy_reader_close(n);
		return -1;
	}
	n->path = mem_text(path);
	n->bytes = mem_array((size_t)n->width, tensor_width(n->type));
	return 0;
}

int
npy_reader_next(struct npy_reader *n, float *row)
{
	const struct tensor t = { .type = n->type, .rank = 1, .shape = { n->width }, .data = n->bytes };
	const size_t size = (size_t)n->width * tensor_width(n->type);
	void *to = n->type == TENSOR_F32 ? (void *)row : n->bytes;
	long i;

	if (n->next == n->rows)
		return 0;
	if (fread(to, 1, size, n->file) != size)
		return err(ferror(n->file) ? file_status(errno) : ERR_INPUT, "%s: row %ld: %s", n->path, n->next,
			ferror(n->file) ? strerror(errno) : "the file became shorter while it was read");
	tensor_swap(n->type, to, size);
	for (i = 0; n->type != TENSOR_F32 && i < n->width; i++) {
		const double x = tensor_element(&t, i);

		row[i] = (float)x;
		if (isfinite(x) && !isfinite(row[i]))
			return err(ERR_DATA, "%s: row %ld: value %ld (%g) is beyond single precision (float32)",
				n->path, n->next, i, x);
	}
	n->next++;
	return 1;
}

void
npy_reader_close(struct npy_reader *n)
{
	if (n->file)
		fclose(n->file);
	free(n->path);
	free(n->bytes);
	*n = (struct npy_reader){ 0 };
}
