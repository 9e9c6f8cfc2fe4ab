#!/bin/bash
# scaling.sh - speed by threads and model size, memory by batch with and without recompute, start-up time of tools
. "${0%/*}/lib.sh"
list=${LIST:-$(quick "1 2" "1 2 4")}
start=$tmp/start

# A virtual machine may not have four cores at all times, so the speedup of a multiply-add loop is measured in the
# same rounds.
"$bench/ceiling" micro 1 >/dev/null || exit 1
table "Threads (images/s; ratio: to one thread)" speed "one thread"
for model in $MODELS; do
	n=$(batch "$model") commands=()
	for threads in $list; do
		commands+=("loop-$model-$threads" "$bench/ceiling $model $threads" "threads-$model-$threads" \
			"train $model tscae $n $threads")
	done
	alternate "${commands[@]}"
	for threads in $list; do
		row "$model, batch $n, threads $threads" "$(over "threads-$model-$threads" "threads-$model-1")" \
			"$([ "$threads" = 4 ] && echo 3.8 || echo -)" "$(middle "threads-$model-$threads")" \
			"$(middle "threads-$model-1")"
		[ "$threads" = 1 ] && continue
		gain=$(over "loop-$model-$threads" "loop-$model-1")
		row "$model, multiply-add loop, threads $threads (GFLOP/s)" "$gain" - \
			"$(middle "loop-$model-$threads")" "$(middle "loop-$model-1")"
		row "$model, speedup of training / of the loop" \
			"$(calc "$(over "threads-$model-$threads" "threads-$model-1") / $gain")" \
			"$([ "$threads" = 4 ] && echo 0.95 || echo -)" - -
	done
done

table "Model size, threads $THREADS (ratio: images/s of TSCAE to MAE)" tscae mae
for model in $MODELS; do
	n=$(batch "$model")
	alternate "tscae-$model" "train $model tscae $n $THREADS" "mae-$model" "train $model mae $n $THREADS"
	row "$model, batch $n" "$(over "tscae-$model" "mae-$model")" - "$(middle "tscae-$model")" \
		"$(middle "mae-$model")"
done

# the peak memory depends only on the sizes: one run is enough
table "Peak memory of training (MB; ratio: with recompute to without)" recompute without
ROUNDS_WERE=$ROUNDS ROUNDS=1
for model in $MODELS; do
	for objective in tscae mae; do
		for part in $(quick 1 "4 2 1"); do
			n=$(($(batch "$model") / part))
			STEPS=2 alternate "on-$model-$objective-$n" "train $model $objective $n $THREADS recompute=on" \
				"off-$model-$objective-$n" "train $model $objective $n $THREADS"
			row "$model, $objective, batch $n" \
				"$(over "on-$model-$objective-$n" "off-$model-$objective-$n" 2)" - \
				"$(calc "$(middle "on-$model-$objective-$n" 2) / 1e6")" \
				"$(calc "$(middle "off-$model-$objective-$n" 2) / 1e6")"
		done
	done
done
ROUNDS=$ROUNDS_WERE

# ranks MODEL COUNT: as train, with one thread and one pipe per rank
ranks() {
	local s=$(side "$1") n=$(batch "$1") run=$tmp/run folder
	folder=$(images 32 "${s}x$s")
	rm -rf "$run"
	mpirun -q -n "$2" --bind-to none bash -c "set -o pipefail
		tscae-decode -q -t 1 --epochs $(((n * STEPS + 31) / 32)) --shard auto '$folder' |
		tscae-crop -q -t 1 --size $s | tscae-mask -q --patch $(patch "$1") |
		'$mpi/tscae-train' -q -t 1 -o '$run' model=$1 image=$s patch=$(patch "$1") batch=$n \
			steps=$STEPS checkpoint_minutes=0" </dev/null >&2 || return 1
	values images_per_s "$run/log.jsonl" | tail -n +2 | sort -g | awk \
		'{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'
}
mpi=${BIN_MPI:-$root/build-mpi/bin}
if command -v mpirun >/dev/null && [ -x "$mpi/tscae-train" ]; then
	export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
	table "Ranks of one thread each, on this machine (images/s; ratio: to one rank)" speed "one rank"
	for model in $MODELS; do
		commands=()
		for count in $list; do commands+=("ranks-$model-$count" "ranks $model $count"); done
		alternate "${commands[@]}"
		for count in $list; do
			row "$model, batch $(batch "$model"), ranks $count" \
				"$(over "ranks-$model-$count" "ranks-$model-1")" - "$(middle "ranks-$model-$count")" \
				"$(middle "ranks-$model-1")"
		done
	done
else
	skipped ranks "no mpirun, or no $mpi/tscae-train (make MPI=1)"
fi

table "Start and end of a tool, one 64x64 image (milliseconds)" tool true
folder=$(images 32 64x64)
image=$(find "$folder" -name '*.jpg' | sort | head -n 1)
tscae-decode -q "$image" -o "$start.tsc" || exit 1
times=$(quick 3 101)
alternate decode "'$bench/meter' $times tscae-decode -q '$image'" mask \
	"'$bench/meter' $times tscae-mask -q -p 8 '$start.tsc'" \
	view "'$bench/meter' $times tscae-view '$start.tsc'" true "'$bench/meter' $times true"
for tool in decode mask view; do
	ms=$(calc "1000 * $(middle $tool)")
	row "tscae-$tool" "$ms" "<3" "$ms" "$(calc "1000 * $(middle true)")" ms
done
told "LIST='$list'"
