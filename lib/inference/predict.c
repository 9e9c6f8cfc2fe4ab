/* predict - a trained model of one task, ready to say what it thinks */
#include "inference/predict.h"
#include "base/err.h"
#include "checkpoint/safetensors_classes.h"

#include <string.h>

/* The task as the file describes it, with room for its parameters. */
static int
open_task(struct predict *p, const struct task *task)
{
	const char *trained = safetensors_metadata(&p->model.file, "task");

	if (!trained || strcmp(trained, task->name) != 0)
		return err(ERR_DATA, "%s: a model for task '%s', not '%s' (tscae-train task=%s init_from=...)", p->model.path, trained ? trained : "none", task->name, task->name);
	if (task->classes && safetensors_classes_load(&p->classes, &p->model.file) < 0)
		return err_in("%s", p->model.path);
	if (task->classes && p->classes.count != p->model.config.classes)
		return err(ERR_DATA, "%s: %d class names for %ld classes", p->model.path, p->classes.count, p->model.config.classes);
	p->self = task->open(&p->model.config, &p->params);
	if (!p->self)
		return err_in("%s", p->model.path);
	params_build(&p->params);
	return 0;
}

int
predict_open(struct predict *p, const struct task *task, const char *path, struct pool *team)
{
	*p = (struct predict){ .task = task };
	if (model_file_open_unverified(&p->model, path) < 0)
		return -1;
	return open_task(p, task) < 0 ? model_file_check_error(&p->model) : model_file_params_packed(&p->model, &p->params, team);
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
