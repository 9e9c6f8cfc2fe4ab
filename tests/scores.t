#!/bin/bash
# scores.t - every number of tscae-eval against slow, obvious implementations, on random sets
. "${0%/*}/lib.sh"
/usr/bin/python3 -c 'import numpy, msgpack' 2>/dev/null || skip_all "python3 with numpy and msgpack is not installed"
/usr/bin/python3 -B "$root/tests/scores.py" "$tmp"
