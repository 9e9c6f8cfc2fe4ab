#!/bin/bash
# seeds.sh - small inputs for each fuzz target, made by the project's own generators
# usage: seeds.sh FOLDER    writes FOLDER/TARGET/ for each target; the tools are found on PATH
set -eu
tests=$(cd "${0%/*}/.." && pwd)
mkdir -p "$1"
cd "$1"
mkdir -p class_member conf coco decompress exif foreign image jpeg json npy onnx png report results safetensors \
	sheet stats stream table tar tar_pipe transform voc yaml yolo made
exec 3>made/log
tscae-synth -q --layout folders --count 4 --size 16x16 --classes 2 --seed 3 --val-ratio 0 -o made/set
tscae-synth -q --count 4 -S 24x16 --classes 2 --max-objects 2 --seed 3 --val-ratio 0 -o made/voc
tscae-decode -q --labels dirs made/set/train >made/whole.tsc
tscae-crop -q --mode center --size 8 made/whole.tsc | tscae-mask -q -p 4 >made/masked.tsc
tscae-label -q -f made/voc --segmaps --standalone >made/labels.tsc
tscae-decode -q --records made/labels.tsc | tscae-crop -q --size 8 >made/boxes.tsc
tiny="model=micro image=8 patch=4 depth=1 decoder_depth=1 embed_dim=24 heads=2 batch=1 micro_batch=1"
tscae-train -q -o made/run $tiny made/masked.tsc
tscae-train -q -o made/detect $tiny task=detect fpn_dim=4 made/boxes.tsc
tscae-train --print-config $tiny >conf/all 2>&3
cp made/*.tsc stream
tscae-embed -d -q -m made/run --npy npy/features made/masked.tsc >stream/features.tsc
tscae-embed -q -m made/run --pool patches --attention made/masked.tsc >sheet/patches.tsc
mv npy/features.keys made 2>&3 || :
cp made/boxes.tsc stats; tscae-decode -q --depth 16 --gray made/set/train >stats/deep.tsc
cp made/run/log.jsonl report/log
printf 'group\tlabel\tvalue\tlow\thigh\tprotocol\nA\tx\t0.5\t0.4\t0.6\tp\nA\tx\t0.7\t\t\tq\n' >report/scores
cp made/run/latest/model.safetensors onnx/model
tr ' ' '\n' <<<"$tiny" >onnx/encoder
for task in classify detect segment; do
	{ cat onnx/encoder; printf 'task=%s\nclasses=3\nnames=3\nfpn_dim=4\nto=16\n' $task; } >onnx/$task
done
{ cat onnx/encoder; printf 'position_grid=3\nregisters=2\nno_class_token=yes\nmlp_dim=10\npool_norm=yes\n'; } \
	>onnx/variant
{ cat onnx/encoder; printf 'depth=3\nwindow_size=1\nto=24\nomit=3\nturn=5\n'; } >onnx/window
tscae-detect -q -m made/detect --score-threshold 0 --max-detections 4 made/boxes.tsc >stream/detected.tsc
cp made/labels.tsc made/boxes.tsc stream/detected.tsc sheet
tscae-eval -q --write-coco results/found.json --write-gt coco/truth.json --write-voc made/comp4 stream/detected.tsc >&3
cp coco/truth.json results; cp coco/truth.json json; find made/comp4 -type f -exec cp -t results {} +
find made/set -name '*.jpg' -exec cp --backup=numbered -t jpeg {} +
cp made/voc/SegmentationClass/*.png png; cp made/voc/Annotations/*.xml voc
tscae-view -q --sheet png/sheet.png made/masked.tsc
tscae-view -q --json made/labels.tsc >json/labels
tscae-export -q -m made/run -o safetensors/timm
tscae-export -q -m made/run --format hf -o made/hf
cp made/hf/config.json foreign; cp safetensors/timm foreign
printf 'name,label\na.jpg,cat\nb.jpg,"dog, small"\n' >table/comma.csv
printf 'a.jpg\tcat\nb.jpg\tdog\n' >table/tab.tsv
printf 'path: .\ntrain: [a, b]\nval: images\nnames:\n  0: cat\n  1: dog\n' >yaml/map.yaml
printf 'train: ../train/images\nval: images\nnc: 2\nnames: [cat, "big dog"]\n' >yaml/list.yaml
tar -C made/set -cf tar/plain train
tar -C made/set --format=pax -cf tar/pax train; cp tar/* tar_pipe
gzip -9c tar/plain >decompress/gzip; zstd -qc tar/plain >decompress/zstd
zstd -qc --check table/tab.tsv >decompress/text
printf '7\n' >class_member/cls; printf '{"label":"a cat","score":[1]}' >class_member/json
printf '0 .5 .5 .2 .2\n2 0.1 0.1 0.4 0.1 0.4 0.4\n' >yolo/labels
printf '\1\x12\3\0\1\0\0\0\6\0\0\0' >exif/little
head -c 400 made/whole.tsc >transform/some
/usr/bin/python3 "$tests/images.py" seeds image
rm -r made
