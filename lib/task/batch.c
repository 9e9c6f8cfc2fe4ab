/* batch - the pictures of one step, decoded from records into one place */
#include "task/batch.h"
#include "base/err.h"
#include "base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
batch_open(struct batch *b, int size, int S, int P, int hidden)
{
	assert(size > 0 && S > 0 && P > 0 && hidden >= 0 && hidden <= P);
	*b = (struct batch){ .size = size, .S = S, .P = P, .hidden = hidden };
	b->images = mem_new((size_t)size * (size_t)S * (size_t)S * 3);
	b->masks = hidden ? mem_new((size_t)size * (size_t)P) : NULL;
	b->keys = mem_new((size_t)size * sizeof *b->keys);
}

static int
put_image(struct batch *b, const struct record *r)
{
	const struct tensor *image = record_tensor(r, "image", TENSOR_U8, 3);

	if (!image)
		return -1;
	if (image->shape[2] != 3)
		return err(ERR_DATA, "a picture with %ld channels where the model takes 3 (tscae-decode without --gray)", image->shape[2]);
	if (image->shape[0] != b->S || image->shape[1] != b->S)
		return err(ERR_DATA, "a picture of %ldx%ld where the model takes %dx%d (tscae-crop makes pictures of one size)",
		    image->shape[0], image->shape[1], b->S, b->S);
	memcpy(b->images + (size_t)b->N * tensor_bytes(image), image->data, tensor_bytes(image));
	return 0;
}

static int
put_mask(struct batch *b, const struct record *r)
{
	const struct value *v = record_get(r, "mask");
	const uint8_t *in;
	int i, count = 0;

	if (!v)
		return err(ERR_DATA, "no mask (tscae-mask adds one)");
	if (v->kind != VALUE_TENSOR || v->tensor.type != TENSOR_U8)
		return err(ERR_DATA, "mask is not a tensor of bytes");
	if (tensor_count(&v->tensor) != b->P)
		return err(ERR_DATA, "mask of %ld patches where the model has %d (is tscae-mask --patch the model's?)",
		    tensor_count(&v->tensor), b->P);
	for (i = 0, in = v->tensor.data; i < b->P; i++) {
		if (in[i] > 1)
			return err(ERR_DATA, "mask holds %d (0: seen, 1: hidden)", in[i]);
		count += in[i];
	}
	if (count != b->hidden)
		return err(ERR_DATA, "mask hides %d patches where the model's ratio hides %d (tscae-mask --ratio)", count, b->hidden);
	memcpy(b->masks + (size_t)b->N * (size_t)b->P, in, (size_t)b->P);
	return 0;
}

int
batch_put(struct batch *b, const struct record *r)
{
	assert(b->N < b->size);
	if (put_image(b, r) < 0 || (b->masks && put_mask(b, r) < 0))
		return -1;
	snprintf(b->keys[b->N], sizeof b->keys[0], "%s", r->key);
	b->epoch = r->epoch;
	b->N++;
	return 0;
}

void
batch_reset(struct batch *b)
{
	b->N = 0;
}

void
batch_close(struct batch *b)
{
	free(b->images);
	free(b->masks);
	free(b->keys);
	*b = (struct batch){ 0 };
}
