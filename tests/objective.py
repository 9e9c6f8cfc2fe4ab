#!/usr/bin/python3
"""objective.py - reference files of the pre-training objectives, made and checked by a program of its own in float64

usage: objective.py make DIR [NAME ...]     write the files of FILES (those of tests/golden), or the named ones
       objective.py check DIR [FILE ...]    print TAP: the test vectors of the random numbers, central differences, the
                                            files in DIR computed again, and other FILEs of the same layout
"""
import json
import math
import os
import struct
import sys

import numpy as np

from autograd import Var
from pretrain import MEAN, STD, Random, compute, philox, subsets, train, tscae


# ---- the files

COMMON = dict(
    objective='tscae', seed=5, image=32, patch=4, embed_dim=16, depth=2, heads=2, decoder_depth=1, decoder_embed_dim=16,
    decoder_heads=2, mask_ratio=0.75, norm_pix=True, image_contrast='infonce', patch_contrast='off', image_pool='mean',
    image_temperature=0.2, patch_temperature=0.1, w_pixel=1.0, w_image_contrast=0.1, w_patch_contrast=0.0,
    projection_hidden=32, projection_dim=16, queue_size=32, student_keep=1 / 3, predict_ratio=1.0, mask_tokens=True,
    decoder_self_attention=False)
# name: settings, number of images, is there a student image. Seeds: of 24, those where the arguments of ReLUs and the
# choice of neighbors stay far from a change of sides, so that float32 falls on the same; 14 also reaches the clipping.
FILES = {
    'objective-infonce': (dict(seed=14, embed_dim=24, heads=3, decoder_embed_dim=20, predict_ratio=0.5), 4, True),
    'objective-plain': (dict(seed=5, decoder_depth=2, norm_pix=False, mask_tokens=False,
                             decoder_self_attention=True), 4, False),
    'objective-nnclr': (dict(seed=18, image_contrast='nnclr', student_keep=0.5, predict_ratio=0.75,
                             patch_contrast='infonce', w_patch_contrast=0.05), 6, True)}
# too large for tests/golden: on demand
LARGE = {'objective-patch8': (dict(patch=8, embed_dim=48, heads=3, decoder_embed_dim=32, predict_ratio=0.5,
                                   projection_hidden=192, projection_dim=128), 4, True)}
OLD_NAMES = {'kind': 'objective', 'glob': 'crossentropy_target', 'dim': 'embed_dim', 'dec_depth': 'decoder_depth',
             'dec_dim': 'decoder_embed_dim', 'dec_heads': 'decoder_heads', 'contrast': 'patch_contrast'}
OLD_LOSSES = {'loss_contrast': 'loss_patch_contrast', 'loss_global': 'loss_image_contrast'}


def shapes(c):
    D, Dd, hidden, dim = c['embed_dim'], c['decoder_embed_dim'], c['projection_hidden'], c['projection_dim']
    patch, own, pixels = c['patch'], c['decoder_self_attention'], 3 * c['patch'] ** 2
    s = {'cls_token': (1, 1, D), 'patch_embed.proj.weight': (D, 3, patch, patch), 'patch_embed.proj.bias': (D,),
         'decoder.query': (1, 1, Dd), 'projection.0.weight': (hidden, D)}

    def add_linear(name, out, inside):
        s[name + '.weight'], s[name + '.bias'] = (out, inside), (out,)

    def add_norm(name, width):
        s[name + '.weight'] = s[name + '.bias'] = (width,)

    def add_block(name, width, attentions, norms):
        for a in attentions:
            add_linear(name + a + '.qkv', 3 * width, width)
            add_linear(name + a + '.proj', width, width)
        add_linear(name + 'mlp.fc1', 4 * width, width)
        add_linear(name + 'mlp.fc2', width, 4 * width)
        for n in norms:
            add_norm(name + n, width)
    for i in range(c['depth']):
        add_block('blocks.%d.' % i, D, ['attn'], ['norm1', 'norm2'])
    for i in range(c['decoder_depth']):
        add_block('decoder.blocks.%d.' % i, Dd, ['self_attn'] * own + ['cross_attn'],
                  ['norm1'] * own + ['norm2', 'norm3'])
    add_norm('norm', D)
    add_norm('decoder.norm', Dd)
    add_norm('projection.1', hidden)
    add_linear('projection.2', dim, hidden)
    for i, inside in enumerate((Dd, pixels, pixels)):
        add_linear('pixels.%d' % i, pixels, inside)
    if Dd != D:
        add_linear('decoder.embed', Dd, D)
    if c['image_pool'] == 'query':
        s['decoder.global_position'] = (1, 1, Dd)
    if c['mask_tokens']:
        s['teacher_mask_token'] = s['student_mask_token'] = (1, 1, D)
    if c['image_contrast'] == 'nnclr':
        s['queue'] = (c['queue_size'], dim)
    return s


def random_params(c):
    """Uniform numbers, exact in float32; matrices Xavier, gains near 1, biases and tokens well away from 0."""
    params = {}
    for name, shape in sorted(shapes(c).items()):
        inside = math.prod(shape[1:])
        reach = math.sqrt(6 / (shape[0] + inside)) if len(shape) in (2, 4) else 0.5 if len(shape) == 3 else 0.1
        gain = len(shape) == 1 and name.endswith('.weight')
        x = Random(c['seed'], 0, 'init', name).uniform(shape, -reach, reach) + gain
        if name == 'queue':
            x /= np.sqrt((x ** 2).sum(1, keepdims=True))
        params[name] = x.astype('<f4').astype(np.float64)
    return params


def random_data(c, N, student_image):
    """Blocks of random colors with noise; the student's have other gains by channel. Ascending visible patches."""
    S, data, P = c['image'], {}, (c['image'] // c['patch']) ** 2
    r = Random(c['seed'], 0, 'images', '')
    colors, noise = r.uniform((N, 4, 4, 3), 0, 200), r.uniform((N, S, S, 3), 0, 55)
    image = np.floor(colors.repeat(S // 4, 1).repeat(S // 4, 2) + noise)
    data['image.u8'] = image.astype(np.uint8)
    if student_image:
        data['student_image.u8'] = np.minimum(np.floor(image * r.uniform((N, 1, 1, 3), 0.5, 1.5)), 255).astype(np.uint8)
    keep = []
    for n in range(N):
        order = list(range(P))
        r.shuffle(order)
        keep.append(sorted(order[:math.floor(P * (1 - c['mask_ratio']))]))
    data['keep'] = np.array(keep)
    return data


def build(settings, N, student_image):
    """All tensors of a file, and its metadata."""
    c = {**COMMON, **settings}
    params, data = random_params(c), random_data(c, N, student_image)
    out, grads = compute(params, c, data)
    planes = ((data['image.u8'] / 255 - MEAN) / STD).transpose(0, 3, 1, 2)
    tensors = {**data, 'image.f32': planes, **dict(zip(('student', 'predicted'), subsets(c, data['keep'], 0)))}
    tensors.update({'param.' + name: x for name, x in params.items()})
    tensors.update({'grad.' + name: x for name, x in grads.items()})
    tensors.update({'expect.' + name: v.x for name, v in out.items() if name != 'unit'})
    tensors.update(train(params, c, data))
    texts = {k: ('on' if v else 'off') if isinstance(v, bool) else str(v).removesuffix('.0') for k, v in c.items()}
    texts['steps'] = 'adamw lr 1e-3 betas 0.9 0.95 eps 1e-8 weight_decay 0.05 on matrices only, clip 3.0'
    return tensors, texts


def stored(name, x):
    """The array as in the file. Rounding hides what the order of summation changes, so that bytes repeat."""
    if x.dtype in (np.uint8, np.int64):
        return x
    if name.startswith(('steps.loss', 'steps.grad_norm', 'expect.loss')):
        return np.array([float('%.12g' % v) for v in x.flat], '<f8')
    return np.where(np.abs(x) < 1e-13, 0, x).astype('<f4')


def write(path, tensors, texts):
    types = {'float32': 'F32', 'float64': 'F64', 'uint8': 'U8', 'int64': 'I64'}
    tensors = {name: stored(name, x) for name, x in tensors.items()}
    head, body = {'__metadata__': texts}, b''
    for name, x in sorted(tensors.items(), key=lambda item: (-item[1].itemsize, item[0])):
        head[name] = {'dtype': types[x.dtype.name], 'shape': x.shape, 'data_offsets': [len(body), len(body) + x.nbytes]}
        body += x.tobytes()
    text = json.dumps(head, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text + body)


def read(path):
    """Tensors and settings; names of older files become today's."""
    with open(path, 'rb') as f:
        data = f.read()
    n, types = struct.unpack('<Q', data[:8])[0], {'F32': '<f4', 'F64': '<f8', 'U8': 'u1', 'I64': '<i8'}
    head = json.loads(data[8:8 + n])
    texts = head.pop('__metadata__')
    tensors = {k: np.frombuffer(data[8 + n:][slice(*v['data_offsets'])], types[v['dtype']]).reshape(v['shape'])
               for k, v in head.items()}
    c = {**COMMON, 'student_keep': 1.0, 'decoder_self_attention': True, 'crossentropy_target': 'symmetric'}
    if 'kind' in texts:
        c.update(image_contrast='crossentropy', w_image_contrast=1.0, w_patch_contrast=1.0,
                 decoder_embed_dim=int(texts['dim']), decoder_heads=int(texts['heads']))
    texts.pop('steps')
    for key, text in texts.items():
        key = OLD_NAMES.get(key, key)
        c[key] = text.lower() in ('on', 'true') if isinstance(c[key], bool) else type(c[key])(text)
    return tensors, c


# ---- checks

count = failed = 0


def ok(good, name):
    global count, failed
    count += 1
    failed += not good
    print('%sok %d - %s' % ('' if good else 'not ', count, name), flush=True)


def distance(x, y):
    """Relative to the norm of y, and to 1e-9 of a vanishing one."""
    return math.sqrt(((np.asarray(x) - y) ** 2).sum()) / max(math.sqrt((np.asarray(y, np.float64) ** 2).sum()), 1e-9)


def check_file(path):
    """The file's outputs, losses, gradients and ten steps, computed again from its parameters."""
    name, (tensors, c) = os.path.basename(path), read(path)
    params = {k[6:]: x.astype(np.float64) for k, x in tensors.items() if k.startswith('param.')}
    Var.margin = math.inf
    out, grads = compute(params, c, tensors)
    margin = Var.margin
    worst = {'expect.loss': 0, 'expect.': 0, 'grad.': 0}
    for k, x in tensors.items():
        kind = next((w for w in worst if k.startswith(w)), None)
        if kind:
            key = k.split('.', 1)[1]
            again = grads[key] if kind == 'grad.' else out[OLD_LOSSES.get(key, key)].x
            worst[kind] = max(worst[kind], distance(again, x.reshape(again.shape)))
    steps = max(distance(x, tensors[k]) for k, x in train(params, c, tensors).items())
    for kind, error in list(worst.items()) + [('steps.', steps)]:
        ok(error < 1e-6, '%s: %s* computed again, largest error %.1g of the norm' % (name, kind, error))
    print('# %s: no ReLU or neighbor nearer than %.1g to its other choice at step 0, %.1g in ten steps' %
          (name, margin, Var.margin))


def check_gradients(name, settings, N, student_image):
    """The derivative along a random direction of every parameter tensor."""
    c = {**COMMON, **settings}
    params, data, worst, h = random_params(c), random_data(c, N, student_image), (0, ''), 1e-5
    grads = compute(params, c, data)[1]
    for key in sorted(set(params) - {'queue'}):
        d = Random(1, 0, 'direction', key).uniform(params[key].shape, -1, 1)
        d /= math.sqrt((d ** 2).sum())
        ends = [tscae({k: Var(x + s * h * d if k == key else x) for k, x in params.items()}, c, data, 0)['loss'].x
                for s in (1, -1)]
        error = abs((ends[0] - ends[1]) / (2 * h) - (grads[key] * d).sum()) / math.sqrt((grads[key] ** 2).sum())
        worst = max(worst, (error, key))
    ok(worst[0] < 1e-5, '%s: gradients agree with central differences, largest error %.1g (%s)' % (name, *worst))


def check_inputs(path, settings, N, student_image):
    """The file is of the recipe: all settings, parameters, images and subsets, to the bit."""
    c, (tensors, written) = {**COMMON, **settings}, read(path)
    data = random_data(c, N, student_image)
    inputs = {**data, **dict(zip(('student', 'predicted'), subsets(c, data['keep'], 0))),
              **{'param.' + name: x for name, x in random_params(c).items()}}
    names = {k for k in tensors if not k.startswith(('grad.', 'expect.', 'steps.')) and k != 'image.f32'}
    ok(all(written[k] == v for k, v in c.items()) and names == set(inputs) and
       all(np.array_equal(tensors[k], x) for k, x in inputs.items()), os.path.basename(path) + ': inputs of the recipe')


def check(folder, others):
    ok(philox([0] * 4, [0] * 2) == [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] and
       philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]) ==
       [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1], 'the published test vectors of Philox4x32-10')
    for name, recipe in FILES.items():
        check_gradients(name, *recipe)
        check_inputs(os.path.join(folder, name + '.safetensors'), *recipe)
    for path in [os.path.join(folder, name + '.safetensors') for name in FILES] + others:
        check_file(path)
    print('1..%d' % count)
    return failed != 0


def main(argv):
    if len(argv) > 2 and argv[1] == 'make':
        for name in argv[3:] or FILES:
            write(os.path.join(argv[2], name + '.safetensors'), *build(*{**FILES, **LARGE}[name]))
    elif len(argv) > 2 and argv[1] == 'check':
        return check(argv[2], argv[3:])
    else:
        sys.exit(__doc__)


if __name__ == '__main__':
    sys.exit(main(sys.argv))
