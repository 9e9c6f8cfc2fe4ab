/* onnx - export of an encoder, or of a classifier, as an ONNX graph

   Input `pixels` (N, C, H, W), N free: (sample / 255 - mean) / std, of 16 bits sample / 65535. Outputs `mean` and,
   with a class token, `class` (N, D), `patches` (N, P, D); of a classifier also `logits` and `probabilities` (N,
   classes). Opset 17. The metadata has mean, std, image size and class names. */
#ifndef CHECKPOINT_ONNX_H
#define CHECKPOINT_ONNX_H

#include "base/err.h"
#include "checkpoint/model_file.h"
#include "model/config.h"
#include "nn/params.h"

/* Write the model for images of config.image pixels; params are those of exchange_declare() without decoder, loaded.
   -1 and err(): ERR_DATA for a task that is not supported, or more than 2 GB; ERR_OUTPUT. */
int onnx_write(const struct model_file *m, const struct config *target, const struct params *params, const char *path)
	ERR_CHECK;

#endif
