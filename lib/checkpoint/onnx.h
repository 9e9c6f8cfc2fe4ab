/* onnx - export of a model of any task as an ONNX graph

   Input `pixels` (N, C, S, S): (sample / 255 - mean) / std, of 16 bits sample / 65535, with N free. Outputs: of an
   encoder `mean`, `patches` and, with a class token, `class`; of a classifier also `logits` and `probabilities`; of a
   detector `boxes`, `scores`, `classes` and `count` after non-maximum suppression; of a segmenter `logits` and
   `classes` at the size of the image. Opset 17. The metadata has mean, std, image size, class names and the meaning of
   the outputs. */
#ifndef CHECKPOINT_ONNX_H
#define CHECKPOINT_ONNX_H

#include "base/err.h"
#include "checkpoint/model_file.h"
#include "model/config.h"

/* Set by the caller: what detections_find() is called with (inference/detections.h). */
struct onnx_detections {
	double score_threshold, iou_threshold;
	long max_detections;
};

/* Write the model for images of target->image pixels; `how` is for a detector. -1 and err(): ERR_DATA for a model whose
   parameters are not those of its task, or of more than 2 GB; ERR_OUTPUT. */
int onnx_write(const struct model_file *m, const struct config *target, const struct onnx_detections *how,
	const char *path) ERR_CHECK;

#endif
