/* onnx_layer - the layers of the models as nodes of an ONNX graph: the functions of lib/nn, with parameters by name */
#ifndef CHECKPOINT_ONNX_LAYER_H
#define CHECKPOINT_ONNX_LAYER_H

#include "checkpoint/onnx_graph.h"

#include <stdint.h>

/* The values of a parameter; it must exist. */
const float *onnx_layer_values(struct onnx *o, const char *name);

/* A parameter as a constant of that shape. */
const char *onnx_layer_param(struct onnx *o, const char *name, int rank, const int64_t *dims);

/* Layer norm over the last dimension: NAME.weight and NAME.bias. */
const char *onnx_layer_norm(struct onnx *o, const char *x, const char *name, double eps);

/* x w' over the last dimension, w = NAME.weight (outputs, inputs); with + NAME.bias. */
const char *onnx_layer_product(struct onnx *o, const char *x, const char *name);
const char *onnx_layer_linear(struct onnx *o, const char *x, const char *name);

/* x (1 + erf(x / sqrt(2))) / 2 */
const char *onnx_layer_gelu(struct onnx *o, const char *x);

/* (N, H, W, C) to (N, C, H, W), and back. */
const char *onnx_layer_channels_first(struct onnx *o, const char *x);
const char *onnx_layer_channels_last(struct onnx *o, const char *x);

/* 3x3 convolution without bias of (N, H, W, C): NAME (outputs, 3, 3, C). */
const char *onnx_layer_conv(struct onnx *o, const char *x, const char *name);

/* (N, C, ., .) resampled bilinearly to (N, C, height, width), corner centers not aligned. */
const char *onnx_layer_resize(struct onnx *o, const char *x, int64_t C, int64_t height, int64_t width);

#endif
