#!/bin/bash
# coverage.sh - lines of lib/ that no test and no fuzz run reaches, by clang's source-based coverage
# usage: B=build-coverage coverage.sh OUTPUT TEST ...    a build with CC=clang and
#        CFLAGS='-O1 -g -fprofile-instr-generate -fcoverage-mapping'; CORPUS: folder of the fuzz corpus (empty: only the
#        inputs of seeds.sh)
# Runs the tests and the fuzz targets (built like the tests, over their corpus only) and writes a table of all files,
# the lowest coverage first, and the lines that nothing reaches. What a program does before _exit() or a signal does not
# count.
set -eu
output=$1; shift
B=$(cd "$B" && pwd)
root=$(cd "${0%/*}/.." && pwd)
profiles=$B/profiles
rm -rf "$profiles"; mkdir -p "$profiles"
# processes of one program share files
export LLVM_PROFILE_FILE="$profiles/%8m.profraw"
cd "$root"
B=$B prove ${PROVE:-} --exec '' "$@" || echo "some tests failed; their coverage counts"
PATH=$B/bin:$PATH tests/fuzz/seeds.sh "$B/seeds"
for target in "$B"/fuzz-run/*; do
	name=${target##*/}
	inputs=$(find "$B/seeds/$name" ${CORPUS:+$CORPUS/$name} -type f)
	"$target" $inputs >/dev/null 2>"$B/fuzz-run.log" || echo "the fuzz target $name failed"
done
llvm-profdata merge --failure-mode=all -o "$profiles/all.profdata" "$profiles"/*.profraw
objects=$(for f in "$B"/bin/* "$B"/tests/* "$B"/fuzz-run/*; do [ -f "$f" ] && [ -x "$f" ] && echo "-object $f"; done)
llvm-cov export -format=lcov -instr-profile "$profiles/all.profdata" $objects >"$profiles/all.lcov"
python3 tests/coverage.py "$profiles/all.lcov" "$root" >"$output"
head -4 "$output"
