/* npy - an array into a .npy file, row after row (numpy.lib.format, version 1.0)

   The header always has 128 bytes; the number of rows is filled in at the end. A pipe cannot be rewound: there the
   number must be known before. */
#ifndef STREAM_NPY_H
#define STREAM_NPY_H

#include "base/err.h"
#include "base/file.h"
#include "stream/tensor.h"

struct npy {
	struct file file;
	struct tensor row;	/* type and shape of one row */
	long rows;		/* written so far */
	long count;		/* announced on a pipe, -1 in a file */
};

/* Begin an array of rows like `row` (its data is not read; not BF16). `count` is the number of rows, -1: unknown.
   -1 and err(): ERR_OUTPUT, or ERR_USAGE where it is unknown and the output is a pipe. */
int npy_create(struct npy *n, const char *path, const struct tensor *row, long count) ERR_CHECK;

/* The next `rows` rows, dense. -1 and err(ERR_OUTPUT). */
int npy_write(struct npy *n, const void *data, long rows) ERR_CHECK;

/* Fill in the number of rows and finish the file. -1 and err(): ERR_OUTPUT, ERR_DATA where a pipe was announced another
   number. */
int npy_close(struct npy *n) ERR_CHECK;

/* Give up: no file appears. */
void npy_abandon(struct npy *n);

#endif
