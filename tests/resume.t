#!/bin/bash
# resume.t - a run that was stopped at any moment ends with the same bytes as one that was not
. "${0%/*}/lib.sh"
. "${0%/*}/train.sh"
make_masked || { fail "the stream is made"; done_testing; }
train "$ref" "$masked"
want=$(weights "$ref")

# resume from every step, in the middle of epochs and at their ends
train "$tmp/each" checkpoint_steps=1 keep_checkpoints=99 "$masked"
is "checkpoints at every step change no byte of the result" "$(weights "$tmp/each")" "$want"
bad=
for k in 1 2 3 4 5 6 7 8 9 10; do
	rm -rf "$tmp/run" && mkdir "$tmp/run" && cp -r "$tmp/each/checkpoint-$(printf %08d $k)" "$tmp/run"
	cp "$tmp/each/log.jsonl" "$tmp/run"
	is "--resume-index after step $k" "$(tscae-train --resume-index "$tmp/run")" $((8 * k))
	if [ $((k % 2)) = 0 ]; then train "$tmp/run" -t 2 "$masked" 2>/dev/null
	else sequence $((8 * k)) | train "$tmp/run" -t 1; fi
	[ "$(weights "$tmp/run")" = "$want" ] || bad="$bad $k"
	[ "$(sed 's/,.*//; s/.*://' "$tmp/run/log.jsonl" | tr '\n' ' ')" = "1 2 3 4 5 6 7 8 9 10 11 " ] ||
		bad="$bad log-$k"
done
is "resumed at every step: the same bytes, each step once in the log" "$bad" ""

# killed at random moments, with a producer that starts at --resume-index
piped() { rm -f "$tmp/pid"; sequence "$(tscae-train --resume-index "$tmp/run")" 2>/dev/null |
	sh -c 'echo $$ >"$0.part"; mv "$0.part" "$0"; exec tscae-train -q -o "$@"' "$tmp/pid" "$tmp/run" $tiny \
		checkpoint_steps=1 2>/dev/null; }
rm -rf "$tmp/run"
begun=$(date +%s%N)
piped
life=$((($(date +%s%N) - begun) / 1000000))
is "a run in a pipe ends with the same bytes" "$(weights "$tmp/run")" "$want"
kills=0 ends=0 bad=
RANDOM=5
rm -rf "$tmp/run"
for try in $(seq 200); do
	rm -f "$tmp/pid"
	piped 2>/dev/null &
	while [ ! -e "$tmp/pid" ]; do sleep 0.005; done
	sleep "$(printf '0.%03d' $((RANDOM % (life < 999 ? life : 999))))"
	if kill -9 "$(cat "$tmp/pid")" 2>/dev/null; then kills=$((kills + 1)); fi
	wait 2>/dev/null
	[ $kills -lt 20 ] || train "$tmp/run" "$masked" 2>/dev/null
	if [ "$(readlink "$tmp/run/latest")" = checkpoint-00000011 ]; then
		ends=$((ends + 1))
		train "$tmp/run" "$masked" 2>/dev/null
		[ "$(weights "$tmp/run")" = "$want" ] || bad="$bad $try"
		rm -rf "$tmp/run"
	fi
	[ $kills -lt 20 ] || break
done
is "$kills kills at random moments, $ends finished runs: the same bytes" "$bad $kills $((ends > 0))" " 20 1"

# other state: the queue of nnclr, moments in 8 bits
resumes() {	# resumes NAME SETTING ...: from several steps, with other threads, to the same bytes
	local name=$1 k bad=
	shift
	train "$tmp/whole" "$@" checkpoint_steps=1 keep_checkpoints=99 "$masked"
	for k in 2 3 4 7; do
		rm -rf "$tmp/run" && mkdir "$tmp/run" && cp -r "$tmp/whole/checkpoint-$(printf %08d $k)" "$tmp/run"
		cp "$tmp/whole/log.jsonl" "$tmp/run"
		sequence $((8 * k)) | train "$tmp/run" "$@" -t 1
		[ "$(weights "$tmp/run")" = "$(weights "$tmp/whole")" ] || bad="$bad $k"
	done
	is "$name: the same bytes" "$bad" ""
	rm -rf "$tmp/run"
}
resumes "nnclr resumed before and after contrast_start" image_contrast=nnclr queue_size=24 contrast_start=3
rm -rf "$tmp/whole"
resumes "moments in 8 bits resumed" moments=8bit
state8=$(stat -c %s "$tmp/whole/latest/state.safetensors") state32=$(stat -c %s "$ref/latest/state.safetensors")
is "moments in 8 bits: the state is below a third of that in 32 bits" $((3 * state8 < state32)) 1
train "$tmp/whole" moments=f32 "$masked" 2>"$tmp/stderr"
like "moments in 8 bits: a run does not go on in 32" "$? $(cat "$tmp/stderr")" "2 *begun with moments=8bit, not f32*"
rm -rf "$tmp/whole"

# signals, while the trainer waits for a producer
slow() { head -c 150000 "$masked"; sleep 0.1; while [ ! -e "$tmp/go" ]; do sleep 0.05; done
tail -c +150001 "$masked"; }
await() { for _i in $(seq 1200); do [ -s "$1" ] && return; sleep 0.05; done; }
start() { rm -rf "$tmp/run" "$tmp/go"; mkfifo "$tmp/pipe" 2>/dev/null; slow >"$tmp/pipe" 2>/dev/null & feeder=$!
	tscae-train -q -o "$tmp/run" $tiny <"$tmp/pipe" 2>"$tmp/stderr" & pid=$!; await "$tmp/run/log.jsonl"; }
for signal in TERM INT USR2; do
	# if this test started with a signal ignored (in the background of a shell), no child of it can get that signal
	if [ -n "$(sh -c "kill -$signal \$\$; echo ignored" 2>/dev/null)" ]; then
		for what in "exit 75, at once" "a checkpoint and a message" "resumed to the same bytes"; do
			skip "SIG$signal: $what" "the signal is ignored here"
		done
		continue
	fi
	# a shell without job control starts its background jobs with SIGINT ignored
	[ $signal = INT ] && set -m
	start
	set +m
	begun=$SECONDS
	kill -$signal $pid; wait $pid; got=$?
	touch "$tmp/go"; wait $feeder 2>/dev/null
	is "SIG$signal: exit 75, at once" "$got $((SECONDS - begun <= 60))" "75 1"
	like "SIG$signal: a checkpoint and a message" "$(readlink "$tmp/run/latest") $(cat "$tmp/stderr")" \
		"checkpoint-000000*run the same command again*"
	train "$tmp/run" "$masked" 2>/dev/null
	is "SIG$signal: resumed to the same bytes" "$(weights "$tmp/run")" "$want"
done
start
kill -USR1 $pid; await "$tmp/run/latest/model.safetensors"
like "SIGUSR1: a checkpoint, also while the producer stalls" "$(readlink "$tmp/run/latest")" "checkpoint-000000*"
touch "$tmp/go"; wait $pid
is "SIGUSR1: the run continues to its end" "$? $(weights "$tmp/run")" "0 $want"
like "SIGUSR1: a message with the progress of the run" "$(cat "$tmp/stderr")" "*step * of 11, loss *left*"
rm -f "$tmp/pipe"
done_testing
