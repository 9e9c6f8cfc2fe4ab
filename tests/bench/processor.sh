#!/bin/bash
# processor.sh - speed of training per processor, by processor time, relative to a loop of multiply-adds
#
# Processor time depends less on what else runs than the time that passes; it leaves out the waits of sleeping threads.
# BEFORE=FOLDER: a folder with tscae-train of another build, which runs in turns with this one.
. "${0%/*}/lib.sh"
clock=$tmp/processor_clock.so
${CC:-cc} -std=c11 -O1 -shared -fPIC -o "$clock" "$root/tests/preload/processor_clock.c" || exit 1

here=$(dirname "$(command -v tscae-train)")
# loop: GFLOP/s of multiply-adds in one thread
loop() { LD_PRELOAD=$clock "$bench/ceiling" micro 1; }
# speed FOLDER MODEL OBJECTIVE THREADS: as train, with the tscae-train of a folder
speed() { PATH=$1:$PATH LD_PRELOAD=$clock train "$2" "$3" "$(batch "$2")" "$4"; }

table "Training by processor time (GFLOP/s of a processor; ratio: fraction of the loop)" speed "${BEFORE:+before}"
for model in $MODELS; do
	masked "$model" $(($(batch "$model") * STEPS)) >/dev/null
	for objective in tscae mae; do
		for threads in $(printf '%s\n' 1 "$THREADS" | sort -u); do
			forget
			alternate loop loop new "speed '$here' $model $objective $threads" \
				${BEFORE:+before "speed '$BEFORE' $model $objective $threads"}
			before=-
			[ -z "${BEFORE:-}" ] || before=$(middle before 3)
			row "$model, $objective, threads $threads" "$(calc "$(middle new 3) / $(middle loop)")" - \
				"$(middle new 3)" "$before"
		done
	done
done
told "${OPENBLAS_CORETYPE:+OPENBLAS_CORETYPE=$OPENBLAS_CORETYPE }${BEFORE:+BEFORE=$BEFORE}"
