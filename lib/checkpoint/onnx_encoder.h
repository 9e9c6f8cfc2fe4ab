/* onnx_encoder - the encoder as nodes of an ONNX graph */
#ifndef CHECKPOINT_ONNX_ENCODER_H
#define CHECKPOINT_ONNX_ENCODER_H

#include "checkpoint/onnx_graph.h"
#include "model/encoder.h"

struct onnx_encoder {
	const char *class;	/* (N, D), NULL: no class token */
	const char *patches;	/* (N, P, D) after the final norm, if there is one */
	const char *mean;	/* (N, D) of the patches, without pool_norm */
};

/* The input `pixels` (N, C, S, S), normalized, S = o->config->image, and all blocks. */
struct onnx_encoder onnx_encoder_build(struct onnx *o, const struct encoder *e);

#endif
