#!/bin/bash
# yolo.t - label files of YOLO that tscae-view --yolo writes: what tscae-label reads back, names, files, refusals
. "${0%/*}/lib.sh"
/usr/bin/python3 -c 'import PIL' 2>/dev/null || skip_all "python3-pil is not installed"
cd "$tmp" || exit 1
# images of odd sizes below images/; boxes with fractions of pixels, at the borders, tiny ones; odd class names
/usr/bin/python3 - <<'PY'
import json, os, random
from PIL import Image
random.seed(5)
names = ["cat", "big: dog", "1", "null", "yes", 'quoted "x"', "猫", "back\\slash", "# no comment", "'", "- a"]
images, annotations = [], []
for i, (w, h) in enumerate([(100, 80), (333, 501), (7, 3), (4099, 13), (640, 480), (50, 50)]):
    name = "%s/i.%d.jpg" % ("ab"[i % 2], i)
    os.makedirs("data/images/" + name[0], exist_ok=True)
    Image.new("RGB", (w, h), (9, 90, 200)).save("data/images/" + name)
    images.append({"id": i + 1, "file_name": name, "width": w, "height": h})
    for k in range(200 if i < 5 else 0):
        x = sorted(random.choice([0, w, random.uniform(0, w), random.randrange(w)]) for _ in "ab")
        y = sorted(random.choice([0, h, random.uniform(0, h), random.randrange(h)]) for _ in "ab")
        if x[0] < x[1] and y[0] < y[1]:
            annotations.append({"id": len(annotations) + 1, "image_id": i + 1, "iscrowd": 0, "area": 1,
                "category_id": random.randrange(len(names)) + 3, "bbox": [x[0], y[0], x[1] - x[0], y[1] - y[0]]})
# narrower than any decimal fraction
annotations.append({"id": 9000, "image_id": 1, "iscrowd": 0, "area": 1, "category_id": 3, "bbox": [0, 7, 5e-21, 9]})
file = {"images": images, "annotations": annotations,
    "categories": [{"id": i + 3, "name": n} for i, n in enumerate(names)]}
json.dump(file, open("coco.json", "w"))
file["annotations"][0]["iscrowd"] = file["annotations"][1]["iscrowd"] = 1
json.dump(file, open("crowd.json", "w"))
PY
# values STREAM: key, boxes and classes of the records, sorted by key, as JSON
values() { tscae-view -q --json --values "$1" | perl -ne '($k) = /"key":"(?:data\/images\/)?([^"]*)"/;
	($b) = /("boxes":\{[^}]*\})/; ($c) = /("box_class":\{[^}]*\})/; print "$k $b $c\n"' | sort; }

tscae-label -q -l coco -f coco.json --image-dir data/images --standalone -o coco.tsc || exit 1
status "ground truth is written" 0 tscae-view --strict --yolo data coco.tsc
like "the closing line counts the files" "$(cat "$tmp/stderr")" "*: 6 label files, 0 skipped*"
is "an image without boxes has an empty file" "$(find data/labels -size 0)" data/labels/b/i.5.txt
is "no temporary file is left" "$(find data -name '*.part*')" ""
status "the files are read without a note" 0 tscae-label --strict -l yolo -f data --standalone -o yolo.tsc
like "the images of both splits are read once" "$(cat "$tmp/stderr")" "*: 6 of 6 records, 0 skipped*"
values coco.tsc >want; values yolo.tsc >got
same "every box is read back to the bit" got want
ok "the boxes that are read back have more than 1000 numbers" test "$(grep -o ',' want | wc -l)" -gt 1000
is "class names are read back" "$(tscae-view -qH yolo.tsc | grep ^extra.classes)" \
	"$(tscae-view -qH coco.tsc | grep ^extra.classes)"
/usr/bin/python3 -c 'import yaml' 2>/dev/null && is "PyYAML reads all class names as texts" "$(/usr/bin/python3 -c '
import yaml; n = yaml.safe_load(open("data/data.yaml", encoding="utf-8"))["names"]
print(list(n) == list(range(11)), n[2], n[3], n[6], n[7], all(isinstance(x, str) for x in n.values()))')" \
	'True 1 null 猫 back\slash True'
tscae-view -q --yolo again yolo.tsc
ok "written, read and written again: the same bytes" diff -r data/labels again/labels

tscae-decode -q data/images | tscae-label -q -l coco -f coco.json >images.tsc
tscae-view -q --yolo from-images images.tsc
ok "the size of the image in the record serves as well" diff -r data/labels from-images/labels
tscae-label -q -l coco -f crowd.json --standalone -o crowd.tsc
status "crowds, --strict: exit 1" 1 tscae-view --strict --yolo crowd crowd.tsc
like "crowds are left out, counted, the first is named" "$(cat "$tmp/stderr")" \
	"*2 boxes of crowds are left out*; the first: *i.0.jpg*2 boxes left out or changed*"
is "crowds: the other boxes are there" "$(cat crowd/labels/*/*.txt | wc -l)" $(($(cat data/labels/*/*.txt | wc -l) - 2))
mkdir -p voc/Annotations voc/JPEGImages; cp data/images/a/i.0.jpg voc/JPEGImages/x.jpg
echo '<annotation><size><width>100</width><height>80</height></size><object><name>crate</name><difficult>1</difficult>
<bndbox><xmin>11</xmin><ymin>21</ymin><xmax>50</xmax><ymax>60</ymax></bndbox></object></annotation>' \
	>voc/Annotations/x.xml
tscae-label -q -f voc --standalone | tscae-view --yolo hard 2>err
is "difficult boxes are written" "$(cat hard/labels/voc/JPEGImages/x.txt)" "0 0.300000 0.500000 0.400000 0.500000"
like "difficult boxes are counted" "$(cat err)" "*1 boxes are written without their flags*"

# predicted boxes: of a detector that was trained for a step
tscae-decode -q voc/JPEGImages | tscae-label -q -f voc -o x.tsc; tscae-crop -q --size 64 x.tsc -o 64.tsc
tscae-train -q -o run task=detect image=64 model=micro patch=8 embed_dim=48 heads=2 depth=3 fpn_dim=32 \
	checkpoint_minutes=0 batch=1 64.tsc 2>err || cat err
tscae-detect -q -d -m run --score-threshold 0 --iou-threshold 1 --max-detections 7 x.tsc -o detections.tsc &&
	tscae-view -q --yolo found detections.tsc
is "predicted boxes are written without their scores" "$(grep -cE '^0( [01]\.[0-9]+){4}$' \
	found/labels/voc/JPEGImages/x.txt)" 7
like "predicted boxes have the class names of the model" "$(cat found/data.yaml)" '*names:*0: "crate"*'

status "records without boxes: exit 65" 65 tscae-view --yolo none <(tscae-decode -q data/images)
status "boxes of unknown size: exit 65" 65 tscae-view --yolo none <(sed 's/"width": [0-9]*, "height": [0-9]*/"x": 0/g' \
	coco.json >nosize.json; tscae-label -q -l coco -f nosize.json --standalone)
like "boxes of unknown size: the message has the remedy" "$(cat "$tmp/stderr")" \
	"*a/i.0.jpg*neither an image nor its size*tscae-decode --records*"
status "two records with one file: exit 65" 65 tscae-view --yolo twice coco.tsc coco.tsc
like "two records with one file: the message names both" "$(cat "$tmp/stderr")" \
	"*labels/a/i.0.txt is already the file of the record 'data/images/a/i.0.jpg'"
status "a key that leaves the folder: exit 65" 65 tscae-view --yolo out <(sed 's|a/i.0.jpg|a/../../i.0.jpg|' coco.json \
	>out.json; tscae-label -q -l coco -f out.json --standalone)
ok "nothing was written outside" test ! -e out/labels/../../i.0.txt
status "an unwritable folder: exit 74" 74 tscae-view --yolo coco.json coco.tsc
status "--strict without --yolo: exit 2" 2 tscae-view --strict coco.tsc
done_testing
