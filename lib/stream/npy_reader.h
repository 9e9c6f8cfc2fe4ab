/* npy_reader - the rows of a .npy file as floats (numpy.lib.format, versions 1.0 to 3.0)

   The header is checked against the size of the file before memory is taken. Arrays of real numbers, integers and truth
   values in C order and little-endian are read; others are refused with the numpy expression that converts them. */
#ifndef STREAM_NPY_READER_H
#define STREAM_NPY_READER_H

#include "base/err.h"
#include "stream/tensor.h"

#include <stdbool.h>
#include <stdio.h>

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

/* The next row, `width` floats. 1; 0: no more rows; -1 and err(). */
int npy_reader_next(struct npy_reader *n, float *row) ERR_CHECK;

/* Close, also before the end; fine if it was never opened ({ 0 }). */
void npy_reader_close(struct npy_reader *n);

#endif
