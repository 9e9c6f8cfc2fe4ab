#!/bin/bash
# fault_points.t - every tool with each allocation and each system call failing in turn, and with short reads and writes
# MOST (6): failing allocations of each case that are tried, spread evenly, and a sixth of that of each system call; 0:
# all (make check-faults). CASES, KINDS: names of the cases and of the kinds of faults, all without it.
. "${0%/*}/lib.sh"
most=${MOST:-6}
faults=$tmp/faults.so
${CC:-cc} -std=c11 -O1 -g -shared -fPIC -o "$faults" "$root/tests/preload/faults.c" -ldl 2>"$tmp/cc" ||
	{ fail "the preloaded library is built" "$(head -5 "$tmp/cc")"; done_testing; }
echo 'int main(void) { return 0; }' >"$tmp/empty.c"
${CC:-cc} -o "$tmp/empty" "$tmp/empty.c" && LD_PRELOAD=$faults COUNT_ALLOCATIONS=$tmp/count "$tmp/empty" &&
	[ -s "$tmp/count" ] || skip_all "this C library takes no preloaded allocator"
cd "$tmp" || exit 1
. "$root/tests/cases.sh"
# points KIND MOST: all cases with faults of that kind
points() { relay /usr/bin/python3 "$root/tests/fault_points.py" "$1" "$tmp" "$faults" "$2" ${CASES-}; }
for kind in ${KINDS:-short memory calls}; do
	if [ $kind = calls ] &&
		! strace -qq -o /dev/null -e trace=getppid -e inject=getppid:error=EIO true 2>/dev/null
	then
		skip "each failing system call" "strace is not installed, or it cannot trace here"
	else
		points $kind $([ $kind = calls ] && echo $(((most + 5) / 6)) || echo "$most")
	fi
done
done_testing
