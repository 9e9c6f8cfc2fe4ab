#!/bin/bash
# tscae-detect.t - a detector learns 20 images by heart; threads, resume, micro-batches; images of any shape; bad input
. "${0%/*}/lib.sh"
OPENBLAS_NUM_THREADS=1; export OPENBLAS_NUM_THREADS
python=/usr/bin/python3
"$python" -c 'import numpy, msgpack' 2>/dev/null || skip_all "python3-numpy or python3-msgpack is not installed"
boxes() { "$python" "$root/tests/boxes.py" "$@"; }
cd "$tmp" || exit 1

tscae-synth -q --layout voc --count 20 --size 64x64 --classes 3 --seed 5 -o voc
# labeled FOLDER EPOCHS
labeled() { tscae-label -q -f "$1" --names | tscae-decode -q --shuffle --seed 1 --epochs "$2" --files-from - |
	tscae-label -q -f "$1"; }
tscae-decode -q voc/JPEGImages | tscae-label -q -f voc >one.tsc
labeled voc 100 >many.tsc
labeled voc 2 >few.tsc
small="task=detect image=64 model=micro patch=8 embed_dim=48 heads=2 depth=3 fpn_dim=32 checkpoint_minutes=0"

tscae-train -q -o heart $small batch=5 lr=4e-3 weight_decay=0.01 many.tsc 2>stderr
is "training prints no warnings" "$(cat stderr)" ""
tscae-detect -q -m heart one.tsc >found.tsc
ap=$(boxes ap found.tsc)
ok "an overfitted model has AP50 $ap of at least 0.9 on its 20 training images" awk "BEGIN { exit !($ap >= 0.9) }"
is "predicted boxes lie within their images, sorted by score" "$(boxes sound found.tsc)" 0
like "the header has the predicted fields and the class names of the model" "$(tscae-view -H found.tsc)" \
	"*predicted_boxes	F32 ?x4*predicted_classes	arrow, crescent, cross*"
tscae-detect -q -m heart -d -t 1 one.tsc >alone.tsc
like "--drop-image: the stream has kind label" "$(tscae-view -H alone.tsc)" "kind	label*"
for threads in 2 3; do
	tscae-detect -q -m heart -d -t $threads one.tsc >got.tsc
	is "$threads threads: the same predicted boxes" "$(tscae-view -j --values got.tsc | cksum)" \
		"$(tscae-view -j --values alone.tsc | cksum)"
done
values() { tscae-view -j --values "$@" | sed 's/"index":[0-9]*//' | tail -1 | cksum; }
tscae-decode -q voc/JPEGImages/000019.jpg | tscae-detect -q -m heart -d >got.tsc
tscae-decode -q voc/JPEGImages | tscae-detect -q -m heart -d >all.tsc
is "the prediction for an image does not depend on other images" "$(values got.tsc)" "$(values all.tsc)"

# shapes: what the model sees at its own scale is found, whatever the image's
for size in 128 96 200x150; do
	tscae-crop -q --mode fit --size $size one.tsc | tscae-detect -q -m heart --size \
		"$(case $size in 200*) echo 85 ;; *) echo 64 ;; esac)" >got.tsc
	ap=$(boxes ap got.tsc)
	ok "images of $size with --size 64: AP50 $ap of at least 0.8" awk "BEGIN { exit !($ap >= 0.8) }"
	is "images of $size with --size 64: boxes are in pixels of the original image" "$(boxes sound got.tsc)" 0
done
for size in 61x50 1x1 7x130; do
	tscae-crop -q --mode center --size $size one.tsc | tscae-detect -q -m heart >got.tsc
	is "images of $size, no multiple of the patch size: boxes lie within their images" "$? $(boxes sound got.tsc)" \
		"0 0"
done
is "--score-threshold 1: no boxes" \
	"$(tscae-detect -q -m heart --score-threshold 1 one.tsc >got.tsc; boxes count got.tsc)" 0
is "--max-detections 1: one box per image" \
	"$(tscae-detect -q -m heart --max-detections 1 --score-threshold 0 one.tsc >got.tsc; boxes count got.tsc)" 20
several=$(tscae-detect -q -m heart --score-threshold 0.5 --iou-threshold 1 one.tsc >got.tsc; boxes count got.tsc)
ok "--iou-threshold 1 suppresses no boxes" test "$several" -gt \
	"$(tscae-detect -q -m heart --score-threshold 0.5 one.tsc >got.tsc; boxes count got.tsc)"

# training: the same bits for any number of threads and after a stop; the same curve for any micro-batch
mixed="$small window_size=4 drop_path=0.2 batch=6 micro_batch=2 lr=1e-3"
weights() { cksum <"$1/latest/model.safetensors"; cksum <"$1/latest/state.safetensors"; }
tscae-train -q -o each $mixed checkpoint_steps=1 keep_checkpoints=99 few.tsc
want=$(weights each)
for threads in 1 2 3; do
	rm -rf run; tscae-train -q -o run $mixed -t $threads few.tsc
	is "training on $threads threads: the same weights to the bit" "$(weights run)" "$want"
done
# one gradient shard: its micro-batches take turns at each parameter
for threads in 1 4; do tscae-train -q -o lone-$threads $mixed grad_shards=1 micro_batch=1 -t $threads few.tsc; done
is "grad_shards=1: 1 and 4 threads give the same weights to the bit" "$(weights lone-4)" "$(weights lone-1)"
bad=
for k in 1 4; do
	rm -rf run && mkdir run && cp -r each/checkpoint-0000000$k run && cp each/log.jsonl run
	tscae-train -q -o run $mixed few.tsc 2>stderr
	[ "$(weights run)" = "$want" ] || bad="$bad $k"
done
is "tscae-detect: a resumed run gives the same weights to the bit" "$bad" ""
rm -rf run; tscae-train -q -o run $small drop_path=0.2 window_size=4 batch=6 micro_batch=6 lr=1e-3 few.tsc
near_log "micro-batches of 2 and 6 images give the same losses to 2e-3" 2e-3 loss each run

tscae-crop -q --mode center --size 61x100 one.tsc | tscae-detect -q -m each --score-threshold 0 >got.tsc
is "window attention: predictions for images of any size" "$? $(boxes sound got.tsc)" "0 0"

# an encoder from before
tscae-decode -q voc/JPEGImages | tscae-mask -q --patch 8 | tscae-train -q -o pre model=micro image=64 patch=8 \
	embed_dim=48 heads=2 depth=3 decoder_depth=1 batch=10 steps=2 2>stderr
rm -rf run
tscae-train -q -o run task=detect image=64 init_from=pre fpn_dim=32 batch=5 freeze_encoder=on few.tsc 2>stderr
like "init_from: the log says that the encoder was taken" "$(cat stderr)" "*pre: loaded the encoder*"
status "the model with the encoder of init_from predicts: exit 0" 0 tscae-detect -q -m run one.tsc

# bad input
cp -r voc none; sed -i '/<object>/,/<\/object>/d' none/Annotations/*.xml
cp -r voc hard; sed -i 's/<difficult>0/<difficult>1/' hard/Annotations/*.xml
printf '%s\n' arrow crescent cross >names
labeled hard 1 >hard.tsc
tscae-decode -q none/JPEGImages | tscae-label -q -f none --classes names >none.tsc
for name in hard none; do
	rm -rf run; status "training with $name boxes only: exit 0" 0 tscae-train -q -o run $small batch=5 $name.tsc
	like "training with $name boxes only: no positive locations, box loss 0" "$(tail -1 run/log.jsonl)" \
		'*"loss_box":0,"loss_centerness":0,"positives":0,*'
done
tscae-decode -q voc/JPEGImages >plain.tsc
rm -rf run; status "train on a stream without boxes: exit 65" 65 tscae-train -q -o run $small batch=5 plain.tsc
rm -rf run
status "classes=2 for a stream with 3 classes: exit 2" 2 tscae-train -q -o run $small batch=5 classes=2 one.tsc
printf '%s\n' arrow moon cross crescent >names
labeled voc 1 >/dev/null; tscae-decode -q voc/JPEGImages | tscae-label -q -f voc --classes names >other.tsc
rm -rf run && mkdir run && cp -r each/checkpoint-00000004 run
status "tscae-detect: resume with other classes: exit 2" 2 tscae-train -q -o run $mixed other.tsc
status "tscae-detect with a model of another task: exit 65" 65 tscae-detect -q -m pre one.tsc
like "tscae-detect with a model of another task: the message names both tasks" "$(cat "$tmp/stderr")" \
	"*a model for task 'pretrain', not 'detect'*"
tscae-decode -q --gray voc/JPEGImages >gray.tsc
status "tscae-detect: gray images: exit 65" 65 tscae-detect -q -m heart gray.tsc
head -c 30000 one.tsc >cut.tsc
status "tscae-detect: a stream cut short: exit 65" 65 tscae-detect -q -m heart cut.tsc
status "tscae-detect without --model: exit 2" 2 tscae-detect -q one.tsc
status "tscae-detect with a missing model: exit 66" 66 tscae-detect -q -m nothing one.tsc
[ -w /dev/full ] && status "tscae-detect: output to a full disk: exit 74" 74 \
	sh -c 'tscae-detect -q -m heart one.tsc >/dev/full'
done_testing
