#!/usr/bin/python3
"""resize.py - what Pillow makes of 500 seeded images: writes resize.tsv, which tests/resize.c compares with

The images are Philox4x32-10 blocks (counter = block number, key = row number), little-endian bytes; every third
image is pure black and white, so that bicubic overshoots. Run with Pillow 9.4: python3 resize.py >resize.tsv
"""
import random
import zlib

import numpy as np
import PIL
from PIL import Image


def philox(blocks, key):
    c = [np.arange(blocks, dtype=np.uint64)] + [np.zeros(blocks, np.uint64) for _ in range(3)]
    k, low = [np.uint64(key), np.uint64(0)], np.uint64(0xFFFFFFFF)
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = [b >> np.uint64(32) ^ c[1] ^ k[0], b & low, a >> np.uint64(32) ^ c[3] ^ k[1], a & low]
        k = [k[0] + np.uint64(0x9E3779B9) & low, k[1] + np.uint64(0xBB67AE85) & low]
    return np.stack(c, 1).astype('<u4').tobytes()


def side(rng):
    return rng.choice([rng.randint(1, 12), rng.randint(13, 160), rng.randint(13, 160), rng.randint(161, 420)])


print('#row width height channels filter left top right bottom to_width to_height crc32   Pillow', PIL.__version__)
rng = random.Random(2026)
for row in range(500):
    w, h, channels = side(rng), side(rng), rng.choice([1, 3, 3])
    data = philox((w * h * channels + 15) // 16, row)[:w * h * channels]
    pixels = np.frombuffer(data, np.uint8).reshape(h, w, channels)
    if row % 3 == 0:
        pixels = (pixels >> 7) * np.uint8(255)
    image = Image.fromarray(pixels if channels == 3 else pixels[:, :, 0])
    box = [0, 0, w, h]
    if row % 2:
        # quarters are exact in binary: the text below loses nothing
        x = sorted(rng.sample(range(4 * w + 1), 2))
        y = sorted(rng.sample(range(4 * h + 1), 2))
        box = [x[0] / 4, y[0] / 4, x[1] / 4, y[1] / 4]
    to = (w, side(rng)) if row % 25 == 3 else (side(rng), h) if row % 25 == 4 else (w,
        h) if row % 25 == 5 else (side(rng), side(rng))
    filter = rng.choice(['bicubic', 'bilinear'])
    out = image.resize(to, getattr(Image.Resampling, filter.upper()), box=tuple(box))
    print(row, w, h, channels, filter, *box, *to, '%08x' % zlib.crc32(out.tobytes()))
