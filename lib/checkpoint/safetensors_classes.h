/* safetensors_classes - the class names in a model's metadata */
#ifndef CHECKPOINT_SAFETENSORS_CLASSES_H
#define CHECKPOINT_SAFETENSORS_CLASSES_H

#include "annotation/class_list.h"
#include "checkpoint/safetensors.h"

/* Read `classes`, a JSON list, into an empty list. -1 and err(ERR_DATA): none, not a list of texts, or one twice. */
int safetensors_classes_load(struct class_list *c, const struct safetensors *model);
void safetensors_classes_save(const struct class_list *c, struct safetensors *model);

#endif
