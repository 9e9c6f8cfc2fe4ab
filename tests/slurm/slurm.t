#!/bin/bash
# slurm.t - pipelines/slurm under a Slurm that the test starts: only missing parts are computed again; interrupted
# training gives the bytes of an uninterrupted run
. "${0%/*}/../lib.sh"
PATH=$PATH:/usr/sbin
for program in munged slurmctld slurmd sbatch; do
	command -v $program >/dev/null || skip_all "no $program (make check-slurm installs it)"
done
. "$root/tests/slurm/cluster.sh"
trap 'cluster_down "$tmp/cluster"; rm -rf "$tmp"' EXIT
if out=$(cluster_up "$tmp/cluster"); then
	pass "a Slurm cluster starts"
else
	fail "a Slurm cluster starts" "$out"; done_testing
fi
export SLURM_CONF=$tmp/cluster/slurm.conf
cd "$tmp" || exit 1
mkdir logs
export tmp bin
embed() { sbatch -Q --wait --output=logs/embed-%a.log "$@"; }
embed_sh=$root/pipelines/slurm/embed.sh train_sh=$root/pipelines/slurm/train.sh

# tools that stall in the middle of their output while the file `hold` exists
mkdir slow
for name in tscae-crop tscae-mask; do
	cat >slow/$name <<-'EOF'
		#!/bin/bash
		"$bin/${0##*/}" "$@" | { head -c 60000; while [ -e "$tmp/hold" ]; do sleep 0.1; done; exec cat; }
	EOF
	chmod +x slow/$name
done
# wait_for SECONDS COMMAND ...: wait until the command succeeds
wait_for() { local i; for i in $(seq $(($1 * 10))); do "${@:2}" 2>/dev/null && return; sleep 0.1; done; return 1; }

# --- an array job: features of four shards
mkdir shards
tscae-synth -q --layout folders --count 160 --size 32x32 --val-ratio 0 --seed 4 --output all
for i in 0 1 2 3; do
	(cd all && find . -name '*.jpg' | LC_ALL=C sort | awk -v i=$i 'int((NR - 1) / 40) == i' |
		tar -cf ../shards/$i.tar -T -)
done
small="model=micro embed_dim=24 heads=2 depth=2 decoder_depth=1 image=16 patch=4 batch=16 micro_batch=3"
small="$small grad_shards=4 checkpoint_minutes=0"
images() { tscae-decode -q "$@" | tscae-crop -q --mode center --size 32; }
images shards/0.tar | tscae-crop -q --size 16 | tscae-mask -q --patch 4 | tscae-train -q -o model $small steps=2
features() { tscae-view --json --values "$@" | sed 's/"index":[0-9]*,//'; }
images shards/*.tar | tscae-embed -d -q -m model >one.tsc
is "one process computes 160 features" "$(features one.tsc | wc -l)" 160
export SIZE=32

ok "an array job over four shards succeeds" embed --array=0-3%2 "$embed_sh" model a shards/*.tar
cat a/features-*.tsc >a.tsc
is "an array job: the concatenated parts have the features of one process" "$(features a.tsc | sha256sum)" \
	"$(features one.tsc | sha256sum)"

touch hold
PATH=$tmp/slow:$PATH sbatch --parsable --array=2 --output=logs/killed.log "$embed_sh" model b shards/*.tar >id
ok "a task is in the middle of its part" wait_for 60 eval 'ls b/features-000002.tsc.part.*'
scancel --full --signal=KILL "$(cat id)_2"
wait_for 60 eval '[ -z "$(squeue -h -j "$(cat id)" 2>/dev/null)" ]'
rm -f hold
is "a killed task leaves no result" "$(ls b/*.tsc 2>/dev/null)" ""
embed --array=0,1,3 "$embed_sh" model b shards/*.tar
before=$(stat -c '%n %i' b/features-00000[013].tsc)
ok "the same array job after a kill succeeds" embed --array=0-3 "$embed_sh" model b shards/*.tar
is "the same array job after a kill does not compute existing parts again" \
	"$(stat -c '%n %i' b/features-00000[013].tsc)" "$before"
like "the same array job after a kill reports existing parts" "$(cat logs/embed-1.log)" "*exists already*"
is "the same array job after a kill leaves only the parts in the folder" "$(ls b)" \
	"$(printf 'features-%06d.tsc\n' 0 1 2 3)"
cat b/features-*.tsc >b.tsc
is "the same array job after a kill: the parts have the features of one process" "$(features b.tsc | sha256sum)" \
	"$(features one.tsc | sha256sum)"

ok "an array job over parts of a folder succeeds" env PARTS=3 sbatch -Q --wait --output=logs/part-%a.log --array=0-2 \
	"$embed_sh" model c all
tscae-decode -q all | tscae-crop -q --mode center --size 32 | tscae-embed -d -q -m model >folder.tsc
cat c/features-*.tsc >c.tsc
is "an array job over parts of a folder: the features are those of one process, each image once" \
	"$(features c.tsc | sort | sha256sum)" "$(features folder.tsc | sort | sha256sum)"
if command -v curl >/dev/null; then
	ok "an array job over shards at URLs succeeds" embed --array=0-1 "$embed_sh" model d \
		"file://$tmp/shards/0.tar" "file://$tmp/shards/1.tar"
	cat d/features-*.tsc >d.tsc
	is "an array job over shards at URLs: the features are those of one process" "$(features d.tsc | sha256sum)" \
		"$(features one.tsc | head -80 | sha256sum)"
else skip "an array job over shards at URLs" "no curl"; fi
embed --array=4 "$embed_sh" model d shards/*.tar 2>/dev/null
is "a task number without a shard is exit 2" $? 2

# --- training
export EPOCHS=3 SIZE=16 PATCH=4 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
tscae-decode -q --shuffle --epochs 3 all | tscae-crop -q --size 16 | tscae-mask -q --patch 4 | tscae-train -q -o whole \
	$small
bytes() { [ -e "$1/latest/state.safetensors" ] || { echo "no model in $1 $RANDOM"; return; }
cat "$1"/latest/model.safetensors "$1"/latest/state.safetensors | sha256sum | cut -c1-16; }
state() { scontrol show job "$1" | grep -oE "$2=[A-Za-z0-9]*" | cut -d= -f2; }
ended() { case $(state "$1" JobState) in COMPLETED | FAILED | TIMEOUT | CANCELLED) ;; *) return 1 ;; esac; }
# train NAME SBATCH-OPTION ...: submit with stalling tools; print the number of the job
train() { touch hold
PATH=${ranks:+$root/build-mpi/bin:}$tmp/slow:$PATH sbatch --parsable --output="logs/$1.log" "${@:2}" "$train_sh" "$1" \
	all $small; }
# cut_off NAME JOB HOW: interrupt the job in the middle, then let it finish
cut_off() {
	local name=$1 id=$2 how=$3
	wait_for 90 test -s "$name/log.jsonl" ||
		{ fail "$name: the training starts" "$(cat "logs/$name.log")"; return; }
	$how "$id"
	wait_for 150 eval '[ "$(state '"$id"' Restarts)" -ge 1 ]' || fail "$name: the interrupted job is requeued" \
		"$(tail -5 "logs/$name.log")"
	is "$name: the training is interrupted before its end" \
		"$([ -e "$name/checkpoint-00000030" ] && echo finished)" ""
	rm -f hold
	wait_for 180 ended "$id"
	is "$name: the job completes after requeue $(state "$id" Restarts)" "$(state "$id" JobState)" COMPLETED
	is "$name: the job gives the bytes of an uninterrupted run" "$(bytes "$name")" "$(bytes whole)"
	[ "$(bytes "$name")" = "$(bytes whole)" ] || sed 's/^/# /' "logs/$name.log"
}
its_limit() { :; }
its_signal() { scancel --batch --signal=USR1 "$1"; }
requeue() { scontrol requeue "$1"; }
cut_off limit "$(train limit --time=1 --signal=B:USR1@50)" its_limit
like "limit: the training stops by itself at a checkpoint and resumes" "$(cat logs/limit.log)" \
	"*stopped at step*resumes after step*"
cut_off requeue "$(train requeue)" requeue
if [ -x "$root/build-mpi/bin/tscae-train" ] && command -v mpirun >/dev/null; then
	ranks=1
	cut_off srun "$(train srun --ntasks=2)" its_signal
	like "srun: two ranks stop by themselves at a checkpoint and resume" "$(cat logs/srun.log)" \
		"*stopped at step*resumes after step*"
	cut_off mpirun "$(LAUNCH='mpirun -n 2 --bind-to none --mca btl self,vader' train mpirun --ntasks=2)" its_signal
	like "mpirun: two ranks stop by themselves at a checkpoint and resume" "$(cat logs/mpirun.log)" \
		"*stopped at step*resumes after step*"
else skip "two ranks by srun and mpirun" "no tscae-train of make MPI=1"; fi
done_testing
