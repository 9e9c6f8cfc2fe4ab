#!/usr/bin/python3
"""peers.py - what the tools compute beside the programs of others, from their own sources

usage: peers.py PEER CHECKOUT     prints TAP; PEER is timm, mae, cocoapi or webdataset, CHECKOUT its source. The tools
    are on PATH, the current folder is for files. A peer that cannot be imported is skipped.
"""
import functools, io, json, os, random, shutil, subprocess, sys, tarfile

import numpy as np

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
peer, checkout = sys.argv[1], os.path.abspath(sys.argv[2])
sys.argv = ['', 'none']
exec(open(os.path.join(root, 'reference.py')).read())
sys.argv = ['peers.py', peer, checkout]
count = failed = 0
MEAN, STD = [.485, .456, .406], [.229, .224, .225]


def ok(good, name):
    global count, failed
    count += 1
    failed += not good
    print(f'{"" if good else "not "}ok {count} - {name}', flush=True)


def near(name, got, want, most):
    """The largest difference, relative to the largest value."""
    got, want = np.asarray(got, float), np.asarray(want, float)
    d = abs(got - want).max() / max(1, abs(want).max()) if got.shape == want.shape else np.inf
    ok(d <= most, f'{name}: equal to {most:g} (largest difference {d:.1e})')


def tool(*arguments, stdin=None, out=None, errors=None):
    with open(out or os.devnull, 'wb') as f:
        subprocess.run([str(a) for a in arguments], stdin=stdin and open(stdin, 'rb'), stdout=f, stderr=errors,
                       check=True)


def skip(why):
    print(f'ok 1 - {peer} # SKIP {why}\n1..1')
    sys.exit(0)


def images(size):
    """Four images as files, as a stream, and normalized (4, 3, size, size)."""
    folder = f'images.{size}'
    if not os.path.exists(folder):
        os.mkdir(folder)
        for i in range(4):
            png(f'{folder}/p{i:03d}.png', image(i, size, size))
        tool('tscae-decode', '-q', '-o', f'{folder}.tsc', folder)
    x = np.stack([image(i, size, size) for i in range(4)])
    return f'{folder}.tsc', ((x / 255 - MEAN) / STD).transpose(0, 3, 1, 2).astype(np.float32)


def features(model, stream, pool):
    tool('tscae-embed', '-q', '-d', '-m', model, '--pool', pool, '--npy', 'got.npy', stream)
    return np.load('got.npy')


def random_weights(torch, model):
    """Every parameter gets other numbers than its init, so that no term is 0 or 1."""
    torch.manual_seed(1)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.requires_grad:
                p.add_(torch.randn_like(p) * (0.02 if p.ndim > 1 else 0.1))
    return model.eval()


def classifier(init, output, format):
    """A trained classifier, exported. Its rate is high, so that its scores differ."""
    for name in 'abc':
        os.makedirs(f'classes/{name}', exist_ok=True)
    for i, file in enumerate(sorted(os.listdir('images.32'))):
        shutil.copy(f'images.32/{file}', f'classes/{"abc"[i % 3]}')
    tool('tscae-decode', '-q', '--labels', 'dirs', '--epochs', 4, '-o', 'classes.tsc', 'classes')
    shutil.rmtree('classifier', ignore_errors=True)
    tool('tscae-train', '-q', '-o', 'classifier', 'task=classify', f'init_from={init}', 'batch=4', 'steps=4',
         'base_lr=1', 'classes.tsc', errors=subprocess.DEVNULL)  # a warning names the parameters of the head
    tool('tscae-export', '-m', 'classifier', '--format', format, '-o', output)


def scores(stream):
    tool('tscae-classify', '-q', '-m', 'classifier', stream, out='scores.tsc')
    tool('/usr/bin/python3', os.path.join(root, 'reference.py'), 'field', 'scores.tsc', 'class_score', 'scores.npy')
    got = np.load('scores.npy')
    ok(np.ptp(got) > .1, f'the scores of a classifier differ by {np.ptp(got):.2f}')
    return got


def check_timm():
    try:
        import torch
        sys.path.insert(0, checkout)
        import timm
        from timm.models.vision_transformer import VisionTransformer
    except ImportError as e:
        skip(e)
    torch.set_num_threads(1)

    def imported(name, model, size, options):
        os.makedirs(name, exist_ok=True)
        write(f'{name}/model.safetensors', {k: v.numpy() for k, v in model.state_dict().items()
                                            if not k.startswith('head')})
        tool('tscae-import', '-q', '--mean-std', 'imagenet', '--norm-eps', 1e-6, '-o', f'{name}.safetensors',
             *options, name)
        stream, x = images(size)
        with torch.no_grad():
            y = model.forward_features(torch.from_numpy(x)).numpy()
        near(f'import of {name}: the features of the patches', features(f'{name}.safetensors', stream, 'patches')
             .reshape(4, -1, y.shape[-1]), y[:, model.num_prefix_tokens:], 1e-5)

    small = dict(img_size=32, patch_size=8, embed_dim=48, depth=3, num_heads=3, num_classes=0)
    for name, more in (('plain', {}), ('registers', dict(reg_tokens=4, no_embed_class=True)),
                       ('no-class-token', dict(class_token=False, global_pool='avg')),
                       ('layer-scale', dict(init_values=.1)), ('no-qkv-bias', dict(qkv_bias=False)),
                       ('mlp-ratio', dict(mlp_ratio=2))):
        imported(name, random_weights(torch, VisionTransformer(**small, **more)), 32, ['--heads', 3])
    for name, heads, size in (('vit_tiny_patch16_224', 3, 224), ('deit_tiny_distilled_patch16_224', 3, 224),
                              ('vit_small_patch14_dinov2', 6, 112), ('vit_small_patch32_224', 6, 224)):
        imported(name, random_weights(torch, timm.create_model(name, num_classes=0, img_size=size)), size,
                 ['--heads', heads])

    # our own model as a directory of timm's
    stream, x = images(32)
    tool('tscae-mask', '-q', '--patch', 8, '-o', 'masked.tsc', stream)
    tool('tscae-train', '-q', '-o', 'own', 'image=32', 'patch=8', 'model=micro', 'depth=3', 'batch=4', 'steps=1',
         'masked.tsc')
    tool('tscae-export', '-m', 'own', '--format', 'timm-dir', '-o', 'own.timm')
    try:
        import safetensors
        model = timm.create_model('local-dir:' + os.path.abspath('own.timm'), pretrained=True).eval()
        way = "timm.create_model('local-dir:')"
    except ImportError:
        config = json.load(open('own.timm/config.json'))
        model = timm.create_model(config['architecture'], **config['model_args']).eval()
        model.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in read('own.timm/model.safetensors').items()})
        way = 'its config.json and weights (safetensors is not installed)'
    with torch.no_grad():
        near(f'export, read by {way}: the mean of the patches', features('own', stream, 'mean'),
             model(torch.from_numpy(x)).numpy(), 1e-5)
    classifier('own', 'own.timm', 'timm-dir')
    config = json.load(open('own.timm/config.json'))
    model = timm.create_model(config['architecture'], **config['model_args']).eval()
    model.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in read('own.timm/model.safetensors').items()})
    with torch.no_grad():
        near('a classifier, exported for timm: the probabilities', scores(stream),
             model(torch.from_numpy(x)).softmax(-1).numpy(), 1e-5)


def check_mae():
    try:
        import torch
        sys.path.insert(0, os.path.join(os.path.dirname(checkout), 'timm'))
        import timm
    except ImportError as e:
        skip(e)
    # written for timm 0.3.2 and numpy before 1.20
    np.float = float
    sys.path.insert(0, checkout)
    source = open(os.path.join(checkout, 'models_mae.py')).read().replace(', qk_scale=None', '')
    module = {'__name__': 'models_mae'}
    exec(compile(source, 'models_mae.py', 'exec'), module)
    import msgpack
    for norm in (False, True):
        model = random_weights(torch, module['MaskedAutoencoderViT'](
            img_size=32, patch_size=8, embed_dim=48, depth=3, num_heads=3, decoder_embed_dim=32, decoder_depth=2,
            decoder_num_heads=4, norm_layer=functools.partial(torch.nn.LayerNorm, eps=1e-6), norm_pix_loss=norm))
        write(f'mae.{norm}', {k: v.numpy() for k, v in model.state_dict().items()})
        tool('tscae-import', '-q', '--heads', 3, '--decoder-heads', 4, '--mean-std', 'imagenet',
             '--norm-eps', 1e-6, *['--norm-pix'][:norm], '-o', f'mae.{norm}.safetensors', f'mae.{norm}')
        stream, x = images(32)
        tool('tscae-mask', '-q', '--patch', 8, '--seed', 3, '-o', 'masked.tsc', stream)
        parts = msgpack.Unpacker(open('masked.tsc', 'rb'), raw=False, strict_map_key=False, max_buffer_size=0)
        masks = [np.frombuffer(r['mask'][b'data'], np.uint8) for r in parts if isinstance(r, dict) and 'key' in r]
        mask = torch.from_numpy(np.stack(masks).reshape(4, -1).astype(np.float32))

        def masking(x, ratio):
            """The patches that our masks leave, as random_masking() returns them."""
            order = torch.argsort(mask, dim=1, stable=True)
            kept = order[:, :int((1 - mask[0]).sum())]
            return (torch.gather(x, 1, kept.unsqueeze(-1).repeat(1, 1, x.shape[2])), mask, torch.argsort(order, dim=1))
        model.random_masking = masking
        with torch.no_grad():
            loss, _, _ = model(torch.from_numpy(x))
        shutil.rmtree('run', ignore_errors=True)
        tool('tscae-train', '-q', '-o', 'run', f'init_from=mae.{norm}.safetensors', 'objective=mae', 'batch=4',
             'steps=1', 'image=32', 'patch=8', 'embed_dim=48', 'depth=3', 'heads=3', 'decoder_embed_dim=32',
             'decoder_depth=2', 'decoder_heads=4', f'norm_pix={("off", "on")[norm]}', 'masked.tsc')
        got = json.loads(open('run/log.jsonl').readline())
        near(f'loss of MAE{", normalized pixels" * norm}', got['loss'], float(loss), 1e-5)
        with torch.no_grad():
            model.random_masking = lambda x, ratio: (x, None, None)
            y = model.forward_encoder(torch.from_numpy(x), 0)[0].numpy()
        near('features of the encoder of MAE', features(f'mae.{norm}.safetensors', stream, 'patches')
             .reshape(4, -1, 48), y[:, 1:], 1e-5)

    # the model of their fine-tuning, written for a timm whose VisionTransformer pools in forward_features()
    classifier('mae.True.safetensors', 'tuned', 'mae')
    source = open(os.path.join(checkout, 'models_vit.py')).read()
    exec(compile(source, 'models_vit.py', 'exec'), module)
    layer_norm = functools.partial(torch.nn.LayerNorm, eps=1e-6)
    model = module['VisionTransformer'](global_pool=True, img_size=32, patch_size=8, embed_dim=48, depth=3, num_heads=3,
                                        num_classes=3, norm_layer=layer_norm)
    model.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in read('tuned').items()})
    with torch.no_grad():
        y = model.eval().head(model.forward_features(torch.from_numpy(x))).softmax(-1).numpy()
    near("a classifier, exported for MAE's fine-tuning: the probabilities", scores(stream), y, 1e-5)


def check_cocoapi():
    np.float = float
    shutil.copytree(checkout, 'cocoapi')
    built = subprocess.run([sys.executable, 'setup.py', '-q', 'build_ext', '--inplace'], cwd='cocoapi/PythonAPI',
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    sys.path.insert(0, 'cocoapi/PythonAPI')
    # only for drawing
    for name in ('matplotlib', 'matplotlib.pyplot', 'matplotlib.collections', 'matplotlib.patches'):
        sys.modules.setdefault(name, type(sys)(name))
    for name in ('PatchCollection', 'Polygon'):
        setattr(sys.modules['matplotlib.collections'], name, None)
        setattr(sys.modules['matplotlib.patches'], name, None)
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError as e:
        skip(f'{e}: {built.stdout.decode()[-200:]!r}')
    names = 'AP AP50 AP75 APs APm APl AR1 AR10 AR100 ARs ARm ARl'.split()
    for seed in range(6):
        r = random.Random(seed)
        classes, truth, found = 1 + seed, [], []
        for i in range(1, 41):
            for _ in range(r.randint(0, 6)):
                w, h = (r.choice((12, 50, 150)) * r.uniform(.5, 1.5) for _ in 'wh')
                box = [r.uniform(0, 400 - w), r.uniform(0, 400 - h), w, h]
                k = r.randrange(classes)
                polygon = [box[0], box[1], box[0] + w, box[1], box[0] + w, box[1] + h, box[0], box[1] + h]
                truth.append(dict(id=len(truth) + 1, image_id=i, category_id=5 * k + 2, bbox=box, area=w * h * .9,
                                  iscrowd=int(r.random() < .1), segmentation=[polygon]))
                for _ in range(r.choice((0, 1, 1, 2))):
                    moved = [v + r.gauss(0, .12) * s for v, s in zip(box, (w, h, w, h))]
                    found.append(dict(image_id=i, category_id=5 * (k if r.random() < .9 else r.randrange(classes)) + 2,
                                      bbox=moved[:2] + [abs(v) + 1 for v in moved[2:]], score=round(r.random(), 2)))
            for _ in range(r.randint(0, 3)):
                found.append(dict(image_id=i, category_id=5 * r.randrange(classes) + 2, score=round(r.random(), 2),
                                  bbox=[r.uniform(0, 300), r.uniform(0, 300), r.uniform(5, 90), r.uniform(5, 90)]))
        for a in truth:
            if a['iscrowd']:
                del a['segmentation']
        json.dump(dict(images=[dict(id=i, file_name=f'{i}.jpg', height=400, width=400) for i in range(1, 41)],
                       annotations=truth, categories=[dict(id=5 * k + 2, name=f'c{k}') for k in range(classes)]),
                  open('gt.json', 'w'))
        json.dump(found, open('found.json', 'w'))
        sys.stdout, kept = open(os.devnull, 'w'), sys.stdout
        gt = COCO('gt.json')
        e = COCOeval(gt, gt.loadRes('found.json'), 'bbox')
        e.evaluate(); e.accumulate(); e.summarize()
        sys.stdout = kept
        tool('tscae-eval', '-q', '--json', 'gt.json', 'found.json', out='scores.json')
        got = json.load(open('scores.json'))
        near(f'COCO scores of boxes, seed {seed}, {classes} classes, {len(truth)} and {len(found)} boxes',
             [got[n] for n in names], e.stats, 1e-6)


def check_webdataset():
    try:
        sys.path.insert(0, os.path.join(checkout, 'src'))
        import webdataset as wds
    except ImportError as e:
        skip(e)
    import msgpack
    r = random.Random(2)
    members = []
    for i in range(40):
        key = r.choice(('', 'a/', 'b.c/')) + f'{i:04d}' + r.choice(('', '.left', '-x'))
        png('one.png', image(i, 16, 24))
        members += [(key.replace('.left', '_left') + '.png', open('one.png', 'rb').read()),
                    (key.replace('.left', '_left') + '.cls', b'%d' % r.randrange(7))]
    for shard in range(3):
        with tarfile.open(f'shard-{shard}.tar', 'w') as t:
            for name, data in members[shard * 26:shard * 26 + 26]:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                t.addfile(info, io.BytesIO(data))
    shards = [f'shard-{i}.tar' for i in range(3)]
    want = [(s['__key__'], int(s['cls']), s['png']) for s in wds.WebDataset(shards, shardshuffle=False)]
    tool('tscae-decode', '-q', '--labels', 'cls', '-o', 'got.tsc', *shards)
    parts = msgpack.Unpacker(open('got.tsc', 'rb'), raw=False, strict_map_key=False, max_buffer_size=0)
    got = [r for r in parts if isinstance(r, dict) and 'key' in r]
    strip = lambda key: key.split('.tar/')[-1].rsplit('.png', 1)[0]
    ok([strip(g['key']) for g in got] == [w[0] for w in want] and len(want) == 39,
       f'{len(want)} samples of three shards: keys and order')
    ok([int(np.asarray(g['class'])) if not isinstance(g['class'], dict) else
        int(np.frombuffer(g['class'][b'data'], g['class'][b'type'])[0]) for g in got] == [w[1] for w in want],
       'classes of KEY.cls')


globals()['check_' + peer]()
print(f'1..{count}')
sys.exit(failed > 0)
