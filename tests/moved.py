#!/usr/bin/python3
"""moved.py - what tscae-crop must make of boxes and segmentation maps, computed slowly and by Pillow's NEAREST

usage: moved.py BEFORE AFTER VISIBLE     prints the numbers of records and boxes, then of wrong boxes, maps,
                                        maps by Pillow, and transforms
"""
import sys

import msgpack
import numpy as np
from PIL import Image, ImageOps


def tensor(t):
    return np.frombuffer(t[b'data'], np.dtype(t[b'type'])).reshape(t[b'shape'])


def read(path):
    parts = msgpack.Unpacker(open(path, 'rb'), raw=False, strict_map_key=False, max_buffer_size=0)
    for r in parts:
        if isinstance(r, dict) and 'key' in r:
            yield {k: tensor(v) if isinstance(v, dict) else v for k, v in r.items()}


def moved(r, new, visible):
    """rows (class, which is another one for each box, box, area, flags) that must be left"""
    t = new['transform']
    w, h = new['placed'][2:]
    rows = []
    for box, c, flags, area in zip(r['boxes'], r['box_class'], r['box_flags'], r['box_area']):
        x = sorted(t[0] + t[1] * box[[0, 2]].astype(float))
        y = sorted(t[2] + t[3] * box[[1, 3]].astype(float))
        whole = (x[1] - x[0]) * (y[1] - y[0])
        cut = [max(x[0], 0), max(y[0], 0), min(x[1], w), min(y[1], h)]
        if whole <= 0 or cut[2] <= cut[0] or cut[3] <= cut[1]:
            continue
        left = (cut[2] - cut[0]) * (cut[3] - cut[1]) / whole
        if left < visible and not flags & 2:
            continue
        rows.append((c, cut, area * abs(t[1] * t[3]) * left, flags | (4 if left < 0.98 else 0)))
    return rows


def boxes_wrong(r, new, visible):
    rows = moved(r, new, visible)
    n = len(rows)
    if new['boxes'].shape != (n, 4) or any(new[f].shape != (n,) for f in ('box_class', 'box_flags', 'box_area')):
        return max(n, 1)
    return sum(not (c == new['box_class'][i] and np.allclose(box, new['boxes'][i], atol=1e-4)
        and np.isclose(area, new['box_area'][i], rtol=1e-5)
                    and flags == new['box_flags'][i]) for i, (c, box, area, flags) in enumerate(rows))


def centers(offset, scale, n):
    u = (np.arange(n) + 0.5 - offset) / scale
    return u, np.abs(u - np.rint(u)) < 1e-9


def map_wrong(r, new):
    """the pixel under each center, and 255 outside; between two pixels either will do"""
    t = new['transform']
    h, w = new['labels'].shape
    (u, tie_u), (v, tie_v) = centers(t[0], t[1], w), centers(t[2], t[3], h)
    pw, ph = new['placed'][2:]
    got = new['labels']
    if (got[ph:] != 255).any() or (got[:, pw:] != 255).any():
        return 1
    u, v, tie_u, tie_v = u[:pw], v[:ph], tie_u[:pw], tie_v[:ph]
    x = np.clip(np.floor(u).astype(int), 0, r['labels'].shape[1] - 1)
    y = np.clip(np.floor(v).astype(int), 0, r['labels'].shape[0] - 1)
    want = r['labels'][y[:, None], x[None, :]]
    agree = (got[:ph, :pw] == want) | tie_u[None, :] | tie_v[:, None]
    return int(not agree.all())


def pillow_wrong(r, new):
    """Pillow: resize all of what is scaled by NEAREST, cut, mirror; sums of steps there round otherwise at ties"""
    t = new['transform']
    pw, ph = new['placed'][2:]
    left, top = (t[0] if t[1] > 0 else pw - t[0]), t[2]
    H, W = r['labels'].shape
    w, h = abs(t[1]) * W, t[3] * H
    image = Image.fromarray(r['labels'])
    if all(abs(v - round(v)) < 1e-9 for v in (w, h, left, top)):
        image = image.resize((round(w), round(h)), Image.Resampling.NEAREST)
        x, y = round(-left), round(-top)
        image = image.crop((x, y, x + pw, y + ph))
    else:
        x, y, cw, ch = new['crop']
        image = image.crop((x, y, x + cw, y + ch)).resize((pw, ph), Image.Resampling.NEAREST)
    if t[1] < 0:
        image = ImageOps.mirror(image)
    _, tie_u = centers(t[0], t[1], pw)
    _, tie_v = centers(t[2], t[3], ph)
    agree = (new['labels'][:ph, :pw] == np.asarray(image)) | tie_u[None, :] | tie_v[:, None]
    return int(not agree.all())


def transform_wrong(r, new):
    """the corners of the visible region go to the corners of the placed image; `crop` is rounded to whole pixels"""
    t, (x, y, w, h) = new['transform'], new['crop']
    pw, ph = new['placed'][2:]
    a, b = sorted((t[0] + t[1] * x, t[0] + t[1] * (x + w)))
    near = abs(t[1]) + 1e-6
    return int(list(new['source_size']) != list(r['image'].shape[:2]) or abs(a) > 2 * near or abs(b - pw) > 2 * near
               or abs(t[2] + t[3] * y) > t[3] + 1e-6 or abs(t[2] + t[3] * (y + h) - ph) > 2 * t[3] + 1e-6
               or 'mask' in new or ((t[1] < 0) != bool(new.get('flip', 0))))


n = boxes = 0
wrong = [0, 0, 0, 0]
for r, new in zip(read(sys.argv[1]), read(sys.argv[2])):
    n += 1
    boxes += len(new['boxes'])
    for i, f in enumerate((lambda: boxes_wrong(r, new, float(sys.argv[3])), lambda: map_wrong(r, new),
        lambda: pillow_wrong(r, new), lambda: transform_wrong(r, new))):
        wrong[i] += f()
print(n, 'some' if boxes else 'none', *wrong)
