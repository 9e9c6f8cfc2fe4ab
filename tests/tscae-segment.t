#!/bin/bash
# tscae-segment.t - segmentation maps: overfit, resume, threads, micro-batches; windows, sizes, PNG files; bad input
. "${0%/*}/lib.sh"
OPENBLAS_NUM_THREADS=1; export OPENBLAS_NUM_THREADS
cd "$tmp" || exit 1
python=/usr/bin/python3

tscae-synth -q --count 12 -S 48x40 --max-objects 2 --classes 3 --seed 4 --val-ratio 0.25 -o voc
# labeled SET [DECODE OPTION ...]: images with boxes and segmentation maps
labeled() { _set=$1; shift
tscae-label -q -f voc --segmaps --split "$_set" --names | tscae-decode -q "$@" | tscae-label -q -f voc --segmaps; }
small="patch=4 embed_dim=24 depth=2 heads=2 fpn_dim=16"
labeled train --shuffle --seed 1 --epochs 4 | tscae-crop -q --mode jitter --size 32 --seed 1 -o train.tsc
labeled val >val.tsc
# fit RUN [ARGUMENT ...]
fit() { _run=$1; shift
tscae-train -q -o "$_run" task=segment $small batch=6 micro_batch=2 checkpoint_minutes=0 lr=2e-3 drop_path=0.2 "$@" \
	2>stderr; }
weights() { cksum <"$1/latest/model.safetensors"; cksum <"$1/latest/state.safetensors"; }
segment() { tscae-segment -q -m whole "$@"; }

# training
fit whole train.tsc
want=$(weights whole)
for threads in 1 2 3; do
	rm -rf run; fit run -t $threads train.tsc
	is "training on $threads threads: the same weights to the bit" "$(weights run)" "$want"
done
# one lane: its micro-batches take turns at each parameter
fit lone grad_shards=1 micro_batch=1 -t 1 train.tsc; fit run2 grad_shards=1 micro_batch=1 -t 4 train.tsc
is "grad_shards=1: several threads give the same weights to the bit" "$(weights run2)" "$(weights lone)"
fit each checkpoint_steps=1 keep_checkpoints=99 train.tsc
bad=
for k in 1 3 5; do
	rm -rf run && mkdir run && cp -r each/checkpoint-0000000$k run && cp each/log.jsonl run
	fit run train.tsc
	[ "$(weights run)" = "$want" ] || bad="$bad $k"
done
is "tscae-segment: a resumed run gives the same weights to the bit" "$bad" ""
rm -rf run; fit run micro_batch=4 grad_shards=2 train.tsc
losses() { log_values loss "$1"; }
near_log "micro-batches of 2 and 4 images give the same losses to 1e-3" 1e-3 loss whole run
is "the log has a line for each of the 6 steps" "$(losses run | wc -l)" 6
rm -rf run; fit run recompute=on train.tsc
is "recomputed activations give the same losses" "$(losses run)" "$(losses whole)"
rm -rf run; fit run depth=6 steps=2 train.tsc
rm -rf windows; status "training with window attention: exit 0" 0 fit windows depth=6 steps=2 window_size=3 train.tsc
ok "window attention gives other losses" test "$(losses run)" != "$(losses windows)"
status "tscae-embed --attention of a block with global attention: exit 0" 0 tscae-embed -q -a -b 2 -m windows train.tsc
status "tscae-embed --attention of a block with windows: exit 2" 2 tscae-embed -q -a -b 1 -m windows train.tsc
like "tscae-embed --attention of a block with windows: the message" "$(cat "$tmp/stderr")" \
	"tscae-embed: --attention: block 1 of 6 attends within windows; *"
like "the log has pixel_accuracy" "$(tail -1 whole/log.jsonl)" '*"pixel_accuracy":0.*"loss":*'
tscae-train -q -o pre $small steps=1 batch=4 <(tscae-mask -q --patch 4 train.tsc)
rm -rf run; fit run init_from=pre freeze_encoder=on train.tsc
like "init_from with freeze_encoder: the log names the encoder that was loaded" "$(cat stderr)" \
	"*pre: loaded the encoder*"
like "task=segment with init_from has the settings of fine-tuning" \
	"$(tscae-train --print-config task=segment init_from=pre | tr '\n' ' ')" "*base_lr = 0.0016*layer_decay = 0.75*"

scores() { tscae-eval -q --task segment "$@" | awk '$1 == "mIoU" { print $2 }'; }
# by heart
labeled val --epochs 60 | tscae-crop -q --mode center --size 40 -o again.tsc
tscae-train -q -o heart task=segment patch=8 embed_dim=48 depth=2 heads=2 fpn_dim=32 batch=3 lr=4e-3 \
	checkpoint_minutes=0 again.tsc 2>/dev/null
tscae-crop -q --mode center --size 40 val.tsc | tscae-segment -q -m heart -o known.tsc
iou=$(scores known.tsc)
ok "an overfitted model has mIoU $iou above 0.9 on its 3 training images" awk "BEGIN { exit !($iou > 0.9) }"

# prediction
segment -o whole.tsc val.tsc
like "the header has the predicted field and the class names of the model" "$(tscae-view -H whole.tsc)" \
	"*predicted_labels	U8 ?x?*predicted_label_classes	background, arrow, crescent, cross*"
for threads in 1 3; do
	segment -t $threads val.tsc | tscae-view -j --values - >got-$threads
done
same "tscae-segment: 1 and 3 threads give the same predictions" got-1 got-3
ok "another --stride gives other predictions" test \
	"$(tscae-segment -q -m heart --resize 90 --stride 40 val.tsc | tscae-view -j --values - | cksum)" != \
	"$(tscae-segment -q -m heart --resize 90 --stride 8 val.tsc | tscae-view -j --values - | cksum)"
status "--crop-size other than in training: exit 0" 0 segment --crop-size 40 val.tsc
status "--resize: exit 0" 0 segment --resize 80 val.tsc
tscae-crop -q --mode center --size 40 val.tsc -o exact.tsc
maps() { tscae-view -j --values "$@" | sed -E 's/.*"predicted_labels"//'; }
is "an image of the window size gives the same prediction for any stride" \
	"$(tscae-segment -q -m heart exact.tsc | maps - | cksum)" \
	"$(tscae-segment -q -m heart --stride 5 exact.tsc | maps - | cksum)"
is "--drop-image: kind label, no field image" \
	"$(segment -d val.tsc | tscae-view -H - | grep -cE '^kind	label$|^field	image')" 1

tscae-segment -q -m heart --png known exact.tsc -o exact-known.tsc
is "the files of --png have the same mIoU as the stream" "$(scores exact.tsc known)" "$(scores exact-known.tsc)"

# files
if "$python" -c 'import PIL, msgpack, numpy' 2>/dev/null; then
	"$python" - <<-'END'
	import numpy as np
	from PIL import Image
	import os
	os.mkdir("sizes")
	rng = np.random.RandomState(1)
	for n, (w, h) in enumerate([(1, 1), (2, 30), (33, 32), (100, 7), (71, 90)]):
	    Image.fromarray(rng.randint(0, 256, (h, w, 3), dtype=np.uint8)).save(f"sizes/{n}.v1.png")
	END
	tscae-decode -q sizes | segment --png maps -o sizes.tsc
	"$python" - >look <<-'END'
	import glob, msgpack, numpy as np
	from PIL import Image
	wrong = []
	records = [r for r in msgpack.Unpacker(open("sizes.tsc", "rb"), raw=True, strict_map_key=False) if isinstance(r,
		dict) and b"key" in r]
	for r in records:
	    name = r[b"key"].decode().split("/")[-1].rsplit(".", 1)[0]
	    image = Image.open(f"maps/{name}.png")
	    t = r[b"predicted_labels"]
	    labels = np.frombuffer(t[b"data"], np.uint8).reshape(t[b"shape"])
	    if image.mode != "P" or image.size != Image.open(f"sizes/{name}.png").size or image.getpalette()[:9] != [0,
	        0, 0, 128, 0, 0, 0, 128, 0]:
	        wrong.append(("form", name, image.mode, image.size))
	    if not np.array_equal(np.array(image), labels) or labels.max() > 3:
	        wrong.append(("values", name))
	print(len(records), *wrong)
	END
	is "--png: files have the size of their images, the palette of VOC, and the labels of the stream" \
		"$(cat look)" 5
	status "--png does not overwrite a file: exit 74" 74 segment --png maps <(tscae-decode -q sizes)
	like "--png does not overwrite a file: the message names it" "$(cat "$tmp/stderr")" \
		"*maps/0.v1.png: file exists*"
else
	skip "--png: files have the size of their images" \
		"python3-pil, python3-msgpack or python3-numpy is not installed"
fi

# bad input
labeled train >plain.tsc
rm -rf run
status "train on segmentation maps of another size than the images of the model: exit 65" 65 fit run image=32 plain.tsc
tscae-decode -q voc/JPEGImages | tscae-crop -q --mode center --size 32 -o bare.tsc
rm -rf run; status "train on a stream without segmentation maps: exit 65" 65 fit run bare.tsc
like "train on a stream without segmentation maps: the message names the missing classes" "$(cat stderr)" \
	"*label_classes*"
rm -rf run; status "classes=3 for a stream with 4 classes: exit 2" 2 fit run classes=3 train.tsc
rm -rf run && mkdir run && cp -r each/checkpoint-00000003 run
printf '%s\n' arrow crescent heart >names
tscae-synth -q --count 12 -S 48x40 --max-objects 2 --classes 3 --seed 4 --val-ratio 0.25 -o other
sed -i 's/>cross</>heart</' other/Annotations/*.xml; rm -f other/ImageSets/Main/*_*.txt
tscae-label -q -f other --segmaps --classes names --split train --names | tscae-decode -q --shuffle --seed 1 --epochs \
	4 | tscae-label -q -f other --segmaps --classes names | tscae-crop -q --mode jitter --size 32 --seed 1 -o \
	other.tsc
status "tscae-segment: resume with other classes: exit 2" 2 fit run other.tsc
like "tscae-segment: resume with other classes: the message names the first" \
	"$(cat stderr)" "*begun with other classes: class 3 is*"
if "$python" -c 'import msgpack, numpy' 2>/dev/null; then
	PYTHONPATH=$root/tests PYTHONDONTWRITEBYTECODE=1 "$python" - <<-'END'
	import numpy as np
	from streams import write_stream
	rng = np.random.RandomState(1)
	def make(path, change, classes=("background", "arrow", "crescent", "cross"), h=32):
	    records = []
	    for n in range(12):
	        labels = rng.randint(0, 4, (h, 32), dtype=np.uint8)
	        change(labels, n)
	        records.append({"key": str(n), "labels": labels, "image": rng.randint(0, 256, (32, 32, 3),
	            dtype=np.uint8)})
	    write_stream(path, "image", {"label_classes": list(classes), "records": 12}, records)
	def wrong(labels, n): labels[3, 5] = 200 if n == 7 else 0
	def void(labels, n): labels[:] = 255
	make("wrong.tsc", wrong)
	make("void.tsc", void)
	make("cut.tsc", lambda labels, n: None, h=31)
	make("many.tsc", void, [str(n) for n in range(256)])
	END
	rm -rf run; status "a label out of range: exit 65" 65 fit run image=32 wrong.tsc
	like "a label out of range: the message has record, row and column" "$(cat stderr)" \
		"*record 7 (7): field 'labels': class 200 at row 3, column 5, but there are 4 classes*"
	rm -rf run; status "train on ignored pixels only: exit 0" 0 fit run image=32 void.tsc
	is "train on ignored pixels only: the loss is 0" "$(losses run | sort -u)" 0
	rm -rf run; status "a segmentation map of another size than its image: exit 65" 65 fit run image=32 cut.tsc
	like "a segmentation map of another size than its image: the message has both sizes" "$(cat stderr)" \
		"*field 'labels': a map of 31x32 pixels for an image of 32x32*"
	rm -rf run; status "more classes than a segmentation map can hold: exit 2" 2 fit run image=32 many.tsc
fi
status "tscae-segment without --model: exit 2" 2 tscae-segment -q val.tsc
status "tscae-segment with a missing model: exit 66" 66 tscae-segment -q -m nothing val.tsc
status "tscae-segment with a model of another task: exit 65" 65 tscae-segment -q -m pre val.tsc
status "--crop-size that is no multiple of the patch size: exit 2" 2 segment --crop-size 30 val.tsc
status "--stride larger than --crop-size: exit 2" 2 segment --stride 33 val.tsc
status "tscae-segment: gray images: exit 65" 65 segment <(tscae-decode -q --gray voc/JPEGImages)
head -c 3000 val.tsc >cut.tsc
status "tscae-segment: a stream cut short: exit 65" 65 segment cut.tsc
[ -w /dev/full ] && status "tscae-segment: output to a full disk: exit 74" 74 \
	sh -c "tscae-segment -q -m whole val.tsc >/dev/full"
: >file
status "--png names a file in place of a folder: exit 74" 74 segment --png file val.tsc
mkdir dots && cp voc/JPEGImages/000000.jpg dots/a.left && cp voc/JPEGImages/000001.jpg dots/a.right
segment --png dotted -o dots.tsc <(tscae-decode -q dots)
is "--png: only the suffix of an image is left out of the key" "$(ls dotted | xargs)" "a.left.png a.right.png"
done_testing
