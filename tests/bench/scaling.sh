#!/bin/bash
# scaling.sh - threads, model size, memory against batch with and without recompute, and how fast tools start
. "${0%/*}/lib.sh"
list=${LIST:-$(quick "1 2" "1 2 4")}
start=$tmp/start

table "Threads (pictures/s; ratio: to one thread)" rate "one thread"
for model in $MODELS; do
	n=$(batch "$model") commands=()
	for threads in $list; do commands+=("threads-$model-$threads" "train $model tscae $n $threads"); done
	alternate "${commands[@]}"
	for threads in $list; do
		row "$model, batch $n, threads $threads" "$(over "threads-$model-$threads" "threads-$model-1")" "$([ "$threads" = 4 ] && echo 3.8 || echo -)" "$(middle "threads-$model-$threads")" "$(middle "threads-$model-1")"
	done
done

table "Model size, threads $THREADS (ratio: pictures/s of TSCAE to MAE)" tscae mae
for model in $MODELS; do
	n=$(batch "$model")
	alternate "tscae-$model" "train $model tscae $n $THREADS" "mae-$model" "train $model mae $n $THREADS"
	row "$model, batch $n" "$(over "tscae-$model" "mae-$model")" - "$(middle "tscae-$model")" "$(middle "mae-$model")"
done

# the process's peak depends on the sizes alone: one run is enough
table "Peak memory of training (MB; ratio: with recompute to without)" recompute without
ROUNDS_WERE=$ROUNDS ROUNDS=1
for model in $MODELS; do
	for objective in tscae mae; do
		for part in $(quick 1 "4 2 1"); do
			n=$(($(batch "$model") / part))
			STEPS=2 alternate "on-$model-$objective-$n" "train $model $objective $n $THREADS recompute=on" "off-$model-$objective-$n" "train $model $objective $n $THREADS"
			row "$model, $objective, batch $n" "$(over "on-$model-$objective-$n" "off-$model-$objective-$n" 2)" - "$(calc "$(middle "on-$model-$objective-$n" 2) / 1e6")" "$(calc "$(middle "off-$model-$objective-$n" 2) / 1e6")"
		done
	done
done
ROUNDS=$ROUNDS_WERE

skipped "ranks 1, 2, 4" "a run is one process"

table "Start and end of a tool, one 64x64 picture (milliseconds)" tool true
folder=$(pictures 32 64x64)
picture=$(find "$folder" -name '*.jpg' | sort | head -n 1)
tscae-decode -q "$picture" -o "$start.tsc" || exit 1
times=$(quick 3 101)
alternate decode "'$bench/meter' $times tscae-decode -q '$picture'" mask "'$bench/meter' $times tscae-mask -q -p 8 '$start.tsc'" \
	view "'$bench/meter' $times tscae-view '$start.tsc'" true "'$bench/meter' $times true"
for tool in decode mask view; do
	ms=$(calc "1000 * $(middle $tool)")
	row "tscae-$tool" "$ms" "<3" "$ms" "$(calc "1000 * $(middle true)")" ms
done
told "LIST='$list'"
