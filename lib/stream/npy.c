/* npy - an array into a .npy file, row after row

   \x93NUMPY 1 0, length of the rest of the header (2 bytes, little-endian), a Python dictionary
   {'descr': '<f4', 'fortran_order': False, 'shape': (N, D), }, spaces, newline. */
#include "stream/npy.h"
#include "base/err.h"
#include "base/mem.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
