/* voc_xml - an annotation of PASCAL VOC (the door to expat)

   annotation/object/{name, difficult, truncated, bndbox/{xmin, ymin, xmax, ymax}}: elements at exactly these places;
   boxes of parts lie deeper and are passed over. A document type is refused, whatever it declares. */
#ifndef DATASET_VOC_XML_H
#define DATASET_VOC_XML_H

#include "base/mem.h"

struct voc_xml_object {
	const char *name;
	double xmin, ymin, xmax, ymax;	/* as they stand there: from 1, ends inside; finite */
	double difficult, truncated;	/* 0 where missing */
	unsigned seen;			/* which of them were there */
};

struct voc_xml {
	double width, height;		/* 0: not said */
	struct voc_xml_object *objects;	/* in memory that voc_xml_free() gives back */
	int count, room;
};

/* Read an annotation; names come from the arena. -1 and err(ERR_DATA) "line N: ...". */
int voc_xml_read(const char *bytes, size_t size, struct arena *a, struct voc_xml *x);

void voc_xml_free(struct voc_xml *x);

#endif
