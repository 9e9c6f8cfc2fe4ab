#!/bin/bash
# recipes.t - the recipes from end to end on tiny datasets: results, resume, error messages
. "${0%/*}/lib.sh"
cd "$tmp" || exit 1
small='embed_dim=24 heads=2 depth=2 decoder_depth=1 batch=8'
recipe() { local mk=$1; shift; make -s -f "$root/pipelines/$mk.mk" B="$B" "$@" 2>"$tmp/err"; }
tscae-synth -q --layout folders --count 100 --size 24x24 --output folders
tscae-synth -q --layout voc --count 24 --size 32x32 --output voc

recipe pretrain DATA=folders IMAGE=16 PATCH=4 EPOCHS=2 RUN=run TRAIN="$small" >out; is "pretrain: exit 0" $? 0
is "pretrain: the number of steps is that of the epochs" "$(readlink run/latest)" "checkpoint-00000020"
recipe pretrain DATA=folders IMAGE=16 PATCH=4 EPOCHS=2 RUN=run TRAIN="$small" >out
is "pretrain, second call: exit 0" $? 0
like "pretrain, second call: a message that the run is finished" "$(cat err)" "*run: already complete at step 20*"
recipe probe DATA=folders IMAGE=16 RUN=run >out; is "probe: exit 0" $? 0
is "probe: k-NN and linear accuracy of both encoders, k-NN of pixels" "$(cut -f 1,2 out | tr '\t\n' ',;')" \
	"name,probe;trained,linear;trained,knn;random,linear;random,knn;pixels,knn;"
for task in finetune detect segment; do
	data=voc image=32 score='^(VOC|mIoU)	'
	[ $task = finetune ] && data=folders image=16 score='^top1	'
	recipe $task DATA=$data INIT=run IMAGE=$image EPOCHS=2 RUN=$task TRAIN="batch=8" >out
	is "$task from an encoder: exit 0" $? 0
	is "$task: score.tsv has one main score" "$(grep -cE "$score" $task/score.tsv)" 1
	ok "$task: sheet.png is an image" tscae-decode -q -o sheet.tsc $task/sheet.png
	rm $task/score.tsv $task/sheet.png; before=$(readlink -f $task/model/latest)
	recipe $task DATA=$data INIT=run IMAGE=$image EPOCHS=2 RUN=$task TRAIN="batch=8" >out
	is "$task, second call: nothing is trained" "$(readlink -f $task/model/latest) $(grep -c 'tscae-train' err)" \
		"$before 0"
done
recipe pretrain DATA=voc IMAGE=16 PATCH=4 EPOCHS=1 RUN=boxless TRAIN="$small" >out
like "pretrain on VOC: only the images of the training split are read" "$(cat err)" \
	"*tscae-decode: $(wc -l <voc/ImageSets/Main/train.txt) of *"
recipe detect DATA=folders RUN=none >out; is "detect, a dataset without boxes: exit 2" $? 2
like "detect, a dataset without boxes: the message" "$(cat err)" "*folders*has no labels for this task*"
recipe detect RUN=none >out; is "detect without DATA: exit 2" $? 2
recipe detect DATA=voc LAYOUT=cocoa RUN=none >out; is "detect, an unknown LAYOUT: exit 2" $? 2

recipe quality DATA=folders OUT=quality DEGRADATIONS='clean downup=2+jpeg=10' IMAGE=16 PATCH=4 EPOCHS=1 TSCAE="$small" \
	MAE="$small" >out
is "quality: exit 0" $? 0
is "quality: a row for each of two objectives, two degradations and two probes" \
	"$(grep -cE '^\| (clean|downup=2\+jpeg=10) \| [0-9.]+ \|' quality/QUALITY.md)" 8
is "quality: images are degraded only in the runs with a degradation" \
	"$(grep -l 'tscae-degrade: 80 records' quality/*/pretrain.out | tr '\n' ' ')" \
	"quality/mae-downup2+jpeg10-0/pretrain.out quality/tscae-downup2+jpeg10-0/pretrain.out "
recipe quality DATA=folders OUT=quality2 DEGRADATIONS='clean jpeg=10' IMAGE=16 PATCH=4 EPOCHS=1 TSCAE="$small" \
	MAE="$small" FINETUNE_EPOCHS=1 ENCODERS=clean >out
is "quality with fine-tuning and a folder of clean encoders: exit 0, its table, the clean encoders there" \
	"$? $(grep -cE '^\| (clean|jpeg=10) \| [0-9.]+ \|' quality2/QUALITY.md) $(ls clean | tr '\n' ' ')" \
	"0 12 mae-0 tscae-0 "

if command -v gnuplot >/dev/null; then
	go() { recipe reproduce -j2 DATA=folders OUT="$1" SEEDS='0 1' METHODS='tscae mae none' IMAGE=16 PATCH=4 \
		EPOCHS=1 FINETUNE_EPOCHS=1 TSCAE="$small" MAE="$small" >out; }
	go all; is "reproduce: exit 0" $? 0
	is "reproduce: each score has a table with a row for each method over two seeds" \
		"$(grep -cE '^\| (TSCAE|MAE|from scratch) \| [0-9.]+ \| [0-9.]+ to [0-9.]+ \| 2 \|' all/RESULTS.md)" 7
	is "reproduce: the page in HTML has the same rows, curves of the encoders and sheets" \
		"$(python3 "$root/tests/html_page.py" sound all/RESULTS.html) $(grep -c '<td class="number">2</td>' \
		all/RESULTS.html) $(grep -c 'aria-label="Loss"' all/RESULTS.html) $(grep -c '<img src="data:' \
		all/RESULTS.html)" "sound 7 1 1"
	is "reproduce: each row has a command" "$(grep -c '	# ' all/RESULTS.md)" 7
	recipe reproduce -j2 DATA=folders OUT=all SEEDS='0 1 2' METHODS='none' IMAGE=16 PATCH=4 EPOCHS=1 \
		FINETUNE_EPOCHS=1 >out
	is "reproduce with one more seed and fewer methods: the page has only these" \
		"$? $(grep '^| from scratch' all/RESULTS.md | sed 's/.*| \([0-9]*\) |.*/\1/') $(grep -c '^| TSCAE' \
		all/RESULTS.md)" "0 3 0"
	recipe reproduce DATA=folders OUT=all SEEDS=0 METHODS=none IMAGE=16 PATCH=4 EPOCHS=1 FINETUNE_EPOCHS=2 >out
	is "reproduce with other epochs in the same folder: exit 2" $? 2
	like "reproduce with other epochs in the same folder: the message has the old command" "$(cat err)" \
		"*all/none-0/classify: was made by another command: make finetune * EPOCHS=1 *"
	rm -r all/none-2; go all
	is "reproduce: each command begins with pre-training, if there is one" \
		"$(grep -cE '^make pretrain DATA=folders .* && make (probe|finetune) .*	# (TSCAE|MAE)' \
		all/RESULTS.md) $(grep -c '^make finetune .*	# from scratch' all/RESULTS.md)" "6 1"
	recipe reproduce DATA=folders OUT=shared ENCODERS=all SEEDS=0 METHODS=tscae IMAGE=16 PATCH=4 EPOCHS=1 \
		FINETUNE_EPOCHS=1 TSCAE="$small" >out
	is "reproduce with ENCODERS: the encoder of the other folder gives the same scores" \
		"$? $(ls shared/tscae-0 | grep -c pretrain) $(cmp shared/tscae-0/classify/score.tsv \
		all/tscae-0/classify/score.tsv)$(cmp shared/tscae-0/trained.tsv all/tscae-0/trained.tsv)" "0 0 "
	bad=
	for f in $(grep -oE '\]\([^)]*\)' all/RESULTS.md | tr -d '()]'); do
		tscae-decode -q -o f.tsc "all/$f" || bad="$bad $f"
	done
	is "reproduce: each figure of the page is an image" "$bad" ""
	TSCAE_THREADS=1 go other
	is "reproduce with one thread: the same scores" \
		"$(cut -f 1,2,4 other/list.tsv |
		wc -l) $(for f in $(cd all && find . -name '*.tsv' ! -name curve.tsv); do sed s/other/all/g \
		"other/$f" | cmp -s - "all/$f" || echo "$f"; done)" "$(wc -l <all/list.tsv) "
else
	skip "reproduce" "gnuplot is not installed (make reproduce installs it)"
fi
done_testing
