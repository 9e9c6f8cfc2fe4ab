#!/bin/bash
# tscae-synth.t - layouts, the same bytes for any number of threads, boxes and segmentation maps that agree, refusals
. "${0%/*}/lib.sh"
cd "$tmp" || exit 1

sums() { (cd "$1" && find . -type f | sort | xargs cksum); }
tscae-synth -q -o voc --count 30 -S 72x56 --max-objects 12 --seed 3 -t 1
tscae-synth -q -o again --count 30 -S 72x56 --max-objects 12 --seed 3 -t 4
is "1 and 4 threads: the same bytes" "$(sums voc)" "$(sums again)"
tscae-synth -q -o more --count 34 -S 72x56 --max-objects 12 --seed 3
is "a larger set begins with the smaller one" "$(cd voc && cksum JPEGImages/* Annotations/*)" "$(cd more && cksum $(cd ../voc && echo JPEGImages/* Annotations/*))"
tscae-synth -q -o other --count 1 -S 72x56 --seed 4
ok "another seed, another image" bash -c '! cmp -s voc/JPEGImages/000000.jpg other/JPEGImages/000000.jpg'
is "nothing is left aside" "$(find voc -name '*.part*')" ""
is "a segmentation map for each image" "$(ls voc/JPEGImages voc/SegmentationClass voc/SegmentationObject voc/Annotations | grep -c '^0')" 120
is "train and val make trainval" "$(cat voc/ImageSets/Main/train.txt voc/ImageSets/Main/val.txt | sort)" "$(cat voc/ImageSets/Main/trainval.txt)"
is "a fifth is held out" "$(wc -l <voc/ImageSets/Segmentation/val.txt)" 6
is "lists of 10 classes" "$(ls voc/ImageSets/Main | grep -c _)" 30

tscae-synth -q -o folders -l folders --count 40 --classes 4 -S 32x48 --val-ratio 0.5
is "folders: classes take turns, each is divided alike" "$(for d in folders/*/*; do echo "$d $(ls "$d" | wc -l)"; done)" \
	"$(for p in train val; do for c in arrow crescent cross disc; do echo "folders/$p/$c 5"; done; done)"

cat >look.py <<'EOF'
import glob, sys, numpy as np, xml.etree.ElementTree as xml
from PIL import Image
seen, wrong, shapes, flags = set(), [], set(), {"truncated": 0, "occluded": 0, "difficult": 0}
names = ["arrow", "crescent", "cross", "disc", "heart", "hourglass", "ring", "square", "star", "triangle"]
for path in sorted(glob.glob("voc/Annotations/*.xml")):
    number = path[-10:-4]
    tree = xml.parse(path)
    image = Image.open(f"voc/JPEGImages/{number}.jpg")
    image.load()
    labels, instances = (Image.open(f"voc/Segmentation{k}/{number}.png") for k in ("Class", "Object"))
    shapes |= {image.size, labels.size, instances.size, (int(tree.find("size/width").text), int(tree.find("size/height").text))}
    if labels.mode != "P" or labels.getpalette()[:9] != [0, 0, 0, 128, 0, 0, 0, 128, 0] or labels.getpalette()[-3:] != [224, 224, 192]:
        wrong.append((number, "palette"))
    labels, instances = np.array(labels), np.array(instances)
    objects = tree.findall("object")
    if set(np.unique(instances)) - {0, 255} - set(range(1, len(objects) + 1)):
        wrong.append((number, "an instance without an object"))
    for i, o in enumerate(objects):
        seen.add(o.find("name").text)
        for f in flags: flags[f] += int(o.find(f).text)
        l, t, r, b = (int(o.find(f"bndbox/{k}").text) for k in ("xmin", "ymin", "xmax", "ymax"))
        if not (1 <= l <= r <= 72 and 1 <= t <= b <= 56):
            wrong.append((number, "box outside"))
        y, x = np.nonzero(instances == i + 1)
        if not len(x):
            continue    # all border
        # the box holds all of its pixels, and each of its sides touches the object or its border
        edge = (instances == i + 1) | (instances == 255)
        if not (l <= x.min() + 1 and x.max() + 1 <= r and t <= y.min() + 1 and y.max() + 1 <= b):
            wrong.append((number, i, "pixels outside the box"))
        if not (edge[t-1:b, l-1].any() and edge[t-1:b, r-1].any() and edge[t-1, l-1:r].any() and edge[b-1, l-1:r].any()):
            wrong.append((number, i, "loose box"))
        if set(labels[instances == i + 1]) != {names.index(o.find("name").text) + 1}:
            wrong.append((number, "class"))
print("wrong:", *wrong)
print(sorted(shapes), len(seen), *(k for k in flags if flags[k] > 0))
EOF
if /usr/bin/python3 -c 'import PIL, numpy' 2>/dev/null; then
	/usr/bin/python3 look.py >look.out 2>&1
	is "boxes, classes, palettes and segmentation maps agree" "$(head -1 look.out)" "wrong:"
	is "sizes, classes and flags" "$(tail -1 look.out)" "[(72, 56)] 10 truncated occluded difficult"
else
	skip "boxes, classes, palettes and segmentation maps agree" "python3-pil or python3-numpy is not installed"
	skip "sizes, classes and flags" "python3-pil or python3-numpy is not installed"
fi

status "without a folder: exit 2" 2 tscae-synth
for size in 15x64 64x4097 64 64x 64x64x64 axb 999999999999x64; do
	status "--size $size: exit 2" 2 tscae-synth -o bad -S "$size"
done
ok "a wrong line makes nothing" test ! -e bad
: >file
status "a file in the way: exit 74" 74 tscae-synth -q --count 1 -o file
status "many threads for one image" 0 tscae-synth -q --count 1 -S 16x16 -t 16 -o one
done_testing
