#!/bin/bash
# embed.sh - features of an encoder against PyTorch, without mask and gradient: speed, peak memory, time from a cold
# start to a feature
#
# The time of tscae is that of the whole tscae-embed with its stream; the difference of two numbers of images removes
# the start-up. PyTorch has its images in memory, at each of BATCHES and at batch 1; PyTorch is tuned (torch_lib.sh).
. "${0%/*}/lib.sh"
. "${0%/*}/torch_lib.sh"
BATCHES=${BATCHES:-$(quick 8 "4 16 128")}
torch_there || exit 0
target() { case $1 in tiny) echo 2.2 ;; small | base) echo 1.7 ;; *) echo - ;; esac; }

# embed MODEL COUNT: print images/s without start-up, and peak memory
embed() {
	local few=$(($2 / 4)) weights a b
	weights=$(model_of "$1" mae)
	a=$("$bench/meter" 1 tscae-embed -d -q -t "$THREADS" -m "$weights" -o "$tmp/few" "$(masked "$1" $few)") ||
		return 1
	b=$("$bench/meter" 1 tscae-embed -d -q -t "$THREADS" -m "$weights" -o "$tmp/many" "$(masked "$1" "$2")") ||
		return 1
	echo "$a $b" | awk -v n="$(($2 - few))" '{ d = $4 - $1; print (d > 0 ? n / d : 0), $6 }'
}
count() { case $1 in micro | tiny) quick 256 2048 ;; small) quick 128 256 ;; *) quick 128 128 ;; esac; }

# agree_features MODEL: succeeds if the features are equal to 1e-4; else nothing is timed
agree_features() {
	local weights difference
	weights=$(model_of "$1" mae)
	tscae-embed -d -q -t "$THREADS" -m "$weights" --npy "$tmp/features.npy" -o /dev/null "$(masked "$1" 32)" ||
		return 1
	difference=$(torch tuned features "$weights" "$(masked "$1" 32)" 32 "$tmp/features.npy") || return 1
	row "$1" "$difference" "<0.0001" - -
	[ "$(calc "$difference <= 1e-4" %d)" = 1 ] || { echo "$1: features differ; nothing is timed"; return 1; }
}
table "Features with the same weights (largest difference / largest feature)" - -
for model in $MODELS; do
	agree_features "$model" || exit 1
done

table "Embedding against PyTorch (images/s, PyTorch tuned)" tscae PyTorch
for model in $MODELS; do
	weights=$(model_of "$model" mae) n=$(count "$model")
	masked "$model" "$n" >/dev/null; masked "$model" $((n / 4)) >/dev/null
	commands=("ours-$model" "embed $model $n")
	for batch in 1 $BATCHES; do
		commands+=("torch-$model-$batch" "torch tuned embed '$weights' '$(masked "$model" \
			"$batch")' $batch $THREADS $STEPS")
	done
	alternate "${commands[@]}"
	top=0
	for batch in $BATCHES; do
		rate=$(middle "torch-$model-$batch")
		[ "$(calc "$rate > $top" %d)" = 0 ] || { top=$rate; best=$batch; }
	done
	row "$model, PyTorch at batch $best, its best" "$(over "ours-$model" "torch-$model-$best")" \
		"$(target "$model")" "$(middle "ours-$model")" "$top"
	row "$model, PyTorch at batch 1" "$(over "ours-$model" "torch-$model-1")" "$(target "$model")" \
		"$(middle "ours-$model")" "$(middle "torch-$model-1")"
	for batch in "$best" 1; do
		row "$model, peak memory (MB), PyTorch at batch $batch" \
			"$(over "ours-$model" "torch-$model-$batch" 2)" - "$(calc "$(middle "ours-$model" 2) / 1e6")" \
			"$(calc "$(middle "torch-$model-$batch" 2) / 1e6")"
	done
done

table "One image, the whole process, file cache warm (seconds)" tscae PyTorch
for model in $MODELS; do
	weights=$(model_of "$model" mae) one=$tmp/one-$model.tsc
	tscae-decode -q -n 1 "$(images 32 "$(side "$model")x$(side "$model")")" | tscae-crop -q --mode center --size \
		"$(side "$model")" -o "$one" || exit 1
	alternate "first-$model" "'$bench/meter' $(quick 1 3) tscae-embed -d -q -t $THREADS -m '$weights' '$one'" \
		"import-$model" "'$bench/meter' 1 '$PYTHON' -c 'import torch'" \
		"first-torch-$model" "torch_first '$weights' '$one'"
	ours=$(middle "first-$model")
	row "$model: start to end of one feature" "$(calc "$ours / $(middle "first-torch-$model")")" - "$ours" \
		"$(middle "first-torch-$model")"
	row "$model: against import torch" "$(calc "$ours / $(middle "import-$model")")" - "$ours" \
		"$(middle "import-$model")"
	[ "$model" != base ] || row "$model: seconds" "$ours" "<0.2" "$ours" -
done
told "BATCHES='$BATCHES'"
