#!/bin/bash
# onnx.t - an ONNX export computes the features of tscae-embed (onnxruntime-node; ONNXRUNTIME=FOLDER: with it installed)
. "${0%/*}/lib.sh"
python=/usr/bin/python3
"$python" -c 'import numpy' 2>/dev/null || skip_all "python3-numpy is not installed"
families() { "$python" "$root/tests/families.py" "$@"; }
cd "$tmp" || exit 1
families make timm timm
tscae-import -q --heads 3 --mean-std imagenet -o timm.safetensors timm
ok "an encoder is exported as ONNX" tscae-export -m timm.safetensors --format onnx -o timm.onnx
tscae-export -m timm.safetensors --format onnx -o again.onnx
same "a second export gives the same bytes" timm.onnx again.onnx
like "the metadata has mean and standard deviation" \
	"$(tr -d '\0' <timm.onnx | grep -a -o 'mean.\{0,8\}0.485,0.456,0.406')" "*0.485*"
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
done_testing
