#!/usr/bin/python3
"""boxes.py - what predicted boxes are worth, the obvious way

usage: boxes.py ap STREAM         mean over the classes of average precision at an overlap of 0.5 (area under the curve,
    difficult boxes ignored)
       boxes.py sound STREAM      how many records have boxes outside the image (`size`,
           or `image`), scores out of order, or too many of them
       boxes.py count STREAM      how many boxes
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


def overlap(a, b):
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    both = w * h if w > 0 and h > 0 else 0
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def average_precision(gt_class, predicted_class):
    rows = [(-s, n, tuple(b)) for n, r in enumerate(records) for b, c, s in zip(r['predicted_boxes'],
        r['predicted_box_class'], r['predicted_box_score']) if c == predicted_class]
    gt = [[[b, f & 1, False] for b, c, f in zip(r['boxes'], r['box_class'], r['box_flags']) if c == gt_class]
        for r in records]
    count = sum(not difficult for t in gt for _, difficult, _ in t)
    hits = []
    for _, n, box in sorted(rows):
        best = max(gt[n], key=lambda t: overlap(box, t[0]), default=None)
        if best is None or overlap(box, best[0]) < 0.5:
            hits.append(0)
        elif not best[1]:
            hits.append(0 if best[2] else 1)
            best[2] = True
    if count == 0:
        return None
    found = np.cumsum(hits + [0])
    precision = np.maximum.accumulate((found / np.arange(1, len(found) + 1))[::-1])[::-1]
    return float(np.sum(precision * np.diff(found / count, prepend=0)))


if sys.argv[1] == 'ap':
    values = [average_precision(i, header['predicted_classes'].index(name)) for i, name in enumerate(header['classes'])]
    print('%.4f' % np.mean([v for v in values if v is not None]))
elif sys.argv[1] == 'sound':
    bad = 0
    for r in records:
        h, w = r['image'].shape[:2] if 'image' in r else r['size']
        b, s = r['predicted_boxes'], r['predicted_box_score']
        bad += not ((b >= 0).all() and (b <= [w, h, w, h]).all() and (b[:, 2:] > b[:, :2]).all()
            and (np.diff(s) <= 0).all() and len(b) == len(s) == len(r['predicted_box_class']) <= 100)
    print(bad)
else:
    print(sum(len(r['predicted_boxes']) for r in records))
