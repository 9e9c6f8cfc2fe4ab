#!/bin/bash
# onnx.t - pipelines/browser/index.html in headless Chromium computes what tscae-embed, -classify, -detect, -segment do
# (ONNXRUNTIME=FOLDER: with onnxruntime-web installed)
. "${0%/*}/../lib.sh"
python=/usr/bin/python3
command -v chromium >/dev/null || skip_all "chromium is not installed"
"$python" -c 'import numpy' 2>/dev/null || skip_all "python3-numpy is not installed"
cd "$tmp" || exit 1
if [ -z "${ONNXRUNTIME-}" ]; then
	ONNXRUNTIME=$tmp/ort
	mkdir "$ONNXRUNTIME"
	if ! command -v npm >/dev/null || ! (cd "$ONNXRUNTIME" && timeout 300 npm install --silent --no-audit \
		--no-fund onnxruntime-web) >npm.log 2>&1
	then skip_all "onnxruntime-web cannot be installed by npm"; fi
fi
mkdir web
cp "$root/pipelines/browser/index.html" web
ln -s "$ONNXRUNTIME/node_modules/onnxruntime-web/dist" web/ort

# models of each task after a few steps, and an image of their size without loss
tscae-synth -q --layout voc --count 6 --size 32x32 --classes 3 --seed 5 -o voc
labeled() { tscae-label -q -f voc --names | tscae-decode -q --shuffle --seed 1 --epochs 40 --files-from - |
	tscae-label -q -f voc "$@"; }
small="image=32 model=micro patch=8 embed_dim=24 heads=2 depth=2 batch=6 checkpoint_minutes=0"
labeled >boxes.tsc
labeled --segmaps >maps.tsc
tscae-train -q -o detect task=detect fpn_dim=16 lr=6e-3 $small boxes.tsc 2>train.log
tscae-train -q -o segment task=segment fpn_dim=16 steps=20 $small maps.tsc 2>>train.log
for class in left right; do mkdir -p classes/$class; cp voc/JPEGImages/00000[1-3].jpg classes/$class; done
tscae-decode -q --labels dirs --epochs 4 classes | tscae-train -q -o classify task=classify $small steps=4 2>>train.log
"$python" - <<-EOF
	import sys; sys.argv = ['', 'none']
	exec(open("$root/tests/reference.py").read())
	png('web/image.png', image(3, 32, 32))
	EOF
tscae-decode -q web/image.png >image.tsc
for task in classify detect segment; do tscae-export -m $task --format onnx -o web/$task.onnx; done

"$python" -m http.server 0 --bind 127.0.0.1 -d web >server.log 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$tmp"' EXIT
for _ in $(seq 100); do
	port=$(grep -o 'port [0-9]*' server.log | cut -d' ' -f2)
	[ -n "$port" ] && break
	sleep 0.1
done
# page MODEL IMAGE: the document after the page has run (on a busy machine Chromium may dump it earlier: again, at most
# three times); ID: the text of an element
page() {
	for _ in 1 2 3; do
		timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$tmp/profile" \
			--virtual-time-budget=60000 --dump-dom "http://127.0.0.1:$port/index.html?model=$1&image=$2" \
			>page.html 2>chromium.log
		! grep -Eq 'id="status">(Done in|Error)' page.html || return
	done
}
text() { "$python" -c '
import html, re, sys
print(html.unescape(re.search(r"id=\"%s\">(.*?)</" % sys.argv[1], open("page.html").read(), re.S)[1]))' "$1"; }

page detect.onnx image.png
like "a detector runs in the browser" "$(text status)" "Done in *non-maximum suppression*"
tscae-detect -q -d -m detect image.tsc >want.tsc
"$python" "$root/tests/onnx_dense.py" lines want.tsc >want 2>&1
is "a detector: the page lists the detections of tscae-detect, to the digits shown" "$(text result)" "$(cat want)"
page classify.onnx image.png
tscae-classify -q -m classify image.tsc >want.tsc
"$python" "$root/tests/reference.py" field want.tsc class_score want.npy
is "a classifier: the page has the probabilities of tscae-classify with the names of the classes" \
	"$(text result | sort -k 2)" "$("$python" -c "
import numpy as np
for name, p in zip(('left', 'right'), np.load('want.npy').ravel()): print('%.4f' % p, name)")"
page segment.onnx image.png
tscae-segment -q -d -m segment --crop-size 32 image.tsc >want.tsc
"$python" "$root/tests/onnx_dense.py" counts want.tsc >want
is "a segmenter: the page has the pixels of each class of tscae-segment" "$(text result)" "$(cat want)"

# an encoder: every number of tscae-embed
tscae-decode -q voc/JPEGImages | tscae-mask -q --patch 8 | tscae-train -q -o encoder $small steps=1 2>>train.log
tscae-export -m encoder --format onnx -o web/encoder.onnx
page encoder.onnx image.png
text result >got.json
tscae-embed -q -d -m encoder --npy want.npy image.tsc >/dev/null
ok "an encoder: the features in the browser equal those of tscae-embed to 1e-5" "$python" -c "
import json, numpy as np
a, b = np.load('want.npy').ravel(), np.array(json.load(open('got.json')))
print('largest difference:', abs(a - b).max())
assert a.shape == b.shape == (24,) and abs(a - b).max() <= 1e-5"
page missing.onnx image.png
is "a missing model: the page says so" "$(text status)" "Error: missing.onnx: 404"
head -c 500 web/encoder.onnx >web/cut.onnx
page cut.onnx image.png
like "a model that is cut short: the page shows an error" "$(text status)" "Error: *"
done_testing
