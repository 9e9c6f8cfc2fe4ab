#!/bin/bash
# coco.t - tscae-label reads annotations of the size of COCO's train2017 completely, in less than 64 MB of memory
. "${0%/*}/../lib.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
python3 "$root/tests/coco_make.py" 118287 860001 >"$tmp/instances_train2017.json" ||
	{ fail "an annotation file is made"; done_testing; }
size=$(stat -c %s "$tmp/instances_train2017.json")
ok "the annotation file is large ($((size >> 20)) MiB)" test "$size" -gt 440000000
python3 "$root/tests/peak.py" tscae-label -q -l coco -f "$tmp/instances_train2017.json" --standalone -o \
	"$tmp/labels.tsc" 2>"$tmp/err"
is "tscae-label on the large file: exit 0" "$?" 0
peak=$(sed -n 's/^peak \([0-9]*\).*/\1/p' "$tmp/err")
ok "tscae-label on the large file: peak memory below 64 MiB ($peak MiB)" test "$peak" -lt 64
like "tscae-label on the large file: a record for each image" "$(tscae-view --check "$tmp/labels.tsc")" \
	"*sound*118287 records*"
done_testing
