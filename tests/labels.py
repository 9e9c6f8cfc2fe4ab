#!/usr/bin/python3
"""labels.py - annotations read by other means than the tool's, to compare with its output

usage: labels.py stream <STREAM                a line for each record of a stream
       labels.py voc FOLDER SET [maps]         the same lines from the files themselves
       labels.py coco JSON [maps]                 on standard error: CRC-32 of the masks of all objects with
                                                  polygons (exclusive or over the objects), and their pixels
       labels.py results JSON RESULTS             annotations made of results, for the line before
       labels.py pairs FOLDER SET VOID
       labels.py table FILE
       labels.py indices FOLDER                the values of PNG files of gray or a palette
A line: name of the image, size, class; boxes with class, flags and area; shape and CRC-32 of the segmentation map.
"""
import json
import sys
import xml.etree.ElementTree as xml
import zlib

import numpy as np

VOC = ("aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person pottedplant "
       "sheep sofa train tvmonitor").split()


def line(name, size=None, cls=None, boxes=None, labels=None):
    out = [name]
    if size is not None: out.append('%dx%d' % tuple(size))
    if cls is not None: out.append('class=%s' % cls)
    for box, kind, flags, area in boxes or []:
        out.append('[%s %s %d%s]' % (','.join('%.4f' % v for v in box), kind, flags,
            '' if area is None else ' %.3f' % area))
    if labels is not None:
        out.append('map=%s:%08x' % ('x'.join(map(str, labels.shape)),
            zlib.crc32(np.ascontiguousarray(labels).tobytes())))
    print(*out)


def stream():
    import msgpack
    parts = msgpack.Unpacker(sys.stdin.buffer, raw=False, strict_map_key=False, max_buffer_size=0)
    assert next(parts) == 'tscae/1'
    header = next(parts)
    classes = header.get('classes')
    array = lambda t: np.frombuffer(t[b'data'], t[b'type']).reshape(t[b'shape'])
    for r in parts:
        if isinstance(r, list):
            break
        boxes = None
        if 'boxes' in r:
            b, c, f = array(r['boxes']), array(r['box_class']), array(r['box_flags'])
            a = array(r['box_area']) if 'box_area' in r else [None] * len(b)
            boxes = [(b[i], classes[c[i]], f[i], a[i]) for i in range(len(b))]
        line(r['key'].split('/')[-1].split('.')[0], array(r['size']) if 'size' in r else None,
             classes[r['class']] if 'class' in r else None, boxes, array(r['labels']) if 'labels' in r else None)


def voc(folder, part, maps=None):
    from PIL import Image
    for name in open('%s/ImageSets/%s.txt' % (folder, part)).read().split():
        tree = xml.parse('%s/Annotations/%s.xml' % (folder, name)).getroot()
        w, h = int(tree.find('size/width').text), int(tree.find('size/height').text)
        boxes = []
        for o in tree.findall('object'):
            l, t, r, b = (float(o.find('bndbox/' + k).text) for k in ('xmin', 'ymin', 'xmax', 'ymax'))
            if r <= l or b <= t:
                continue
            flag = lambda k: o.find(k) is not None and int(o.find(k).text)
            boxes.append((np.float32([max(l - 1, 0), max(t - 1, 0), min(r, w), min(b, h)]), o.find('name').text,
                flag('difficult') + 4 * flag('truncated'), None))
        labels = np.array(Image.open('%s/SegmentationClass/%s.png' % (folder, name))) if maps else None
        line(name, (h, w), None, boxes, labels)


def polygon(xy, h, w):
    """The mask of a polygon by the rule of cocoapi's rleFrPoly: the outline on a grid 5 times finer."""
    p = np.trunc(5 * np.array(xy, np.float64) + .5).astype(int).reshape(-1, 2)
    us, vs = [], []
    for (x0, y0), (x1, y1) in zip(p, np.roll(p, -1, axis=0)):
        dx, dy = abs(x1 - x0), abs(y1 - y0)
        n = max(dx, dy)
        back = x0 > x1 if dx >= dy else y0 > y1
        (xs, ys), (xe, ye) = ((x1, y1), (x0, y0)) if back else ((x0, y0), (x1, y1))
        t = np.arange(n + 1)[::-1] if back else np.arange(n + 1)
        if dx >= dy:
            us.append(t + xs)
            vs.append(np.trunc(ys + ((ye - ys) / dx if dx else 0.) * t + .5).astype(int))
        else:
            us.append(np.trunc(xs + (xe - xs) / dy * t + .5).astype(int))
            vs.append(t + ys)
    u, v = np.concatenate(us), np.concatenate(vs)
    at = np.nonzero(u[1:] != u[:-1])[0]
    x = (np.where(u[at + 1] < u[at], u[at + 1], u[at + 1] - 1) + .5) / 5 - .5
    y = np.ceil(np.clip((np.minimum(v[at + 1], v[at]) + .5) / 5 - .5, 0, h))
    good = (np.floor(x) == x) & (x >= 0) & (x <= w - 1)
    change = np.zeros(h * w + 1, np.uint8)
    np.add.at(change, (x[good] * h + y[good]).astype(int), 1)
    return (np.cumsum(change[:-1], dtype=np.uint8) & 1).astype(bool).reshape(w, h).T


def runs(counts, h, w):
    assert sum(counts) == h * w
    return np.repeat(np.arange(len(counts)) % 2, counts).astype(bool).reshape(w, h).T


def unpacked(text):
    """Run lengths from the text form: 5 bits a character, from the fourth on as differences to the one two before."""
    counts, x, k = [], 0, 0
    for c in text.encode():
        c -= 48
        x += (c & 31) << 5 * k
        k += 1
        if c & 32:
            continue
        if c & 16:
            x -= 1 << 5 * k
        counts.append(x + (counts[-2] if len(counts) > 2 else 0))
        x = k = 0
    return counts


def mask(region, h, w):
    if isinstance(region, dict):
        return runs(unpacked(region['counts']) if isinstance(region['counts'], str) else region['counts'], h, w)
    m = np.zeros((h, w), bool)
    for p in region:
        m |= polygon(p, h, w)
    return m


def coco(path, maps=None):
    d = json.load(open(path))
    cats = sorted(d['categories'], key=lambda c: c['id'])
    place = {c['id']: i for i, c in enumerate(cats)}
    crc = pixels = 0
    for image in d['images']:
        h, w = image['height'], image['width']
        mine = [a for a in d['annotations'] if a['image_id'] == image['id']]
        labels = np.zeros((h, w), np.uint8)
        boxes = []
        for a in mine:
            l, t, bw, bh = a['bbox']
            if bw > 0 and bh > 0:
                boxes.append((np.float32([l, t, l + bw, t + bh]), cats[place[a['category_id']]]['name'],
                    2 * a['iscrowd'], np.float32(a['area'])))
            if maps:
                m = mask(a['segmentation'], h, w)
                labels[m] = place[a['category_id']] + 1
                if isinstance(a['segmentation'], list):
                    crc ^= zlib.crc32(np.ascontiguousarray(m).tobytes())
                    pixels += int(m.sum())
        line(image['file_name'].split('.')[0], (h, w), None, boxes, labels if maps else None)
    print('%08x %d' % (crc, pixels), file=sys.stderr)


def results(gt, found):
    """Annotations made of a detector's results."""
    d = json.load(open(gt))
    d['annotations'] = [dict(a, id=i, area=1.5, iscrowd=0, bbox=[1, 2, 3, 4]) for i,
        a in enumerate(json.load(open(found)))]
    print(json.dumps(d))


def pairs(folder, part, void):
    import os
    from PIL import Image
    for name in sorted(os.listdir('%s/%s' % (folder, part))):
        labels = np.array(Image.open('%s/%sannot/%s' % (folder, part, name)))
        labels[labels == int(void)] = 255
        line(name.split('.')[0], labels.shape, None, None, labels)


def indices(folder):
    import glob
    from PIL import Image
    for path in sorted(glob.glob(folder + '/*.png')):
        depth, color = open(path, 'rb').read()[24:26]
        im = Image.open(path)
        im.load()
        values = np.array(im.convert('L') if im.mode == '1' else im)
        if color == 0:     # Pillow spreads gray
            values = values // (255 // ((1 << depth) - 1))
        line(path.split('/')[-1].split('.')[0], values.shape, None, None, values.astype(np.uint8))


def table(path):
    for row in open(path):
        name, label = row.split('\t')[:2]
        line(name.split('.')[0], None, label)


globals()[sys.argv[1]](*sys.argv[2:])
