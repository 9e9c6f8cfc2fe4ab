/* batch_loss - the loss that couples the batch: coupled outputs of all micro-batches, and their gradients */
#include "train/batch_loss.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

void
batch_loss_open(struct batch_loss *b, const struct grad_shards *s, const struct part_loss *example, int n)
{
	int i;

	for (i = 0; i < example->coupled_count; i++) {
		const struct var *v = example->coupled[i];
		struct batch_loss_input *in = &b->inputs[i];
		size_t bytes;

		assert(v->rank >= 1 && v->shape[0] == n);
		in->rank = v->rank;
		memcpy(in->shape, v->shape, sizeof in->shape);
		in->each = (size_t)(var_count(v) / n);
		bytes = sizeof *in->x * in->each * (size_t)s->batch;
		in->x = arena_get(&b->arena, bytes);
		in->dx = v->dx ? arena_get(&b->arena, bytes) : NULL;
	}
	b->count = example->coupled_count;
}

void
batch_loss_close(struct batch_loss *b)
{
	tape_free(&b->tape);
	arena_free(&b->arena);
}

void
batch_loss_collect(struct batch_loss *b, const struct micro_batch *m, const struct part_loss *from)
{
	int i;

	for (i = 0; i < b->count; i++) {
		struct batch_loss_input *in = &b->inputs[i];

		memcpy(in->x + in->each * (size_t)m->index, from->coupled[i]->x,
		    sizeof *in->x * in->each * (size_t)m->n);
	}
}

void
batch_loss_seed(const struct batch_loss *b, const struct micro_batch *m, const struct part_loss *to)
{
	int i;

	for (i = 0; i < b->count; i++)
		if (to->coupled[i]->dx && b->inputs[i].filled)
			var_seed(to->coupled[i], b->inputs[i].dx + b->inputs[i].each * (size_t)m->index, 1);
}

void
batch_loss_run(struct batch_loss *b, struct grad_shards *s, const struct task *task, void *self,
	const struct batch *batch, const struct params *params, float *grads, struct part_loss *out)
{
	struct var *inputs[TASK_COUPLED_MAX] = { NULL };
	int i;

	tape_reset(&b->tape, true, params, grad_shards_id(s, 0) == 0 ? grads : NULL);
	for (i = 0; i < b->count; i++) {
		struct batch_loss_input *in = &b->inputs[i];

		grad_shards_gather(s, in->x, sizeof *in->x * in->each);
		inputs[i] = tape_wrap(&b->tape, in->x, in->dx, in->rank, s->batch, in->shape[1], in->shape[2],
		    in->shape[3]);
	}
	task->batch_loss(self, &b->tape, batch, inputs, out);
	if (out->loss)
		var_seed(out->loss, NULL, 1);
	tape_backward(&b->tape);
	for (i = 0; i < b->count; i++)
		b->inputs[i].filled = inputs[i]->filled;
}
