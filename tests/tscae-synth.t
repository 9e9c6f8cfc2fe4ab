#!/bin/bash
# tscae-synth.t - layouts, independence of the number of threads, agreement of boxes and segmentation maps, wrong
# options
. "${0%/*}/lib.sh"
cd "$tmp" || exit 1

sums() { (cd "$1" && find . -type f | sort | xargs cksum); }
tscae-synth -q -o voc --count 30 -S 72x56 --max-objects 12 --seed 3 -t 1
tscae-synth -q -o again --count 30 -S 72x56 --max-objects 12 --seed 3 -t 4
is "tscae-synth: 1 and 4 threads write the same bytes" "$(sums voc)" "$(sums again)"
tscae-synth -q -o more --count 34 -S 72x56 --max-objects 12 --seed 3
is "a dataset of 34 images begins with the same dataset of 30" "$(cd voc && cksum JPEGImages/* Annotations/*)" \
	"$(cd more && cksum $(cd ../voc && echo JPEGImages/* Annotations/*))"
tscae-synth -q -o other --count 1 -S 72x56 --seed 4
ok "another seed gives another image" bash -c '! cmp -s voc/JPEGImages/000000.jpg other/JPEGImages/000000.jpg'
is "no partial files are left" "$(find voc -name '*.part*')" ""
is "VOC: each image has an annotation and two segmentation maps" \
	"$(ls voc/JPEGImages voc/SegmentationClass voc/SegmentationObject voc/Annotations | grep -c '^0')" 120
is "VOC: trainval is the union of train and val" \
	"$(cat voc/ImageSets/Main/train.txt voc/ImageSets/Main/val.txt | sort)" "$(cat voc/ImageSets/Main/trainval.txt)"
is "VOC: a fifth of the images is in val" "$(wc -l <voc/ImageSets/Segmentation/val.txt)" 6
is "VOC: three lists for each of 10 classes" "$(ls voc/ImageSets/Main | grep -c _)" 30

tscae-synth -q -o folders -l folders --count 40 --classes 4 -S 32x48 --val-ratio 0.5
is "folders: classes have equal numbers of images in train and val" \
	"$(for d in folders/*/*; do echo "$d $(ls "$d" | wc -l)"; done)" \
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
    shapes |= {image.size, labels.size, instances.size, (int(tree.find("size/width").text),
        int(tree.find("size/height").text))}
    if labels.mode != "P" or labels.getpalette()[:9] != [0, 0, 0, 128, 0, 0, 0, 128,
        0] or labels.getpalette()[-3:] != [224, 224, 192]:
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
            continue    # only border pixels
        # the box contains all pixels of the object, and each edge of it touches the object or its border
        edge = (instances == i + 1) | (instances == 255)
        if not (l <= x.min() + 1 and x.max() + 1 <= r and t <= y.min() + 1 and y.max() + 1 <= b):
            wrong.append((number, i, "pixels outside the box"))
        if not (edge[t-1:b, l-1].any() and edge[t-1:b, r-1].any() and edge[t-1, l-1:r].any()
            and edge[b-1, l-1:r].any()):
            wrong.append((number, i, "loose box"))
        if set(labels[instances == i + 1]) != {names.index(o.find("name").text) + 1}:
            wrong.append((number, "class"))
print("wrong:", *wrong)
print(sorted(shapes), len(seen), *(k for k in flags if flags[k] > 0))
EOF
if /usr/bin/python3 -c 'import PIL, numpy' 2>/dev/null; then
	/usr/bin/python3 look.py >look.out 2>&1
	is "VOC: boxes, classes and palettes agree with the segmentation maps" "$(head -1 look.out)" "wrong:"
	is "VOC: image sizes, number of classes, flags that occur" "$(tail -1 look.out)" \
		"[(72, 56)] 10 truncated occluded difficult"
else
	skip "VOC: boxes, classes and palettes agree with the segmentation maps" \
		"python3-pil or python3-numpy is not installed"
	skip "VOC: image sizes, number of classes, flags that occur" "python3-pil or python3-numpy is not installed"
fi

status "no --output: exit 2" 2 tscae-synth
for size in 15 15x64 64x4097 64x x64 64x64x64 axb 0x40 +64 " 64" 64x-64 64k \
	999999999999x64; do
	status "--size $size: exit 2" 2 tscae-synth -o bad -S "$size"
done
ok "a wrong --size writes no files" test ! -e bad
: >file
status "a file in the way: exit 74" 74 tscae-synth -q --count 1 -o file
tscae-synth -q --count 2 -S 24 -o square && tscae-synth -q --count 2 -S 24x24 -o both
ok "--size 24 gives the files of --size 24x24" diff -r square both
status "many threads for one image" 0 tscae-synth -q --count 1 -S 16x16 -t 16 -o one
done_testing
