/* image_class - the class of an image and its prediction: their fields in a record, one validator */
#include "annotation/image_class.h"
#include "annotation/class_list.h"
#include "base/err.h"
#include "stream/record.h"
#include "stream/tensor.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

static const char *const names[IMAGE_CLASS_KINDS] = { "class", "predicted_class" };

const char *
image_class_name(enum image_class_kind kind)
{
	return names[kind];
}

int
image_class_read(const struct record *r, enum image_class_kind kind, int classes, int64_t *class)
{
	const struct value *v = record_get(r, names[kind]);

	if (!v)
		return 0;
	if (classes && (v->kind != VALUE_INT || v->integer < 0 || v->integer >= classes))
		return err(ERR_DATA, "field '%s' is not an integer from 0 to %d", names[kind], classes - 1);
	if (v->kind != VALUE_INT)
		return err(ERR_DATA, "field '%s' is not an integer", names[kind]);
	*class = v->integer;
	return 1;
}

int
image_class_require(const struct record *r, int classes, int64_t *class)
{
	const int got = image_class_read(r, IMAGE_CLASS_GT, classes, class);

	return got ? got
		: err(ERR_DATA, "the record has no class (use tscae-label, or tscae-decode --labels)");
}

int
image_class_read_score(const struct record *r, const struct class_list *classes, const struct tensor **score)
{
	const struct tensor *t;
	long i;

	*score = NULL;
	if (!record_get(r, IMAGE_CLASS_SCORE))
		return 0;
	if (!(t = record_tensor(r, IMAGE_CLASS_SCORE, TENSOR_F32, 1)))
		return -1;
	if (classes->count && t->shape[0] != classes->count)
		return err(ERR_DATA, "field '%s' has %ld values, but there are %d classes", IMAGE_CLASS_SCORE,
			t->shape[0], classes->count);
	for (i = 0; i < t->shape[0]; i++) {
		if (isfinite(((const float *)t->data)[i]))
			continue;
		return classes->count ? err(ERR_DATA, "field '%s': the score of class '%s' is not finite",
			IMAGE_CLASS_SCORE, classes->list[i].name)
			: err(ERR_DATA, "field '%s': the score of class %ld is not finite", IMAGE_CLASS_SCORE, i);
	}
	*score = t;
	return 1;
}

void
image_class_put(struct record *r, enum image_class_kind kind, int class)
{
	record_put_int(r, names[kind], class);
}

void
image_class_declare_score(struct header *h, int count)
{
	header_put_field(h, IMAGE_CLASS_SCORE, TENSOR_F32, 1, (long[1]){ count });
}

float *
image_class_put_score(struct record *r, int count)
{
	return record_put_tensor(r, IMAGE_CLASS_SCORE, TENSOR_F32, 1, (long[1]){ count });
}
