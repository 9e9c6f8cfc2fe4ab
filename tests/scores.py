#!/usr/bin/python3
"""scores.py - tscae-eval against slow, obvious implementations of the definitions, on random sets (prints TAP)

usage: scores.py DIR    DIR: for files; tscae-eval is on PATH
"""
import json
import math
import os
import random
import subprocess
import sys

import numpy as np

from streams import write_stream

count = failed = 0
here = sys.argv[1]


def ok(good, name, *why):
    global count, failed
    count += 1
    failed += not good
    print('%sok %d - %s' % ('' if good else 'not ', count, name), flush=True)
    if not good:
        for w in why:
            print('#   ' + str(w)[:2000])


def evaluate(*args):
    run = subprocess.run(['tscae-eval', '-q', '--per-class', '--json', *map(str, args)], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    if run.returncode:
        raise SystemExit('tscae-eval %s: %s' % (' '.join(map(str, args)), run.stderr.decode()))
    return json.loads(run.stdout)


def near(a, b):
    if a is None or b is None or math.isnan(b):
        return a is None and (b is None or math.isnan(b))
    return abs(a - b) <= 1e-12


def path(name):
    return os.path.join(here, name)


# the definitions

SIZES = [(0, 1e10), (0, 1024), (1024, 9216), (9216, 1e10)]
NAMES = ['AP', 'AP50', 'AP75', 'APs', 'APm', 'APl', 'AR1', 'AR10', 'AR100', 'ARs', 'ARm', 'ARl']


def coco_overlap(d, g, crowd):
    w = min(d[0] + d[2], g[0] + g[2]) - max(d[0], g[0])
    h = min(d[1] + d[3], g[1] + g[3]) - max(d[1], g[1])
    if w <= 0 or h <= 0:
        return 0.0
    return w * h / (d[2] * d[3] if crowd else d[2] * d[3] + g[2] * g[3] - w * h)


def mask_overlap(d, g, crowd):
    both, either = (d & g).sum(), d.sum() if crowd else (d | g).sum()
    return both / either if both else 0.0


def ignored(g, size, compat):
    return bool(g['crowd'] or g.get('difficult') or ('ignore' in compat and g['ignore'])
        or not size[0] <= g['area'] <= size[1])


def coco_image(found, gt, size, threshold, compat):
    """(score, hit, ignored) of each found box of one image and class"""
    taken, out = set(), []
    for d in sorted(found, key=lambda b: -b['score'])[:100]:
        match = None
        for wanted in (False, True):
            if match is not None:
                break
            highest = min(threshold, 1 - 1e-10)
            for i, g in enumerate(gt):
                overlap = mask_overlap(d['mask'], g['mask'], g['crowd']) if 'mask' in d else coco_overlap(d['box'],
                    g['box'], g['crowd'])
                if ignored(g, size, compat) == wanted and (i not in taken or g['crowd']) and overlap >= highest:
                    highest, match = overlap, i
        area = d['mask'].sum() if 'mask' in d else d['box'][2] * d['box'][3]
        if match is None:
            out.append((d['score'], False, not size[0] <= area <= size[1]))
            continue
        taken.add(match)
        none = ignored(gt[match], size, compat)
        if 'zero-id' in compat and gt[match]['id'] == 0:
            out.append((d['score'], False, none or not size[0] <= area <= size[1]))
        else:
            out.append((d['score'], True, none))
    return out


def coco_curve(s, c, size, threshold, limit, compat):
    """(mean precision, last recall), None without ground truth"""
    points, positive = [], 0
    for i in sorted(s['images']):
        gt = [g for g in s['gt'] if g['image'] == i and g['class'] == c]
        found = [d for d in s['found'] if d['image'] == i and d['class'] == c]
        positive += sum(not ignored(g, size, compat) for g in gt)
        points += coco_image(found, gt, size, threshold, compat)[:limit]
    if not positive:
        return None
    points.sort(key=lambda p: -p[0])
    hits = misses = 0
    precision, recall = [], []
    for _, hit, none in points:
        hits += hit and not none
        misses += not hit and not none
        precision.append(hits / (misses + hits + np.spacing(1)))
        recall.append(hits / positive)
    levels = [k / 100 for k in range(101)] if 'recall' in compat else np.linspace(0, 1, 101)
    best = [max([p for p, r in zip(precision, recall) if r >= level], default=0) for level in levels]
    return float(np.mean(best)), recall[-1] if recall else 0.0


def coco(s, compat):
    each = np.linspace(.5, .95, 10)
    ask = [(0, each, 0, 100), (0, each[:1], 0, 100), (0, each[5:6], 0, 100), (0, each, 1, 100), (0, each, 2, 100),
        (0, each, 3, 100),
           (1, each, 0, 1), (1, each, 0, 10), (1, each, 0, 100), (1, each, 1, 100), (1, each, 2, 100),
           (1, each, 3, 100)]
    rows, memory = [], {}
    for c in range(s['classes']):
        row = []
        for which, thresholds, size, limit in ask:
            values = []
            for t in thresholds:
                key = (c, size, t, limit)
                if key not in memory:
                    memory[key] = coco_curve(s, c, SIZES[size], t, limit, compat)
                values.append(memory[key])
            row.append(-1.0 if values[0] is None else float(np.mean([v[which] for v in values])))
        rows.append(row)
    means = [[r[k] for r in rows if r[k] > -1] for k in range(12)]
    return rows, [float(np.mean(m)) if m else -1.0 for m in means]


def voc_overlap(d, g, end):
    d, g = [(b[0] + 1, b[1] + 1, b[0] + b[2], b[1] + b[3]) for b in (d, g)]
    w, h = min(d[2], g[2]) - max(d[0], g[0]) + end, min(d[3], g[3]) - max(d[1], g[1]) + end
    if w <= 0 or h <= 0:
        return 0.0
    return w * h / ((d[2] - d[0] + end) * (d[3] - d[1] + end) + (g[2] - g[0] + end) * (g[3] - g[1] + end) - w * h)


def voc(s, compat, overlap):
    rows = []
    for c in range(s['classes']):
        gt = [g for g in s['gt'] if g['class'] == c]
        positive = sum(not (g['crowd'] or g.get('difficult')) for g in gt)
        taken, hits, misses, precision, recall = set(), 0, 0, [], []
        for d in sorted((d for d in s['found'] if d['class'] == c), key=lambda b: -b['score']):
            most, match = 0, None
            for i, g in enumerate(gt):
                iou = voc_overlap(d['box'], g['box'], 0 if 'edges' in compat else 1) if g['image'] == d['image'] else 0
                if iou > most:
                    most, match = iou, i
            if match is None or not (most > overlap if 'py' in compat else most >= overlap):
                misses += 1
            elif not (gt[match]['crowd'] or gt[match].get('difficult')):
                hits += match not in taken
                misses += match in taken
                taken.add(match)
            precision.append(hits / (hits + misses) if hits + misses else 0.0)
            recall.append(hits / positive if positive else 0)
        if not positive:
            rows.append((math.nan, math.nan))
            continue
        levels = [k / 10 for k in range(11)] if 'recall' in compat else np.arange(0, 1.1, .1)
        eleven = sum(max([p for p, r in zip(precision, recall) if r >= level], default=0) for level in levels) / 11
        area, before = 0.0, 0.0
        for i, r in enumerate(recall):
            area += (r - before) * max(precision[i:])
            before = r
        rows.append((eleven, area))
    has = [r for r in rows if not math.isnan(r[0])]
    return rows, tuple(np.mean(has, axis=0)) if has else (math.nan, math.nan)


# random sets

def box(r, coarse):
    step = 8 if coarse else 0.25
    side = r.choice([24, 64, 160, 320])
    return [step * r.randrange(int(200 / step)), step * r.randrange(int(150 / step)),
        step * r.randrange(1, int(side / step) + 1), step * r.randrange(1, int(side / step) + 1)]


def shift(r, b, coarse):
    if r.random() < .2:
        return [b[0], b[1], b[2], b[3] / 2]     # an overlap of a half, exactly
    step = 8 if coarse else 0.5
    return [b[0] + step * r.randrange(-1, 2), b[1] + step * r.randrange(-1, 2),
        max(step, b[2] + step * r.randrange(-1, 2)), max(step, b[3] + step * r.randrange(-1, 2))]


def make(seed):
    """ties in scores and overlaps, crowds, ignored and zero-numbered ground truth, classes without ground truth or
    without detections"""
    r = random.Random(seed)
    coarse = seed % 2 == 0
    s = {'images': r.sample(range(1, 1000), r.randrange(1, 8)), 'classes': r.randrange(1, 6), 'gt': [], 'found': []}
    for i in s['images']:
        for c in range(s['classes']):
            here_gt = []
            for _ in range(0 if c == 3 else r.randrange(0, 4)):
                b = box(r, coarse)
                here_gt.append({'image': i, 'class': c, 'box': b, 'area': b[2] * b[3] * r.choice([1, 1, 0.5, 0.7]),
                    'crowd': r.random() < .15, 'ignore': r.random() < .15})
            found = [shift(r, g['box'], coarse) for g in here_gt for _ in range(r.randrange(0, 3))] + [box(r, coarse)
                for _ in range(r.randrange(0, 3))]
            if c != 2:
                for b in found:
                    s['found'].append({'image': i, 'class': c, 'box': b, 'score': r.randrange(1, 8) / 8 if seed % 3
                        else r.random()})
            s['gt'] += here_gt
    r.shuffle(s['gt'])
    r.shuffle(s['found'])
    if seed == 7:
        i = s['images'][0]
        s['found'] += [{'image': i, 'class': 0, 'box': box(r, coarse), 'score': r.randrange(1, 50) / 50}
            for _ in range(250)]
    for n, g in enumerate(s['gt']):
        g['id'] = n
    return s


def write_coco(s):
    ids = [3 * c + 1 for c in range(s['classes'])]
    gt = {'images': [{'id': i, 'file_name': '%d.jpg' % i, 'height': 400, 'width': 500} for i in s['images']],
             'annotations': [{'id': g['id'], 'image_id': g['image'], 'category_id': ids[g['class']], 'bbox': g['box'],
             'area': g['area'], 'iscrowd': int(g['crowd']), 'ignore': int(g['ignore'])} for g in s['gt']],
             'categories': [{'id': k, 'name': 'c%d' % c} for c, k in enumerate(ids)]}
    found = [{'image_id': d['image'], 'category_id': ids[d['class']], 'bbox': d['box'], 'score': d['score']}
        for d in s['found']]
    json.dump(gt, open(path('gt.json'), 'w'))
    json.dump(found, open(path('found.json'), 'w'))
    return path('gt.json'), path('found.json')


def compare(s, got, compat, overlap=.5):
    """what differs from the definitions"""
    bad = []
    rows, mean = coco(s, compat)
    bad += [(n, got[n], m) for n, m in zip(NAMES, mean) if not near(got[n], m)]
    for c, row in enumerate(rows):
        bad += [(c, n, got['box_class_scores'][c][n], m) for n,
            m in zip(NAMES, row) if not near(got['box_class_scores'][c][n], m)]
    rows, mean = voc(s, compat, overlap)
    bad += [(n, got[n], m) for n, m in zip(('VOC11', 'VOC'), mean) if not near(got[n], m)]
    for c, row in enumerate(rows):
        bad += [(c, n, got['box_class_scores'][c][n], m) for n, m in zip(('VOC11', 'VOC'), row)
            if not near(got['box_class_scores'][c][n], m)]
    return bad


def detection():
    switches, changed = ['py', 'edges', 'recall', 'ignore', 'zero-id'], {}
    bad = {}
    for seed in range(50):
        s = make(seed)
        files = write_coco(s)
        plain = evaluate(*files)
        bad[seed] = compare(s, plain, [])
        switch = switches[seed % 5]
        got = evaluate(*files, '--compat', switch)
        bad[seed] += compare(s, got, [switch])
        changed[switch] = changed.get(switch, 0) + (got != plain)
    wrong = {k: v[:3] for k, v in bad.items() if v}
    ok(not wrong, '50 random sets: COCO and VOC numbers, of each class and their means, to 1e-12', wrong)
    for switch in switches:
        ok(changed.get(switch, 0) > 0,
            '--compat %s changes %d of 10 sets, as the definition with that change says' % (switch,
            changed.get(switch, 0)))
    s = make(3)
    ok(not compare(s, evaluate(*write_coco(s), '--iou-threshold', .75), [], .75), 'another overlap for VOC')


def rle_of(mask):
    """column by column, the first run is outside"""
    out, inside = [0], 0
    for v in mask.T.ravel():
        if v != inside:
            out.append(0)
            inside = v
        out[-1] += 1
    return {'size': list(mask.shape), 'counts': out}


def masks():
    bad = []
    for seed in range(9):
        s, r = make(seed), np.random.RandomState(seed)
        s['gt'], s['found'] = s['gt'][:40], s['found'][:60]
        grid = np.mgrid[0:100, 0:120]
        for b in s['gt'] + s['found']:
            x, y, w, h = [v / 4 for v in b['box']]
            b['mask'] = (grid[1] >= x) & (grid[1] < x + w) & (grid[0] >= y) & (grid[0] < y + h) & (r.random_sample((100,
                120)) < r.choice([1, 1, .9]))
        for n, g in enumerate(s['gt']):
            g['area'], g['id'] = float(g['mask'].sum()), n + 1
        files = write_coco(s)
        for file, boxes in zip(files, (s['gt'], s['found'])):
            data = json.load(open(file))
            for o, b in zip(data['annotations'] if isinstance(data, dict) else data, boxes):
                o['segmentation'] = rle_of(b['mask'])
                if isinstance(data, list):
                    del o['bbox']
                else:
                    for i in data['images']:
                        i['height'], i['width'] = 100, 120
            json.dump(data, open(file, 'w'))
        got, (rows, mean) = evaluate('--masks', *files), coco(s, [])
        bad += [(seed, n, got[n], m) for n, m in zip(NAMES, mean) if not near(got[n], m)]
    ok(not bad, '9 random sets of masks', bad[:3])


def f4(rows, width):
    return np.array(rows, dtype='<f4').reshape(-1, width) if width else np.array(rows, dtype='<f4')


def streams():
    """the same data as streams: difficult objects, other class orders, COCO and VOC files written and read back"""
    bad, back, voc_back, one = [], [], [], []
    for seed in range(50, 62):
        s = make(seed)
        r = random.Random(seed)
        for g in s['gt']:
            g['difficult'] = r.random() < .2
            g['box'] = [math.floor(v) for v in g['box'][:2]] + [math.ceil(v) for v in g['box'][2:]]
            g['area'] = float(np.float32(g['area']))
            g['ignore'], g['id'] = False, 1
        for d in s['found']:
            d['score'] = float(np.float32(d['score']))
        n = s['classes']
        turn = list(range(n))
        r.shuffle(turn)
        gt, found, both = [], [], []
        order = {i: k for k, i in enumerate(s['images'])}
        # without numbers of images, those are in order as they come
        s['images'] = list(range(len(order)))
        for b in s['gt'] + s['found']:
            b['image'] = order[b['image']]
        s['found'].sort(key=lambda d: d['image'])
        for i in s['images']:
            g, d = [[b for b in s[k] if b['image'] == i] for k in ('gt', 'found')]
            corners = [[[b['box'][0], b['box'][1], b['box'][0] + b['box'][2], b['box'][1] + b['box'][3]] for b in x]
                for x in (g, d)]
            t = {'key': 'a/%03d.jpg' % i, 'boxes': f4(corners[0], 4), 'box_class': np.array([b['class'] for b in g],
                '<i4'),
                 'box_flags': np.array([b['difficult'] + 2 * b['crowd'] for b in g], 'u1'),
                 'box_area': f4([b['area'] for b in g], 0)}
            p = {'predicted_boxes': f4(corners[1], 4), 'predicted_box_class': np.array([turn[b['class']] for b in d],
                '<i4'),
                 'predicted_box_score': f4([b['score'] for b in d], 0)}
            gt.append(t)
            found.append(dict(p, key='elsewhere/a/%03d.png' % i))
            both.append(dict(t, **p))
        names = ['c%d' % c for c in range(n)]
        turned = [names[turn.index(c)] for c in range(n)]
        r.shuffle(found)
        t = write_stream(path('gt.tsc'), 'label', {'classes': names}, gt)
        p = write_stream(path('found.tsc'), 'box', {'predicted_classes': turned}, found)
        m = write_stream(path('both.tsc'), 'box', {'classes': names, 'predicted_classes': turned}, both)
        one += compare(s, evaluate(m, '--write-coco', path('r.json'), '--write-gt', path('t.json'), '--write-voc',
            path('voc%d' % seed), '--split', 'x'), [])
        # between images, equal scores of VOC go by the order of the input
        position = {rec['key'][-7:-4]: k for k, rec in enumerate(found)}
        shuffled = dict(s, found=sorted(s['found'], key=lambda d: position['%03d' % d['image']]))
        bad += compare(shuffled, evaluate(t, p), [])
        voc_back += compare(s, evaluate(t, path('voc%d' % seed)), [])
        json_set = dict(s, gt=[dict(g, ignore=g['difficult'], difficult=False) for g in s['gt']])
        got, want = evaluate(path('t.json'), path('r.json'), '--compat', 'ignore'), coco(json_set, ['ignore'])[1]
        back += [(k, got[k], w) for k, w in zip(NAMES, want) if not near(got[k], w)]
    ok(not one, 'streams of both, with difficult objects, to 1e-12', one[:3])
    ok(not bad, 'two streams with classes numbered differently and images in another order', bad[:3])
    ok(not voc_back, 'VOC files written and read back', voc_back[:3])
    ok(not back, 'COCO files written and read back', back[:3])


def classification():
    bad = []
    for seed in range(20):
        r = random.Random(seed)
        n, images = r.randrange(1, 12), r.randrange(1, 60)
        names = ['n%d' % c for c in range(n)]
        turn = list(range(n))
        r.shuffle(turn)          # class c has number turn[c] in the model
        records, right, among, table = [], 0, 0, np.zeros((n, n), int)
        for i in range(images):
            true = r.randrange(n)
            scores = np.array([r.randrange(6) / 8 for _ in range(n)], '<f4')
            order = sorted(range(n), key=lambda k: -scores[k])
            records.append({'key': 'p%d' % i, 'class': true, 'predicted_class': order[0], 'class_score': scores})
            right += order[0] == turn[true]
            among += turn[true] in order[:5]
            table[true, turn.index(order[0])] += 1
        file = write_stream(path('c.tsc'), 'image', {'classes': names, 'predicted_classes': [names[turn.index(k)]
            for k in range(n)]}, records)
        got = evaluate(file, '--confusion')
        counts = [[row[name] for name in names] for row in got['confusion']]
        recall = [table[c, c] / table[c].sum() for c in range(n) if table[c].sum()]
        bad += [seed] * (not (near(got['top1'], right / images) and near(got['top5'], among / images)
            and counts == table.tolist() and near(got['class_accuracy'], np.mean(recall))))
    ok(not bad, '20 random sets of classes: top-1, top-5, confusion table', bad)


def segmentation():
    bad, changed = [], 0
    for seed in range(20):
        r = np.random.RandomState(seed)
        n = r.randint(1, 8)
        names, turn = ['l%d' % c for c in range(n)], r.permutation(n)
        table = np.zeros((n, n), np.int64)
        gt, said = [], []
        for i in range(r.randint(1, 6)):
            h, w = r.randint(1, 40, 2)
            t = np.repeat(r.randint(0, max(1, n - 1), (h, w)), 3, axis=1).astype('u1')
            t[r.random_sample(t.shape) < .2] = 255
            p = np.where((r.random_sample(t.shape) < .6) & (t < 255), t, r.randint(0, max(1, n - 2),
                t.shape)).astype('u1')
            for y in range(t.shape[0]):
                for x in range(t.shape[1]):
                    if t[y, x] != 255:
                        table[t[y, x], p[y, x]] += 1
            gt.append({'key': 'a/%d.jpg' % i, 'labels': t})
            said.append({'key': '%d' % i, 'predicted_labels': turn[p].astype('u1')})
        inverse = [int(np.where(turn == k)[0][0]) for k in range(n)]
        files = (write_stream(path('lt.tsc'), 'label', {'label_classes': names}, gt),
                 write_stream(path('lp.tsc'), 'image', {'predicted_label_classes': [names[k] for k in inverse]}, said))
        iou = [table[c, c] / (table[c].sum() + table[:, c].sum() - table[c, c]) if table[c].sum() + table[:, c].sum()
            else math.nan for c in range(n)]
        here_iou = [v for v in iou if not math.isnan(v)]
        got, zero = evaluate(*files), evaluate(*files, '--compat', 'absent')
        good = near(got['mIoU'], np.mean(here_iou) if here_iou else math.nan) and near(zero['mIoU'],
            sum(here_iou) / n) and got['map_classes_absent'] == n - len(here_iou)
        good = good and near(got['pixel_accuracy'], np.trace(table) / table.sum() if table.sum() else math.nan)
        good = good and all(near(row['iou'], v) for row, v in zip(got['map_class_scores'], iou))
        rows = [table[c, c] / table[c].sum() for c in range(n) if table[c].sum()]
        good = good and near(got['mean_accuracy'], np.mean(rows) if rows else math.nan)
        changed += got['mIoU'] != zero['mIoU']
        bad += [seed] * (not good)
    ok(not bad, '20 random sets of segmentation maps: IoU of each class, mean, pixel accuracy', bad)
    ok(changed > 0, '--compat absent changes %d of them' % changed)


detection()
masks()
streams()
classification()
segmentation()
print('1..%d' % count)
sys.exit(failed != 0)
