#!/usr/bin/python3
"""coco_make.py - a synthetic file of COCO annotations of any size, on standard output

usage: coco_make.py IMAGES ANNOTATIONS    118287 and 860001 are those of train2017, and make 450 MB
The annotations of an image are spread over the whole file, as in the original.
"""
import random
import sys

images, annotations = int(sys.argv[1]), int(sys.argv[2])
rng = random.Random(1)
out = sys.stdout.write
ids = [7 * i % 581929 for i in range(1, images + 1)]
out('{"info": {"description": "synthetic"}, "licenses": [], "images": [')
out(', '.join('{"license": 3, "file_name": "%012d.jpg", '
              '"coco_url": "http://images.example/train2017/%012d.jpg", "height": 427, "width": 640, '
              '"date_captured": "2013-11-14 17:02:52", '
              '"flickr_url": "http://farm7.example/6116/6255196340_da26cf2c9e_z.jpg", "id": %d}'
              % (i, i, i) for i in ids))
# polygons of 9 to 36 points: about 440 bytes an annotation
polygons = [', '.join('%.2f' % rng.uniform(20, 400) for _ in range(2 * rng.randint(9, 36))) for _ in range(997)]
out('], "annotations": [')
for i in range(annotations):
    x, y, w, h = rng.uniform(0, 300), rng.uniform(0, 200), rng.uniform(1, 300), rng.uniform(1, 200)
    out('%s{"segmentation": [[%s]], "area": %.4f, "iscrowd": 0, "image_id": %d, '
        '"bbox": [%.2f, %.2f, %.2f, %.2f], "category_id": %d, "id": %d}'
        % (', ' if i else '', polygons[i % 997], w * h / 2, ids[i * 31 % images], x, y, w, h, 1 + i % 90, i + 1))
out('], "categories": [%s]}\n' % ', '.join('{"supercategory": "thing", "id": %d, "name": "thing%d"}' % (c, c)
    for c in range(1, 91)))
