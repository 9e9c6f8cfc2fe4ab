#!/usr/bin/python3
"""pillow.py - images for the tests of tscae-decode and tscae-crop, and what Pillow makes of them

usage: pillow.py make                           write p/ (every kind of JPEG and PNG that Pillow writes) and turned/
                                                (EXIF)
       pillow.py formats                        write f/: WebP, TIFF, BMP, GIF and PNM of every kind that Pillow writes
       pillow.py decoded MODE SIZE EXIF <stream    compare: RGB or L, shorter side or 0, ignore or apply
       pillow.py cropped FILTER FOLDER <stream     compare crops (by their field `crop`) of the files that keys name
comparing prints the number of images and of those that differ
"""
import os
import sys

import msgpack
import numpy as np
from PIL import Image, ImageOps


def make():
    rng = np.random.default_rng(1)

    def noise(w, h, c):
        small = Image.fromarray(rng.integers(0, 256, (h // 6 + 2, w // 6 + 2, c), dtype=np.uint8).squeeze())
        return small.resize((w, h), Image.Resampling.BICUBIC)
    for d in ('p/cat/images', 'p/dog', 'p/ant', 'turned'):
        os.makedirs(d)
    for i, (w, h) in enumerate([(64, 48), (33, 57), (1, 1), (17, 100), (100, 7), (120, 90)]):
        rgb = noise(w, h, 3)
        for s in (0, 1, 2):
            rgb.save(f'p/cat/images/sub{s}-{i}.jpg', quality=60 + 10 * s, subsampling=s, progressive=i % 2 == 1)
        rgb.convert('L').save(f'p/dog/gray-{i}.JPEG')
        noise(w, h, 4).convert('CMYK').save(f'p/dog/cmyk-{i}.jpg')
        rgb.save(f'p/ant/rgb-{i}.png')
        rgb.quantize(7).save(f'p/ant/palette-{i}.png')
        noise(w, h, 4).convert('RGBA').save(f'p/ant/alpha-{i}.png')
        rgb.convert('L').save(f'p/ant/gray-{i}.png')
        rgb.convert('1').save(f'p/ant/bit-{i}.png')
    for o in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = o
        noise(40, 24, 3).save(f'turned/{o}.jpg', exif=exif)
        exif.endian = '>'
        noise(40, 24, 3).save(f'turned/{o}-big.jpg', exif=exif)


def formats():
    rng = np.random.default_rng(2)
    os.makedirs('f')
    for i, (w, h) in enumerate([(40, 30), (33, 57), (1, 1), (17, 3), (3, 90)]):
        small = Image.fromarray(rng.integers(0, 256, (h // 4 + 2, w // 4 + 2, 4), dtype=np.uint8))
        rgba = small.resize((w, h), Image.Resampling.BICUBIC)
        rgb = rgba.convert('RGB')
        for name, image in (('rgb', rgb), ('rgba', rgba)):
            image.save(f'f/{name}-{i}.webp', quality=70)
            image.save(f'f/{name}-lossless-{i}.webp', lossless=True, exact=True)
            image.save(f'f/{name}-{i}.bmp')
        rgb.save(f'f/animated-{i}.webp', save_all=True, append_images=[rgb.rotate(180)], lossless=True)
        for compression in (None, 'tiff_lzw', 'tiff_adobe_deflate', 'tiff_deflate', 'packbits', 'zstd'):
            for mode in ('RGB', 'RGBA', 'L', 'LA', 'P', 'CMYK', '1'):
                image = (rgb.quantize(20) if mode == 'P' else
                         rgb.convert(mode) if mode in ('L', 'CMYK', '1') else rgba.convert(mode))
                image.save(f'f/{mode}-{compression}-{i}.tif', compression=compression)
        rgb.save(f'f/jpeg-{i}.tiff', compression='jpeg')
        rgb.convert('L').save(f'f/jpeg-gray-{i}.tiff', compression='jpeg')
        for c in ('group3', 'group4', 'tiff_ccitt'):
            rgb.convert('1').save(f'f/{c}-{i}.tiff', compression=c)
        for mode in ('1', 'L', 'P'):
            image = rgb.quantize(200) if mode == 'P' else rgb.convert(mode)
            image.save(f'f/{mode}-{i}.bmp')
            image.save(f'f/{mode}-{i}.gif')
            image.save(f'f/{mode}-plain-{i}.gif', interlace=0)
        rgb.quantize(9).save(f'f/animated-{i}.gif', save_all=True, append_images=[rgb.rotate(180).quantize(9)])
        rgb.save(f'f/rgb-{i}.ppm')
        rgb.convert('L').save(f'f/gray-{i}.pgm')
        rgb.convert('1').save(f'f/bit-{i}.pbm')


def resized(image, size, filter=Image.Resampling.BICUBIC):
    """The width first, then the height, as Pillow 9 to 11 resize. Pillow 13 begins with the height for some sizes."""
    return image.resize((size[0], image.size[1]), filter).resize(size, filter)


def records():
    for r in msgpack.Unpacker(sys.stdin.buffer, raw=False, strict_map_key=False, max_buffer_size=0):
        if isinstance(r, dict) and 'key' in r:
            t = r['image']
            yield r, np.frombuffer(t[b'data'], np.uint8).reshape(t[b'shape'])


def decoded(mode, size, exif):
    size = int(size)
    for r, got in records():
        p = Image.open(r['key'])
        if exif == 'apply':
            p = ImageOps.exif_transpose(p)
        p = p.convert('RGB')
        if mode == 'L':
            p = p.convert('L')
        if size:
            w, h = p.size
            s = min(w, h)
            p = resized(p, (size if w == s else size * w // s, size if h == s else size * h // s))
        yield r['key'], got, np.asarray(p)


def cropped(filter, folder):
    for r, got in records():
        x, y, w, h = np.frombuffer(r['crop'][b'data'], '<i4')
        p = Image.open(os.path.join(folder, r['key'])).convert('RGB').crop((x, y, x + w, y + h))
        p = resized(p, (got.shape[1], got.shape[0]), getattr(Image.Resampling, filter.upper()))
        yield r['key'], got, np.asarray(ImageOps.mirror(p) if r.get('flip') else p)


if __name__ == '__main__':
    if sys.argv[1] in ('make', 'formats'):
        {'make': make, 'formats': formats}[sys.argv[1]]()
    else:
        n = bad = 0
        for key, got, want in {'decoded': decoded, 'cropped': cropped}[sys.argv[1]](*sys.argv[2:]):
            n += 1
            if got.size != want.size or got.tobytes() != want.tobytes():
                bad += 1
                print(key, 'differs', file=sys.stderr)
        print(n, bad)
