#!/bin/bash
# onnx.t - ONNX exports compute what tscae-embed, -classify, -detect and -segment do (onnxruntime-node;
# ONNXRUNTIME=FOLDER: with it installed)
. "${0%/*}/lib.sh"
python=/usr/bin/python3
"$python" -c 'import numpy, msgpack' 2>/dev/null || skip_all "python3-numpy or python3-msgpack is not installed"
families() { "$python" "$root/tests/families.py" "$@"; }
cd "$tmp" || exit 1
families make timm timm
tscae-import -q --heads 3 --mean-std imagenet -o timm.safetensors timm
ok "an encoder is exported as ONNX" tscae-export -m timm.safetensors --format onnx -o timm.onnx
tscae-export -m timm.safetensors --format onnx -o again.onnx
same "a second export gives the same bytes" timm.onnx again.onnx
like "the metadata has mean and standard deviation" \
	"$(tr -d '\0' <timm.onnx | grep -a -o 'mean.\{0,8\}0.485,0.456,0.406')" "*0.485*"
# settings as of tscae-stats: lists of any length
numbers=$(seq -s, 0.1234567890123451 0.01 0.28 | cut -d, -f1-16); "$python" - <<-EOF2
	import sys; sys.path.insert(0, '$root/tests')
	import numpy as np
	from streams import write_stream
	field = ['image', '|u1', [8, 8, 16]]
	write_stream('many.tsc', 'image', {'fields': [field]}, [{'key': key, 'image': np.zeros((8, 8, 16), 'u1')}
	    for key in 'abcd'])
EOF2
tscae-mask -q -p 4 many.tsc | tscae-train -q -o many.run model=micro image=8 patch=4 channels=16 "mean=$numbers" \
	"std=$numbers" steps=1 batch=2 - 2>train.log || cat train.log
tscae-export -m many.run --format onnx -o many.onnx
is "the metadata has mean and standard deviation of 16 channels, whole" "$(grep -aoF "[$numbers]" many.onnx | wc -l)" 2
if [ -z "${ONNXRUNTIME-}" ]; then
	ONNXRUNTIME=$tmp/ort
	mkdir "$ONNXRUNTIME"
	if ! command -v npm >/dev/null || ! (cd "$ONNXRUNTIME" && ONNXRUNTIME_NODE_INSTALL=skip timeout 120 npm \
		install --silent --no-audit --no-fund onnxruntime-node) >npm.log 2>&1
	then echo "# skipped: onnxruntime-node cannot be installed by npm"; done_testing; fi
fi
export NODE_PATH=$ONNXRUNTIME/node_modules
run() { node "$root/tests/onnx_run.js" "$@"; }
# compare WHAT MODEL SIZE POOL
compare() {
	tscae-embed -d -q -m "$2.safetensors" --pool "$4" --npy want.npy "$3.tsc" >/dev/null
	run "$2.onnx" "$3.pixels" 4 "$3" "$4" got >dims
	ok "$1: $4 of onnxruntime equals tscae-embed to 1e-5" "$python" -c "
import numpy as np
a, b = np.load('want.npy'), np.fromfile('got', '<f4')
print('largest difference:', abs(a.ravel() - b).max())
assert a.size == b.size and abs(a.ravel() - b).max() <= 1e-5"
}
for size in 32 48; do
	families images images.$size $size
	tscae-decode -q images.$size >$size.tsc
	families pixels $size $size.pixels
done
for pool in mean class patches; do compare "learned positions" timm 32 $pool; done
for name in registers no-class-token pool-norm mlp-ratio eps fixed; do
	families make $name $name
	options="--heads 3 --mean-std imagenet"; [ $name = eps ] && options="$options --norm-eps 1e-2"
	tscae-import -q $options -o $name.safetensors $name
	tscae-export -m $name.safetensors --format onnx -o $name.onnx
	compare $name $name 32 mean
done
cp timm.safetensors large.safetensors
tscae-export -m timm.safetensors --image 48 --format onnx -o large.onnx
compare "another image size" large 48 patches

# a classifier
for class in a b; do mkdir -p c/$class; cp images.32/p000.png images.32/p001.png c/$class/; done
tscae-decode -q --labels dirs --epochs 2 c >c.tsc
if tscae-train -q -o run task=classify init_from=timm.safetensors batch=4 steps=1 c.tsc 2>train.log; then
	ok "a classifier is exported as ONNX" tscae-export -m run --format onnx -o classify.onnx
	tscae-classify -q -m run 32.tsc >classified.tsc
	"$python" "$root/tests/reference.py" field classified.tsc class_score want.npy
	is "the classifier's outputs have the classes" "$(run classify.onnx 32.pixels 4 32 probabilities p)" "4 2"
	ok "probabilities of onnxruntime equal tscae-classify to 1e-5" "$python" -c "
import numpy as np
assert abs(np.fromfile('p', '<f4').reshape(4, 2) - np.load('want.npy')).max() <= 1e-5"
else fail "a classifier is trained" "$(cat train.log)"; fi
# a detector and a segmenter, with attention windows in blocks 1 and 3
dense() { "$python" "$root/tests/onnx_dense.py" "$@"; }
tscae-synth -q --layout voc --count 12 --size 64x64 --classes 4 --seed 5 -o voc
# labeled EPOCHS [OPTION]: shuffled images with boxes
labeled() { tscae-label -q -f voc --names | tscae-decode -q --shuffle --seed 1 --epochs "$1" --files-from - |
	tscae-label -q -f voc ${2-}; }
small="image=64 model=micro patch=8 embed_dim=24 heads=2 depth=5 fpn_dim=16 window_size=3 batch=6"
small="$small checkpoint_minutes=0"
labeled 80 >boxes.tsc
labeled 20 --segmaps >maps.tsc
tscae-train -q -o detector task=detect $small lr=6e-3 weight_decay=0.01 boxes.tsc 2>train.log
tscae-train -q -o segmenter task=segment $small lr=4e-3 maps.tsc 2>>train.log
ok "a detector and a segmenter are trained" test -e detector/latest -a -e segmenter/latest
tscae-decode -q voc/JPEGImages >whole.64
tscae-crop -q --mode center --size 40 whole.64 >whole.40
# detections NAME SIZE MINIMUM [OPTION ...]: MINIMUM detections at least
detections() {
	local name=$1 size=$2 least=$3 count
	shift 3
	tscae-export -m detector --format onnx --image "$size" -o detector.onnx "$@"
	tscae-detect -q -m detector "$@" whole.$size >want.tsc
	dense pixels whole.$size dense.pixels
	run detector.onnx dense.pixels 12 "$size" boxes,scores,classes,count got >dims
	count=$(dense boxes want.tsc got 2>&1 | tail -1)
	ok "$name: $count detections of onnxruntime, at least $least, equal tscae-detect to 1e-5" \
		test "$count" -ge "$least"
}
detections "a detector" 64 200
detections "all scores, more candidates than are taken of a level" 64 1200 --score-threshold 0
detections "another image size, an odd grid" 40 84 --score-threshold 0 --max-detections 7 --iou-threshold 0.3
is "outputs have the shape of --max-detections" "$(tr '\n' ' ' <dims)" "12 7 4 12 7 12 7 12 "
detections "no detection" 64 0 --score-threshold 1
is "rows without detection have shape and count" "$(dense boxes want.tsc got)" 0
for size in 64 40; do
	tscae-export -m segmenter --format onnx --image $size -o segmenter.onnx
	tscae-segment -q -m segmenter --crop-size $size whole.$size >want.tsc
	dense pixels whole.$size dense.pixels
	is "a segmenter at $size pixels has outputs of the image's size" \
		"$(run segmenter.onnx dense.pixels 12 $size logits,classes got | tr '\n' ' ')" \
		"12 5 $size $size 12 $size $size "
	ok "a segmenter at $size pixels: classes of onnxruntime equal tscae-segment" dense maps want.tsc got
done
like "the metadata tell what the outputs are" "$(tr -d '\0' <detector.onnx | grep -a -o 'detections after.\{0,40\}')" \
	"*non-maximum suppression, best first*"
done_testing
