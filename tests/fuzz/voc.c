/* voc - fuzz target: any bytes as an annotation of PASCAL VOC; accepted objects have a name and finite coordinates */
#include "base/err.h"
#include "base/mem.h"
#include "dataset/voc_xml.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena a = { 0 };
	struct voc_xml x;
	int i;

	if (voc_xml_read((const char *)bytes, size, &a, &x) == 0) {
		for (i = 0; i < x.count; i++)
			if (!x.objects[i].name || !*x.objects[i].name ||
				!isfinite(x.objects[i].xmin + x.objects[i].ymin) ||
				!isfinite(x.objects[i].xmax + x.objects[i].ymax))
				abort();
		voc_xml_free(&x);
	} else if (err_status() != ERR_DATA)
		abort();
	arena_free(&a);
	return 0;
}
