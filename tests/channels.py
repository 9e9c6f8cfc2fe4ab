#!/usr/bin/python3
"""channels.py - images of 4 channels and 16 bits, and their mean and standard deviation by numpy

Usage: channels.py make FOLDER COUNT SEED     COUNT images of 32x32 in FOLDER/train and FOLDER/val, 4 class folders each
       channels.py stats FILE <stream     compare the output of tscae-stats with the images
       channels.py reconstructed <stream          check `masked` and `prediction`
       channels.py exported FILE                  compare x.timm-dir, x.hf and x.onnx with the output of tscae-stats

A class is the direction of a texture. Its wavelength, its phase, which bends across the image, and the sign of each
channel are random, so that images of one class have few pixels in common. Most samples have the same high byte.
"""
import os
import struct
import sys

import numpy as np

CHANNELS, SIDE, CLASSES = 4, 32, 4

def tiff(path, p):
    """one strip of contiguous 16-bit samples, without compression"""
    h, w, c = p.shape
    data = p.astype('<u2').tobytes()
    tags = [(256, 4, 1, w), (257, 4, 1, h), (258, 3, c, 0), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
            (277, 3, 1, c), (278, 4, 1, h), (279, 4, 1, len(data))]
    if c > 1: tags.append((338, 3, c - 1, 0))
    end = 8 + len(data)
    lists = struct.pack(f'<{c}H', *[16] * c), struct.pack(f'<{c - 1}H', *[0] * (c - 1))
    out = struct.pack('<H', len(tags))
    place = end + 2 + 12 * len(tags) + 4
    for tag, kind, count, value in tags:
        size = (2 if kind == 3 else 4) * count
        if size > 4:
            value, place = place, place + size
        out += struct.pack('<HHII', tag, kind, count, value)
    out += struct.pack('<I', 0) + (lists[0] if c > 2 else b'') + (lists[1] if c > 3 else b'')
    with open(path, 'wb') as f:
        f.write(b'II*\0' + struct.pack('<I', end) + data + out)

def waves(r, x, y):
    """a random field without high frequencies"""
    return sum(np.cos(2 * np.pi * (u * x + v * y + r.random())) * r.normal() for u in range(3) for v in range(3))

def image(r, k):
    """a texture of class k; the high bytes hardly differ"""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    p = .1 * waves(r, x, y)[..., None] + r.normal(0, .1, (SIDE, SIDE, CHANNELS)) + r.normal(0, .1, CHANNELS)
    angle, frequency = np.pi * k / CLASSES + r.normal(0, .05), SIDE / r.uniform(5, 6.5)
    phase = frequency * (np.cos(angle) * x + np.sin(angle) * y) + .25 * waves(r, x / 1.5, y / 1.5)
    p += 2 * np.cos(2 * np.pi * phase)[..., None] * r.choice([-1, 1], CHANNELS)
    return np.clip(20000 + 30 * p, 0, 65535).astype(np.uint16)

def records(stream):
    import msgpack
    for r in msgpack.Unpacker(stream, raw=False, strict_map_key=False, max_buffer_size=0):
        if isinstance(r, dict) and 'key' in r:
            t = r['image']
            yield np.frombuffer(t[b'data'], t[b'type']).reshape(t[b'shape'])

if sys.argv[1] == 'make':
    for i in range(int(sys.argv[3])):
        k = i % CLASSES
        folder = f'{sys.argv[2]}/{"val" if i // CLASSES % 4 == 3 else "train"}/material{k}'
        os.makedirs(folder, exist_ok=True)
        tiff(f'{folder}/{i:05d}.tif', image(np.random.default_rng([int(sys.argv[4]), i]), k))
elif sys.argv[1] == 'stats':
    x = np.concatenate([i.reshape(-1, i.shape[2]) for i in records(sys.stdin.buffer)])
    most = 255 if x.dtype == np.uint8 else 65535
    got = dict(line.strip().split('=') for line in open(sys.argv[2]))
    assert got['channels'] == str(x.shape[1]) and got['bits'] == str(8 * x.dtype.itemsize), got
    for name, want in ('mean', x.mean(0, np.float64)), ('std', x.std(0, np.float64)):
        have = np.array(got[name].split(','), float)
        assert abs(have / (want / most) - 1).max() < 1e-9, (name, have, want / most)
elif sys.argv[1] == 'reconstructed':
    import msgpack
    n = 0
    for r in msgpack.Unpacker(sys.stdin.buffer, raw=False, strict_map_key=False, max_buffer_size=0):
        if not isinstance(r, dict) or 'key' not in r: continue
        get = lambda k: np.frombuffer(r[k][b'data'], r[k][b'type']).reshape(r[k][b'shape'])
        mask = np.kron(get('mask'), np.ones((4, 4), np.uint8)).astype(bool)
        for k in 'masked', 'prediction':
            assert get(k).dtype == np.uint16 and get(k).shape == (SIDE, SIDE, CHANNELS)
            assert (get(k)[~mask] == get('image')[~mask]).all() and (get(k)[mask] != get('image')[mask]).any()
        n += 1
    assert n > 0
elif sys.argv[1] == 'exported':
    import json
    want = {k: json.loads(f'[{v}]') for k, v in (line.strip().split('=') for line in open(sys.argv[2]))}
    timm, hf = json.load(open('x.timm-dir/config.json')), json.load(open('x.hf/config.json'))
    pre = json.load(open('x.hf/preprocessor_config.json'))
    assert timm['model_args']['in_chans'] == timm['pretrained_cfg']['input_size'][0] == hf['num_channels'] == CHANNELS
    assert abs(pre['rescale_factor'] * 65535 - 1) < 1e-9 and not pre['do_convert_rgb']
    onnx = open('x.onnx', 'rb').read()
    for k in 'mean', 'std':
        assert timm['pretrained_cfg'][k] == pre['image_' + k] == want[k]
        assert ('[' + ','.join(repr(x) for x in want[k]) + ']').encode() in onnx, k
