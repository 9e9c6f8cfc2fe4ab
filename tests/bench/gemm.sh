#!/bin/bash
# gemm.sh - speed of training, and of sgemm with the layer shapes of the model, relative to a loop of multiply-adds
. "${0%/*}/lib.sh"
"$bench/ceiling" micro 1 >/dev/null || exit 1
target() { case $1 in micro) echo 0.55 ;; tiny) echo 0.72 ;; small) echo 0.74 ;; base) echo 0.78 ;; esac; }

table "Fraction of the multiply-add loop (GFLOP/s)" speed loop
for model in $MODELS; do
	for threads in 1 $(quick 2 "$THREADS"); do
		[ -f "$tmp/train-$model-$threads.rows" ] && continue
		n=$(batch "$model")
		alternate "ceiling-$model-$threads" "$bench/ceiling $model $threads" "train-$model-$threads" \
			"train $model tscae $n $threads"
		loop=$(middle "ceiling-$model-$threads" 1) alone=$(middle "ceiling-$model-$threads" 2) \
			library=$(middle "ceiling-$model-$threads" 3) rate=$(middle "train-$model-$threads" 3)
		row "$model, threads $threads: sgemm, one call per thread" "$(calc "$alone / $loop")" - "$alone" "$loop"
		[ "$threads" = 1 ] || row "$model, threads $threads: sgemm, OpenBLAS's threads" \
			"$(calc "$library / $loop")" - "$library" "$loop"
		row "$model, threads $threads: training" "$(calc "$rate / $loop")" "$(target "$model")" "$rate" "$loop"
		row "$model, threads $threads: training, relative to sgemm" "$(calc "$rate / $alone")" - "$rate" \
			"$alone"
	done
done
told
if [ -z "$QUICK" ]; then
	printf '\nTime of the parts of a block, one thread\n'
	"$bench/gemm_block" && "$bench/attention" && "$bench/window" || exit 1
	echo "command: ${bench#"$root"/}/gemm_block, attention, window"
fi
