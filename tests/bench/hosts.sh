#!/bin/bash
# hosts.sh - seconds of a training step on two test hosts (tests/hosts/network.sh) with a shaped link: beside the
# longer one of computation and communication, and beside a step that sends all gradients after the backward pass
. "${0%/*}/lib.sh"
mpi=${BIN_MPI:-$root/build-mpi/bin}
allreduce=$mpi/../tests/bench/allreduce
for need in "$mpi/tscae-train" "$allreduce"; do
	[ -x "$need" ] || { skipped hosts "no $need (make MPI=1)"; exit; }
done
if ! unshare --net true 2>/dev/null || ! command -v tc >/dev/null; then
	skipped hosts "no network namespaces (root; package iproute2)"
	exit
fi
. "$root/tests/hosts/launch.sh"
network_enter "$0"
trap 'rm -rf "$tmp"' EXIT
export TMPDIR=$tmp
network_up 2 >"$tmp/up" 2>&1 || { cat "$tmp/up"; exit 1; }
on_both() { on h0 mpirun.openmpi -q -n 2 --host h0:1,h1:1 "$@" </dev/null; }

# step MODEL RATE BUCKET: seconds of a step of two ranks, one thread and one micro-batch each (the median without the
# first two steps)
step() {
	local s=$(side "$1") n=$(batch "$1") steps=$((STEPS + 1)) folder
	folder=$(images 32 "${s}x$s")
	shape h1 "$2"
	rm -rf "$tmp/run"
	on_both bash -c "set -o pipefail
		tscae-decode -q -t 1 --epochs $(((n * steps + 31) / 32)) --shard auto '$folder' |
		tscae-crop -q -t 1 --size $s | tscae-mask -q --patch $(patch "$1") |
		'$mpi/tscae-train' -q -t 1 -o '$tmp/run' model=$1 image=$s patch=$(patch "$1") batch=$n grad_shards=2 \
			micro_batch=$n bucket_size=$3 steps=$steps checkpoint_minutes=0" >&2 || return 1
	values images_per_s "$tmp/run/log.jsonl" | tail -n +3 | sort -g | awk -v n="$n" \
		'{ a[NR] = n / $1 } END { print a[int((NR + 1) / 2)] }'
}
# communicate MODEL RATE: seconds of the all-reduce alone
communicate() {
	local floats
	floats=$(calc "$(stat -Lc %s "$tmp/run/latest/model.safetensors") / 4" %d)
	shape h1 "$2"
	calc "$(on_both "$allreduce" "$floats" "$(quick 1 3)" | cut -d ' ' -f 1) / 1000"
}
# the bucket is a tenth of the gradients at least, so that small models have several, too
bucket() { case $1 in micro) echo 400K ;; tiny) echo 2500K ;; *) echo 25M ;; esac; }

table "Two hosts, steps beside max(computation, communication) (seconds)" step max
for model in ${HOST_MODELS:-$(quick micro "micro tiny")}; do
	alternate "compute-$model" "step $model none $(bucket "$model")"
	compute=$(middle "compute-$model")
	bytes=$(stat -Lc %s "$tmp/run/latest/model.safetensors")
	for rate in $(quick "" "100mbit 1gbit") "$(calc "8 * $bytes / $compute / 1000" %d)kbit"; do
		id=$model-$rate
		alternate "over-$id" "step $model $rate $(bucket "$model")" "after-$id" "step $model $rate 0" \
			"sum-$id" "communicate $model $rate"
		sum=$(middle "sum-$id")
		most=$(calc "$compute > $sum ? $compute : $sum")
		equal=; case $rate in *kbit) equal=", where both take the same time" ;; esac
		row "$model, $rate$equal" "$(calc "$(middle "over-$id") / $most")" "<1.1" "$(middle "over-$id")" "$most" s
		row "$model, $rate: all gradients after backward" "$(calc "$(middle "after-$id") / $most")" - \
			"$(middle "after-$id")" "$most" s
		row "$model, $rate: time without / with overlap" "$(over "after-$id" "over-$id")" \
			"$([ -n "$equal" ] && echo 1.8 || echo -)" "$(middle "after-$id")" "$(middle "over-$id")" s
		row "$model, $rate: communication / computation" "$(calc "$sum / $compute")" - "$sum" "$compute" s
	done
done
told "HOST_MODELS='${HOST_MODELS:-micro tiny}'"
