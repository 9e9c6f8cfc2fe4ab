#!/usr/bin/python3
"""autograd.py - reverse-mode differentiation in float64 with numpy, and layers of a transformer (for objective.py)

Plain on purpose: every primitive has its own gradient, attention is a product of whole matrices. No names of lib/.
"""
import math

import numpy as np


class Var:
    """A value, its inputs, and the function from its gradient to theirs."""
    margin = math.inf       # how near a ReLU's argument came to its corner, or the choice of a neighbor to a draw

    def __init__(self, x, inputs=(), back=None):
        self.x, self.inputs, self.back = np.asarray(x, np.float64), inputs, back
        self.shape, self.g = self.x.shape, None

    def __add__(a, b):
        b = var(b)
        return Var(a.x + b.x, (a, b), lambda g: (sum_to(g, a.shape), sum_to(g, b.shape)))

    def __mul__(a, b):
        b = var(b)
        return Var(a.x * b.x, (a, b), lambda g: (sum_to(g * b.x, a.shape), sum_to(g * a.x, b.shape)))

    def __matmul__(a, b):
        return Var(a.x @ b.x, (a, b), lambda g: (sum_to(g @ b.x.swapaxes(-1, -2), a.shape),
                                                 sum_to(a.x.swapaxes(-1, -2) @ g, b.shape)))

    def __sub__(a, b):
        return a + var(b) * -1

    def __getitem__(a, index):
        def back(g):
            out = np.zeros(a.shape)
            np.add.at(out, index, g)
            return (out,)
        return Var(a.x[index], (a,), back)

    def __pow__(a, k):
        return Var(a.x ** k, (a,), lambda g: (g * k * a.x ** (k - 1),))

    def reshape(a, *shape):
        return Var(a.x.reshape(shape), (a,), lambda g: (g.reshape(a.shape),))

    def transpose(a, *axes):
        return Var(a.x.transpose(axes), (a,), lambda g: (g.transpose(np.argsort(axes)),))

    def swap(a):
        """The last two axes exchanged."""
        return Var(a.x.swapaxes(-1, -2), (a,), lambda g: (g.swapaxes(-1, -2),))

    def sum(a, axis, keepdims=True):
        def back(g):
            return (np.broadcast_to(g if keepdims else np.expand_dims(g, axis), a.shape),)
        return Var(a.x.sum(axis, keepdims=keepdims), (a,), back)

    def mean(a, axis=None, keepdims=True):
        if axis is None:
            return a.reshape(-1).mean(0, False)
        return a.sum(axis, keepdims) * (1 / a.shape[axis])

    def exp(a):
        y = np.exp(a.x)
        return Var(y, (a,), lambda g: (g * y,))

    def log(a):
        return Var(np.log(a.x), (a,), lambda g: (g / a.x,))

    def relu(a):
        Var.margin = min(Var.margin, np.abs(a.x).min())
        return Var(np.maximum(a.x, 0), (a,), lambda g: (g * (a.x > 0),))

    def gelu(a):
        phi = 0.5 + 0.5 * np.array([math.erf(v) for v in (a.x / math.sqrt(2)).flat]).reshape(a.shape)
        density = np.exp(-a.x ** 2 / 2) / math.sqrt(2 * math.pi)
        return Var(a.x * phi, (a,), lambda g: (g * (phi + a.x * density),))

    def detach(a):
        return Var(a.x)

    def backward(self):
        order, seen = [], set()

        def visit(v):
            if id(v) not in seen:
                seen.add(id(v))
                for i in v.inputs:
                    visit(i)
                order.append(v)
        visit(self)
        self.g = np.ones(self.shape)
        for v in reversed(order):
            for i, g in zip(v.inputs, v.back(v.g) if v.inputs else ()):
                i.g = g if i.g is None else i.g + g


def var(x):
    return x if isinstance(x, Var) else Var(x)


def sum_to(g, shape):
    """The gradient of an operand of that shape that was broadcast."""
    g = g.sum(tuple(range(g.ndim - len(shape))))
    return g.sum(tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True).reshape(shape)


def concat(parts):
    edges = np.cumsum([v.shape[1] for v in parts])[:-1]
    return Var(np.concatenate([v.x for v in parts], 1), tuple(parts), lambda g: np.split(g, edges, 1))


def standardize(x, axis, eps):
    centered = x - x.mean(axis)
    return centered * ((centered ** 2).mean(axis) + eps) ** -0.5


def unit(x):
    return x * (x ** 2).sum(-1) ** -0.5


def log_softmax(x):
    x = x - x.x.max(-1, keepdims=True)
    return x - x.exp().sum(-1).log()


# ---- layers; p: parameters by name

def linear(p, name, x):
    y = x @ p[name + '.weight'].swap()
    return y + p[name + '.bias'] if name + '.bias' in p else y


def norm(p, name, x, eps, axis=-1):
    return standardize(x, axis, eps) * p[name + '.weight'] + p[name + '.bias']


def attention(p, name, heads, query, key, value):
    D = query.shape[-1]
    weight, bias = p[name + '.qkv.weight'], p[name + '.qkv.bias']
    q, k, v = [(x @ weight[i * D:i * D + D].swap() + bias[i * D:i * D + D])
               .reshape(x.shape[0], x.shape[1], heads, D // heads).transpose(0, 2, 1, 3)
               for i, x in enumerate((query, key, value))]
    a = log_softmax(q @ k.swap() * (D // heads) ** -0.5).exp() @ v
    return linear(p, name + '.proj', a.transpose(0, 2, 1, 3).reshape(*query.shape))


def encoder_block(p, name, heads, x):
    y = norm(p, name + '.norm1', x, 1e-6)
    x = x + attention(p, name + '.attn', heads, y, y, y)
    return x + linear(p, name + '.mlp.fc2', linear(p, name + '.mlp.fc1', norm(p, name + '.norm2', x, 1e-6)).gelu())
