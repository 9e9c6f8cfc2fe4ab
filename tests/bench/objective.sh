#!/bin/bash
# objective.sh - cost of a TSCAE step in MAE steps, and of the student's colors in the pipe
. "${0%/*}/lib.sh"

table "Cost of a step (ms; ratio: TSCAE to MAE, its share of the pipe to a TSCAE step)" TSCAE MAE
for model in $MODELS; do
	n=$(batch "$model")
	alternate "tscae-$model" "train $model tscae $n $THREADS" "mae-$model" "train $model mae $n $THREADS"
	row "$model, batch $n, threads $THREADS" "$(over "mae-$model" "tscae-$model")" "<1.8" \
		"$(calc "1000 * $n / $(middle "tscae-$model")")" "$(calc "1000 * $n / $(middle "mae-$model")")" ms
done

# seconds of processor time of one image with and without the filter
augmenting() {
	local user
	TIMEFORMAT=%U
	user=$({ time tscae-augment -q -t 1 "$@" "$stream" >/dev/null; } 2>&1)
	calc "$user / $count"
}
for model in $MODELS; do
	count=$(quick 64 4096) n=$(batch "$model") stream=$tmp/colors-$model.tsc
	tscae-decode -q --epochs "$((count / 32))" "$(images 32 "$(side "$model")x$(side "$model")")" |
		tscae-crop -q --size "$(side "$model")" -o "$stream" || exit 1
	alternate "colors-$model" "augmenting $colors" "none-$model" augmenting
	ms=$(calc "1000 * $n * ($(middle "colors-$model") - $(middle "none-$model"))")
	step=$(calc "1000 * $n * $THREADS / $(middle "tscae-$model")")
	row "$model, tscae-augment --student-image" "$(calc "$ms / $step")" "<0.05" "$ms" "$step" ms
	rm -f "$stream"
done
told
