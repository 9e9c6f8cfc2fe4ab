/* predict - a trained model of one task, open for inference, and the state of each thread that runs it */
#include "inference/predict.h"
#include "base/err.h"
#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "transform/patch.h"

#include <stdbool.h>
#include <string.h>

/* The task as the file describes it, with memory for its parameters. */
static int
open_task(struct predict *p, const struct task *task)
{
	const char *trained = safetensors_metadata(&p->model.file, "task");

	if (!trained || strcmp(trained, task->name) != 0)
		return err(ERR_DATA, "%s: a model for task '%s', not '%s' (use tscae-train task=%s init_from=...)",
		    p->model.path, trained ? trained : "none", task->name, task->name);
	if (task->classes && safetensors_classes_load(&p->classes, &p->model.file) < 0)
		return err_in("%s", p->model.path);
	if (task->classes && p->classes.count != p->model.config.classes)
		return err(ERR_DATA, "%s: %d class names for %ld classes", p->model.path, p->classes.count,
		    p->model.config.classes);
	p->self = task->open(&p->model.config, &p->params);
	if (!p->self)
		return err_in("%s", p->model.path);
	if (model_file_has_params(&p->model, &p->params) < 0)
		return -1;
	params_build(&p->params);
	return 0;
}

int
predict_open(struct predict *p, const struct task *task, const char *path, struct pool *team)
{
	*p = (struct predict){ .task = task };
	if (model_file_open_unverified(&p->model, path) < 0)
		return -1;
	return open_task(p, task) < 0 ? model_file_check_error(&p->model)
		: model_file_params_packed(&p->model, &p->params, team);
}

void
predict_close(struct predict *p)
{
	if (p->self)
		p->task->close(p->self);
	params_free(&p->params);
	class_list_free(&p->classes);
	if (p->model.path)
		model_file_close(&p->model);
	*p = (struct predict){ 0 };
}

int
predict_context_open(struct predict_context *c, const struct tensor *image, const struct encoder *e,
	const struct params *p)
{
	const long H = image->shape[0], W = image->shape[1], patch = e->p;
	const int rows = (int)(H / patch), columns = (int)(W / patch);

	if (patch_check(&e->pixels, image->shape[2], (long)tensor_width(image->type)) < 0)
		return -1;
	if (H == 0 || W == 0 || H % patch || W % patch)
		return err(ERR_DATA,
		    "image of %ldx%ld: both sizes must be multiples of the patch, %ld (use tscae-crop)", H, W, patch);
	if (H / patch > PREDICT_PATCHES_MAX / (W / patch))
		return err(ERR_DATA, "an image of %ldx%ld has more than %d patches", H, W, PREDICT_PATCHES_MAX);
	if (!c->position.table || c->position.rows != rows || c->position.columns != columns) {
		if (c->position.table)
			pos_embed_close(&c->position);
		pos_embed_open(&c->position, rows, columns, e->D);
	}
	tape_reset(&c->tape, false, p, NULL);
	return 0;
}

void
predict_context_close(struct predict_context *c)
{
	tape_free(&c->tape);
	if (c->position.table)
		pos_embed_close(&c->position);
	*c = (struct predict_context){ 0 };
}
