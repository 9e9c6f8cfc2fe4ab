#!/usr/bin/python3
"""reference.py - an independent reader of safetensors and a ViT's forward pass in numpy

    images DIR N HEIGHT WIDTH        N PNG images of smooth noise, the same every time
    vit FILE timm|mae|hf DIM DEPTH PATCH IMAGE [learned]    random weights under those names (mae
        and hf with a decoder 32 wide)
    features MODEL N HEIGHT WIDTH HEADS BLOCK POOL OUT.npy     of those images; POOL mean|class|both|patches|attention
    list FILE                          names and shapes
    expect timm|mae|hf DIM DEPTH PATCH IMAGE     the names and shapes that the published models of these sizes have
    same A.npy B.npy TOLERANCE         fails where they differ by more
    field STREAM NAME OUT.npy          a tensor field of all records (needs msgpack)
"""
import json, math, os, struct, sys, zlib
import numpy as np

def read(path):
    data = open(path, 'rb').read()
    n = struct.unpack('<Q', data[:8])[0]
    head = json.loads(data[8:8 + n])
    head.pop('__metadata__', None)
    types = {'F32': '<f4', 'F16': '<f2', 'F64': '<f8'}
    return {k: np.frombuffer(data[8 + n:][slice(*v['data_offsets'])], types[v['dtype']]).reshape(v['shape']) for k,
        v in head.items()}

def rounded(v, kind):
    """v as the bytes of F32, F16 or BF16 (to nearest, ties to even)"""
    if kind == 'F16': return np.ascontiguousarray(v, '<f2')
    v = np.ascontiguousarray(v, '<f4')
    if kind == 'F32': return v
    bits = v.view('<u4')
    return ((bits + 0x7fff + (bits >> 16 & 1)) >> 16).astype('<u2')

def write(path, tensors, kind='F32'):
    head, body = {}, b''
    for k, v in tensors.items():
        v = rounded(v, kind)
        head[k] = {'dtype': kind, 'shape': list(v.shape), 'data_offsets': [len(body), len(body) + v.nbytes]}
        body += v.tobytes()
    text = json.dumps(head).encode()
    open(path, 'wb').write(struct.pack('<Q', len(text)) + text + body)

def image(i, h, w):
    rng = np.random.RandomState(1000 * i + h + w)
    y, x = np.mgrid[:h, :w] / 8
    waves = [np.sin(a * y + b * x + c) for a, b, c in rng.uniform(-2, 2, (3, 3))]
    return (127.5 + 90 * np.stack(waves, -1) + rng.uniform(-30, 30, (h, w, 3))).clip(0, 255).astype(np.uint8)

def png(path, a):
    def chunk(kind, body):
        return struct.pack('>I', len(body)) + kind + body + struct.pack('>I', zlib.crc32(kind + body))
    rows = b''.join(b'\0' + row.tobytes() for row in a)
    size = struct.pack('>IIBBBBB', a.shape[1], a.shape[0], 8, 2, 0, 0, 0)
    open(path, 'wb').write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', size) + chunk(b'IDAT', zlib.compress(rows))
        + chunk(b'IEND', b''))

def positions(rows, columns, D):
    w = 1 / 10000 ** (np.arange(D // 4) / (D / 4))
    y, x = np.mgrid[:rows, :columns].reshape(2, -1)
    half = lambda place: np.concatenate([np.sin(np.outer(place, w)), np.cos(np.outer(place, w))], 1)
    return np.concatenate([half(x), half(y)], 1)

def shapes(D, depth, p, image, blocks='blocks'):
    s = {}
    if blocks == 'blocks':
        s.update({'cls_token': (1, 1, D), 'pos_embed': (1, 1 + (image // p) ** 2, D), 'patch_embed.proj.weight': (D, 3,
            p, p), 'patch_embed.proj.bias': (D,)})
    for i in range(depth):
        for name, out, inside in ('attn.qkv', 3 * D, D), ('attn.proj', D, D), ('mlp.fc1', 4 * D, D), ('mlp.fc2', D,
            4 * D):
            s[f'{blocks}.{i}.{name}.weight'], s[f'{blocks}.{i}.{name}.bias'] = (out, inside), (out,)
        for name in 'norm1', 'norm2':
            s[f'{blocks}.{i}.{name}.weight'] = s[f'{blocks}.{i}.{name}.bias'] = (D,)
    norm = 'norm' if blocks == 'blocks' else 'decoder_norm'
    s[norm + '.weight'] = s[norm + '.bias'] = (D,)
    return s

def mae_shapes(D, depth, p, image, d=32, dec_depth=2):
    s = shapes(D, depth, p, image)
    s.update(shapes(d, dec_depth, p, image, 'decoder_blocks'))
    s.update({'mask_token': (1, 1, d), 'decoder_pos_embed': (1, 1 + (image // p) ** 2, d), 'decoder_embed.weight': (d,
        D), 'decoder_embed.bias': (d,),
              'decoder_pred.weight': (3 * p * p, d), 'decoder_pred.bias': (3 * p * p,)})
    return s

def to_hf(tensors):
    block = [('norm1', 'layernorm_before'), ('norm2', 'layernorm_after'), ('attn.proj', 'attention.output.dense'),
        ('mlp.fc1', 'intermediate.dense'), ('mlp.fc2', 'output.dense')]
    out = {}
    for k, v in tensors.items():
        k = k.replace('decoder_blocks.', 'decoder.decoder_layers.') if 'decoder_blocks' in k else k.replace('blocks.',
            'vit.encoder.layer.')
        for a, b in block:
            if '.layer' in k or '_layers' in k:
                k = k.replace(f'.{a}.', f'.{b}.')
        k = {'cls_token': 'vit.embeddings.cls_token', 'pos_embed': 'vit.embeddings.position_embeddings'}.get(k, k)
        k = k.replace('patch_embed.proj', 'vit.embeddings.patch_embeddings.projection')
        if k.startswith('norm.'): k = 'vit.layernorm.' + k[5:]
        if k.startswith(('mask_token', 'decoder_')): k = 'decoder.' + k
        if 'attn.qkv' in k:
            for name, part in zip(('query', 'key', 'value'), np.split(v, 3)):
                out[k.replace('attn.qkv', 'attention.attention.' + name)] = part
        else:
            out[k] = v
    return out

def vit(style, D, depth, p, image, learned):
    rng = np.random.RandomState(5)
    s = shapes(D, depth, p, image) if style == 'timm' else mae_shapes(D, depth, p, image)
    t = {}
    for k, shape in s.items():
        t[k] = rng.normal(0, 0.3 / math.sqrt(shape[-1]) if len(shape) == 2 else 0.1, shape) + (1 if 'norm' in k
            and k.endswith('weight') else 0)
    side = image // p
    for k in [k for k in t if k.endswith('pos_embed')]:
        d = t[k].shape[-1]
        t[k] = np.concatenate([np.zeros((1, d)), positions(side, side, d)])[None] + (rng.normal(0, 0.02, t[k].shape)
            if learned else 0)
    return to_hf(t) if style == 'hf' else t

def forward(t, images, heads, block):
    t = {k: v.astype(np.float64) for k, v in t.items()}
    erf = np.vectorize(math.erf)
    D, _, p, _ = t['patch_embed.proj.weight'].shape
    depth = 1 + max(int(k.split('.')[1]) for k in t if k.startswith('blocks.'))
    N, H, W, _ = images.shape
    x = (images / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    x = x.reshape(N, H // p, p, W // p, p, 3).transpose(0, 1, 3, 5, 2, 4).reshape(N, -1, 3 * p * p)
    x = x @ t['patch_embed.proj.weight'].reshape(D, -1).T + t['patch_embed.proj.bias'] + positions(H // p, W // p, D)
    x = np.concatenate([np.broadcast_to(t['cls_token'], (N, 1, D)), x], 1)
    linear = lambda x, name: x @ t[name + '.weight'].T + t[name + '.bias']
    def norm(x, name):
        return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-6) * t[name + '.weight'] + t[name
            + '.bias']
    for i in range(block or depth):
        b = f'blocks.{i}.'
        q, k, v = linear(norm(x, b + 'norm1'), b + 'attn.qkv').reshape(N, -1, 3, heads, D // heads).transpose(2, 0, 3,
            1, 4)
        a = q @ k.transpose(0, 1, 3, 2) / math.sqrt(D // heads)
        a = np.exp(a - a.max(-1, keepdims=True))
        a /= a.sum(-1, keepdims=True)
        x = x + linear((a @ v).transpose(0, 2, 1, 3).reshape(N, -1, D), b + 'attn.proj')
        h = linear(norm(x, b + 'norm2'), b + 'mlp.fc1')
        x = x + linear(h * 0.5 * (1 + erf(h / math.sqrt(2))), b + 'mlp.fc2')
    return (norm(x, 'norm') if block in (0, depth) else x), a[:, :, 0, 1:].reshape(N, heads, H // p, W // p)

def main(command, *a):
    if command == 'images':
        n, h, w = map(int, a[1:])
        os.makedirs(a[0], exist_ok=True)
        for i in range(n):
            png(f'{a[0]}/p{i:03d}.png', image(i, h, w))
    elif command == 'vit':
        write(a[0], vit(a[1], *map(int, a[2:6]), learned=len(a) > 6))
    elif command == 'features':
        n, h, w, heads, block = map(int, a[1:6])
        x, attention = forward(read(a[0]), np.stack([image(i, h, w) for i in range(n)]), heads, block)
        mean, cls = x[:, 1:].mean(1), x[:, 0]
        np.save(a[7], {'mean': mean, 'class': cls, 'both': np.concatenate([cls, mean], 1), 'patches': x[:, 1:],
            'attention': attention}[a[6]].astype('<f4'))
    elif command == 'list':
        for k, v in sorted(read(a[0]).items()):
            print(k, *v.shape)
    elif command == 'expect':
        style, (D, depth, p, size) = a[0], map(int, a[1:5])
        t = {k: np.broadcast_to(np.float32(0), v) for k, v in (shapes if style == 'timm' else mae_shapes)(D, depth, p,
            size).items()}
        for k, v in sorted((to_hf(t) if style == 'hf' else t).items()):
            print(k, *v.shape)
    elif command == 'same':
        x, y = np.load(a[0]), np.load(a[1])
        worst = float(abs(x - y).max()) if x.shape == y.shape else f'{x.shape} against {y.shape}'
        print('largest difference:', worst)
        sys.exit(not (isinstance(worst, float) and worst <= float(a[2])))
    elif command == 'field':
        import msgpack
        u = msgpack.Unpacker(open(a[0], 'rb'), raw=True)
        assert next(u) == b'tscae/1'
        next(u)
        rows = [r[a[1].encode()] for r in u if isinstance(r, dict)]
        np.save(a[2], np.stack([np.frombuffer(r[b'data'], r[b'type'].decode()).reshape(r[b'shape']) for r in rows]))

if sys.argv[1:] != ['none']:
    main(*sys.argv[1:])
