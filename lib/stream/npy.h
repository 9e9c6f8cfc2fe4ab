/* npy - an array into a .npy file, row after row (numpy.lib.format, version 1.0)

   The header always has 128 bytes; the number of rows is put in at the end. A pipe cannot be gone back in: there the
   number must be known before. */
#ifndef STREAM_NPY_H
#define STREAM_NPY_H

#include "base/file.h"
#include "stream/tensor.h"

struct npy {
	struct file file;
	struct tensor row;	/* type and shape of one row */
	long rows;		/* written so far */
	long count;		/* promised on a pipe, -1 in a file */
};

/* Begin an array of rows like `row` (its data is not looked at; not BF16). `count` is the number of rows that will come,
   -1 where it is not known. -1 and err(): ERR_OUTPUT, or ERR_USAGE where it is not known and the output is a pipe. */
int npy_create(struct npy *n, const char *path, const struct tensor *row, long count);

/* The next `rows` rows, dense. -1 and err(ERR_OUTPUT). */
int npy_write(struct npy *n, const void *data, long rows);

/* Put the number of rows in and finish the file. -1 and err(): ERR_OUTPUT, ERR_DATA where a pipe was promised another number. */
int npy_close(struct npy *n);

/* Give up: no file appears. */
void npy_abandon(struct npy *n);

#endif
