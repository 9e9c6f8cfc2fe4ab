/* joint - the loss that couples the batch: outputs of all micro-batches side by side, and their gradients back */
#include "train/joint.h"

#include <assert.h>
#include <string.h>

void
joint_open(struct joint *j, const struct lanes *l, const struct part_loss *shown, int n)
{
	int i;

	for (i = 0; i < shown->joint_count; i++) {
		const struct var *v = shown->joint[i];
		struct joint_input *in = &j->inputs[i];
		size_t bytes;

		assert(v->rank >= 1 && v->shape[0] == n);
		in->rank = v->rank;
		memcpy(in->shape, v->shape, sizeof in->shape);
		in->each = (size_t)(var_count(v) / n);
		bytes = sizeof *in->x * in->each * (size_t)l->batch;
		in->x = arena_get(&j->arena, bytes);
		in->dx = v->dx ? arena_get(&j->arena, bytes) : NULL;
	}
	j->count = shown->joint_count;
}

void
joint_close(struct joint *j)
{
	tape_free(&j->tape);
	arena_free(&j->arena);
}

void
joint_collect(struct joint *j, const struct lanes_piece *p, const struct part_loss *from)
{
	int i;

	for (i = 0; i < j->count; i++) {
		struct joint_input *in = &j->inputs[i];

		memcpy(in->x + in->each * (size_t)p->place, from->joint[i]->x, sizeof *in->x * in->each * (size_t)p->n);
	}
}

void
joint_seed(const struct joint *j, const struct lanes_piece *p, const struct part_loss *to)
{
	int i;

	for (i = 0; i < j->count; i++)
		if (to->joint[i]->dx && j->inputs[i].filled)
			var_seed(to->joint[i], j->inputs[i].dx + j->inputs[i].each * (size_t)p->place, 1);
}

void
joint_run(struct joint *j, struct lanes *l, const struct task *task, void *self, const struct batch *b, const struct params *params, float *grads, struct part_loss *out)
{
	struct var *inputs[TASK_JOINT_MAX] = { NULL };
	int i;

	tape_reset(&j->tape, true, params, lanes_number(l, 0) == 0 ? grads : NULL);
	for (i = 0; i < j->count; i++) {
		struct joint_input *in = &j->inputs[i];

		lanes_gather(l, in->x, sizeof *in->x * in->each);
		inputs[i] = tape_wrap(&j->tape, in->x, in->dx, in->rank, l->batch, in->shape[1], in->shape[2], in->shape[3]);
	}
	task->joint(self, &j->tape, b, inputs, out);
	if (out->loss)
		var_seed(out->loss, NULL, 1);
	tape_backward(&j->tape);
	for (i = 0; i < j->count; i++)
		j->inputs[i].filled = inputs[i]->filled;
}
