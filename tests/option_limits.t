#!/bin/bash
# option_limits.t - every option and setting of every tool at the limits of its kind and past them. SHARE (12): one
# value in so many is tried; 1: all (make check-faults). CASES: names of the tools, all without it.
. "${0%/*}/lib.sh"
cd "$tmp" || exit 1
. "$root/tests/cases.sh"
relay /usr/bin/python3 "$root/tests/option_limits.py" "$tmp" "${SHARE:-12}" ${CASES-}
done_testing
