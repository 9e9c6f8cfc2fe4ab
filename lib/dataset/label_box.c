/* label_box - boxes into a record: cut, counted, never silently wrong */
#include "annotation/boxes.h"
#include "base/err.h"
#include "dataset/label_part.h"

#include <math.h>
#include <string.h>

/* Cut to the image. False: nothing is left. */
static bool
cut(struct label_part_box *b, int width, int height, struct label_notes *notes)
{
	struct label_part_box c = *b;

	if (!(b->right > b->left) || !(b->bottom > b->top)) {
		notes->count[LABEL_FLAT]++;
		return false;
	}
	if (!width || !height) {
		/* its image's size is not known, but no image is as large */
		if (!(fmax(fabs(b->left), fabs(b->top)) <= LABEL_SIDE_MAX && fmax(fabs(b->right), fabs(b->bottom)) <= LABEL_SIDE_MAX)) {
			notes->count[LABEL_OUTSIDE]++;
			return false;
		}
		return true;
	}
	c.left = fmax(b->left, 0);
	c.top = fmax(b->top, 0);
	c.right = fmin(b->right, width);
	c.bottom = fmin(b->bottom, height);
	if (!(c.right > c.left) || !(c.bottom > c.top)) {
		notes->count[LABEL_OUTSIDE]++;
		return false;
	}
	notes->count[LABEL_CUT] += c.left != b->left || c.top != b->top || c.right != b->right || c.bottom != b->bottom;
	*b = c;
	return true;
}

void
label_part_boxes(struct record *r, struct label_part_box *boxes, int count, int width, int height, bool areas, struct label_notes *notes)
{
	struct boxes to = boxes_new(&r->arena, BOXES_BOX | BOXES_CLASS | BOXES_FLAGS | (areas ? BOXES_AREA : 0U), count);
	int i;

	for (i = 0; i < count; i++) {
		struct label_part_box *b = &boxes[i];
		const long k = to.count;

		b->place = -1;
		if (!cut(b, width, height, notes))
			continue;
		b->place = (int)k;
		memcpy(to.box[k], (float[4]){ (float)b->left, (float)b->top, (float)b->right, (float)b->bottom }, sizeof to.box[k]);
		to.class[k] = b->class;
		to.flags[k] = (uint8_t)b->flags;
		if (areas)
			to.area[k] = (float)b->area;
		to.count++;
	}
	boxes_write(&to, r, BOXES_GT);
}

int
label_part_size(struct record *r, int *width, int *height)
{
	const struct value *image = record_get(r, "image");

	if (record_get(r, "transform"))
		return err(ERR_DATA, "the image was cut or resized, its labels are for the whole one: tscae-label before tscae-crop");
	if (image && image->kind == VALUE_TENSOR && image->tensor.rank == 3) {
		long h = image->tensor.shape[0], w = image->tensor.shape[1];

		if ((*width && w != *width) || (*height && h != *height))
			return err(ERR_DATA, "the image has %ldx%ld pixels, its annotation is for %dx%d (label images before they are resized)", w, h, *width, *height);
		*width = (int)w;
		*height = (int)h;
	} else if (*width && *height) {
		int32_t *size = record_put_tensor(r, "size", TENSOR_I32, 1, (long[1]){ 2 });

		size[0] = *height;
		size[1] = *width;
	}
	return 0;
}
