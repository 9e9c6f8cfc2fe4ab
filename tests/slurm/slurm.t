#!/bin/bash
# slurm.t - pipelines/slurm under a Slurm that the test starts: parts redone alone, training that is cut off ends with the bytes of a run that was not
. "${0%/*}/../lib.sh"
PATH=$PATH:/usr/sbin
for program in munged slurmctld slurmd sbatch; do
	command -v $program >/dev/null || skip_all "no $program (make check-slurm installs it)"
done
. "$root/tests/slurm/cluster.sh"
trap 'cluster_down "$tmp/cluster"; rm -rf "$tmp"' EXIT
if out=$(cluster_up "$tmp/cluster"); then pass "Slurm starts"; else fail "Slurm starts" "$out"; done_testing; fi
export SLURM_CONF=$tmp/cluster/slurm.conf
cd "$tmp" || exit 1
mkdir logs
export tmp bin
embed() { sbatch -Q --wait --output=logs/embed-%a.log "$@"; }
embed_sh=$root/pipelines/slurm/embed.sh train_sh=$root/pipelines/slurm/train.sh

# a tool that stalls half way for as long as there is a file `hold`: whatever happens to it then happens in the middle
mkdir slow
for name in tscae-crop tscae-mask; do
	cat >slow/$name <<-'EOF'
		#!/bin/bash
		"$bin/${0##*/}" "$@" | { head -c 60000; while [ -e "$tmp/hold" ]; do sleep 0.1; done; exec cat; }
	EOF
	chmod +x slow/$name
done
# wait_for SECONDS COMMAND ...: until it succeeds
wait_for() { local i; for i in $(seq $(($1 * 10))); do "${@:2}" 2>/dev/null && return; sleep 0.1; done; return 1; }

# --- an array job: features of four shards
mkdir shards
tscae-synth -q --layout folders --count 160 --size 32x32 --val-ratio 0 --seed 4 --output all
for i in 0 1 2 3; do (cd all && find . -name '*.jpg' | LC_ALL=C sort | awk -v i=$i 'int((NR - 1) / 40) == i' | tar -cf ../shards/$i.tar -T -); done
small="model=micro embed_dim=24 heads=2 depth=2 decoder_depth=1 image=16 patch=4 batch=16 micro_batch=3 grad_shards=4 checkpoint_minutes=0"
images() { tscae-decode -q "$@" | tscae-crop -q --mode center --size 32; }
images shards/0.tar | tscae-crop -q --size 16 | tscae-mask -q --patch 4 | tscae-train -q -o model $small steps=2
features() { tscae-view --json --values "$@" | sed 's/"place":[0-9]*,//'; }
images shards/*.tar | tscae-embed -d -q -m model >one.tsc
is "one process has 160 features" "$(features one.tsc | wc -l)" 160
export SIZE=32

ok "an array job" embed --array=0-3%2 "$embed_sh" model a shards/*.tar
cat a/features-*.tsc >a.tsc
is "its parts, joined by cat, are what one process has" "$(features a.tsc | sha256sum)" "$(features one.tsc | sha256sum)"

touch hold
PATH=$tmp/slow:$PATH sbatch --parsable --array=2 --output=logs/killed.log "$embed_sh" model b shards/*.tar >id
ok "a task in the middle of its part" wait_for 60 eval 'ls b/features-000002.tsc.part.*'
scancel --full --signal=KILL "$(cat id)_2"
wait_for 60 eval '[ -z "$(squeue -h -j "$(cat id)" 2>/dev/null)" ]'
rm -f hold
is "killed, it leaves no result" "$(ls b/*.tsc 2>/dev/null)" ""
embed --array=0,1,3 "$embed_sh" model b shards/*.tar
before=$(stat -c '%n %i' b/features-00000[013].tsc)
ok "the same array again" embed --array=0-3 "$embed_sh" model b shards/*.tar
is "what was there was not made again" "$(stat -c '%n %i' b/features-00000[013].tsc)" "$before"
like "and said so" "$(cat logs/embed-1.log)" "*exists already*"
is "nothing is left beside the parts" "$(ls b)" "$(printf 'features-%06d.tsc\n' 0 1 2 3)"
cat b/features-*.tsc >b.tsc
is "all parts are as without a kill" "$(features b.tsc | sha256sum)" "$(features one.tsc | sha256sum)"

ok "parts of a folder" env PARTS=3 sbatch -Q --wait --output=logs/part-%a.log --array=0-2 "$embed_sh" model c all
tscae-decode -q all | tscae-crop -q --mode center --size 32 | tscae-embed -d -q -m model >folder.tsc
cat c/features-*.tsc >c.tsc
is "hold every image once, as one process has it" "$(features c.tsc | sort | sha256sum)" "$(features folder.tsc | sort | sha256sum)"
if command -v curl >/dev/null; then
	ok "shards at an address" embed --array=0-1 "$embed_sh" model d "file://$tmp/shards/0.tar" "file://$tmp/shards/1.tar"
	cat d/features-*.tsc >d.tsc
	is "are fetched" "$(features d.tsc | sha256sum)" "$(features one.tsc | head -80 | sha256sum)"
else skip "shards at an address" "no curl"; fi
embed --array=4 "$embed_sh" model d shards/*.tar 2>/dev/null
is "a task without a shard is a wrong command line" $? 2

# --- training
export EPOCHS=3 SIZE=16 PATCH=4 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
tscae-decode -q --shuffle --epochs 3 all | tscae-crop -q --size 16 | tscae-mask -q --patch 4 | tscae-train -q -o whole $small
bytes() { [ -e "$1/latest/state.safetensors" ] || { echo "no model in $1 $RANDOM"; return; }; cat "$1"/latest/model.safetensors "$1"/latest/state.safetensors | sha256sum | cut -c1-16; }
state() { scontrol show job "$1" | grep -oE "$2=[A-Za-z0-9]*" | cut -d= -f2; }
ended() { case $(state "$1" JobState) in COMPLETED | FAILED | TIMEOUT | CANCELLED) ;; *) return 1 ;; esac; }
# train NAME SBATCH-OPTION ...: submit with stalling tools; the job's number
train() { touch hold; PATH=${ranks:+$root/build-mpi/bin:}$tmp/slow:$PATH sbatch --parsable --output="logs/$1.log" "${@:2}" "$train_sh" "$1" all $small; }
# cut_off NAME JOB HOW: in the middle, then on to the end
cut_off() {
	local name=$1 id=$2 how=$3
	wait_for 90 test -s "$name/log.jsonl" || { fail "$name: begins" "$(cat "logs/$name.log")"; return; }
	$how "$id"
	wait_for 150 eval '[ "$(state '"$id"' Restarts)" -ge 1 ]' || fail "$name: is queued again" "$(tail -5 "logs/$name.log")"
	is "$name: stopped in the middle" "$([ -e "$name/checkpoint-00000030" ] && echo finished)" ""
	rm -f hold
	wait_for 180 ended "$id"
	is "$name: done after $(state "$id" Restarts) requeue" "$(state "$id" JobState)" COMPLETED
	is "$name: the bytes of a run that was not cut off" "$(bytes "$name")" "$(bytes whole)"
	[ "$(bytes "$name")" = "$(bytes whole)" ] || sed 's/^/# /' "logs/$name.log"
}
its_limit() { :; }
its_signal() { scancel --batch --signal=USR1 "$1"; }
requeue() { scontrol requeue "$1"; }
cut_off limit "$(train limit --time=1 --signal=B:USR1@50)" its_limit
like "limit: it stopped by itself, at a checkpoint" "$(cat logs/limit.log)" "*stopped at step*goes on after step*"
cut_off requeue "$(train requeue)" requeue
if [ -x "$root/build-mpi/bin/tscae-train" ] && command -v mpirun >/dev/null; then
	ranks=1
	cut_off srun "$(train srun --ntasks=2)" its_signal
	like "srun: two ranks stopped by themselves" "$(cat logs/srun.log)" "*stopped at step*goes on after step*"
	cut_off mpirun "$(LAUNCH='mpirun -n 2 --bind-to none --mca btl self,vader' train mpirun --ntasks=2)" its_signal
	like "mpirun: two ranks stopped by themselves" "$(cat logs/mpirun.log)" "*stopped at step*goes on after step*"
else skip "ranks" "no tscae-train of make MPI=1"; fi
done_testing
