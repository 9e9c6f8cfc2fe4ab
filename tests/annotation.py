#!/usr/bin/python3
"""annotation.py - a fixture of annotations with every odd case, as folders of VOC and COCO, and the expected result

usage: annotation.py voc FOLDER         write Annotations, JPEGImages, SegmentationClass
       annotation.py coco FOLDER        write images, instances.json (every case) and kept.json (boxes that no
                                   reader changes)
       annotation.py want voc|coco      a line an image: its boxes with class, flags and area, and the CRC-32 of its map
       annotation.py show [predicted_] <stream      the same lines from a stream; of predictions without flags and area
       annotation.py sizes              write streams of records with bad sizes; print lines: file, the message
       annotation.py broken             write streams of one bad record each; print lines: file, kind, what, the message
To add a case, add a row to CASES (both layouts), to COCO (an annotation as in the file), or to BROKEN (a record).
"""
import json
import os
import struct
import sys
import zlib

import numpy as np

WIDTH, HEIGHT, CLASSES, IGNORE = 64, 48, ['cat', 'dog'], 255
DIFFICULT, CROWD, TRUNCATED = 1, 2, 4
LAYOUTS = {'voc': DIFFICULT | TRUNCATED, 'coco': CROWD}  # the flags that a layout can express

# Name of the image, its objects: class, box (left, top, right, bottom in pixels from 0, ends outside), flags, the box
# that readers give (None: dropped).
SAME = object()
CASES = [
    ('none', []),
    ('inside', [('dog', (4, 6, 20, 30), 0, SAME)]),
    ('border', [('cat', (0, 0, WIDTH, HEIGHT), 0, SAME), ('dog', (50, 10, WIDTH, 20), 0, SAME),
                ('dog', (0, 40, 9, HEIGHT), 0, SAME)]),
    ('corner', [('cat', (WIDTH - 2, HEIGHT - 2, WIDTH, HEIGHT), 0, SAME)]),
    ('beyond', [('cat', (40, 30, 80, 60), 0, (40, 30, WIDTH, HEIGHT)), ('dog', (2, 2, 12, 12), 0, SAME)]),
    ('outside', [('cat', (WIDTH, 10, 80, 20), 0, None), ('dog', (2, 2, 12, 12), 0, SAME)]),
    ('flat', [('cat', (10, 10, 10, 20), 0, None), ('cat', (10, 10, 20, 10), 0, None), ('dog', (2, 2, 12, 12), 0,
    SAME)]),
    ('twice', [('cat', (5, 5, 25, 25), 0, SAME), ('dog', (5, 5, 25, 25), 0, SAME)]),
    ('difficult', [('cat', (5, 5, 25, 25), DIFFICULT, SAME), ('dog', (30, 5, 45, 25), 0, SAME)]),
    ('truncated', [('cat', (44, 5, WIDTH, 25), TRUNCATED, SAME)]),
    ('both', [('dog', (44, 5, WIDTH, 25), DIFFICULT | TRUNCATED, SAME)]),
    ('crowd', [('cat', (0, 8, 60, 40), CROWD, SAME), ('dog', (5, 10, 15, 20), 0, SAME),
               ('cat', (20, 10, 30, 20), 0, SAME)]),
]

# Further annotations as they stand in COCO's file: image, annotation, class, flags, the box (None: dropped) and the
# area
# that readers give.
COCO = [
    ('real', {'category_id': 7, 'iscrowd': 0, 'bbox': [4.25, 6.5, 16.125, 20.75], 'area': 100.5},
     'dog', 0, (4.25, 6.5, 20.375, 27.25), 100.5),
    ('small', {'category_id': 3, 'iscrowd': 0, 'bbox': [4, 6, 16, 20], 'area': 0},
     'cat', 0, (4, 6, 20, 26), 0),
]
IDS = {'cat': 3, 'dog': 7}  # numbers of categories, with a gap


def cases(layout):
    """The cases whose flags the layout can express."""
    return [(name, objects) for name, objects in CASES if not any(o[2] & ~LAYOUTS[layout] for o in objects)]


def png(path, pixels):
    """Write (H, W) or (H, W, 3) bytes."""
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    rows = b''.join(b'\0' + row.tobytes() for row in pixels)
    head = struct.pack('>IIBBBBB', pixels.shape[1], pixels.shape[0], 8, 0 if pixels.ndim == 2 else 2, 0, 0, 0)
    with open(path, 'wb') as f:
        f.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'IDAT', zlib.compress(rows)) + chunk(b'IEND', b''))


def segmap(index, objects):
    """Class + 1 in each box, the ignore index on its left edge, and a corner of it everywhere."""
    m = np.zeros((HEIGHT, WIDTH), 'u1')
    for cls, (l, t, r, b), _, _ in objects:
        m[t:b, l:r] = CLASSES.index(cls) + 1
        m[t:b, l:l + 1] = IGNORE
    m[:3, :index % 5] = IGNORE
    return m


def image(index):
    return np.random.RandomState(index).randint(0, 256, (HEIGHT, WIDTH, 3)).astype('u1')


def write_voc(folder):
    for part in 'Annotations', 'JPEGImages', 'SegmentationClass':
        os.makedirs(os.path.join(folder, part))
    for i, (name, objects) in enumerate(cases('voc')):
        png(os.path.join(folder, 'JPEGImages', name + '.png'), image(i))
        png(os.path.join(folder, 'SegmentationClass', name + '.png'), segmap(i, objects))
        # VOC counts pixels from 1, both ends inside
        text = ''.join('<object><name>%s</name><truncated>%d</truncated><difficult>%d</difficult>'
                       '<bndbox><xmin>%d</xmin><ymin>%d</ymin><xmax>%d</xmax><ymax>%d</ymax></bndbox></object>'
                       % (cls, flags & TRUNCATED != 0, flags & DIFFICULT != 0, l + 1, t + 1, r, b)
                       for cls, (l, t, r, b), flags, _ in objects)
        with open(os.path.join(folder, 'Annotations', name + '.xml'), 'w') as f:
            f.write('<annotation><filename>%s.png</filename>'
                    '<size><width>%d</width><height>%d</height><depth>3</depth></size>'
                    '%s</annotation>\n' % (name, WIDTH, HEIGHT, text))


def write_coco(folder):
    os.makedirs(os.path.join(folder, 'images'))
    names = [name for name, _ in cases('coco')] + sorted({row[0] for row in COCO})
    for i, name in enumerate(names):
        png(os.path.join(folder, 'images', name + '.png'), image(i))
    rows = [(name, {'category_id': IDS[cls], 'iscrowd': int(flags & CROWD != 0),
                    'bbox': [l, t, r - l, b - t], 'area': (r - l) * (b - t)}, box is SAME)
            for name, objects in cases('coco') for cls, (l, t, r, b), flags, box in objects]
    rows += [(name, annotation, box is not None) for name, annotation, _, _, box, _ in COCO]
    for path, chosen in ('instances.json', rows), ('kept.json', [row for row in rows if row[2]]):
        with open(os.path.join(folder, path), 'w') as f:
            json.dump({'images': [{'id': i + 1, 'file_name': name + '.png', 'width': WIDTH, 'height': HEIGHT}
                                  for i, name in enumerate(names)],
                       'categories': [{'id': IDS[c], 'name': c} for c in CLASSES],
                       'annotations': [dict(a, id=i + 1, image_id=names.index(name) + 1)
                                       for i, (name, a, _) in enumerate(chosen)]}, f)


def line(name, boxes, labels=None):
    """boxes: class, box, flags and area (None: not known)."""
    out = [name]
    for cls, box, flags, area in boxes:
        out.append('%s[%s]' % (cls, ','.join('%g' % round(float(v), 3) for v in box)))
        out[-1] += ('' if flags is None else ':%d' % flags) + ('' if area is None else ':%g' % area)
    if labels is not None:
        out.append('map:%08x' % zlib.crc32(np.ascontiguousarray(labels).tobytes()))
    return ' '.join(out)


def want(layout):
    rows = {}
    for i, (name, objects) in enumerate(cases(layout)):
        boxes = [(cls, box if to is SAME else to, flags,
                  None if layout == 'voc' else (box[2] - box[0]) * (box[3] - box[1]))
                 for cls, box, flags, to in objects if to is not None]
        rows[name] = boxes, segmap(i, objects) if layout == 'voc' else None
    for name, _, cls, flags, box, area in COCO if layout == 'coco' else []:
        boxes = rows.setdefault(name, ([], None))[0]
        if box is not None:
            boxes.append((cls, box, flags, area))
    print('\n'.join(sorted(line(name, *row) for name, row in rows.items())))


def read(stream):
    import msgpack
    parts = msgpack.Unpacker(stream, raw=False, strict_map_key=False, max_buffer_size=0)
    assert next(parts) == 'tscae/1'
    yield next(parts)
    for record in parts:
        if isinstance(record, dict):
            yield {k: np.frombuffer(v[b'data'], v[b'type']).reshape(v[b'shape']) if isinstance(v, dict) else v
                   for k, v in record.items()}


def show(prefix=''):
    header, *records = read(sys.stdin.buffer)
    classes, lines = header[prefix + 'classes'], []
    for r in records:
        n = len(r[prefix + 'boxes'])
        flags, areas = ([None] * n if prefix else r.get(field, [None] * n) for field in ('box_flags', 'box_area'))
        boxes = zip((classes[c] for c in r[prefix + 'box_class']), r[prefix + 'boxes'], flags, areas)
        name = os.path.splitext(os.path.basename(r['key']))[0]
        lines.append(line(name, boxes, r.get(prefix + 'labels')))
    print('\n'.join(sorted(lines)))


def f4(*rows):
    return np.array(rows, '<f4')


# Bad fields: name, kinds (t: ground truth, p: predictions), the fields to change with `*` for the prefix, the message,
# and
# who refuses it: all that read such boxes, all that read such maps, those that know the classes, those that read
# the class of an image, or those that read transforms.
NAN, INF = float('nan'), float('inf')
BROKEN = [
    ('nan', 'tp', {'*boxes': f4([1, 2, 9, 9], [NAN, 1, 9, 9])}, "field '*boxes': box 1 is not finite", 'all'),
    ('infinite', 'tp', {'*boxes': f4([1, 2, INF, 9], [1, 1, 9, 9])}, "field '*boxes': box 0 is not finite", 'all'),
    ('backwards', 'tp', {'*boxes': f4([9, 2, 1, 9], [1, 1, 9, 9])}, "field '*boxes': box 0 ends before it begins",
    'all'),
    ('columns', 'tp', {'*boxes': f4([1, 2, 9], [1, 1, 9])}, "field '*boxes' has rows of 3 numbers, not 4", 'all'),
    ('classes', 'tp', {'*box_class': np.array([0, 1, 1], '<i4')},
     "field '*box_class' has 3 rows, but '*boxes' has 2", 'all'),
    ('flags', 't', {'box_flags': np.array([0], 'u1')}, "field 'box_flags' has 1 rows, but 'boxes' has 2", 'all'),
    ('areas', 't', {'box_area': f4(1, 2, 3)}, "field 'box_area' has 3 rows, but 'boxes' has 2", 'all'),
    ('area', 't', {'box_area': f4(1, INF)}, "field 'box_area': the area of box 1 is not finite", 'all'),
    ('scores', 'p', {'predicted_box_score': f4(.5)},
     "field 'predicted_box_score' has 1 rows, but 'predicted_boxes' has 2", 'all'),
    ('score', 'p', {'predicted_box_score': f4(.5, NAN)},
     "field 'predicted_box_score': the score of box 1 is not finite", 'all'),
    ('type', 'tp', {'*box_class': np.array([0, 1], '<i8')}, "field '*box_class' is I64 2, not I32 of rank 1", 'all'),
    ('class', 'tp', {'*box_class': np.array([0, 2], '<i4')},
     "field '*box_class': class 2 of box 1, but there are 2 classes", 'eval detect view'),
    ('size', 'tp', {'*labels': np.zeros((16, 32), 'u1')},
     "field '*labels': a map of 16x32 pixels for an image of 32x32 (height x width)", 'all maps'),
    ('label', 'tp', {'*labels': np.full((32, 32), 7, 'u1')},
     "field '*labels': class 7 at row 0, column 0, but there are 3 classes", 'eval segment view'),
    ('class-beyond', 'tp', {'*class': 2}, "field '*class' is not an integer from 0 to 1", 'class'),
    ('class-negative', 'tp', {'*class': -1}, "field '*class' is not an integer from 0 to 1", 'class'),
    ('class-tensor', 'tp', {'*class': f4(0)}, "field '*class' is not an integer from 0 to 1", 'class'),
    ('class-real', 'tp', {'*class': .5}, "field '*class' is not an integer from 0 to 1", 'class'),
    ('class-score', 'p', {'class_score': f4(1, 0, 0)}, "field 'class_score' has 3 values, but there are 2 classes",
     'class'),
    ('class-score-nan', 'p', {'class_score': f4(NAN, 0)},
     "field 'class_score': the score of class 'cat' is not finite", 'class'),
    ('class-score-type', 'p', {'class_score': np.array([1, 0], '<f8')},
     "field 'class_score' is F64 2, not F32 of rank 1", 'class'),
    ('transform-type', 'tp', {'transform': f4(0, 1, 0, 1)}, "field 'transform' is F32 4, not F64 of rank 1",
     'transforms'),
    ('transform-three', 'tp', {'transform': np.array([0, 1, 0], '<f8')}, "field 'transform' has 3 numbers, not 4",
     'transforms'),
    ('transform-flat', 'tp', {'transform': np.array([0, 1, 0, 0], '<f8')},
     "field 'transform': 0 1 0 0 cannot be inverted", 'transforms uncrop'),
    ('transform-upside-down', 'tp', {'transform': np.array([0, 1, 32, -1], '<f8')},
     "field 'transform': a vertical scale of -1, but it must be positive", 'transforms uncrop'),
    ('transform-nan', 'tp', {'transform': np.array([0, NAN, 0, 1], '<f8')},
     "field 'transform': 0 nan 0 1 cannot be inverted", 'transforms uncrop'),
]


def broken():
    from streams import write_stream
    head = {'classes': CLASSES, 'label_classes': ['background'] + CLASSES, 'records': 1,
            'predicted_classes': CLASSES, 'predicted_label_classes': ['background'] + CLASSES,
            'fields': [['image', '|u1', [32, 32, 3]], ['transform', '<f8', [4]], ['source_size', '<i4', [2]]]}
    labels = np.zeros((32, 32), 'u1')
    labels[:, :9] = IGNORE
    boxes, classes = f4([1, 2, 9, 9], [3, 3, 3, 8]), np.array([0, 1], '<i4')
    sound = {'key': 'a', 'image': np.full((32, 32, 3), 128, 'u1'),
             'transform': np.array([0, 1, 0, 1], '<f8'), 'source_size': np.array([32, 32], '<i4'),
             'class': 1, 'predicted_class': 0, 'class_score': f4(.75, .25), 'feature': f4(1, 2),
             'boxes': boxes, 'box_class': classes, 'box_flags': np.array([DIFFICULT, TRUNCATED], 'u1'),
             'box_area': f4(7, -1), 'labels': labels, 'predicted_boxes': boxes, 'predicted_box_class': classes,
             'predicted_box_score': f4(.5, .25), 'predicted_labels': labels}
    write_stream('sound.tsc', 'image', head, [sound])
    for key in 'classes', 'label_classes', 'predicted_classes', 'predicted_label_classes':
        write_stream(key + '.tsc', 'image', dict(head, **{key: 5}), [sound])
    for folder, value in ('images', 0), ('maps', 7):
        os.mkdir(folder)
        png(os.path.join(folder, 'a.png'), np.full((32, 32), value, 'u1'))
    for name, kinds, change, message, who in BROKEN:
        for kind in kinds:
            prefix = 'predicted_' if kind == 'p' else ''
            path = '%s-%s.tsc' % (name, kind)
            changed = {k.replace('*', prefix): v for k, v in change.items()}
            # the reader refuses another type or shape than that of the header; tscae-uncrop needs the header
            fields = [f for f in head['fields'] if f[0] not in changed or 'uncrop' in who]
            write_stream(path, 'image', dict(head, fields=fields), [dict(sound, **changed)])
            print(path, kind, who.replace(' ', ','), message.replace('*', prefix), sep='\t')


# Fields `size` and the message of every tool that reads them.
SIZES = [
    ('size-type', np.array([32, 32], '<i8'), "field 'size' is I64 2, not I32 of rank 1"),
    ('size-three', np.array([32, 32, 3], '<i4'), "field 'size': not the height and width of an image"),
    ('size-zero', np.array([32, 0], '<i4'), "field 'size': not the height and width of an image"),
]


def sizes():
    """streams of one record without image, with good.tsc; the image a.ppm; lines: file, message"""
    from streams import write_stream
    head = {'classes': CLASSES, 'predicted_classes': CLASSES, 'records': 1, 'fields': []}
    boxes, classes = f4([1, 2, 9, 9]), np.array([0], '<i4')
    record = {'key': 'a', 'file': 'a.ppm', 'size': np.array([32, 32], '<i4'), 'boxes': boxes, 'box_class': classes,
              'box_flags': np.array([0], 'u1'), 'predicted_boxes': boxes, 'predicted_box_class': classes,
              'predicted_box_score': f4(.5)}
    open('a.ppm', 'wb').write(b'P6 32 32 255\n' + bytes(32 * 32 * 3))
    write_stream('good.tsc', 'label', head, [record])
    for name, size, message in SIZES:
        write_stream(name + '.tsc', 'label', head, [dict(record, size=size)])
        print(name + '.tsc', message, sep='\t')


# Bad fields of an earlier crop that the header does not declare, and the message of tscae-crop.
ORIGINS = [
    ('source-type', {'source_size': np.array([32, 32], '<i8')}, "field 'source_size' is I64 2, not I32 of rank 1"),
    ('source-text', {'source_size': '32x32'}, "field 'source_size' is a string, not a tensor"),
    ('source-three', {'source_size': np.array([32, 32, 3], '<i4')},
     "field 'source_size' has 3 numbers, not 2"),
    ('source-zero', {'source_size': np.array([32, 0], '<i4')}, "field 'source_size' is 32 x 0"),
    ('source-none', {'source_size': None}, "no field 'source_size'"),
    ('transform-none', {'transform': None}, "no field 'transform'"),
    ('transform-nan', {'transform': np.array([0, NAN, 0, 1], '<f8')},
     "field 'transform': 0 nan 0 1 cannot be inverted"),
]


def origins():
    """streams of one record, with again.tsc; lines: file, message"""
    from streams import write_stream
    head = {'fields': [['image', '|u1', [32, 32, 3]]]}
    record = {'key': 'a', 'image': np.full((32, 32, 3), 128, 'u1'),
              'transform': np.array([0, 1, 0, 1], '<f8'), 'source_size': np.array([32, 32], '<i4')}
    write_stream('again.tsc', 'image', head, [record])
    for name, change, message in ORIGINS:
        changed = {k: v for k, v in dict(record, **change).items() if v is not None}
        write_stream(name + '.tsc', 'image', head, [changed])
        print(name + '.tsc', message, sep='\t')


if __name__ == '__main__':
    commands = {'voc': write_voc, 'coco': write_coco, 'want': want, 'show': show, 'broken': broken, 'sizes': sizes,
                'origins': origins}
    commands[sys.argv[1]](*sys.argv[2:])
