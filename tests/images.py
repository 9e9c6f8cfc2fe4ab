#!/usr/bin/python3
"""images.py - image files for the tests of tscae-decode, made without image libraries where possible

usage: images.py repaired FOLDER      PNG and JPEG files with all pixels whose end is missing or wrong; whole.png,
                                    whole.jpg
       images.py lost FOLDER        PNG and JPEG files whose pixels are wrong or missing, though their end is there
       images.py kinds FOLDER       is/: TIFF, BMP, GIF, PNM of kinds that Pillow does not write; want/: the same pixels
                                    as PNG
       images.py colors FOLDER      is/: PNG, BMP, GIF with fewer colors than indices; lost/: the same with a pixel that
                                    has no color; want/, black/: the same pixels as PNG, that one black
       images.py cuts FOLDER        a small image of each format, cut at each byte, with the whole one after each
       images.py seeds FOLDER       the same small images, whole
       images.py deep FOLDER        16-bit images of 1, 2, 4, 5 and 16 channels (TIFF, PNG)
       images.py deep-check C <stream    compare records of 16 bits and C channels with those images
       images.py deep-near NARROW,WIDE    compare streams of 8 bits and of 16: number of images, and of those
                                    that differ
       images.py unread FOLDER      files of formats that are recognized but not read, and damaged headers
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
    header = struct.pack('>IIBBBBB', w, h, depth, (0, 4, 2, 6)[c - 1], 0, 0, interlaced)
    return chunk(b'IHDR', header), zlib.compress(raw, 9)


def put(folder, name, data):
    with open(os.path.join(folder, name), 'wb') as f:
        f.write(data)


def jpeg(progressive):
    from PIL import Image
    out = io.BytesIO()
    Image.fromarray(noise(40, 48, 3, repeat=8)).save(out, 'jpeg', quality=90, progressive=progressive)
    return out.getvalue()


def repaired(folder):
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


def tiff(pixels, photometric=None, tile=None, rows=7, planar=1, compress=False, big=False, bits=None,
         wide=False, more=(), extra=None):
    """A TIFF of one page, its directory before its pixels. more: further (tag, type, values)."""
    h, w, c = pixels.shape
    e = '>' if big else '<'
    bits = bits or 8 * pixels.dtype.itemsize
    if photometric is None:
        photometric = 2 if c >= 3 else 1
    bh, bw = tile or (rows, w)
    blocks = []
    for plane in (range(c) if planar == 2 else (slice(None),)):
        p = pixels[:, :, plane].reshape(h, w, -1)
        for y in range(0, h, bh):
            for x in range(0, w, bw):
                b = p[y:y + bh, x:x + bw]
                if tile:
                    b = np.pad(b, ((0, bh - b.shape[0]), (0, bw - b.shape[1]), (0, 0)))
                if bits < 8:
                    rows_bits = (b.reshape(b.shape[0], -1, 1) >> np.arange(bits - 1, -1, -1)) & 1
                    rows_bits = rows_bits.reshape(b.shape[0], -1)
                    data = np.packbits(rows_bits.astype(np.uint8), axis=1).tobytes()
                else:
                    data = b.astype(b.dtype.newbyteorder(e)).tobytes()
                blocks.append(zlib.compress(data) if compress else data)
    tags = [(256, 4, [w]), (257, 4, [h]), (258, 3, [bits] * c), (259, 3, [8 if compress else 1]),
            (262, 3, [photometric]), (277, 3, [c]), (284, 3, [planar])] + list(more)
    tags += [(322, 4, [bw]), (323, 4, [bh])] if tile else [(278, 4, [bh])]
    colors = 3 if photometric == 2 else 4 if photometric == 5 else 1
    if c > colors:
        tags.append((338, 3, extra or [0] * (c - colors)))
    place, count = (324, 325) if tile else (273, 279)
    tags += [(place, 16 if wide else 4, [0] * len(blocks)), (count, 4, [len(b) for b in blocks])]
    tags.sort()
    size = {3: 2, 4: 4, 16: 8}
    code = {3: 'H', 4: 'I', 16: 'Q'}
    head, entry, field, number = (16, 20, 8, 'Q') if wide else (8, 12, 4, 'I')
    base = head + (8 if wide else 2) + entry * len(tags) + field
    outside = {t: base + sum(size[k] * len(v) for u, k, v in tags if u < t and size[k] * len(v) > field)
               for t, _, _ in tags}
    at = base + sum(size[k] * len(v) for _, k, v in tags if size[k] * len(v) > field)
    starts = [at + sum(len(b) for b in blocks[:i]) for i in range(len(blocks))]
    out = (b'MM' if big else b'II') + (struct.pack(e + 'HHHQ', 43, 8, 0, 16) if wide else struct.pack(e + 'HI', 42, 8))
    out += struct.pack(e + ('Q' if wide else 'H'), len(tags))
    tail = b''
    for t, k, v in tags:
        v = starts if t == place else v
        data = struct.pack(f'{e}{len(v)}{code[k]}', *v)
        if len(data) > field:
            tail += data
            data = struct.pack(e + number, outside[t])
        out += struct.pack(e + 'HH' + number, t, k, len(v)) + data.ljust(field, b'\0')
    return out + b'\0' * field + tail + b''.join(blocks)


def bmp(w, h, bits, data, compression=0, palette=b'', masks=b'', old=False, extra_header=b''):
    if old:
        head = struct.pack('<IHHHH', 12, w, h, 1, bits)
    else:
        size = 40 + len(extra_header)
        head = struct.pack('<IiiHHIIiiII', size, w, h, 1, bits, compression, len(data), 0, 0, 0, 0) + extra_header
    at = 14 + len(head) + len(masks) + len(palette)
    return b'BM' + struct.pack('<IHHI', at + len(data), 0, 0, at) + head + masks + palette + data


def rows(pixels):
    """Rows from the bottom, padded to four bytes."""
    return b''.join(r.tobytes() + b'\0' * (-r.nbytes % 4) for r in pixels[::-1])


def gif(w, h, left, top, pixels, interlaced, palette, transparent=None):
    """Codes of 9 bits, with a clear code often enough that they stay so."""
    fh, fw = pixels.shape
    order = [y for a, b in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(a, fh, b)] if interlaced else range(fh)
    codes = []
    for i, v in enumerate(v for y in order for v in pixels[y]):
        codes += [256] * (i % 100 == 0) + [int(v)]
    bits = ''.join(f'{c:09b}'[::-1] for c in codes + [257])
    bits += '0' * (-len(bits) % 8)
    data = bytes(int(bits[i:i + 8][::-1], 2) for i in range(0, len(bits), 8))
    out = b'GIF89a' + struct.pack('<HHBBB', w, h, 0xf0 | len(palette).bit_length() - 2, 0, 0) + palette.tobytes()
    if transparent is not None:
        out += b'!\xf9\4' + struct.pack('<BHBB', 1, 0, transparent, 0)
    out += b',' + struct.pack('<HHHHB', left, top, fw, fh, 64 if interlaced else 0) + b'\x08'
    out += b''.join(bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data), 255))
    return out + b'\0;'


def to_rgb(pixels):
    """What the default of tscae-decode makes of gray or RGB samples with or without alpha."""
    p = (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels
    return p[:, :, :3] if p.shape[2] >= 3 else np.repeat(p[:, :, :1], 3, axis=2)


def texts(folder):
    """40 texts of 7 MiB each in a file of 300 kB."""
    head, z = png_parts(noise(20, 30, 3))
    text = chunk(b'zTXt', b'Comment\0\0' + zlib.compress(b'a' * (7 << 20), 9))
    put(folder, 'texts.png', PNG + head + 40 * text + chunk(b'IDAT', z) + chunk(b'IEND', b''))
    put(folder, 'plain.png', PNG + head + chunk(b'IDAT', z) + chunk(b'IEND', b''))


def kinds(folder):
    for d in ('is', 'want'):
        os.makedirs(os.path.join(folder, d))
    rng = np.random.default_rng(3)
    h, w = 20, 29

    def add(name, data, want):
        put(folder, 'is/' + name, data)
        head, z = png_parts(np.ascontiguousarray(want))
        put(folder, 'want/' + name, PNG + head + chunk(b'IDAT', z) + chunk(b'IEND', b''))

    for depth, kind in ((8, np.uint8), (16, np.uint16)):
        for c in (1, 2, 3, 4):
            p = rng.integers(0, 1 << depth, (h, w, c), dtype=kind)
            x = [2] if c in (2, 4) else None
            for big in (False, True):
                n = f'{depth}-{c}-{"big" if big else "little"}'
                add(f'strip-{n}.tif', tiff(p, big=big, extra=x), to_rgb(p))
                add(f'tile-{n}.tif', tiff(p, big=big, tile=(16, 16), compress=True, extra=x), to_rgb(p))
                add(f'plane-{n}.tif', tiff(p, big=big, planar=2, compress=True, extra=x), to_rgb(p))
                add(f'planetile-{n}.TIFF', tiff(p, big=big, planar=2, tile=(16, 32), extra=x), to_rgb(p))
                add(f'bigtiff-{n}.tif', tiff(p, big=big, wide=True, extra=x), to_rgb(p))
            head, z = png_parts(p)
            add(f'png-{depth}-{c}.png', PNG + head + chunk(b'IDAT', z) + chunk(b'IEND', b''), to_rgb(p))
            head, z = png_parts(p, interlaced=True)
            add(f'adam7-{depth}-{c}.png', PNG + head + chunk(b'IDAT', z) + chunk(b'IEND', b''), to_rgb(p))
        p = rng.integers(0, 1 << depth, (h, w, 1), dtype=kind)
        add(f'white-{depth}.tif', tiff(p, photometric=0), to_rgb(~p))
        cmyk = rng.integers(0, 1 << depth, (h, w, 4), dtype=kind)
        n = to_rgb(cmyk).astype(int), 255 - (cmyk[:, :, 3:] >> (depth - 8)).astype(int)
        t = n[0] * n[1] + 128
        add(f'ink-{depth}.tif', tiff(cmyk, photometric=5),
            np.clip(n[1] - (((t >> 8) + t) >> 8), 0, 255).astype(np.uint8))
    for bits in (1, 2, 4):
        p = rng.integers(0, 1 << bits, (h, w, 1), dtype=np.uint8)
        add(f'gray{bits}.tif', tiff(p, bits=bits), to_rgb(p * np.uint8(255 // ((1 << bits) - 1))))
        add(f'gray{bits}-white.tif', tiff(p, bits=bits, photometric=0),
            to_rgb(~(p * np.uint8(255 // ((1 << bits) - 1)))))
    palette = rng.integers(0, 256, (256, 3), dtype=np.uint8)
    for bits in (1, 4, 8):
        p = rng.integers(0, 1 << bits, (h, w, 1), dtype=np.uint8)
        table = (palette[:1 << bits].astype(int) * 257).T.reshape(-1).tolist()
        add(f'palette{bits}.tif', tiff(p, photometric=3, bits=bits, more=[(320, 3, table)]), palette[p[:, :, 0]])

    rgb = rng.integers(0, 256, (h, w, 3), dtype=np.uint8)
    bgr = np.ascontiguousarray(rgb[:, :, ::-1])
    bgra = np.concatenate([bgr, rng.integers(0, 256, (h, w, 1), dtype=np.uint8)], axis=2)
    add('24-down.bmp', bmp(w, -h, 24, rows(bgr[::-1])), rgb)
    add('24-old.bmp', bmp(w, h, 24, rows(bgr), old=True), rgb)
    add('32.dib', bmp(w, h, 32, rows(bgra)), rgb)
    masks = struct.pack('<III', 0xff000000, 0xff0000, 0xff00)
    add('32-masks.bmp', bmp(w, h, 32, rows(np.concatenate([bgra[:, :, 3:], bgr], axis=2)), 3, masks=masks), rgb)
    v5 = struct.pack('<IIII', 0xff0000, 0xff00, 0xff, 0xff000000) + b'\0' * 68
    add('32-alpha.bmp', bmp(w, h, 32, rows(bgra), 3, extra_header=v5), rgb)
    p = rng.integers(0, 1 << 16, (h, w), dtype=np.uint16)
    five = [(p >> s & 31).astype(int) * 255 // 31 for s in (10, 5, 0)]
    add('16.bmp', bmp(w, h, 16, rows(p)), np.stack(five, 2).astype(np.uint8))
    six = [(p >> 11 & 31).astype(int) * 255 // 31, (p >> 5 & 63).astype(int) * 255 // 63,
           (p & 31).astype(int) * 255 // 31]
    add('16-565.bmp', bmp(w, h, 16, rows(p), 3, masks=struct.pack('<III', 0xf800, 0x7e0, 0x1f)),
        np.stack(six, 2).astype(np.uint8))
    table = np.concatenate([palette[:, ::-1], np.zeros((256, 1), np.uint8)], axis=1)
    i = np.repeat(rng.integers(0, 256, (h, 8), dtype=np.uint8), 4, axis=1)[:, :w]
    runs = b''.join(b''.join(bytes([len(i[y, x:x + 4]), i[y, x]]) for x in range(0, w, 4)) + b'\0\0'
                    for y in range(h - 1, -1, -1)) + b'\0\1'
    add('rle8.bmp', bmp(w, h, 8, runs, 1, palette=table.tobytes()), palette[i])
    i[2, 10:] = 0                            # a row that ends early, absolute pixels, and a jump
    plain = [bytes([0, w]) + i[y].tobytes() + b'\0' * (w % 2) + b'\0\0' for y in range(h)]
    plain[2] = bytes([0, 10]) + i[2, :10].tobytes() + b'\0\2' + bytes([3, 0]) + b'\0\0'
    add('rle8-plain.bmp', bmp(w, h, 8, b''.join(plain[::-1]) + b'\0\1', 1, palette=table.tobytes()), palette[i])
    i = rng.integers(0, 16, (h, w), dtype=np.uint8)
    pairs = np.pad(i, ((0, 0), (0, w % 2)))
    packed = (pairs[:, ::2] << 4 | pairs[:, 1::2]).astype(np.uint8)
    add('4.bmp', bmp(w, h, 4, rows(packed), palette=table[:16].tobytes()), palette[i])
    runs = b''.join(bytes([0, w]) + packed[y].tobytes() + b'\0' * (packed.shape[1] % 2) + b'\0\0'
                    for y in range(h - 1, -1, -1)) + b'\0\1'
    add('rle4.bmp', bmp(w, h, 4, runs, 2, palette=table[:16].tobytes()), palette[i])
    i = rng.integers(0, 2, (h, w), dtype=np.uint8)
    add('1.bmp', bmp(w, h, 1, rows(np.packbits(i, axis=1)), palette=table[:2].tobytes()), palette[i])

    gray = rng.integers(0, 256, (h, w, 1), dtype=np.uint8)
    text = '\n'.join(' '.join(map(str, r)) for r in gray[:, :, 0]).encode()
    add('text.pgm', b'P2\n# a comment\n%d %d # another\n255\n' % (w, h) + text, to_rgb(gray))
    add('text.ppm', b'P3 %d\t%d\n255\n' % (w, h) + ' '.join(map(str, rgb.reshape(-1))).encode(), rgb)
    add('text.pbm', b'P1\n%d %d\n' % (w, h) + ''.join(map(str, i.reshape(-1))).encode(),
        to_rgb((1 - i[:, :, None]) * np.uint8(255)))
    low = rng.integers(0, 101, (h, w, 1), dtype=np.uint8)
    add('max100.pgm', b'P5 %d %d 100\n' % (w, h) + low.tobytes(),
        to_rgb(((low.astype(int) * 510 + 100) // 200).astype(np.uint8)))
    wide = rng.integers(0, 65536, (h, w, 3), dtype=np.uint16)
    add('16.pnm', b'P6 %d %d 65535\n' % (w, h) + wide.astype('>u2').tobytes(), to_rgb(wide))
    twelve = rng.integers(0, 4096, (h, w, 1), dtype=np.uint16)
    add('12.pgm', b'P5 %d %d 4095\n' % (w, h) + twelve.astype('>u2').tobytes(),
        to_rgb(((twelve.astype(np.int64) * 131070 + 4095) // 8190).astype(np.uint16)))
    i = rng.integers(0, 256, (11, 13), dtype=np.uint8)
    for interlaced in (False, True):
        for transparent in (None, 7):
            canvas = np.full((h, w), 0 if transparent is None else 7)
            canvas[5:16, 4:17] = i
            add(f'part{interlaced}{transparent}.gif', gif(w, h, 4, 5, i, interlaced, palette, transparent),
                palette[canvas])


def colors(folder):
    for d in ('is', 'want', 'lost', 'black'):
        os.makedirs(os.path.join(folder, d))
    rng = np.random.default_rng(5)
    h, w = 20, 29

    def add(name, data, palette):
        i = rng.integers(0, len(palette), (h, w), dtype=np.uint8)
        black = np.zeros((1, palette.shape[1]), np.uint8)
        black[:, 3:] = 255
        for index, one, other in ((len(palette) - 1, 'is/', 'want/'), (len(palette), 'lost/', 'black/')):
            i[17, 25] = index
            put(folder, one + name, data(i))
            head, z = png_parts(np.concatenate([palette, black])[i])
            put(folder, other + name, PNG + head + chunk(b'IDAT', z) + chunk(b'IEND', b''))

    def png(bits, palette, interlaced):
        def data(i):
            passes = [i[y::dy, x::dx] for y, x, dy, dx in ADAM7] if interlaced else [i]
            lines = (((row[:, None] >> np.arange(bits - 1, -1, -1)) & 1).reshape(-1) for p in passes for row in p)
            raw = b''.join(b'\0' + np.packbits(line.astype(np.uint8)).tobytes() for line in lines)
            parts = [(b'IHDR', struct.pack('>IIBBBBB', w, h, bits, 3, 0, 0, interlaced)),
                     (b'PLTE', palette[:, :3].tobytes()), (b'tRNS', palette[:7, 3:].tobytes()),
                     (b'IDAT', zlib.compress(raw)), (b'IEND', b'')]
            return PNG + b''.join(chunk(*p) for p in parts if p[1] or p[0] == b'IEND')
        return data

    palette = rng.integers(1, 256, (25, 4), dtype=np.uint8)
    palette[7:, 3] = 255
    rgb = palette[:, :3]
    for interlaced in (False, True):
        add(f'2{interlaced}.png', png(2, rgb[:3], interlaced), rgb[:3])
        add(f'8{interlaced}.png', png(8, rgb, interlaced), rgb)
        add(f'alpha{interlaced}.png', png(8, palette, interlaced), palette)
        add(f'{interlaced}.gif', lambda i: gif(w, h, 0, 0, i, interlaced, rgb[:16]), rgb[:16])
    table = np.concatenate([rgb[:, ::-1], np.zeros((25, 1), np.uint8)], axis=1).tobytes()
    add('8.bmp', lambda i: bmp(w, h, 8, rows(i), palette=table), rgb)
    add('rle8.bmp', lambda i: bmp(w, h, 8, b''.join(b''.join(bytes([1, v]) for v in r) + b'\0\0' for r in i[::-1]) +
                                  b'\0\1', 1, palette=table), rgb)


def small():
    """A small image of each format, name to bytes."""
    p = noise(9, 11, 3, repeat=3)
    head, z = png_parts(p)
    out = {'png': PNG + head + chunk(b'IDAT', z) + chunk(b'IEND', b''), 'tif': tiff(p, rows=3),
           'deflate.tif': tiff(p, rows=3, compress=True),
           'tile.tif': tiff(p, tile=(16, 16), compress=True), 'bmp': bmp(11, 9, 24, rows(p[:, :, ::-1])),
           'gif': gif(11, 9, 0, 0, p[:, :, 0], False, noise(256, 3, 1)), 'ppm': b'P6 11 9 255\n' + p.tobytes(),
           'text.pgm': b'P2 11 9 255\n' + ' '.join(map(str, p[:, :, 0].reshape(-1)[:-1])).encode() + b' 5\n'}
    try:
        from PIL import Image
        for name, options in (('webp', {'quality': 90}), ('lossless.webp', {'lossless': True}), ('jpg', {})):
            b = io.BytesIO()
            Image.fromarray(p).save(b, 'jpeg' if name == 'jpg' else 'webp', **options)
            out[name] = b.getvalue()
    except ImportError:
        pass
    return out


def cuts(folder):
    for name, data in small().items():
        d = os.path.join(folder, name)
        os.makedirs(d)
        put(d, 'whole.' + name, data)
        for n in range(len(data)):
            put(d, f'{n:05d}-cut.' + name, data[:n])
            put(d, f'{n:05d}-good.' + name, data)


def seeds(folder):
    for name, data in small().items():
        put(folder, 'whole.' + name, data)


def deep_pixels(c):
    return np.random.default_rng(c).integers(0, 65536, (24, 32, c), dtype=np.uint16)


def deep(folder):
    for c in (1, 2, 4, 5, 16):
        p = deep_pixels(c)
        put(folder, f'{c}.tif', tiff(p, photometric=2 if c == 4 else 1, planar=2, tile=(16, 16), compress=True))
        if c < 5:
            head, z = png_parts(p)
            put(folder, f'{c}.png', PNG + head + chunk(b'IDAT', z) + chunk(b'IEND', b''))


def images(stream):
    import msgpack
    for r in msgpack.Unpacker(stream, raw=False, strict_map_key=False, max_buffer_size=0):
        if isinstance(r, dict) and 'key' in r:
            t = r['image']
            yield np.frombuffer(t[b'data'], t[b'type']).reshape(t[b'shape'])


def deep_check(c):
    same = [i.dtype == '<u2' and np.array_equal(i, deep_pixels(int(c))) for i in images(sys.stdin.buffer)]
    print(len(same), same.count(False))


def deep_near(names):
    narrow, wide = [list(images(open(name, 'rb'))) for name in names.split(',')]
    # two passes, each rounded to 8 bits
    far = [a.shape != b.shape or np.abs(a - b / 257).max() > 2 for a, b in zip(narrow, wide)]
    print(len(far) if len(narrow) == len(wide) else -1, far.count(True))


def unread(folder):
    box = struct.pack('>I', 24) + b'ftyp'
    for name, data in {'a.avif': box + b'avif\0\0\0\0mif1', 'b.heic': box + b'heic\0\0\0\0mif1',
                       'c.jxl': b'\xff\x0a' + b'\0' * 20, 'd.jp2': b'\0\0\0\x0cjP  \r\n\x87\n', 'e.psd': b'8BPS\0\1',
                       'f': box + b'avif\0\0\0\0mif1', 'g.cr2': b'II*\0\x10\0\0\0CR\2\0', 'h.svg': b'<svg/>',
                       'i.exr': b'v/1\1\2', 's.hdr': b'#?RADIANCE\n', 't.dcm': b'\0' * 128 + b'DICM',
                       'u.qoi': b'qoif\0\0',
                       'v.ico': b'\0\0\1\0\1\0', 'w.tga': b'\0\0\2' + b'\0' * 20, 'x.pam': b'P7\nWIDTH 1\n',
                       'y.pfm': b'Pf\n1 1\n'}.items():
        put(folder, name, data)
    p = noise(8, 9, 5)
    put(folder, 'j.tif', tiff(p, photometric=1))
    put(folder, 'k.tif', tiff(noise(8, 9, 3), photometric=8))
    put(folder, 'l.tif', tiff(noise(8, 9, 4)[:, :, :1], bits=8, more=[(339, 3, [2])]))
    put(folder, 'm.bmp', bmp(9, 8, 24, b'', 4))
    put(folder, 'n.bmp', bmp(0, 8, 24, b''))
    put(folder, 'o.ppm', b'P6 9 0 255\n')
    put(folder, 'p.ppm', b'P6 9 8 70000\n' + b'\0' * 1000)
    put(folder, 'q.gif', b'GIF89a' + b'\0' * 7 + b';')
    put(folder, 'r.webp', b'RIFF\x20\0\0\0WEBPVP8 ' + b'\0' * 20)


KINDS = {'repaired': repaired, 'lost': lost, 'window': window, 'texts': texts, 'kinds': kinds, 'colors': colors,
         'cuts': cuts, 'seeds': seeds, 'unread': unread, 'deep': deep, 'deep-check': deep_check, 'deep-near': deep_near}
KINDS[sys.argv[1]](sys.argv[2])
