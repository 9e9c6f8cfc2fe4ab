/* npy - an array into a .npy file, row after row (numpy.lib.format, version 1.0)

   The header always has 128 bytes; the number of rows is put in at the end. Where the output cannot be gone back in (a
   pipe) the number must be known before. */
#ifndef DATA_NPY_H
#define DATA_NPY_H

#include "base/file.h"
#include "tensor/tensor.h"

struct npy {
	struct file file;
	struct tensor row;	/* type and shape of one row */
	long rows;		/* written so far */
	long count;		/* promised, -1: whatever comes */
};

/* Begin an array of rows like `row` (its data is not looked at; not BF16). -1 and err(): ERR_OUTPUT, or ERR_USAGE
   where `count` is -1 and the output is not a file. */
int npy_create(struct npy *n, const char *path, const struct tensor *row, long count);

/* The next `rows` rows, dense. -1 and err(ERR_OUTPUT). */
int npy_write(struct npy *n, const void *data, long rows);

/* Put the number of rows in and finish the file. -1 and err(): ERR_OUTPUT, ERR_DATA where fewer or more rows came than promised. */
int npy_close(struct npy *n);

/* Give up: no file appears. */
void npy_abandon(struct npy *n);

#endif
