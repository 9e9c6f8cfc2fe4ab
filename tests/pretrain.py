#!/usr/bin/python3
"""pretrain.py - the objectives of pre-training and ten steps of AdamW, in numpy and float64 (for objective.py)

Written from formats/method.md, not from lib/: a second opinion. The masked patches are that many equal tokens (no
folding). `p` are parameters by name, `c` settings by name, `data` the tensors of a file: image.u8, keep, ...
"""
import math

import numpy as np

from autograd import Var, attention, concat, encoder_block, linear, log_softmax, norm, unit, var

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])    # ImageNet
LR, BETA1, BETA2, EPS, DECAY, CLIP, STEPS = 1e-3, 0.9, 0.95, 1e-8, 0.05, 3.0, 10


# ---- random numbers: Philox4x32-10 (Salmon et al. 2011), as a function of (seed, step, purpose, key)

def philox(counter, key):
    c, k, mask = list(counter), list(key), 0xFFFFFFFF
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ k[0], b & mask, a >> 32 ^ c[3] ^ k[1], a & mask]
        k = [k[0] + 0x9E3779B9 & mask, k[1] + 0xBB67AE85 & mask]
    return c


class Random:
    def __init__(self, seed, step, purpose, key):
        h = 0xCBF29CE484222325      # FNV-1a, 64 bits
        for byte in (purpose + '\0' + key).encode():
            h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
        self.key, self.counter, self.words = (seed & 0xFFFFFFFF, seed >> 32), [0, step, h & 0xFFFFFFFF, h >> 32], []

    def word(self):
        if not self.words:
            self.words = philox(self.counter, self.key)
            self.counter[0] += 1
        return self.words.pop()

    def below(self, n):
        while True:
            x = self.word() * n     # Lemire: reject the low words that would favor some results
            if x & 0xFFFFFFFF >= (1 << 32) % n:
                return x >> 32

    def shuffle(self, x):
        for i in range(len(x) - 1, 0, -1):
            j = self.below(i + 1)
            x[i], x[j] = x[j], x[i]

    def uniform(self, shape, low, high):
        x = np.array([self.word() for _ in range(math.prod(shape))], np.float64).reshape(shape)
        return low + (high - low) * (x + 0.5) / 2 ** 32


# ---- encoder, decoder, heads

def positions(side, D):
    frequency = 10000.0 ** -(np.arange(D // 4) / (D / 4))
    row, column = np.divmod(np.arange(side * side), side)
    return np.concatenate([f(np.outer(at, frequency)) for at in (column, row) for f in (np.sin, np.cos)], 1)


def repeat(token, N, count):
    return token + np.zeros((N, count, 1))


def rows(x, index):
    """The tokens index (N, K) of x (N, L, D)."""
    return x[np.arange(len(index))[:, None], index]


def patches(images, p):
    """(N, S, S, 3) bytes to (N, P, p * p * 3), row, column, channel within a patch."""
    N, S = images.shape[:2]
    x = (images / 255 - MEAN) / STD
    return x.reshape(N, S // p, p, S // p, p, 3).transpose(0, 1, 3, 2, 4, 5).reshape(N, -1, p * p * 3)


def pixel_target(c, images, index):
    x = patches(images, c['patch'])[np.arange(len(index))[:, None], index]
    if c['norm_pix']:
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, ddof=1, keepdims=True) + 1e-6)
    return x


def encode(p, c, images, seen, token=None, count=0):
    """[class, token x count, the patches `seen` (N, K)] through the encoder: (N, 1 + count + K, D)."""
    D, N = c['embed_dim'], len(images)
    kernel = p['patch_embed.proj.weight'].transpose(2, 3, 1, 0).reshape(-1, D)
    x = var(patches(images, c['patch'])) @ kernel + p['patch_embed.proj.bias']
    x = rows(x + positions(c['image'] // c['patch'], D), seen)
    x = concat([repeat(p['cls_token'], N, 1)] + ([repeat(p[token], N, count)] if token in p else []) + [x])
    for i in range(c['depth']):
        x = encoder_block(p, 'blocks.%d' % i, c['heads'], x)
    return norm(p, 'norm', x, 1e-6)


def decode(p, c, memory, keep, predicted):
    """The decoder's output: (N, [1 +] Q, Dd), the global query first if there is one."""
    N, heads, table = len(keep), c['decoder_heads'], positions(c['image'] // c['patch'], c['decoder_embed_dim'])
    if 'decoder.embed.weight' in p:
        memory = linear(p, 'decoder.embed', memory)
    key, place = memory + table[keep], var(table[predicted])
    if 'decoder.global_position' in p:
        place = concat([repeat(p['decoder.global_position'], N, 1), place])
    x = repeat(p['decoder.query'], N, place.shape[1])
    for i in range(c['decoder_depth']):
        b = 'decoder.blocks.%d.' % i
        if c['decoder_self_attention']:
            x = norm(p, b + 'norm1', x + attention(p, b + 'self_attn', heads, x + place, x + place, x), 1e-5)
        x = norm(p, b + 'norm2', x + attention(p, b + 'cross_attn', heads, x + place, key, memory), 1e-5)
        x = norm(p, b + 'norm3', x + linear(p, b + 'mlp.fc2', linear(p, b + 'mlp.fc1', x).relu()), 1e-5)
    return norm(p, 'decoder.norm', x, 1e-5)


def head(p, name, x):
    """Linear, batch norm over the rows, ReLU, linear."""
    return linear(p, name + '.2', norm(p, name + '.1', linear(p, name + '.0', x), 1e-5, axis=0).relu())


# ---- losses

def infonce(query, key, temperature):
    """query, key (..., N, D) of unit length; row n of one belongs to row n of the other."""
    logits = log_softmax(query @ key.swap() * (1 / temperature))
    return (logits * np.eye(logits.shape[-1])).sum(-1).mean() * -1


def patch_contrast(p, c, d, s):
    if c['patch_contrast'] == 'mse':
        return ((d - s) ** 2).mean()
    if c['patch_contrast'] == 'infonce':
        return infonce(unit(d).transpose(1, 0, 2), unit(s).transpose(1, 0, 2), c['patch_temperature'])
    d, s = d.reshape(-1, d.shape[-1]), s.reshape(-1, s.shape[-1])

    def cosine(a, b):
        return (unit(head(p, 'predictor', a)) * unit(b.detach())).sum(-1).mean()
    return (cosine(d, s) + cosine(s, d)) * -0.5


def crossentropy(c, decoder, student):
    def toward(target, x):
        return (log_softmax(target.detach()).exp() * log_softmax(x)).sum(-1).mean() * -1
    both = {'student-target': toward(student, decoder), 'teacher-target': toward(decoder, student)}
    both['symmetric'] = (both['student-target'] + both['teacher-target']) * 0.5
    return both[c['crossentropy_target']]


def nearest(p, x):
    """The rows of the queue that are nearest to those of x: constants."""
    similarity = x.x @ p['queue'].x.T
    first, second = np.sort(similarity)[:, :-3:-1].T
    Var.margin = min(Var.margin, (first - second).min())
    return Var(p['queue'].x[similarity.argmax(1)])


def subsets(c, keep, step):
    """The patches for the student and for the decoder: ascending lists, and where both have a patch in either."""
    P, student, predicted = (c['image'] // c['patch']) ** 2, [], []
    M = P - keep.shape[1]
    K, Q = [max(1, math.floor(c[name] * M + 0.5)) for name in ('student_keep', 'predict_ratio')]
    for n, seen in enumerate(keep):
        order = [i for i in range(P) if i not in set(seen)]
        if K < M or Q < M:
            Random(c['seed'], step, 'student', 'image%d' % n).shuffle(order)
        student.append(sorted(order[:K]))
        predicted.append(sorted(order[:Q]))
    shared = [sorted(set(a) & set(b)) for a, b in zip(student, predicted)]
    places = [np.array([[row.index(i) for i in s] for row, s in zip(table, shared)]) for table in (student, predicted)]
    return np.array(student), np.array(predicted), places


def tscae(p, c, data, step):
    """Outputs and losses by the names of the files' expect.NAME; `unit` is for the queue."""
    images, keep = data['image.u8'], data['keep']
    V, M = keep.shape[1], (c['image'] // c['patch']) ** 2 - keep.shape[1]
    student_patches, predicted, (in_student, in_predicted) = subsets(c, keep, step)
    teacher = encode(p, c, images, keep, 'teacher_mask_token', M)
    T = teacher[:, -V:]
    student = encode(p, c, data.get('student_image.u8', images), student_patches, 'student_mask_token', V)
    S = student[:, -student_patches.shape[1]:]
    decoder = decode(p, c, T, keep, predicted)
    d = decoder[:, -predicted.shape[1]:]
    pred = linear(p, 'pixels.2', linear(p, 'pixels.1', linear(p, 'pixels.0', d).relu()).relu())
    out = {'teacher': T, 'student': S, 'decoder': decoder, 'pred': pred}
    out['loss_pixel'] = ((pred - pixel_target(c, images, predicted)) ** 2).mean()
    loss = out['loss_pixel'] * c['w_pixel']
    if c['image_contrast'] == 'crossentropy':
        out['student_masked'] = student[:, 1]
        out['loss_image_contrast'] = crossentropy(c, decoder[:, 0], student[:, 1])
    elif c['image_contrast'] != 'off':
        b = S.mean(1, False)
        a, b = {'mean': (T.mean(1, False), b), 'class': (teacher[:, 0], student[:, 0]),
                'query': (decoder[:, 0], b)}[c['image_pool']]
        out['project_teacher'], out['project_student'] = head(p, 'projection', a), head(p, 'projection', b)
        u, v = unit(out['project_teacher']), unit(out['project_student'])
        q = (nearest(p, u), nearest(p, v)) if c['image_contrast'] == 'nnclr' else (u, v)
        t = c['image_temperature']
        out['loss_image_contrast'], out['unit'] = (infonce(q[0], v, t) + infonce(q[1], u, t)) * 0.5, u
    if 'loss_image_contrast' in out:
        loss = loss + out['loss_image_contrast'] * c['w_image_contrast']
    if c['patch_contrast'] != 'off':
        out['loss_patch_contrast'] = patch_contrast(p, c, rows(d, in_predicted), rows(S, in_student))
        loss = loss + out['loss_patch_contrast'] * c['w_patch_contrast']
    out['loss'] = loss
    return out


def mae(p, c, data, step):
    """The baseline: a decoder on [class, all patches], learned mask tokens with positions."""
    images, keep = data['image.u8'], data['keep']
    N, V, side, Dd = *keep.shape, c['image'] // c['patch'], c['decoder_embed_dim']
    hidden = np.array([sorted(set(range(side * side)) - set(k)) for k in keep])
    latent = encode(p, c, images, keep)
    x = linear(p, 'decoder_embed', latent)
    place = np.argsort(np.concatenate([keep, hidden], 1), 1)
    tokens = concat([x[:, 1:], repeat(p['mask_token'], N, side * side - V)])
    x = concat([x[:, :1], rows(tokens, place) + positions(side, Dd)])
    for i in range(c['decoder_depth']):
        x = encoder_block(p, 'decoder_blocks.%d' % i, c['decoder_heads'], x)
    pred = linear(p, 'decoder_pred', norm(p, 'decoder_norm', x, 1e-6))[:, 1:]
    loss = ((rows(pred, hidden) - pixel_target(c, images, hidden)) ** 2).mean()
    return {'latent': latent, 'pred': pred, 'loss': loss}


OBJECTIVES = {'tscae': tscae, 'mae': mae}


def compute(params, c, data, step=0):
    """Outputs, and gradients by name; the queue has none."""
    p = {name: Var(x) for name, x in params.items()}
    out = OBJECTIVES[c['objective']](p, c, data, step)
    out['loss'].backward()
    return out, {name: np.zeros(v.shape) if v.g is None else v.g for name, v in p.items()}


def train(params, c, data):
    """Ten steps of AdamW: by the files' names, the losses and gradient norms before each, and the queue after all."""
    params, losses, norms = dict(params), [], []
    m = {name: 0 for name in params}
    v = dict(m)
    for step in range(STEPS):
        out, grads = compute(params, c, data, step)
        length = math.sqrt(sum((g ** 2).sum() for g in grads.values()))
        losses.append(float(out['loss'].x))
        norms.append(length)
        for name in set(params) - {'queue'}:
            g = grads[name] * min(1, CLIP / length)
            m[name] = BETA1 * m[name] + (1 - BETA1) * g
            v[name] = BETA2 * v[name] + (1 - BETA2) * g ** 2
            move = m[name] / (1 - BETA1 ** (step + 1)) / (np.sqrt(v[name] / (1 - BETA2 ** (step + 1))) + EPS)
            matrix = params[name].ndim in (2, 4)
            params[name] = params[name] * (1 - LR * DECAY * matrix) - LR * move
        if 'queue' in params:
            N, queue = len(data['keep']), params['queue'].copy()
            queue[(step * N + np.arange(N)) % len(queue)] = out['unit'].x
            params['queue'] = queue
    steps = {'steps.loss': np.array(losses), 'steps.grad_norm': np.array(norms)}
    return {**steps, 'steps.queue': params['queue']} if 'queue' in params else steps
