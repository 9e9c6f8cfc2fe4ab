/* npy - .npy files (numpy.lib.format): an array written row after row, the rows of a file read as floats

   Writing, version 1.0: the header always has 128 bytes; the number of rows is filled in at the end. A pipe cannot be
   rewound: there the number must be known before.

   Reading, versions 1.0 to 3.0: the header is checked against the size of the file before memory is taken. Arrays of
   real numbers, integers and booleans in C order and little-endian are read; others are refused with the numpy
   expression that converts them. */
#ifndef STREAM_NPY_H
#define STREAM_NPY_H

#include "base/err.h"
#include "base/file.h"
#include "stream/tensor.h"

#include <stdio.h>

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

/* Discard the array: no file appears. */
void npy_abandon(struct npy *n);

/* The first bytes of every .npy file. */
#define NPY_READER_MAGIC "\x93NUMPY"
enum { NPY_READER_MAGIC_SIZE = sizeof NPY_READER_MAGIC - 1 };

struct npy_reader {
	FILE *file;
	char *path;
	enum tensor_type type;
	long rows;		/* first dimension */
	long width;		/* product of the others, from 1 */
	long next;		/* row that is read next */
	void *bytes;		/* a row as it is stored */
};

/* 1: a regular file that begins as a .npy file; 0: another one, or none; -1 and err(): it cannot be read. */
int npy_reader_is(const char *path) ERR_CHECK;

/* Open a regular file and read its header. At least 1 dimension; a row has at most STREAM_BINARY_MAX bytes as floats.
   -1 and err(): ERR_INPUT, ERR_DATA. */
int npy_reader_open(struct npy_reader *n, const char *path) ERR_CHECK;

/* The next row, `width` floats. 1; 0: no more rows; -1 and err(): ERR_DATA also a finite value beyond floats. */
int npy_reader_next(struct npy_reader *n, float *row) ERR_CHECK;

/* Close, also before the end; fine if it was never opened ({ 0 }). */
void npy_reader_close(struct npy_reader *n);

#endif
