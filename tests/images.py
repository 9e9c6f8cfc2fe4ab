#!/usr/bin/python3
"""images.py - image files for the tests of tscae-decode, made without image libraries where possible

usage: images.py mended FOLDER      PNG and JPEG files with all pixels whose end is missing or wrong; whole.png, whole.jpg
       images.py lost FOLDER        PNG and JPEG files whose pixels are wrong or missing, though their end is there
       images.py window FOLDER      small.png, whose zlib header names a window of 256 bytes, and whole.png
"""
import io
import os
import struct
import sys
import zlib

import numpy as np

PNG = b'\x89PNG\r\n\x1a\n'


def noise(h, w, c, seed=1, repeat=1):
    """Pixels in runs, so that they compress."""
    rng = np.random.default_rng(seed)
    return np.repeat(rng.integers(0, 256, (h, (w + repeat - 1) // repeat, c), dtype=np.uint8), repeat, axis=1)[:, :w]


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))


def png_parts(pixels, interlaced=False):
    """IHDR and the zlib stream of pixels of 1 to 4 channels, u8 or u16."""
    h, w, c = pixels.shape
    big = pixels.astype('>u2') if pixels.dtype == np.uint16 else pixels
    passes = [big[y::dy, x::dx] for y, x, dy, dx in ADAM7] if interlaced else [big]
    raw = b''.join(b'\0' + row.tobytes() for p in passes for row in p if p.size)
    depth = 8 * pixels.dtype.itemsize
    return chunk(b'IHDR', struct.pack('>IIBBBBB', w, h, depth, (0, 4, 2, 6)[c - 1], 0, 0, interlaced)), zlib.compress(raw, 9)


def put(folder, name, data):
    with open(os.path.join(folder, name), 'wb') as f:
        f.write(data)


def jpeg(progressive):
    from PIL import Image
    out = io.BytesIO()
    Image.fromarray(noise(40, 48, 3, repeat=8)).save(out, 'jpeg', quality=90, progressive=progressive)
    return out.getvalue()


def mended(folder):
    head, z = png_parts(noise(20, 30, 3))
    end = chunk(b'IEND', b'')
    body = PNG + head + chunk(b'IDAT', z)
    put(folder, 'whole.png', body + end)
    put(folder, 'noiend.png', body)
    put(folder, 'halfend.png', body + end[:6])
    put(folder, 'badend.png', body + end[:-1] + b'\0')
    put(folder, 'badafter.png', body + struct.pack('>I', 4) + b's\1\2T1234' + end)
    put(folder, 'a.png', body[:-4])         # without checksum, but with all pixels
    head, z = png_parts(noise(20, 30, 3), interlaced=True)
    put(folder, 'adam7.png', PNG + head + chunk(b'IDAT', z))
    whole = jpeg(False)
    put(folder, 'whole.jpg', whole)
    put(folder, 'noeoi.jpg', whole[:-2])
    put(folder, 'halfeoi.jpg', whole[:-1])
    put(folder, 'junk.jpg', whole[:-2] + b'stray bytes' * 9)
    put(folder, 'badtable.jpg', whole[:-2] + b'\xff\xc4\0\5\x77\1\1' + whole[-2:])


def lost(folder):
    head, z = png_parts(noise(20, 30, 3))
    body = PNG + head + chunk(b'IDAT', z)
    put(folder, 'crc.png', body[:-1] + bytes([body[-1] ^ 1]) + chunk(b'IEND', b''))
    put(folder, 'row.png', PNG + head + chunk(b'IDAT', z[:-40]) + chunk(b'IEND', b''))
    whole = jpeg(True)
    scans = [i for i in range(len(whole) - 1) if whole[i:i + 2] == b'\xff\xda']
    for n, at in enumerate(scans[1:]):
        # before the scan, and before the tables in front of it
        put(folder, f'scan{n}.jpg', whole[:at])
        put(folder, f'half{n}.jpg', whole[:at + 12])


def window(folder):
    pixels = noise(64, 64, 3)
    pixels[40:] = pixels[:24]               # distances longer than 256 bytes
    head, z = png_parts(pixels)
    put(folder, 'whole.png', PNG + head + chunk(b'IDAT', z) + chunk(b'IEND', b''))
    cmf = 0x08                              # deflate, window of 2^(0 + 8)
    flags = z[1] & 0xc0
    flags += -(cmf * 256 + flags) % 31
    z = bytes([cmf, flags]) + z[2:]
    put(folder, 'small.png', PNG + head + chunk(b'IDAT', z) + chunk(b'IEND', b''))


{'mended': mended, 'lost': lost, 'window': window}[sys.argv[1]](sys.argv[2])
