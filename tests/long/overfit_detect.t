#!/bin/bash
# overfit_detect.t - 20 real pictures of VOC 2012 and 20 of COCO 2017 learned by heart: AP50 above 0.9 (EPOCHS, default 100: some minutes each)
. "${0%/*}/../lib.sh"
[ -n "$shared" ] || skip_all "no data packs beside the checkout"
epochs=${EPOCHS:-100}
cd "$tmp" || exit 1

# heart NAME SIDE LABEL-ARGUMENT ...: train on the first 20 pictures that have objects, score on the same
heart() {
	name=$1 side=$2; shift 2
	tscae-label -q "$@" --names | sed 20q >"$name.list"
	tscae-decode -q --files-from "$name.list" | tscae-label -q "$@" | tscae-crop -q --kind fit --size "$side" >"$name.tsc"
	tscae-decode -q --shuffle --epochs "$epochs" --files-from "$name.list" | tscae-label -q "$@" | tscae-crop -q --kind fit --size "$side" |
		tscae-train -q -o "$name" task=detect model=micro patch=8 image="$side" batch=5 lr=2e-3 weight_decay=0.01 snapshot_minutes=0
	tscae-detect -q -d -m "$name" "$name.tsc" | tscae-eval -q - >"$name.scores"
	ap=$(awk '$1 == "AP50" { print $2 }' "$name.scores")
	ok "$name: 20 pictures by heart, AP50 $ap" awk "BEGIN { exit !($ap > 0.9) }"
}
heart voc 160 -f "$(unpack voc2012-100)/VOCdevkit/VOC2012" --set train
heart coco 224 -l coco -f "$(unpack coco-tiny-160)/coco" --set train2017
done_testing
