#!/usr/bin/python3
"""onnx_dense.py - outputs of ONNX detectors and segmenters beside those of tscae-detect and tscae-segment

usage: onnx_dense.py pixels STREAM FILE     the images as normalized (n, 3, H, W) floats, ImageNet's constants
       onnx_dense.py boxes STREAM FILES     FILES.boxes, .scores, .classes, .count hold the detections of STREAM: as
           many of each class, scores and boxes equal to 1e-5; prints how many
       onnx_dense.py maps STREAM FILES      FILES.classes hold the segmentation maps of STREAM, but where the best two
           of FILES.logits differ by less than 1e-5; prints the number of classes
       onnx_dense.py lines STREAM           the detections, as pipelines/browser/index.html lists them
       onnx_dense.py counts STREAM          the pixels of each class, likewise
"""
import sys

import msgpack
import numpy as np


def tensor(t):
    return np.frombuffer(t[b'data'], np.dtype(t[b'type'])).reshape(t[b'shape'])


parts = msgpack.Unpacker(open(sys.argv[2], 'rb'), raw=False, strict_map_key=False, max_buffer_size=0)
assert next(parts) == 'tscae/1'
header = next(parts)
records = [{k: tensor(v) if isinstance(v, dict) else v for k, v in r.items()} for r in parts if isinstance(r, dict)]
n, files = len(records), ''.join(sys.argv[3:])


def read(name, kind, *shape):
    return np.fromfile(f'{files}.{name}', kind).reshape(*shape)


def match(want, got, scale):
    """Each wanted detection (class, score, box) is one of the others of its class."""
    worst, left = 0, list(got)
    for label, score, box in want:
        near = [(max(abs(score - s) / max(score, 1e-3), max(abs(box - b)) / scale), k)
                for k, (c, s, b) in enumerate(left) if c == label]
        assert near, 'a class has fewer detections'
        error, k = min(near)
        worst = max(worst, error)
        left.pop(k)
    assert not left, 'more detections'
    return worst


if sys.argv[1] == 'pixels':
    x = np.stack([r['image'] for r in records])
    x = (x / 255 - np.array([.485, .456, .406])) / np.array([.229, .224, .225])
    x.transpose(0, 3, 1, 2).astype('<f4').tofile(files)
elif sys.argv[1] == 'boxes':
    count = read('count', '<i8', n)
    boxes, scores, classes = read('boxes', '<f4', n, -1, 4), read('scores', '<f4', n, -1), read('classes', '<i8', n, -1)
    worst = 0
    for i, r in enumerate(records):
        k = count[i]
        assert (classes[i, k:] == -1).all() and (scores[i, k:] == 0).all() and (boxes[i, k:] == 0).all()
        assert (np.diff(scores[i, :k]) <= 0).all(), 'not sorted'
        worst = max(worst, match(list(zip(r['predicted_box_class'], r['predicted_box_score'], r['predicted_boxes'])),
                                 list(zip(classes[i, :k], scores[i, :k], boxes[i, :k])), max(r['image'].shape)))
    assert worst <= 1e-5, f'largest relative difference {worst}'
    print(sum(count))
elif sys.argv[1] == 'lines':
    for r in records:
        for c, score, box in zip(r['predicted_box_class'], r['predicted_box_score'], r['predicted_boxes']):
            print(f'{score:.4f}', header['predicted_classes'][c], *(f'{x:.1f}' for x in box))
elif sys.argv[1] == 'counts':
    for c, count in enumerate(np.bincount(records[0]['predicted_labels'].ravel())):
        if count: print(count, 'pixels', header['predicted_label_classes'][c])
else:
    want = np.stack([r['predicted_labels'] for r in records])
    got = read('classes', '<i8', *want.shape)
    logits = read('logits', '<f4', n, -1, *want.shape[1:])
    top = np.sort(logits, 1)
    sure = top[:, -1] - top[:, -2] > 1e-5 * abs(logits).max()
    assert sure.mean() > .99 and (got == want)[sure].all(), (got != want).sum()
    assert (logits.argmax(1) == got).all()
    print(len(set(want.ravel())))
