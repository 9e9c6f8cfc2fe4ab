#!/bin/bash
# ranks.t - training with several ranks: the bytes of one rank, also after kills and with changing numbers of ranks;
# each image is used once; errors end all ranks
. "${0%/*}/../lib.sh"
command -v mpirun >/dev/null || skip_all "no mpirun (make check-mpi installs one)"
bin_mpi=${BIN_MPI:-$root/build-mpi/bin}
[ -x "$bin_mpi/tscae-train" ] || skip_all "no $bin_mpi/tscae-train (make MPI=1)"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 \
	OMPI_MCA_btl=self,vader,tcp
export bin_mpi
cd "$tmp" || exit 1
tscae-synth -q --layout folders --count 120 --size 24x24 --output all --val-ratio 0 ||
	{ fail "synthetic images are made"; done_testing; }
tscae-synth -q --layout voc --count 40 --size 32x32 --output voc
small="model=micro embed_dim=24 heads=2 depth=2 decoder_depth=1 batch=16 micro_batch=3"
small="$small grad_shards=4 checkpoint_minutes=0"

# the pipe of one rank: IMAGES TRAINER RUN SETTINGS ...
cat >rank.sh <<'E2'
images=$1 program=$2 run=$3; shift 3
tscae-decode -q -t 1 --labels dirs --shuffle --epochs 3 --shard auto \
	--start-index "$(tscae-train --resume-index "$run")" "$images/train" 2>/dev/null |
	tscae-crop -q --size 16 -t 1 | tscae-mask -q --patch 4 | $program -q -t 1 -o "$run" image=16 patch=4 "$@"
E2
alone() { bash rank.sh "$1" tscae-train "$2" "${@:3}"; }
ranks() { local n=$1; shift
timeout 120 mpirun -q -n "$n" --bind-to none bash rank.sh "$1" "$bin_mpi/tscae-train" "$2" "${@:3}" </dev/null; }
bytes() { [ -e "$1/latest/state.safetensors" ] || { echo "no model in $1 $RANDOM"; return; }
cat "$1"/latest/model.safetensors "$1"/latest/state.safetensors | sha256sum | cut -c1-16; }
curve() { sed 's/"images_per_s.*//' "$1/log.jsonl" | sha256sum | cut -c1-16; }

# products in bfloat16, where both programs can compute them
half() { rm -rf run; alone all run $small steps=1 precision=bf16 2>err && rm -rf run &&
	ranks 1 all run $small steps=1 precision=bf16 2>err; }
# every objective and every loss over the images of a batch: 1, 2 and 4 ranks
while read -r name settings; do
	[ -n "$name" ] || { skip "precision_bf16" "$(sed -n 's/.*precision=bf16: //p' err | head -n 1)"; continue; }
	alone all "a.$name" $small $settings
	want="$(bytes "a.$name") $(curve "a.$name")"
	for n in 1 2 4; do
		rm -rf run; ranks $n all run $small deterministic=on $settings 2>err
		is "$name: $n ranks give the bytes and the log of one process" "$(bytes run) $(curve run)" "$want"
	done
done <<-E2
	simsiam patch_contrast=simsiam
	infonce patch_contrast=infonce w_student_pixel=1
	recompute patch_contrast=simsiam recompute=on activation_memory=1
	default patch_contrast=off
	nnclr image_contrast=nnclr queue_size=24 predict_ratio=0.5 student_keep=0.5
	mae objective=mae
	bf16 allreduce=bf16 bucket_size=20000
	shard_moments shard_moments=on
	shard_moments_8bit shard_moments=on moments=8bit
	classify task=classify mixup=0.5 cutmix=1 drop_path=0.2 base_lr=0.01
	$(half && echo precision_bf16 precision=bf16)
E2

# gradients are summed over the ranks during the backward pass, in buckets of any size, on any number of threads
while read -r name settings; do
	rm -rf want; alone all want $small steps=4 $settings
	for bucket in 0 2K 20000; do
		rm -rf run; ranks 2 all run $small steps=4 deterministic=on $settings bucket_size=$bucket -t 3 2>err
		is "$name, bucket_size=$bucket: 2 ranks of 3 threads give the bytes and the log of one process" \
			"$(bytes run) $(curve run)" "$(bytes want) $(curve want)"
	done
done <<-E2
	student patch_contrast=simsiam
	recompute patch_contrast=simsiam recompute=on activation_memory=1
	frozen task=classify freeze_encoder=on shard_moments=on
E2

# tasks whose labels are counted over the whole batch
voc() { local n=$1 run=$2; shift 2
	local \
		pipe='tscae-label -q --layout voc --from voc --split train --names |
			tscae-decode -q -t 1 --files-from - --shuffle --epochs 3 --shard auto \
				--start-index "$(tscae-train --resume-index "$0")" |
			tscae-label -q --layout voc --from voc --segmaps | tscae-crop -q --mode stretch --size 32 |
			"$@" -q -t 1 -o "$0"'
	if [ "$n" = 0 ]; then
		bash -c "$pipe" "$run" tscae-train "$@"
	else
		timeout 120 mpirun -q -n "$n" --bind-to none bash -c "$pipe" "$run" "$bin_mpi/tscae-train" "$@"
	fi; }
for task in detect segment; do
	if [ -x "$bin/tscae-label" ]; then
		voc 0 "a.$task" $small batch=8 image=32 patch=4 fpn_dim=16 task=$task
		for n in 2 4; do
			rm -rf run; voc $n run $small batch=8 image=32 patch=4 fpn_dim=16 task=$task 2>err
			is "$task: $n ranks give the bytes of one process" "$(bytes run)" "$(bytes "a.$task")"
		done
	else skip "$task: several ranks give the bytes of one process" "no tscae-label"; fi
done

# stopped and resumed with another number of ranks, with the moments of every second run shared out; the model is slow,
# so that the signal comes before the end
slow="model=micro depth=6 decoder_depth=2 batch=16 micro_batch=3 grad_shards=4"
slow="$slow checkpoint_minutes=0 steps=21 checkpoint_steps=1"
alone all whole $slow
rm -rf run
n=1 said= shard=off
for stop in 4 8 12 16 21; do
	ranks $n all run $slow shard_moments=$shard >/dev/null 2>&1 &
	while [ ! -e "run/checkpoint-$(printf %08d $stop)" ] && kill -0 $! 2>/dev/null; do sleep 0.02; done
	[ "$stop" = 21 ] || pkill -TERM -n -f "$bin_mpi/tscae-train"
	wait $!
	said="$said $? $(readlink run/latest |
		awk -v least=$stop -F- '{ print ($2 >= least && ($2 < 21 || least == 21)) }')"
	n=$((n == 4 ? 1 : 2 * n))
	[ $shard = on ] && shard=off || shard=on
done
is "ranks that get SIGTERM exit with 75 at a checkpoint" "$said" " 75 1 75 1 75 1 75 1 0 1"
is "a run that is stopped and resumed with 1, 2, 4, 1, 2 ranks gives the bytes of an uninterrupted run" "$(bytes run)" \
	"$(bytes whole)"

# SIGUSR1 at rank 0: a checkpoint after the next step, which all ranks write together
rm -rf run
ranks 2 all run $slow checkpoint_steps=0 shard_moments=on >/dev/null 2>err & pid=$!
while ! [ -e run/log.jsonl ] && kill -0 $pid 2>/dev/null; do sleep 0.02; done
for p in $(pgrep -f "^$bin_mpi/tscae-train"); do
	grep -qz "^OMPI_COMM_WORLD_RANK=0$" "/proc/$p/environ" && kill -USR1 "$p"
done
while ! ls run | grep -q '^checkpoint-0*[1-9]' && kill -0 $pid 2>/dev/null; do sleep 0.02; done
ok "SIGUSR1 with shard_moments=on: a checkpoint before the end" [ ! -e run/checkpoint-00000021 ]
wait $pid
is "SIGUSR1 with shard_moments=on: the run goes on and gives the bytes of an uninterrupted run" "$? $(bytes run)" \
	"0 $(bytes whole)"

bad=
for try in $(seq 10); do ranks 4 all run $slow >/dev/null 2>&1 || bad="$bad $?"; done
is "four ranks that start on a finished run do not change it" "$bad $(bytes run)" " $(bytes whole)"

# killed at random moments, later and later, so that the run ends on a busy machine, too
rm -rf run; RANDOM=3 kills=0
for try in $(seq 40); do
	ranks $((1 << RANDOM % 3)) all run $slow shard_moments=$([ $((try % 2)) = 0 ] && echo on || echo off) \
		>/dev/null 2>&1 &
	sleep "$((try / 10 + (try > 20 ? try / 5 : 0))).$((5 + RANDOM % 5))"
	pkill -9 -n -f "$bin_mpi/tscae-train" && kills=$((kills + 1))
	wait $!
	[ -e run/checkpoint-00000021 ] && break
done
is "a run with a rank killed $kills times gives the bytes of an uninterrupted run" "$(bytes run)" "$(bytes whole)"

# a full disk on rank 0; the first or the last rank is killed: an error, the last checkpoint stays complete, the
# resumed run gives the same bytes
few="model=micro embed_dim=24 heads=2 depth=2 decoder_depth=1 batch=16 micro_batch=3 grad_shards=4"
few="$few checkpoint_minutes=0 steps=12 checkpoint_steps=4"
alone all twelve $few
cat >full.sh <<'E2'
# -D: the trainer keeps the process number of this shell, which is in the names of its temporary files
[ "$OMPI_COMM_WORLD_RANK" != 0 ] ||
	hurt="strace -D -f -o /dev/null -P ${FULL/PID/$$} -e trace=$CALL -e inject=$CALL:error=ENOSPC"
exec $hurt "$bin_mpi/tscae-train" "$@"
E2
chmod +x full.sh
for where in "mkdir run/checkpoint-00000008.tmp" \
	"writev $PWD/run/checkpoint-00000008.tmp/state.safetensors.part.PID"; do
	rm -rf run
	export CALL=${where% *} FULL=${where#* }
	status "a full disk on rank 0, $CALL $(basename "$FULL"): exit 74" 74 timeout 120 mpirun -q -n 2 --bind-to \
		none bash rank.sh all "bash full.sh" run $few
	like "a full disk on rank 0, $CALL: the message" "$(cat "$tmp/stderr")" "*No space left*"
	is "a full disk on rank 0, $CALL: the previous checkpoint stays" "$(readlink run/latest)" checkpoint-00000004
	ranks 2 all run $few
	is "a full disk on rank 0, $CALL: the resumed run gives the bytes of an uninterrupted run" "$? $(bytes run)" \
		"0 $(bytes twelve)"
done
for rank in 0 1; do
	rm -rf run
	ranks 2 all run $slow >/dev/null 2>err & pid=$!
	while [ ! -e run/checkpoint-00000004 ] && kill -0 $pid 2>/dev/null; do sleep 0.02; done
	for p in $(pgrep -f "^$bin_mpi/tscae-train"); do
		grep -qz "^OMPI_COMM_WORLD_RANK=$rank$" "/proc/$p/environ" && kill -9 "$p"
	done
	wait $pid; code=$?
	ok "rank $rank is killed: all ranks end with an error ($code)" test $code -ne 0 -a $code -ne 124
	ranks 2 all run $slow 2>/dev/null
	is "rank $rank is killed: the resumed run gives the bytes of an uninterrupted run" "$? $(bytes run)" \
		"0 $(bytes whole)"
done

# wrong settings and inputs
rm -rf run; status "grad_shards=3 with 2 ranks is exit 2" 2 ranks 2 all run $small grad_shards=3
like "grad_shards=3 with 2 ranks: the message names the setting" "$(cat "$tmp/stderr")" \
	"*grad_shards=3 is not a multiple of the number of ranks, 2*"
rm -rf run; status "batch=15 with 2 ranks is exit 2" 2 ranks 2 all run $small batch=15
rm -rf run
status "deterministic=on with 3 ranks, not a power of two, is exit 2" 2 ranks 3 all run $small grad_shards=6 batch=12 \
	deterministic=on
rm -rf run
status "allreduce=bf16 with 3 ranks is exit 2" 2 ranks 3 all run $small grad_shards=6 batch=12 allreduce=bf16
rm -rf run; status "3 ranks without deterministic=on train" 0 ranks 3 all run $small grad_shards=6 batch=12
ok "3 ranks without deterministic=on: the loss is between 0 and 20" awk -v \
	a="$(tail -1 run/log.jsonl | sed 's/.*"loss"://; s/,.*//')" 'BEGIN { exit !(a > 0 && a < 20) }'
rm -rf run
status "concatenated streams on 2 ranks with deterministic=on are exit 65" 65 timeout 60 mpirun -q -n 2 --bind-to none \
	sh -c \
	"{ tscae-decode -q --shard auto all; tscae-decode -q --shard auto all; } |
		tscae-crop -q --size 16 | tscae-mask -q --patch 4 |
		$bin_mpi/tscae-train -q -t 1 -o run image=16 patch=4 $small steps=14 deterministic=on"
like "concatenated streams on 2 ranks with deterministic=on: the message" "$(cat "$tmp/stderr")" \
	"*deterministic: image index went backwards*"
rm -rf run; status "the same images on every rank are exit 65" 65 timeout 60 mpirun -q -n 2 --bind-to none sh -c \
	"tscae-decode -q all | tscae-crop -q --size 16 | tscae-mask -q --patch 4 |
		$bin_mpi/tscae-train -q -t 1 -o run image=16 patch=4 $small"
like "the same images on every rank: the message has the remedy" "$(cat "$tmp/stderr")" \
	"*another rank: use tscae-decode --shard auto*"
rm -rf run
status "a tscae-train without MPI under mpirun is exit 2" 2 timeout 60 mpirun -q -n 2 --bind-to none bash rank.sh all \
	tscae-train run $small
like "a tscae-train without MPI under mpirun: the message has the remedy" "$(cat "$tmp/stderr")" "*make MPI=1*"

# damaged images: ranks skip different numbers of images, and each image is used once
cp -r all bad
for f in $(find bad -name '*.jpg' | sort | awk 'NR % 7 == 3'); do head -c 100 "$f" >cut && mv cut "$f"; done
rm -rf run; ranks 2 bad run $small steps=12 2>/dev/null
places=$(tscae-train --resume-index run)
ok "damaged images: the resume index $places counts the skipped images" test "$places" -gt $((12 * 16)) -a "$places" \
	-lt $((12 * 16 * 7 / 6 + 20))
ranks 4 bad run $small steps=15 2>err; is "damaged images: a resume with other steps is exit 2" $? 2
like "damaged images: the message for a resume with other steps" "$(cat err)" "*begun with steps=12*"
done_testing
