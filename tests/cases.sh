# cases.sh - a run of every tool on small inputs, sourced after lib.sh in an empty folder: makes the inputs and the file
# `cases`, with NAME|INPUT|COMMAND a line; I/ in COMMAND is the folder, INPUT the file on standard input
/usr/bin/python3 -c 'import msgpack, numpy, PIL' 2>/dev/null || skip_all \
	"python3-msgpack, python3-numpy or python3-pil is not installed"
nm "$bin/tscae-train" 2>/dev/null | grep -qE '__(asan|tsan)_init' && skip_all "this is a sanitizer build"
OPENBLAS_NUM_THREADS=1 TSCAE_THREADS=1; export OPENBLAS_NUM_THREADS TSCAE_THREADS
# small products of OpenBLAS 0.3 for AVX-512 use memory without a look whether they got it
[ "$(uname -m)" != x86_64 ] || export OPENBLAS_CORETYPE=Haswell

# images of 8 x 8, models of 2 x 2 patches
inputs() { set -e
	tscae-synth -q --layout folders --count 4 --size 16x16 --classes 2 --seed 3 --val-ratio 0 -o set
	tscae-decode -q --labels dirs --limit 2 set/train >whole.tsc
	tscae-crop -q --mode center --size 8 whole.tsc >images.tsc
	tscae-mask -q -p 4 images.tsc >masked.tsc
	tiny="model=micro image=8 patch=4 depth=1 decoder_depth=1 embed_dim=24 heads=2 batch=1 micro_batch=1"
	tscae-train -q -o run $tiny masked.tsc
	tscae-embed -d -q -m run images.tsc >features.tsc
	tscae-embed -d -q -m run images.tsc --npy features.npy >features.tsc
	tscae-embed -q -m run --pool patches --attention images.tsc >patches.tsc
	tscae-train -q -o kinds $tiny task=classify images.tsc
	tscae-synth -q --count 4 -S 16x16 --classes 1 --max-objects 1 --seed 3 --val-ratio 0 -o voc
	tscae-label -q -f "$tmp/voc" --segmaps --standalone >names.tsc
	tscae-decode -q --records names.tsc | tscae-crop -q --mode center --size 8 >labels.tsc
	tscae-train -q -o maps $tiny task=segment fpn_dim=4 labels.tsc
	tscae-train -q -o boxes $tiny task=detect fpn_dim=4 labels.tsc
	tscae-detect -q -m boxes --score-threshold 0 --max-detections 3 labels.tsc >detected.tsc
	tscae-classify -q -m kinds images.tsc >classified.tsc
	tscae-segment -q -m maps labels.tsc >segmented.tsc
	tscae-eval -q --write-coco found.json --write-gt truth.json detected.tsc >scores
	mkdir coco coco/images; cp voc/JPEGImages/*.jpg coco/images
	cp truth.json coco/instances.json
	tscae-export -q -m run -o model.safetensors
	tscae-export -q -m run --format hf -o hf
	mkdir formats; /usr/bin/python3 "$root/tests/images.py" seeds formats; cp formats/whole.png formats/plain
	mkdir tiff webp; mv formats/*.tif tiff; mv formats/*.lossless.webp webp
	tar -C set -cf shard.tar train
	printf '%s\t%s\t%s\t%s\t%s\t%s\n' group label file select protocol command \
		Detection TSCAE "$tmp/scores" AP50/value boxes 'make detect' >list.tsv
	mkdir yolo yolo/images yolo/labels
	cp voc/JPEGImages/*.jpg yolo/images
	for i in yolo/images/*.jpg; do i=${i##*/}; echo '0 0.5 0.5 0.25 0.25' >"yolo/labels/${i%.jpg}.txt"; done
	printf 'names: [shape]\ntrain: images\n' >yolo/data.yaml
	printf '%s\tcat\n' a.jpg b.jpg >table.tsv
}
(inputs) >log 2>&1 || { fail "the small inputs are made" "$(tail -5 log)"; done_testing; }
tiny="model=micro image=8 patch=4 depth=1 decoder_depth=1 embed_dim=24 heads=2 batch=1 micro_batch=1"

cat >cases <<-EOF
	augment|images.tsc|tscae-augment --brightness 0.4 --hue 0.1 --blur 1 --randaugment 2 --erase 1
	classify||tscae-classify -m I/kinds I/images.tsc -o out.tsc
	crop|labels.tsc|tscae-crop --size 8
	decode||tscae-decode --labels dirs I/set/train -o out.tsc
	decode-formats||tscae-decode --strict I/formats
	decode-tiff||tscae-decode --strict I/tiff
	decode-webp||tscae-decode --strict I/webp
	decode-tar||tscae-decode I/shard.tar
	decode-records|names.tsc|tscae-decode --records
	degrade|images.tsc|tscae-degrade --ops jpeg=50,downup=2,blur=1,noise=5
	detect||tscae-detect -m I/boxes --score-threshold 0 I/labels.tsc
	embed||tscae-embed -m I/run I/images.tsc --npy out.npy -o out.tsc
	eval||tscae-eval --per-class I/detected.tsc --write-coco found.json --write-gt truth.json --write-voc voc
	eval-coco||tscae-eval I/truth.json I/found.json
	export||tscae-export -m I/run -o out.safetensors
	export-onnx||tscae-export -m I/run --format onnx -o out.onnx
	export-hf||tscae-export -m I/run --format hf -o hf
	import||tscae-import --heads 2 I/model.safetensors -o out.safetensors
	import-hf||tscae-import I/hf -o out.safetensors
	label-voc||tscae-label -f I/voc --segmaps --standalone -o out.tsc
	label-coco||tscae-label -l coco -f I/coco/instances.json --image-dir I/coco/images --segmentation --standalone
	label-yolo||tscae-label -l yolo -f I/yolo/data.yaml --standalone
	label-folders|images.tsc|tscae-label -l folders -f I/set/train
	mask|images.tsc|tscae-mask -p 4
	probe|features.tsc|tscae-probe --method both I/features.tsc -
	reconstruct|masked.tsc|tscae-reconstruct -m I/run
	report||tscae-report I/list.tsv
	search||tscae-search I/features.tsc I/features.tsc
	search-npy||tscae-search I/features.npy I/features.npy
	segment||tscae-segment -m I/maps I/images.tsc
	synth||tscae-synth --count 2 -S 16x16 -o set
	train|masked.tsc|tscae-train -o run $tiny checkpoint_steps=1
	train-detect|labels.tsc|tscae-train -o run $tiny task=detect fpn_dim=4
	uncrop|detected.tsc|tscae-uncrop
	view||tscae-view --json --values I/masked.tsc
	view-sheet||tscae-view --sheet sheet.png I/labels.tsc
	view-pca||tscae-view --pca --heads --sheet sheet.png I/patches.tsc
	view-jpeg||tscae-view --sheet sheet.jpg I/masked.tsc
EOF
# relay COMMAND ...: print the TAP lines of a command with numbers
relay() {
	local line
	while IFS= read -r line; do
		case $line in
		'ok - '*) pass "${line#ok - }" ;;
		'not ok - '*) fail "${line#not ok - }" ;;
		*) printf '%s\n' "$line" ;;
		esac
	done < <("$@" || echo "# $2 ends with $?")
}
