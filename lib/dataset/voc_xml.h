/* voc_xml - read an annotation of PASCAL VOC (the only user of expat)

   annotation/object/{name, difficult, truncated, bndbox/{xmin, ymin, xmax, ymax}}: elements with exactly these paths.
   Boxes of parts have longer paths and are ignored. A document type (DOCTYPE) is always refused. Flags may be numbers
   or words (yes, true, no, false; others, as "Unspecified", and empty ones count as 0); a size that is no number counts
   as missing, a number that is no size is refused. Encodings are those of iconv. */
#ifndef DATASET_VOC_XML_H
#define DATASET_VOC_XML_H

#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>

struct voc_xml_object {
	const char *name;
	double xmin, ymin, xmax, ymax;	/* as in the file: from 1, inclusive; finite */
	double difficult, truncated;	/* 0: missing */
	unsigned found;			/* bits of the elements above that were found */
};

struct voc_xml {
	double width, height;		/* 1 .. IMAGE_SIZE_MAX, whole; 0: missing */
	int odd_flags;			/* number of flags that are neither numbers nor such words */
	bool guessed;			/* the file is not in the encoding that it declares: read as Windows-1252 */
	struct voc_xml_object *objects;	/* voc_xml_free() frees them */
	int count;
	size_t room;			/* of objects */
};

/* Read an annotation; names come from the arena. -1 and err(ERR_DATA) "line N: ...". */
int voc_xml_read(const char *bytes, size_t size, struct arena *a, struct voc_xml *x) ERR_CHECK;

void voc_xml_free(struct voc_xml *x);

#endif
