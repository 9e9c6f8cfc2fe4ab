#!/bin/bash
# fuzz.t - run every libFuzzer target for SECONDS_EACH seconds (60), with files of the data packs as seeds if available
. "${0%/*}/../lib.sh"
each=${SECONDS_EACH:-60}
ls "$B"/fuzz/* >/dev/null 2>&1 || skip_all "no fuzz targets are built (make fuzz; needs clang)"

# pack TARGET: print the data pack with seeds for the target
pack() { case $1 in jpeg) echo jpeg-corpus ;; png) echo png-corpus ;; stream | json) echo \
	msgpack-corpus ;; safetensors) echo tensors-foreign ;; results) echo det-metrics ;; voc) echo bccd ;; coco) \
	echo det-metrics ;; esac; }
for target in "$B"/fuzz/*; do
	[ -x "$target" ] && [ -f "$target" ] || continue
	name=${target##*/}
	corpus=$tmp/corpus-$name
	mkdir "$corpus"
	seeds=$(pack "$name")
	[ "$name" = image ] && python3 "$root/tests/images.py" seeds "$corpus"
	if [ -n "$shared" ] && [ -n "$seeds" ]; then
		find "$(unpack "$seeds")" -type f -size -64k -exec cp --backup=numbered -t "$corpus" {} +
	fi
	if (cd "$tmp" && "$target" -max_total_time="$each" -timeout=10 -rss_limit_mb=2048 -max_len=65536 "$corpus" \
		>"$tmp/$name.log" 2>&1)
	then pass "the fuzz target $name does not crash ($(grep -oE \
		'^Done [0-9]+ runs|stat::number_of_executed_units: [0-9]+' "$tmp/$name.log" | tail -1))"
	else fail "the fuzz target $name does not crash" "$(tail -25 "$tmp/$name.log")"
	fi
done
done_testing
