#!/bin/bash
# gemm.sh - how near training comes to the machine: sgemm at the model's layers and the trainer beside a loop of multiply-adds
. "${0%/*}/lib.sh"
"$bench/ceiling" micro 1 >/dev/null || exit 1
target() { case $1 in micro) echo 0.55 ;; tiny) echo 0.72 ;; small) echo 0.74 ;; base) echo 0.78 ;; esac; }

table "Matrix products: fraction of the multiply-add loop (GFLOP/s)" rate loop
for model in $MODELS; do
	for threads in 1 $(quick 2 "$THREADS"); do
		[ -f "$tmp/train-$model-$threads.rows" ] && continue
		n=$(batch "$model")
		alternate "ceiling-$model-$threads" "$bench/ceiling $model $threads" "train-$model-$threads" "train $model tscae $n $threads"
		loop=$(middle "ceiling-$model-$threads" 1) alone=$(middle "ceiling-$model-$threads" 2) library=$(middle "ceiling-$model-$threads" 3) rate=$(middle "train-$model-$threads" 3)
		row "$model, threads $threads: sgemm, a thread each" "$(calc "$alone / $loop")" - "$alone" "$loop"
		[ "$threads" = 1 ] || row "$model, threads $threads: sgemm, OpenBLAS's threads" "$(calc "$library / $loop")" - "$library" "$loop"
		row "$model, threads $threads: training" "$(calc "$rate / $loop")" "$(target "$model")" "$rate" "$loop"
		row "$model, threads $threads: training, of sgemm" "$(calc "$rate / $alone")" - "$rate" "$alone"
	done
done
told
if [ -z "$QUICK" ]; then
	printf '\nWhere the time of a block goes, one thread\n'
	"$bench/gemm_block" && "$bench/attention" && "$bench/window" || exit 1
	echo "command: ${bench#"$root"/}/gemm_block, attention, window"
fi
