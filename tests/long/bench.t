#!/bin/bash
# bench.t - every benchmark runs (QUICK=1: one round of the smallest case) and prints its command at the end. The
# numbers are not meaningful.
. "${0%/*}/../lib.sh"
[ -x "$B/tests/bench/meter" ] || skip_all "the benchmarks are not built (make bench-tools)"
for script in "$root"/tests/bench/*.sh; do
	name=${script##*/}
	case $name in lib.sh | torch_lib.sh) continue ;; esac
	before=$(date +%s)
	if QUICK=1 B=$B timeout "${LIMIT:-300}" bash "$script" >"$tmp/out" 2>&1 && tail -n 1 "$tmp/out" | grep -qE \
		'^(command|skipped): '
	then pass "the benchmark $name runs ($(($(date +%s) - before)) s)"
	else fail "the benchmark $name runs" "$(tail -n 20 "$tmp/out")"
	fi
	grep '^skipped: ' "$tmp/out" | sed 's/^/# /'
done
done_testing
