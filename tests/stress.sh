#!/bin/bash
# stress.sh - run tests RUNS times beside stress on all processors: no result may depend on who is faster
# usage: B=build RUNS=20 stress.sh TEST ...    odd runs with prove -j1, even ones with -j4; prints all failures
set -u
command -v stress >/dev/null || { echo "stress is not installed (make deps-stress)" >&2; exit 1; }
log=$(mktemp) failed=0
stress --cpu "$(nproc)" --io 1 --vm 1 --vm-bytes 64M >/dev/null 2>&1 & stress=$!
trap 'kill $stress 2>/dev/null; rm -f "$log"' EXIT
trap 'exit 1' HUP INT TERM
for ((run = 1; run <= RUNS; run++)); do
	jobs=$((run % 2 ? 1 : 4)) begun=$SECONDS
	if prove -j$jobs --exec '' "$@" >"$log" 2>&1; then
		echo "run $run of $RUNS, -j$jobs: all tests pass ($((SECONDS - begun)) s)"
	else
		failed=$((failed + 1))
		echo "run $run of $RUNS, -j$jobs: tests fail ($((SECONDS - begun)) s)"
		sed -n '/^Test Summary Report/,$p' "$log"
	fi
done
echo "$failed of $RUNS runs failed"
exit $((failed > 0))
