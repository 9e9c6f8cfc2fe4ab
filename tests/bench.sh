#!/bin/bash
# bench.sh - run all benchmarks, or those of SCRIPTS (names in tests/bench), then print a table of the rows that have
# a target
#
# The output is kept in $B/bench.log; LOG sets another file. tests/bench/lib.sh has the settings of all benchmarks.
set -o pipefail
cd "$(dirname "$0")/.." || exit 1
export B=${B:-build}
log=${LOG:-$B/bench.log}
export TARGETS=${log%.log}.targets
scripts=${SCRIPTS:-$(find tests/bench -name '*.sh' ! -name '*lib.sh' | sed 's|.*/||; s|\.sh$||' | sort)}

machine() {
	echo "machine: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) processors, $(awk \
		'/MemTotal/ { printf "%.0f GB", $2 / 1e6 }' /proc/meminfo), Linux $(uname -r), load $(cut -d ' ' -f \
		1-3 /proc/loadavg)"
	echo "revision: $(git describe --always --dirty 2>/dev/null || echo unknown)"
}
all() {
	local script bad=0
	machine
	for script in $scripts; do
		bash "tests/bench/$script.sh" 2>&1 || { echo "failed: $script"; bad=1; }
	done
	return $bad
}
rm -f "$TARGETS" && touch "$TARGETS"
all | tee "$log"
failed=$?
awk -F '\t' '
	BEGIN { printf "\nRows with a target%54s %8s\n", "ratio", "target" }
	$1 != title { title = $1; print title }
	{ printf "  %-60s %8s %8s %s\n", $2, $3, $4, $5; count[$5]++ }
	END { printf "%d met, %d missed\n", count["met"], count["missed"] }' "$TARGETS" | tee -a "$log"
exit $failed
