/* task - a training task is a row of one table; the trainer depends on no task by name */
#include "task/task.h"
#include "nn/op.h"
#include "task/classify.h"
#include "task/detect.h"
#include "task/pretrain.h"
#include "task/segment.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const struct task *const table[] = { &pretrain_task, &classify_task, &detect_task, &segment_task, NULL };

const struct task *
task_find(const char *name)
{
	int i;

	for (i = 0; table[i]; i++)
		if (strcmp(table[i]->name, name) == 0)
			return table[i];
	return NULL;
}

void
loss_sum_add(struct loss_sum *sum, struct var *loss, double weight, double *term)
{
	assert(sum->count < TASK_TERMS_MAX);
	sum->losses[sum->count] = loss;
	sum->weights[sum->count++] = (float)weight;
	*term += loss->x[0];
}

struct var *
loss_sum_build(const struct loss_sum *sum, struct tape *t)
{
	return op_sum(t, sum->count, sum->losses, sum->weights);
}
