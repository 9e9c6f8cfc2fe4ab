/* onnx_dense - the heads of detection and segmentation as nodes of an ONNX graph, with their outputs */
#ifndef CHECKPOINT_ONNX_DENSE_H
#define CHECKPOINT_ONNX_DENSE_H

#include "checkpoint/onnx.h"
#include "checkpoint/onnx_graph.h"
#include "model/fcos.h"

/* From the patches (N, P, D) of the encoder, for M = the least of max_detections and all boxes: the outputs `boxes` (N,
   M, 4), `scores` and `classes` (N, M), `count` (N), what detections_find() returns. */
void onnx_dense_detect(struct onnx *o, const char *patches, const struct fcos *head, const struct onnx_detections *how);

/* The outputs `logits` (N, classes, S, S) and `classes` (N, S, S) of segment_logits(), resampled to the image. */
void onnx_dense_segment(struct onnx *o, const char *patches);

#endif
