#!/usr/bin/python3
"""families.py - models of each family that tscae-import reads, and their features in float64 by numpy alone

    make FAMILY DIRECTORY       writes the model there: weights, config.json where the family has one
    check FAMILY FEATURES [scores]
                                all FEATURES.SIZE.POOL.npy of four images of SIZE pixels, POOL mean|class|patches,
                                equal these to 2e-5; FEATURES.SIZE.scores.npy, of a classifier, too
    pixels SIZE FILE            the images as floats for ONNX
    list                        the families, with the options that tscae-import needs
"""
import json, math, os, sys
import numpy as np
argv, sys.argv = sys.argv, ['', 'none']
exec(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'reference.py')).read())
sys.argv = argv

D, DEPTH, P, GRID, HEADS = 48, 3, 8, 4, 3
PLAIN = dict(cls=1, dist=0, reg=0, embed='all', ls=False, pool_norm=False, qkv_bias=True, hidden=4 * D, eps=1e-6,
             chans=3, mean=[.485, .456, .406], std=[.229, .224, .225], learned=True, names='timm', prefix='',
             config=None, options='--heads 3 --mean-std imagenet', extra={}, shards=1)
HALF = dict(mean=[.5] * 3, std=[.5] * 3)
hf = lambda kind, **more: dict(
    config={'model_type': kind, 'hidden_size': D, 'num_attention_heads': HEADS, 'num_hidden_layers': DEPTH,
            'patch_size': P, 'image_size': P * GRID, 'hidden_act': 'gelu', 'num_channels': 3},
    options='', **more)
CLASSIFIER = dict(
    config={'architecture': 'vit_tiny_patch8_32', 'num_features': D, 'global_pool': 'avg', 'num_classes': 5,
            'label_names': ['ant', 'bee', 'cat', 'dog', 'elk'],
            'model_args': {'num_heads': HEADS, 'img_size': 32, 'global_pool': 'avg'},
            'pretrained_cfg': {'mean': PLAIN['mean'], 'std': PLAIN['std'], 'input_size': [3, 32, 32]}},
    pool_norm=True, options='')
FAMILIES = {
    'timm': dict(),
    'timm-half': dict(HALF, options='--heads 3 --mean-std half'),
    'fixed': dict(learned=False),
    'distilled': dict(dist=1, extra={'head.weight': (5, D), 'head_dist.weight': (5, D)}),
    'registers': dict(reg=4, embed='patches', ls=True),
    'registers-embedded': dict(reg=3, embed='all'),
    'no-class-token': dict(cls=0, embed='patches'),
    'layer-scale': dict(ls=True),
    'pool-norm': dict(pool_norm=True, extra={'head.weight': (5, D), 'head.bias': (5,)}),
    'no-qkv-bias': dict(qkv_bias=False),
    'mlp-ratio': dict(hidden=2 * D),
    'eps': dict(eps=1e-2, options='--heads 3 --norm-eps 1e-2 --mean-std imagenet'),
    'gray': dict(HALF, chans=1, options='--heads 3 --mean-std half'),
    'module': dict(prefix='module.'),
    'model': dict(prefix='model.'),
    'encoder': dict(prefix='encoder.'),
    'dino': dict(prefix='backbone.', extra={'head.mlp.0.weight': (7, D), 'head.last_layer.weight_v': (9, 7)}),
    'dinov2': dict(reg=4, embed='class', ls=True, names='dinov2', extra={'mask_token': (1, D)}),
    'mocov3': dict(prefix='module.base_encoder.', extra={'module.predictor.0.weight': (7, D)},
                   options='--heads 3 --mean-std imagenet', copies=['module.momentum_encoder.'],
                   choose='--prefix module.base_encoder.'),
    'timm-directory': dict(
        config={'architecture': 'vit_tiny_patch8_32', 'num_features': D, 'global_pool': 'token',
                'model_args': {'num_heads': HEADS, 'img_size': 32},
                'pretrained_cfg': {'mean': [.4, .5, .6], 'std': [.2, .25, .3], 'input_size': [3, 32, 32],
                                   'first_conv': 'patch_embed.proj'}},
        mean=[.4, .5, .6], std=[.2, .25, .3], options=''),
    'classifier': dict(CLASSIFIER, extra={'head.weight': (5, D), 'head.bias': (5,)}),
    'classifier-no-bias': dict(CLASSIFIER, extra={'head.weight': (5, D)}),
    'hf-vit': dict(hf('vit', eps=1e-3), names='hf',
                   extra={'classifier.weight': (5, D), 'vit.pooler.dense.weight': (D, D)}),
    'hf-vit-headless': dict(hf('vit', eps=1e-3), names='hf', strip='vit.'),
    'hf-vit-new': dict(hf('vit', eps=1e-3), names='hf-new'),
    'hf-deit': dict(hf('deit', eps=1e-3), names='hf', dist=1, model='deit.'),
    'hf-dinov2': dict(hf('dinov2', eps=1e-6), names='hf-dinov2', embed='class', ls=True, model='dinov2.',
                      extra={'dinov2.embeddings.mask_token': (1, D)}),
    'hf-dinov2-registers': dict(hf('dinov2_with_registers', eps=1e-6), names='hf-dinov2', reg=4, embed='class', ls=True,
                                model='dinov2_with_registers.'),
    'hf-sharded': dict(hf('vit', eps=1e-3), names='hf', shards=3),
}

def family(name):
    f = dict(PLAIN, **FAMILIES[name])
    if f['config'] and f['names'].startswith('hf'):
        f['config']['layer_norm_eps'] = f['eps']
    return f

def weights(f):
    """under timm's names"""
    r = np.random.RandomState(7)
    t = {}
    def linear(name, out, inside, bias=True):
        t[name + '.weight'] = r.normal(0, .4 / math.sqrt(inside), (out, inside))
        if bias: t[name + '.bias'] = r.normal(0, .1, out)
    def norm(name):
        t[name + '.weight'], t[name + '.bias'] = 1 + r.normal(0, .1, D), r.normal(0, .1, D)
    t['patch_embed.proj.weight'] = r.normal(0, .05, (D, f['chans'], P, P))
    t['patch_embed.proj.bias'] = r.normal(0, .1, D)
    if f['cls']: t['cls_token'] = r.normal(0, .5, (1, 1, D))
    if f['dist']: t['dist_token'] = r.normal(0, .5, (1, 1, D))
    if f['reg']: t['reg_token'] = r.normal(0, .5, (1, f['reg'], D))
    tokens = {'all': f['cls'] + f['dist'] + f['reg'], 'class': f['cls'], 'patches': 0}[f['embed']]
    t['pos_embed'] = r.normal(0, .3, (1, tokens + GRID * GRID, D))
    if not f['learned']:
        t['pos_embed'] = np.concatenate([np.zeros((1, D)), positions(GRID, GRID, D)])[None]
    for i in range(DEPTH):
        b = f'blocks.{i}.'
        norm(b + 'norm1'); norm(b + 'norm2')
        linear(b + 'attn.qkv', 3 * D, D, f['qkv_bias']); linear(b + 'attn.proj', D, D)
        linear(b + 'mlp.fc1', f['hidden'], D); linear(b + 'mlp.fc2', D, f['hidden'])
        if f['ls']: t[b + 'ls1.gamma'], t[b + 'ls2.gamma'] = r.normal(0, 1, D), r.normal(0, 1, D)
    norm('fc_norm' if f['pool_norm'] else 'norm')
    return {k: np.float32(v) for k, v in t.items()}

def renamed(f, t):
    if f['names'] == 'timm': return t
    if f['names'] == 'dinov2': return {k.replace('reg_token', 'register_tokens'): v for k, v in t.items()}
    model, new, two = f.get('model', 'vit.'), f['names'] == 'hf-new', f['names'] == 'hf-dinov2'
    layer = model + ('layers.' if new else 'encoder.layer.')
    out = {}
    pairs = [('patch_embed.proj', model + 'embeddings.patch_embeddings.projection'), ('blocks.', layer),
             ('ls1.gamma', 'layer_scale1.lambda1'), ('ls2.gamma', 'layer_scale2.lambda1'),
             ('attn.proj', 'attention.o_proj' if new else 'attention.output.dense')]
    if not two: pairs += [('norm1', 'layernorm_before'), ('norm2', 'layernorm_after')]
    if not two and not new: pairs += [('mlp.fc1', 'intermediate.dense'), ('mlp.fc2', 'output.dense')]
    single = {'cls_token': 'cls_token', 'dist_token': 'distillation_token', 'reg_token': 'register_tokens',
              'pos_embed': 'position_embeddings'}
    for k, v in t.items():
        if k in single: k = model + 'embeddings.' + single[k]
        if k.startswith('norm.'): k = model + 'layernorm' + k[4:]
        for a, b in pairs: k = k.replace(a, b)
        if 'attn.qkv' in k:
            names = ('q_proj', 'k_proj', 'v_proj') if new else ('query', 'key', 'value')
            for n, part in zip(names, np.split(v, 3)):
                out[k.replace('attn.qkv', ('attention.' if new else 'attention.attention.') + n)] = part
        else:
            out[k] = v
    s = f.get('strip')
    return {k[len(s):] if s and k.startswith(s) else k: v for k, v in out.items()}

def extra(f):
    r = np.random.RandomState(3)
    return {k: np.float32(r.normal(0, .1, shape)) for k, shape in f['extra'].items()}

def make(f, where):
    os.makedirs(where, exist_ok=True)
    prefix = lambda k: '' if k.startswith('module.') else f['prefix']
    t = {prefix(k) + k: v for k, v in {**renamed(f, weights(f)), **extra(f)}.items()}
    for copy in f.get('copies', []):
        t.update({copy + k[len(f['prefix']):]: v + np.float32(.1)
                  for k, v in list(t.items()) if k.startswith(f['prefix'])})
    if f['shards'] == 1:
        write(where + '/model.safetensors', t)
    else:
        n, names, where_map = f['shards'], sorted(t), {}
        for i in range(n):
            part = f'model-{i + 1:05d}-of-{n:05d}.safetensors'
            write(f'{where}/{part}', {k: t[k] for k in names[i::n]})
            where_map.update({k: part for k in names[i::n]})
        json.dump({'metadata': {'total_size': 1}, 'weight_map': where_map},
                  open(where + '/model.safetensors.index.json', 'w'))
    if f['config']:
        json.dump(f['config'], open(where + '/config.json', 'w'))
        if f['names'].startswith('hf'):
            json.dump({'image_mean': f['mean'], 'image_std': f['std'], 'size': {'height': 32, 'width': 32}},
                      open(where + '/preprocessor_config.json', 'w'))

def resample_matrix(n, m):
    """bicubic with antialiasing: rows are outputs"""
    w = np.zeros((m, n))
    s = max(n / m, 1)
    for i in range(m):
        c = n / m * (i + .5)
        x = abs((np.arange(n) + .5 - c) / s)
        k = np.where(x < 1, 1.5 * x ** 3 - 2.5 * x ** 2 + 1,
                     np.where(x < 2, -.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2, 0))
        w[i] = k / k.sum()
    return w

def forward_family(f, images):
    """all tokens after the final norm; the number of tokens before the patches"""
    t = {k: v.astype(np.float64) for k, v in weights(f).items()}
    erf = np.vectorize(math.erf)
    N, H, W, _ = images.shape
    h, w = H // P, W // P
    x = images[..., :f['chans']] / 255
    x = (x - np.array(f['mean'][:f['chans']])) / np.array(f['std'][:f['chans']])
    x = x.reshape(N, h, P, w, P, f['chans']).transpose(0, 1, 3, 5, 2, 4).reshape(N, h * w, -1)
    x = x @ t['patch_embed.proj.weight'].reshape(D, -1).T + t['patch_embed.proj.bias']
    pos = t['pos_embed'][0]
    front = len(pos) - GRID * GRID
    table = pos[front:].reshape(GRID, GRID, D)
    if f['learned']:
        table = np.einsum('ai,bj,ijd->abd', resample_matrix(GRID, h), resample_matrix(GRID, w), table).reshape(-1, D)
    else:
        table = positions(h, w, D)
    tokens = [t[k].reshape(-1, D) for k in ('cls_token', 'dist_token', 'reg_token') if k in t]
    tokens = np.concatenate(tokens) if tokens else np.zeros((0, D))
    tokens[:front] += pos[:front]
    n = len(tokens)
    x = np.concatenate([np.broadcast_to(tokens, (N, n, D)), x + table], 1)
    def linear(x, name):
        return x @ t[name + '.weight'].T + t.get(name + '.bias', 0)
    def norm(x, name):
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + f['eps'])
        return x * t[name + '.weight'] + t[name + '.bias']
    for i in range(DEPTH):
        b = f'blocks.{i}.'
        qkv = linear(norm(x, b + 'norm1'), b + 'attn.qkv').reshape(N, -1, 3, HEADS, D // HEADS)
        q, k, v = qkv.transpose(2, 0, 3, 1, 4)
        a = q @ k.transpose(0, 1, 3, 2) / math.sqrt(D // HEADS)
        a = np.exp(a - a.max(-1, keepdims=True))
        a /= a.sum(-1, keepdims=True)
        y = linear((a @ v).transpose(0, 2, 1, 3).reshape(N, -1, D), b + 'attn.proj')
        x = x + y * t.get(b + 'ls1.gamma', 1)
        y = linear(norm(x, b + 'norm2'), b + 'mlp.fc1')
        x = x + linear(y * .5 * (1 + erf(y / math.sqrt(2))), b + 'mlp.fc2') * t.get(b + 'ls2.gamma', 1)
    if f['pool_norm']:
        return x, n, norm(x[:, n:].mean(1), 'fc_norm')
    x = norm(x, 'norm')
    return x, n, x[:, n:].mean(1)

if argv[1:2] == ['make']:
    make(family(argv[2]), argv[3])
elif argv[1:2] == ['check']:
    f, worst = family(argv[2]), 0
    for size in 32, 48:
        images = np.stack([image(i, size, size) for i in range(4)])
        if f['chans'] == 1:
            images = np.repeat(images[..., :1], 3, -1)
        x, n, mean = forward_family(f, images)
        for pool, want in ('mean', mean), ('class', x[:, 0]), ('patches', x[:, n:]):
            if pool == 'class' and not f['cls']: continue
            got = np.load(f'{argv[3]}.{size}.{pool}.npy')
            assert got.shape == want.shape, (size, pool, got.shape, want.shape)
            worst = max(worst, float(abs(got - want).max()))
        if argv[4:] == ['scores']:
            head = extra(f)
            y = np.exp(mean @ head['head.weight'].T + head.get('head.bias', 0))
            want = y / y.sum(-1, keepdims=True)
            worst = max(worst, float(abs(np.load(f'{argv[3]}.{size}.scores.npy') - want).max()))
    print(argv[2], 'largest difference:', worst)
    sys.exit(not worst <= 2e-5)
elif argv[1:2] == ['images']:
    # gray ones have the red channel three times
    os.makedirs(argv[2], exist_ok=True)
    for i in range(4):
        a = image(i, int(argv[3]), int(argv[3]))
        png(f'{argv[2]}/p{i:03d}.png', np.repeat(a[..., :1], 3, -1) if len(argv) > 4 else a)
elif argv[1:2] == ['pixels']:
    # the four images as normalized (4, 3, H, W) floats, with ImageNet's mean and standard deviation
    x = np.stack([image(i, int(argv[2]), int(argv[2])) for i in range(4)])
    ((x / 255 - PLAIN['mean']) / PLAIN['std']).transpose(0, 3, 1, 2).astype('<f4').tofile(argv[3])
elif argv[1:2] == ['list']:
    for name in FAMILIES:
        f = family(name)
        print(name, 'gray' if f['chans'] == 1 else 'color', 'class' if f['cls'] else 'none',
              f['options'], f.get('choose', ''))
