#!/bin/bash
# linear_probe.sh - time of the linear probe on features of 20,000 images; RECORDS=100000 takes five times as long
. "${0%/*}/lib.sh"
RECORDS=${RECORDS:-$(quick 1000 20000)}
for features in $(quick 192 "192 384 768"); do
	"$bench/linear_probe" "$RECORDS" "$features" 100 "$THREADS" || exit 1
done
told "RECORDS=$RECORDS"
