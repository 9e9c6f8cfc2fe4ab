#!/usr/bin/python3
"""dialects.py - annotation files as other programs write them, into the folder given"""
import json
import os
import struct
import sys

os.chdir(sys.argv[1])


def jpeg(path, orientation=None):
    """The image of base.jpg, with an EXIF orientation."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    data = open('base.jpg', 'rb').read()
    if orientation:
        value, form = orientation
        value = struct.pack('<HHI' + form, 0x112, 4 if form == 'I' else 3, 1, value)
        tiff = b'II*\0' + struct.pack('<IH', 8, 1) + value + struct.pack('<I', 0)
        body = b'Exif\0\0' + tiff
        data = data[:2] + b'\xff\xe1' + struct.pack('>H', len(body) + 2) + body + data[2:]
    open(path, 'wb').write(data)


def xml(path, head='', width=100, height=80, box=(11, 21, 50, 60), name='puma', extra='', code='utf-8', size=True):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    size = '<size><width>%s</width><height>%s</height><depth>3</depth></size>' % (width, height) if size else ''
    text = head + '<annotation>%s<object><name>%s</name>%s<bndbox><xmin>%d</xmin><ymin>%d</ymin><xmax>%d</xmax>' \
        '<ymax>%d</ymax></bndbox></object></annotation>\n' % ((size, name, extra) + box)
    open(path, 'wb').write(text.encode(code))


def voc(folder, annotations='Annotations', images='JPEGImages', orientation=None, **how):
    jpeg('%s/%s/a.jpg' % (folder, images), orientation)
    xml('%s/%s/a.xml' % (folder, annotations), **how)


flags = '<truncated>%s</truncated><difficult>%s</difficult>'
voc('words', extra=flags % ('Unspecified', 'Unspecified'))
voc('empty', extra=flags % ('', ' '))
voc('yes', extra=flags % ('True', 'no'))
voc('nosize', width='', height='unknown')
voc('flat', '.', '.')
voc('raccoon', 'annotations', 'images')
voc('kangaroo', 'annots', 'images')
voc('pets', 'xmls', 'imgs')
voc('doctype', head='<!DOCTYPE annotation>\n')
voc('gbk', head='<?xml version="1.0" encoding="GBK"?>\n', name='\u732b', code='gbk')
voc('big5', head='<?xml version="1.0" encoding="Big5"?>\n', name='\u8c93', code='big5')
voc('sjis', head='<?xml version="1.0" encoding="Shift_JIS"?>\n', name='\u732b', code='shift_jis')
voc('cp1252', head='<?xml version="1.0" encoding="windows-1252"?>\n', name='\u00e9\u20ac', code='cp1252')
voc('cp1251', head="<?xml version='1.0' encoding='cp1251'?>\n", name='\u043a\u043e\u0442', code='cp1251')
voc('utf16', head='<?xml version="1.0" encoding="UTF-16"?>\n', name='\u732b', code='utf-16')
voc('bom', name='\u732b', code='utf-8-sig')
voc('nodecl', name='\u00e9', code='cp1252')
voc('wrong', head='<?xml version="1.0" encoding="utf-8"?>\n', name='\u00e9', code='cp1252')
voc('unknown', head='<?xml version="1.0" encoding="klingon"?>\n')
voc('off', width=101, height=79)
voc('far', width=200, height=160)
voc('upright', orientation=(6, 'Hxx'), width=80, height=100, box=(11, 21, 50, 99))
voc('upright-long', orientation=(6, 'I'), width=80, height=100, box=(11, 21, 50, 99))
voc('upright-nosize', orientation=(6, 'Hxx'), size=False, box=(11, 21, 50, 99))
voc('upright-out', orientation=(6, 'Hxx'), size=False, box=(11, 85, 50, 99))

box = [10, 20, 50, 50]


def coco(name, image={}, annotation={}, categories=None, drop=(), head='', results=None, more=[]):
    a = {'id': 1, 'image_id': 1, 'category_id': 1, 'bbox': box, 'area': 2500, 'iscrowd': 0,
         'segmentation': [[10, 20, 60, 20, 60, 70, 10, 70]]}
    a.update(annotation)
    for key in drop: del a[key]
    i = {'id': 1, 'file_name': 'base.jpg', 'width': 100, 'height': 80}
    i.update(image)
    categories = categories or [{'id': 1, 'name': 'cat'}]
    text = json.dumps({'images': [i], 'annotations': [a] + more, 'categories': categories}, ensure_ascii=False)
    open('coco-%s.json' % name, 'w', encoding='utf-8').write(head + text)
    r = results or [{'image_id': i['id'], 'category_id': a['category_id'], 'bbox': box, 'score': 0.9}]
    json.dump(r, open('results-%s.json' % name, 'w'))


coco('plain')
coco('bom', head='\ufeff')
coco('dot', image={'file_name': './base.jpg'})
coco('reals', image={'id': 1.0}, annotation={'image_id': 1.0, 'category_id': 1.0})
coco('texts', image={'id': '1'}, annotation={'image_id': '1', 'category_id': '1'},
     categories=[{'id': '1', 'name': 'cat'}])
coco('wide', image={'id': 2**60 + 1}, annotation={'image_id': 2**60 + 1, 'id': 2**61})
coco('names', image={'id': 'img_\u732b'}, annotation={'image_id': 'img_\u732b', 'category_id': 'c-1', 'id': 'ann-1'},
     categories=[{'id': 'c-1', 'name': 'cat'}])
coco('nulls', annotation={'area': None, 'iscrowd': None, 'segmentation': None})
coco('strange', annotation={'segmentation': 7, 'keypoints': 'none', 'attributes': {'a': [1]}})
coco('unlisted', more=[{'id': 2, 'image_id': 1, 'category_id': 9, 'bbox': box, 'area': 2500, 'iscrowd': 0}])
coco('nomask', drop=['segmentation'])
rle = {'size': [80, 100], 'counts': [10 * 80 + 20] + [50, 30] * 49 + [50, 100 * 80 - (10 * 80 + 20 + 80 * 49 + 50)]}
coco('masks', results=[{'image_id': 1, 'category_id': 1, 'segmentation': rle, 'score': 0.9}])
coco('odd-results', results=[{'image_id': 1, 'category_id': 1, 'bbox': box, 'score': 0.9},
                             {'image_id': 1, 'category_id': 77, 'bbox': box, 'score': 0.95}])
coco('foreign-image', results=[{'image_id': 5, 'category_id': 1, 'bbox': box, 'score': 0.9}])
coco('other-root', categories=[{'id': 0, 'name': 'animals', 'supercategory': 'none'},
                               {'id': 1, 'name': 'cat', 'supercategory': 'animals'}])
coco('keypoints', annotation={'keypoints': [11, 21, 2], 'num_keypoints': 1},
     categories=[{'id': 1, 'name': 'cat', 'keypoints': ['nose'], 'skeleton': [[1, 1]]}])
json.dump({'images': [{'id': 1, 'file_name': 'base.jpg'}], 'categories': [{'id': 1, 'name': 'cat'}],
           'annotations': [{'image_id': 1, 'file_name': 'base.png', 'segments_info': [{'id': 3, 'category_id': 1}]}]},
          open('coco-panoptic.json', 'w'))
json.dump({'images': [{'id': 1, 'file_name': 'base.jpg'}], 'categories': [],
           'annotations': [{'id': 1, 'image_id': 1, 'caption': 'a cat'}]}, open('coco-captions.json', 'w'))
coco('root', categories=[{'id': 0, 'name': 'cat', 'supercategory': 'none'},
                         {'id': 1, 'name': 'cat', 'supercategory': 'cat'}])
