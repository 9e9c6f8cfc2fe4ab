#!/bin/bash
# overfit_segment.t - segmentation models overfit 20 images of VOC 2012 and the centers of 20 of CamVid: mIoU above 0.9
. "${0%/*}/../lib.sh"
[ -n "$shared" ] || skip_all "no data packs"
cd "$tmp" || exit 1

# overfit NAME IMAGES EPOCHS: train on 20 images of 128 pixels and print the mIoU on the same images
overfit() {
	for _epoch in $(seq "$3"); do cat "$2"; done |
		tscae-train -q -o "$1" task=segment patch=8 batch=4 steps=$((5 * $3)) lr=1e-3 checkpoint_minutes=0 ||
			return
	tscae-segment -q -m "$1" "$2" | tscae-eval -q --task segment - | awk '$1 == "mIoU" { print $2 }'
}

voc=$(unpack voc2012-100)/VOCdevkit/VOC2012
head -n 20 "$voc/ImageSets/Segmentation/train.txt" >twenty.txt
tscae-label -q -f "$voc" --segmaps --split twenty.txt --standalone | tscae-decode -q --records | tscae-crop -q --mode \
	fit --size 128 >voc.tsc
iou=$(overfit voc voc.tsc 120)
ok "a segmentation model overfits 20 images of VOC 2012, mIoU $iou is above 0.9" awk "BEGIN { exit !(${iou:-0} > 0.9) }"

# cropped, because in the whole image a pole would be one pixel wide, half the distance of two logits
camvid=$(unpack camvid-54)/CamVid
for image in $(ls "$camvid/train" | head -n 20); do
	printf '%s\t%s\n' "$camvid/train/$image" "$camvid/trainannot/$image"
done >pairs.tsv
tscae-label -q -l pairs -f pairs.tsv --classes camvid --ignore-index 11 --segmaps --standalone | tscae-decode -q \
	--records | tscae-crop -q --mode center --resize 360 --size 128 >camvid.tsc
iou=$(overfit camvid camvid.tsc 200)
ok "a segmentation model overfits 20 images of CamVid, mIoU $iou is above 0.9" awk "BEGIN { exit !(${iou:-0} > 0.9) }"
done_testing
