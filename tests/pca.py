"""pca.py - patch features for tests of tscae-view --pca, and its colors computed by numpy

usage: pca.py make             write streams of many kinds to the current folder
       pca.py colors NAME      the largest difference of the colors of NAME.png from those of NAME.tsc by numpy
       pca.py image NAME I     the colors of the patches of record I on the sheet, one a line
       pca.py attention NAME   the largest difference of the attention over the image from its formula
"""
import io
import sys

import msgpack
import numpy as np

from streams import write_stream

SCALE, MARGIN, LINE, GAP, SPACE = 4, 12, 18, 4, 16


def read_stream(path):
    with open(path, 'rb') as f:
        objects = list(msgpack.Unpacker(io.BytesIO(f.read()), raw=True, strict_map_key=False))

    def tensor(v):
        if isinstance(v, dict) and b'nd' in v:
            return np.frombuffer(v[b'data'], v[b'type'].decode()).reshape(v[b'shape'])
        return v
    return [{k.decode(): tensor(v) for k, v in r.items()} for r in objects[2:] if isinstance(r, dict)]


def make():
    random = np.random.default_rng(5)
    sizes = [(64, 64, 8), (64, 32, 8), (48, 64, 16), (64, 64, 4)]

    def record(key, height, width, patch, feature, **more):
        image = random.integers(0, 256, (height, width, 3), dtype='u1')
        feature = feature(height // patch * (width // patch)) if callable(feature) else feature
        return dict({'key': key, 'image': image, 'feature': np.asarray(feature, '<f4')}, **more)

    def write(name, *records):
        write_stream(name + '.tsc', 'feature', {'pool': 'patches'}, list(records))

    def images(feature):
        return [record('%d.png' % i, *size, feature) for i, size in enumerate(sizes)]

    # correlated values with a spectrum that falls, as that of encoders; white noise: eigenvalues close together
    mix = random.normal(size=(192, 192)) * np.exp(-np.arange(192) / 20)[:, None]
    decay = images(lambda n: random.normal(size=(n, 192)) @ mix + 3)
    write('decay', *decay)
    write('reversed', *decay[::-1])
    write('twice', *decay, dict(decay[2], key='again.png'))
    write('noise', *images(lambda n: random.normal(size=(n, 200))))
    small = random.normal(size=(20, 20))
    write('narrow', *images(lambda n: random.normal(size=(n, 20)) @ small))
    for name, scale, offset in (('large', 1e15, 0), ('tiny', 1e-30, 0), ('far', 1, 1000)):
        write(name, *images(lambda n: (random.normal(size=(n, 64)) @ mix[:64, :64]) * scale + offset))
    # a patch of much larger values, as the high-norm tokens of vision transformers
    spike = random.normal(size=(64, 64)) @ mix[:64, :64]
    spike[5] *= 50
    write('spike', *images(lambda n: random.normal(size=(n, 64)) @ mix[:64, :64]), record('s.png', 64, 64, 8, spike))
    # degenerate: constant, two and one values, variance in two directions, one patch, almost all equal
    write('constant', *images(lambda n: np.full((n, 48), 0.1)))
    write('zero', *images(lambda n: np.zeros((n, 48))))
    write('two', *images(lambda n: random.normal(size=(n, 2)) * [3, 1]))
    write('one', *images(lambda n: random.normal(size=(n, 1))))
    plane = random.normal(size=(2, 48)) * [[3], [1]]
    write('plane', *images(lambda n: random.normal(size=(n, 2)) @ plane + 1))
    write('single', record('a.png', 64, 64, 64, random.normal(size=(1, 48))))
    rare = np.zeros((256, 4))
    rare[7], rare[9] = [1, 0, 0, 0], [0, 2, 0, 0]
    write('rare', record('a.png', 64, 64, 4, rare))
    write('speck', record('a.png', 64, 64, 4, rare + 1e-8 * random.normal(size=rare.shape)))
    # equal loadings of opposite signs: the first is positive
    line = np.outer(np.arange(64), [1, -1, 1, -1])
    write('tie', record('a.png', 64, 64, 8, line))
    # rows and columns from the attention, without the image
    blind = record('a.png', 64, 64, 8, random.normal(size=(15, 8)), attention=random.random((2, 3, 5), dtype='f4'))
    del blind['image']
    write('blind', blind)
    write('heads', record('a.png', 64, 64, 8, random.normal(size=(64, 8)),
        attention=random.random((2, 8, 8), dtype='f4')))
    # refused
    good = random.normal(size=(64, 48))
    for name, value in (('nan', np.nan), ('inf', -np.inf)):
        bad = good.copy()
        bad[3, 7] = value
        write(name, record('good.png', 64, 64, 8, good), record('bad.png', 64, 64, 8, bad))
    write('pooled', record('a.png', 64, 64, 8, np.ones(48)))
    write('without', {'key': 'a.png', 'image': np.zeros((64, 64, 3), 'u1')})
    write('type', dict(record('a.png', 64, 64, 8, good), feature=np.zeros((64, 48), 'u1')))
    write('text', dict(record('a.png', 64, 64, 8, good), feature='x'))
    write('models', record('a.png', 64, 64, 8, good), record('b.png', 64, 64, 8, good[:, :24]))
    write('count', record('a.png', 64, 64, 8, good[:63]))
    write('oblong', record('a.png', 64, 64, 8, good[:32]))
    write('empty', record('a.png', 64, 64, 8, np.zeros((0, 48))))
    write('nothing', record('a.png', 64, 64, 8, np.zeros((64, 0))))
    write('wide', record('a.png', 2, 2, 1, np.zeros((4, 8193))))
    alone = record('a.png', 64, 64, 8, good)
    del alone['image']
    write('alone', alone)


def sheet(name):
    from PIL import Image
    return np.asarray(Image.open(name + '.png').convert('RGB')).astype(int)


def grid(r):
    if 'attention' in r and 'image' not in r:
        return r['attention'].shape[1:]
    height, width = r['image'].shape[:2]
    patch = int(round((height * width / len(r['feature'])) ** 0.5))
    return height // patch, width // patch


def cells(name, records, column):
    """the enlarged cell of that column of each record"""
    shapes = [r['image'].shape[:2] if 'image' in r else grid(r) for r in records]
    high, wide = (SCALE * max(s[i] for s in shapes) for i in (0, 1))
    pixels = sheet(name)
    for i, (height, width) in enumerate(shapes):
        scale = min(high // height, wide // width)
        top = MARGIN + LINE + i * (high + LINE + SPACE) + (high - height * scale) // 2
        left = MARGIN + column * (wide + GAP) + (wide - width * scale) // 2
        yield pixels[top:top + height * scale, left:left + width * scale], scale


def patches(name, records):
    """the colors (rows, columns, 3) of the patches of each record; all pixels of a patch have one color"""
    for r, (cell, _) in zip(records, cells(name, records, 1)):
        rows, columns = grid(r)
        high, wide = cell.shape[0] // rows, cell.shape[1] // columns
        blocks = cell.reshape(rows, high, columns, wide, 3)
        assert (blocks == blocks[:, :1, :, :1]).all(), 'a patch has several colors'
        yield blocks[:, 0, :, 0]


def principal(records):
    """the colors of all patches (P, 3): numpy's eigh, percentiles 1 and 99"""
    x = np.concatenate([r['feature'] for r in records]).astype(float)
    y = x - x.mean(0)
    values, vectors = np.linalg.eigh(y.T @ y)
    colors = np.full((len(x), 3), 128)
    for i in range(min(3, x.shape[1])):
        v = vectors[:, -1 - i]
        if values[-1 - i] <= 1e-12 * (x * x).sum():
            break
        largest = np.abs(v).max()
        v = v * np.sign(v[np.argmax(np.abs(v) > largest * (1 - 1e-6))])
        z = y @ v
        low, high = np.percentile(z, [1, 99])
        if high - low <= 1e-6 * (z.max() - z.min()):
            low, high = z.min(), z.max()
        colors[:, i] = np.floor(255 * np.clip((z - low) / (high - low), 0, 1) + 0.5)
    return colors


def attention_cell(r):
    """the map of the mean over the image in gray (Pillow's), colored from its minimum to its maximum"""
    from PIL import Image
    stops = np.array([[20, 16, 60], [60, 70, 140], [40, 140, 140], [130, 200, 90], [250, 230, 60]], float)
    mean = r['attention'].astype(float).mean(0)
    position = (mean - mean.min()) / (mean.max() - mean.min()) * 4
    i = np.minimum(position.astype(int), 3)
    colors = np.floor(stops[i] + (position - i)[..., None] * (stops[i + 1] - stops[i]) + 0.5).astype(int)
    gray = np.asarray(Image.fromarray(r['image']).convert('L')).astype(int)[..., None]
    high, wide = gray.shape[0] // mean.shape[0], gray.shape[1] // mean.shape[1]
    colors = colors.repeat(high, 0).repeat(wide, 1)
    return (gray * (255 - 170) + colors * 170 + 127) // 255


if sys.argv[1] == 'make':
    make()
else:
    records = read_stream(sys.argv[2] + '.tsc')
    if sys.argv[1] == 'colors':
        got = np.concatenate([c.reshape(-1, 3) for c in patches(sys.argv[2], records)])
        print(np.abs(got - principal(records)).max())
    elif sys.argv[1] == 'image':
        for color in list(patches(sys.argv[2], records))[int(sys.argv[3])].reshape(-1, 3):
            print(*color)
    elif sys.argv[1] == 'attention':
        cell, scale = next(cells(sys.argv[2], records, 2))
        print(np.abs(cell[::scale, ::scale] - attention_cell(records[0])).max())
