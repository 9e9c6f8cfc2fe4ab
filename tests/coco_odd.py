#!/usr/bin/python3
"""coco_odd.py - one scene as COCO's ground truth and results, plainly and with every odd case of formats/annotations.md

usage: coco_odd.py FOLDER  writes plain.json, odd.json, background.json, results.json, odd_results.json, rejected.tsv
odd.json says the same as plain.json, so every tool must make the same of it. background.json has no annotations. A line
of rejected.tsv: a file NAME.json, plain.json but for one change, and the message that every tool must have for it.
rle_size.json, sizeless.json and map_large.json are rejected where segmentation maps or masks are requested.
NAME.json and NAME_results.json, NAME empty, edge, outside, unsized or far: a box of class cat that differs by purpose.
"""
import codecs
import copy
import json
import sys

folder = sys.argv[1]
big = 9007199254740993    # 2^53 + 1: no double
sizes = {1: (64, 48), 2: (60, 40), big: (48, 64)}
names = {1: 'a.jpg', 2: 'sub/b.c.jpg', big: 'back\\slash.jpg'}
categories = {3: 'cat', 7: 'dog', 90: 'owl', 5000000000: 'wide'}


def rect(x, y, w, h):
    return [x, y, x + w, y, x + w, y + h, x, y + h]


def runs(size, x, y, w, h):
    """uncompressed RLE of a rectangle of whole pixels: column by column, pixels outside first"""
    width, height = size
    counts, last = [], 0
    run = 0
    for column in range(width):
        for row in range(height):
            inside = x <= column < x + w and y <= row < y + h
            if inside != last:
                counts.append(run)
                run, last = 0, inside
            run += 1
    return counts + [run]


def text(counts):
    """the same compressed, as pycocotools writes it"""
    out = ''
    for i, count in enumerate(counts):
        x = count - counts[i - 2] if i > 2 else count
        more = True
        while more:
            c = x & 31
            x >>= 5
            more = x != -1 if c & 16 else x != 0
            out += chr((c | 32 if more else c) + 48)
    return out


def rle(image, box, compressed):
    counts = runs(sizes[image], *box)
    return {'size': list(sizes[image][::-1]), 'counts': text(counts) if compressed else counts}


# image, category, box, area (None: none), crowd, plain segmentation
scene = [
    (1, 3, (4, 5, 20, 10), 200, 0, [rect(4, 5, 20, 10)]),
    (1, 7, (30, 5, 12, 30), 360, 0, [rect(30, 5, 12, 30)]),
    (1, 7, (8, 30, 10, 10), 100, 0, [rect(8, 30, 5, 10), rect(13, 30, 5, 10)]),
    (2, 3, (2, 2, 30, 20), 600, 1, rle(2, (2, 2, 30, 20), False)),
    (2, 90, (40, 10, 10, 10), 100, 0, [rect(40, 10, 10, 10)]),
    (2, 90, (5, 25, 20, 10), 200, 0, rle(2, (5, 25, 20, 10), True)),
    (big, 5000000000, (10, 10, 30, 40), 1200, 0, [rect(10, 10, 30, 40)]),
    (big, 7, (1, 1, 6, 6), 36, 1, [rect(1, 1, 6, 6)]),
    (big, 7, (20, 52, 9, 9), 81, 0, None),
]


def annotations():
    out = []
    for n, (image, category, box, area, crowd, segmentation) in enumerate(scene, 1):
        a = {'id': n, 'image_id': image, 'category_id': category, 'bbox': list(box), 'area': area, 'iscrowd': crowd}
        if segmentation is not None:
            a['segmentation'] = segmentation
        out.append(a)
    out[1]['ignore'] = 1
    return out


plain = {
    'images': [{'id': i, 'file_name': names[i], 'width': sizes[i][0], 'height': sizes[i][1]} for i in sizes],
    'annotations': annotations(),
    'categories': [{'id': i, 'name': categories[i]} for i in categories],
}

a = annotations()
# flat; ids as strings and reals
a[0].update(id='1', image_id='1', category_id=3.0, area=None, iscrowd=None, ignore=0.0, segmentation=rect(4, 5, 20, 10),
    keypoints='none')
# points; an id that occurs twice
a[1].update(id=1, area=-1, iscrowd=False, segmentation=[[[30, 5], [42, 5], [42, 35], [30, 35]]],
    caption={'x': [1]}, ignore='1')
# no field is given
del a[2]['area'], a[2]['iscrowd']
# two that are no polygons
a[2]['segmentation'] = a[2]['segmentation'] + [[1, 2, 3, 4], [1, 2, 3, 4, 5, 6, 7]]
# RLE in a list, of both kinds
a[3].update(iscrowd='1', segmentation=[rle(2, (2, 2, 10, 20), True), rle(2, (12, 2, 20, 20), False)])
a[4].update(id=None, segmentation=rle(2, (40, 10, 10, 10), False), attributes=[[[[]]]])
a[5].update(segmentation=dict(rle(2, (5, 25, 20, 10), True), size=[40.0, 60.0]))
a[6].update(image_id=str(big), category_id='5000000000', bbox=[10.0, 10, 30, 4e1])
# a crowd as polygon
a[7].update(iscrowd=True)
# no mask
a[8].update(segmentation=[])
# of no image
a.append({'id': 77, 'image_id': 404, 'category_id': 3, 'bbox': [1, 1, 5, 5], 'area': 25, 'iscrowd': 0,
    'segmentation': None})
# of negative width
a.append({'id': 78, 'image_id': 1, 'category_id': 3, 'bbox': [9, 9, -4, 5], 'area': 20, 'iscrowd': 0,
    'segmentation': ''})
odd = {
    'info': {'images': [1]}, 'licenses': None,
    'annotations': a,
    'categories': [
        {'id': 90.0, 'name': 'owl', 'supercategory': 7}, {'id': 0, 'name': 'cat', 'supercategory': 'none'},
        {'id': '3', 'name': 'cat', 'supercategory': 'cat'},
        {'id': 7, 'name': 'dog'}, {'id': 5000000000, 'name': 'wide'}, {'id': 7, 'name': 'dog'}],
    'images': [
        {'id': 1.0, 'file_name': './a.jpg', 'width': 64.0, 'height': '48', 'license': {}},
        {'id': '2', 'file_name': 'sub/b.c.jpg', 'width': 60, 'height': 40},
        {'id': str(big), 'file_name': './././back\\slash.jpg', 'height': 64, 'width': 48},
        {'id': 1, 'file_name': 'a.jpg', 'width': 64, 'height': 48}],
}

results, odd_results = [], []
for n, (image, category, box, _, _, _) in enumerate(scene):
    x, y, w, h = box
    r = {'image_id': image, 'category_id': category, 'bbox': [x + .25 * (n % 3), y, w, h - n % 2],
        'score': (n + 1) / 16}
    results.append(dict(r, segmentation=rle(image, (x, y, w, h - n % 2), True)))
    odd_results.append(dict(r, image_id=str(image), category_id=float(category) if n % 2 else str(category), id=[n],
        area='?',
                            segmentation=[rect(x, y, w, h - n % 2)] if n % 2 else [rle(image, (x, y, w, h - n % 2),
                            False)]))

for name, value in (('plain', plain), ('results', results), ('odd_results', odd_results)):
    json.dump(value, open('%s/%s.json' % (folder, name), 'w'))
with open(folder + '/odd.json', 'wb') as f:
    f.write(codecs.BOM_UTF8 + json.dumps(odd).encode())

# name, list, index (None: all), changed fields (None: the list is empty), message after the name of the file
rejected = [
    ('no_images', 'images', None, None, 'no images'),
    ('no_categories', 'categories', None, None, 'no categories'),
    ('images_unlisted', 'annotations', None, {'image_id': 99},
     'byte *: none of 9 annotations, of which this is the first, has an image and a category that are listed; correct'),
    ('categories_unlisted', 'annotations', None, {'category_id': 99},
     'byte *: none of 9 annotations, of which this is the first, has an image and a category that are listed; correct'),
    ('image_large', 'images', 0, {'width': 1000001}, "byte *: image 'a.jpg' of 1000001x48 pixels: *0 to 1000000"),
    ('name_empty', 'images', 0, {'file_name': ''}, "byte *: field 'file_name' has 0 bytes, but must have 1 to 4096"),
    ('name_long', 'images', 0, {'file_name': 4097 * 'a'}, "byte *: field 'file_name' has 4097 bytes, *1 to 4096"),
    ('name_zero', 'images', 0, {'file_name': 'a\0.jpg'}, "byte *: field 'file_name' has a zero byte"),
    ('id_twice', 'images', 1, {'id': 1}, "byte *: two images have the id 1: 'a.jpg' and 'sub/b.c.jpg'"),
    ('category_twice', 'categories', 1, {'id': 3}, "byte *: two categories have the id 3: 'cat' and 'dog'"),
    ('annotation_large', 'annotations', 0, {'notes': 17 * [1000000 * 'a']},
     'byte *: annotation of 170* bytes, at most 16777216 are possible; write its mask as compressed RLE'),
    ('area_large', 'annotations', 0, {'area': 1e39}, "byte *: field 'area' has 1e+39, *up to 3.4e+38*correct"),
    ('box_large', 'annotations', 0, {'bbox': [4, -3.5e38, 20, 10]}, "byte *: field 'bbox' has -3.5e+38, *correct"),
    ('crowd_two', 'annotations', 0, {'iscrowd': 2}, "byte *: field 'iscrowd' is not 0, 1, true or false"),
    ('ignore_negative', 'annotations', 0, {'ignore': -7}, "byte *: field 'ignore' is not 0, 1, true or false"),
    ('box_area_large', 'annotations', 0, {'bbox': [4, 5, 1e20, 1e20], 'area': None},
     "byte *: the area of the box of 1e+20x1e+20 pixels is 1e+40, *state 'area'"),
]
# what only segmentation maps and masks need
for name, objects, i, fields in (('rle_size', 'annotations', 3, {'segmentation': {'size': [40, 61], 'counts': [2440]}}),
                                 ('sizeless', 'images', 0, {'width': None}),
                                 ('map_large', 'images', 0, {'width': 10000, 'height': 10000})):
    changed = copy.deepcopy(plain)
    changed[objects][i].update(fields)
    json.dump(changed, open('%s/%s.json' % (folder, name), 'w'))
# boxes that tscae-label changes and tscae-eval does not; results that are equal to them
for name, size, box in (('empty', True, [4, 5, 0, 10]), ('edge', True, [-20, 5, 32, 20]),
                        ('outside', True, [70, 5, 20, 10]), ('unsized', False, [70, 5, 20, 10]),
                        ('far', False, [1000001, 5, 20, 10])):
    changed = copy.deepcopy(plain)
    changed['annotations'] = [dict(annotations()[0], bbox=box), annotations()[3]]
    if not size:
        del changed['images'][0]['width']
    json.dump(changed, open('%s/%s.json' % (folder, name), 'w'))
    json.dump([{'image_id': a['image_id'], 'category_id': 3, 'bbox': a['bbox'], 'score': 1}
               for a in changed['annotations']], open('%s/%s_results.json' % (folder, name), 'w'))
json.dump(dict(plain, annotations=[]), open(folder + '/background.json', 'w'))
with open(folder + '/rejected.tsv', 'w') as f:
    for name, objects, i, fields, message in rejected:
        changed = copy.deepcopy(plain)
        if fields is None:
            changed[objects] = []
        for o in changed[objects] if i is None else [changed[objects][i]]:
            o.update(fields)
        json.dump(changed, open('%s/%s.json' % (folder, name), 'w'))
        f.write('%s\t%s\n' % (name, message))
