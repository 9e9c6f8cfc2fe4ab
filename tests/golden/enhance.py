#!/usr/bin/python3
"""enhance.py - results of Pillow's ImageEnhance and ImageOps: writes enhance.tsv for tests/augment.c

Images are those of resize.py (Philox4x32-10), every third one with few different bytes, for the histograms' sake.
Run with Pillow 9.4: python3 enhance.py >enhance.tsv
"""
import os
import random
import zlib

import numpy as np
import PIL
from PIL import Image, ImageEnhance, ImageOps

source = {}
exec(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'resize.py')).read().split('\nprint(')[0], source)

OPERATIONS = {
    'brightness': lambda p, x: ImageEnhance.Brightness(p).enhance(x),
    'contrast': lambda p, x: ImageEnhance.Contrast(p).enhance(x),
    'saturation': lambda p, x: ImageEnhance.Color(p).enhance(x),
    'sharpness': lambda p, x: ImageEnhance.Sharpness(p).enhance(x),
    'solarise': lambda p, x: ImageOps.solarize(p, x * 100),
    'posterise': lambda p, x: ImageOps.posterize(p, max(1, int(x * 4))),
    'stretch': lambda p, x: ImageOps.autocontrast(p),
    'equalise': lambda p, x: ImageOps.equalize(p),
    'grey': lambda p, x: p.convert('L').convert(p.mode),
}
print('#row width height channels operation x crc32   Pillow', PIL.__version__)
rng = random.Random(2026)
for row in range(450):
    w, h, channels = rng.choice([1, 2, 3, 17, 64, 90]), rng.choice([1, 2, 3, 16, 40, 81]), rng.choice([1, 3, 3])
    data = source['philox']((w * h * channels + 15) // 16, row)[:w * h * channels]
    pixels = np.frombuffer(data, np.uint8).reshape(h, w, channels)
    if row % 3 == 0:
        pixels = (pixels >> 6) * np.uint8(50) + np.uint8(30)
    image = Image.fromarray(pixels if channels == 3 else pixels[:, :, 0])
    name = sorted(OPERATIONS)[row % len(OPERATIONS)]
    x = rng.choice([0.0, 1.0, rng.random(), rng.random(), 2 * rng.random()])
    print(row, w, h, channels, name, repr(x), '%08x' % zlib.crc32(OPERATIONS[name](image, x).tobytes()))
