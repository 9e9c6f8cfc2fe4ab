#!/bin/bash
# ranks.t - several ranks: the bytes of one, across kills and other numbers of ranks; nothing taken twice or missed; a clear end
. "${0%/*}/../lib.sh"
command -v mpirun >/dev/null || skip_all "no mpirun (make check-mpi installs one)"
bin_mpi=${BIN_MPI:-$root/build-mpi/bin}
[ -x "$bin_mpi/tscae-train" ] || skip_all "no $bin_mpi/tscae-train (make MPI=1)"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_btl=self,vader,tcp
export bin_mpi
cd "$tmp" || exit 1
tscae-synth -q --layout folders --count 120 --size 24x24 --output all --val-ratio 0 || { fail "images"; done_testing; }
tscae-synth -q --layout voc --count 40 --size 32x32 --output voc
small="model=micro embed_dim=24 heads=2 depth=2 decoder_depth=1 batch=16 micro_batch=3 grad_shards=4 checkpoint_minutes=0"

# one rank's pipe: IMAGES SIZE TRAINER RUN SETTINGS ...
cat >rank.sh <<'E2'
images=$1 program=$2 run=$3; shift 3
tscae-decode -q -t 1 --labels dirs --shuffle --epochs 3 --shard auto --start-index "$(tscae-train --resume-index "$run")" "$images" 2>/dev/null |
	tscae-crop -q --size 16 -t 1 | tscae-mask -q --patch 4 | $program -q -t 1 -o "$run" image=16 patch=4 "$@"
E2
alone() { bash rank.sh "$1" tscae-train "$2" "${@:3}"; }
ranks() { local n=$1; shift; timeout 120 mpirun -q -n "$n" --bind-to none bash rank.sh "$1" "$bin_mpi/tscae-train" "$2" "${@:3}" </dev/null; }
bytes() { [ -e "$1/latest/state.safetensors" ] || { echo "no model in $1 $RANDOM"; return; }; cat "$1"/latest/model.safetensors "$1"/latest/state.safetensors | sha256sum | cut -c1-16; }
curve() { sed 's/"images_per_s.*//' "$1/log.jsonl" | sha256sum | cut -c1-16; }

# every task and what couples a batch: 1, 2 and 4 ranks
while read -r name settings; do
	alone all "a.$name" $small $settings
	want="$(bytes "a.$name") $(curve "a.$name")"
	for n in 1 2 4; do
		rm -rf run; ranks $n all run $small deterministic=on $settings 2>err
		is "$name: $n ranks give the bytes and the log of one process" "$(bytes run) $(curve run)" "$want"
	done
done <<-E2
	simsiam contrast=simsiam
	infonce contrast=infonce w_student_pixel=1
	recompute contrast=simsiam recompute=on activation_memory=1
	mae objective=mae
	classify task=classify mixup=0.5 cutmix=1 drop_path=0.2 base_lr=0.01
E2

# kinds of labels that are counted over the batch
voc() { local n=$1 run=$2; shift 2
	local pipe='tscae-label -q --layout voc --from voc --split train --names | tscae-decode -q -t 1 --files-from - --shuffle --epochs 3 --shard auto --start-index "$(tscae-train --resume-index "$0")" |
		tscae-label -q --layout voc --from voc --segmaps | tscae-crop -q --mode stretch --size 32 | "$@" -q -t 1 -o "$0"'
	if [ "$n" = 0 ]; then bash -c "$pipe" "$run" tscae-train "$@"; else timeout 120 mpirun -q -n "$n" --bind-to none bash -c "$pipe" "$run" "$bin_mpi/tscae-train" "$@"; fi; }
for task in detect segment; do
	if [ -x "$bin/tscae-label" ]; then
		voc 0 "a.$task" $small batch=8 image=32 patch=4 fpn_dim=16 task=$task
		for n in 2 4; do
			rm -rf run; voc $n run $small batch=8 image=32 patch=4 fpn_dim=16 task=$task 2>err
			is "$task: $n ranks give the bytes of one process" "$(bytes run)" "$(bytes "a.$task")"
		done
	else skip "$task" "no tscae-label"; fi
done

# stopped and gone on with another number of ranks: slow enough to be stopped in time
slow="model=micro depth=6 decoder_depth=2 batch=16 micro_batch=3 grad_shards=4 checkpoint_minutes=0 steps=21 checkpoint_steps=1"
alone all whole $slow
rm -rf run
n=1 said=
for stop in 4 8 12 16 21; do
	ranks $n all run $slow >/dev/null 2>&1 &
	while [ ! -e "run/checkpoint-$(printf %08d $stop)" ] && kill -0 $! 2>/dev/null; do sleep 0.02; done
	[ "$stop" = 21 ] || pkill -TERM -n -f "$bin_mpi/tscae-train"
	wait $!
	said="$said $? $(readlink run/latest | awk -v least=$stop -F- '{ print ($2 >= least && ($2 < 21 || least == 21)) }')"
	n=$((n == 4 ? 1 : 2 * n))
done
is "ranks stop where they are told, with a checkpoint" "$said" " 75 1 75 1 75 1 75 1 0 1"
is "1, 2, 4, 1, 2 ranks in turn: the bytes of one run" "$(bytes run)" "$(bytes whole)"

bad=
for try in $(seq 10); do ranks 4 all run $slow >/dev/null 2>&1 || bad="$bad $?"; done
is "a finished run is left as it is, by four ranks at once" "$bad $(bytes run)" " $(bytes whole)"

# killed at random moments
rm -rf run; RANDOM=3 kills=0
for try in $(seq 40); do
	ranks $((1 << RANDOM % 3)) all run $slow >/dev/null 2>&1 &
	sleep "0.$((5 + RANDOM % 5))"
	pkill -9 -n -f "$bin_mpi/tscae-train" && kills=$((kills + 1))
	wait $!
	[ -e run/checkpoint-00000021 ] && break
done
is "a rank killed $kills times: the bytes of one run" "$(bytes run)" "$(bytes whole)"

# a disk that is full on rank 0; a rank that dies, be it the first or the last: a clear end, the last checkpoint whole, the same end afterwards
few="model=micro embed_dim=24 heads=2 depth=2 decoder_depth=1 batch=16 micro_batch=3 grad_shards=4 checkpoint_minutes=0 steps=12 checkpoint_steps=4"
alone all twelve $few
cat >full.sh <<'E2'
# -D: the trainer has this process's number, which is in its temporary files' names
[ "$OMPI_COMM_WORLD_RANK" != 0 ] || hurt="strace -D -f -o /dev/null -P ${FULL/PID/$$} -e trace=$CALL -e inject=$CALL:error=ENOSPC"
exec $hurt "$bin_mpi/tscae-train" "$@"
E2
chmod +x full.sh
for where in "mkdir run/checkpoint-00000008.tmp" "writev $PWD/run/checkpoint-00000008.tmp/state.safetensors.part.PID"; do
	rm -rf run
	export CALL=${where% *} FULL=${where#* }
	status "no room on rank 0 for ${FULL#*.tmp}" 74 timeout 120 mpirun -q -n 2 --bind-to none bash rank.sh all "bash full.sh" run $few
	like "says so" "$(cat "$tmp/stderr")" "*No space left*"
	is "the checkpoint before it stays" "$(readlink run/latest)" checkpoint-00000004
	ranks 2 all run $few; is "and the run goes on to the same end" "$? $(bytes run)" "0 $(bytes twelve)"
done
for rank in 0 1; do
	rm -rf run
	ranks 2 all run $slow >/dev/null 2>err & pid=$!
	while [ ! -e run/checkpoint-00000004 ] && kill -0 $pid 2>/dev/null; do sleep 0.02; done
	for p in $(pgrep -f "^$bin_mpi/tscae-train"); do grep -qz "^OMPI_COMM_WORLD_RANK=$rank$" "/proc/$p/environ" && kill -9 "$p"; done
	wait $pid; code=$?
	ok "rank $rank dies: all end, with an error ($code)" test $code -ne 0 -a $code -ne 124
	ranks 2 all run $slow 2>/dev/null; is "and the run goes on to the same end" "$? $(bytes run)" "0 $(bytes whole)"
done

# bad worlds
rm -rf run; status "lanes that ranks cannot share" 2 ranks 2 all run $small grad_shards=3
like "says so" "$(cat "$tmp/stderr")" "*grad_shards=3 is not a multiple of the number of ranks, 2*"
rm -rf run; status "a batch that ranks cannot share" 2 ranks 2 all run $small batch=15
rm -rf run; status "three ranks are no power of two" 2 ranks 3 all run $small grad_shards=6 batch=12 deterministic=on
rm -rf run; status "but train" 0 ranks 3 all run $small grad_shards=6 batch=12
ok "with a loss near that of one process" awk -v a="$(tail -1 run/log.jsonl | sed 's/.*"loss"://; s/,.*//')" 'BEGIN { exit !(a > 0 && a < 20) }'
rm -rf run; status "joined streams are not those of one process" 65 timeout 60 mpirun -q -n 2 --bind-to none sh -c \
	"{ tscae-decode -q --shard auto all; tscae-decode -q --shard auto all; } | tscae-crop -q --size 16 | tscae-mask -q --patch 4 | $bin_mpi/tscae-train -q -t 1 -o run image=16 patch=4 $small steps=14 deterministic=on"
like "says so" "$(cat "$tmp/stderr")" "*deterministic: image index went backwards*"
rm -rf run; status "the same images on every rank are refused" 65 timeout 60 mpirun -q -n 2 --bind-to none sh -c \
	"tscae-decode -q all | tscae-crop -q --size 16 | tscae-mask -q --patch 4 | $bin_mpi/tscae-train -q -t 1 -o run image=16 patch=4 $small"
like "says what to do" "$(cat "$tmp/stderr")" "*another rank: use tscae-decode --shard auto*"
rm -rf run; status "an ordinary tscae-train under mpirun refuses" 2 timeout 60 mpirun -q -n 2 --bind-to none bash rank.sh all tscae-train run $small
like "says how to build" "$(cat "$tmp/stderr")" "*make MPI=1*"

# damaged images: ranks drift apart, nothing is taken twice or missed
cp -r all bad
for f in $(find bad -name '*.jpg' | sort | awk 'NR % 7 == 3'); do head -c 100 "$f" >cut && mv cut "$f"; done
rm -rf run; ranks 2 bad run $small steps=12 2>/dev/null
places=$(tscae-train --resume-index run)
ok "the position is a place, $places" test "$places" -gt $((12 * 16)) -a "$places" -lt $((12 * 16 * 7 / 6 + 20))
ranks 4 bad run $small steps=15 2>err; is "other ranks go on where each was" $? 2
like "a run's steps stay" "$(cat err)" "*begun with steps=12*"
done_testing
