#!/bin/bash
# overfit_detect.t - detectors overfit 20 images of VOC 2012 and 20 of COCO 2017: AP50 above 0.9 (EPOCHS, default 100:
# some minutes each)
. "${0%/*}/../lib.sh"
[ -n "$shared" ] || skip_all "no data packs beside the checkout"
epochs=${EPOCHS:-100} side=160
cd "$tmp" || exit 1

# names of images in which no object is smaller than a twentieth of the longer side: 8 pixels of 160. (Many objects of
# COCO are smaller; at this image size too few anchor points are assigned to them.)
large() { python3 -c '
import json, sys
data = json.load(open(sys.argv[1]))
images = {i["id"]: i for i in data["images"]}
least = {}
for a in data["annotations"]:
    i = images[a["image_id"]]
    if not a.get("iscrowd"):
        least[i["file_name"]] = min(least.get(i["file_name"], 1), min(a["bbox"][2:]) / max(i["width"], i["height"]))
sys.stdout.writelines(name for name in sys.stdin if least.get(name.strip().split("/")[-1], 0) >= 1 / 20)' "$1"; }

# overfit NAME LABEL-ARGUMENT ...: train on the images of NAME.list, score on the same images
overfit() {
	name=$1; shift
	is "$name: the list has 20 images" "$(wc -l <"$name.list")" 20
	tscae-decode -q --shuffle --seed 1 --epochs "$epochs" --files-from "$name.list" | tscae-label -q "$@" |
		tscae-crop -q --mode fit --size $side |
		tscae-train -q -o "$name" task=detect model=micro patch=8 image=$side batch=5 lr=2e-3 \
			weight_decay=0.01 checkpoint_minutes=0
	tscae-decode -q --files-from "$name.list" | tscae-label -q "$@" | tscae-detect -q -d -m "$name" --size \
		$side | tscae-eval -q - >"$name.scores"
	ap=$(awk '$1 == "AP50" { print $2 }' "$name.scores")
	ok "$name: a detector overfits 20 images, AP50 $ap is above 0.9" awk "BEGIN { exit !($ap > 0.9) }"
}
voc="$(unpack voc2012-100)/VOCdevkit/VOC2012" coco=$(unpack coco-tiny-160)/coco
tscae-label -q -f "$voc" --split train --names | sed 20q >voc.list
tscae-label -q -l coco -f "$coco" --split train2017 --names | large "$coco/annotations/instances_train2017.json" | sed \
	20q >coco.list
overfit voc -f "$voc" --split train
overfit coco -l coco -f "$coco" --split train2017
done_testing
