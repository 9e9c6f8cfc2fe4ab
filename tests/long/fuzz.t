#!/bin/bash
# fuzz.t - run every libFuzzer target for SECONDS_EACH seconds (60) on inputs of the project's own generators, and of
# the data packs if available. CORPUS: a folder that keeps the inputs of each target, minimized (empty: none is kept)
. "${0%/*}/../lib.sh"
each=${SECONDS_EACH:-60}
ls "$B"/fuzz/* >/dev/null 2>&1 || skip_all "no fuzz targets are built (make fuzz; needs clang)"
case ${CORPUS:-} in '' | /*) ;; *) CORPUS=$PWD/$CORPUS ;; esac

# pack TARGET: print the data pack with seeds for the target
pack() { case $1 in jpeg) echo jpeg-corpus ;; png) echo png-corpus ;; stream | json) echo \
	msgpack-corpus ;; safetensors) echo tensors-foreign ;; results) echo det-metrics ;; voc) echo bccd ;; coco) \
	echo det-metrics ;; esac; }
ok "small inputs are made for the targets" "$root/tests/fuzz/seeds.sh" "$tmp/seeds"
for target in "$B"/fuzz/*; do
	[ -x "$target" ] && [ -f "$target" ] || continue
	name=${target##*/}
	corpus=${CORPUS:-$tmp/corpus}/$name
	mkdir -p "$corpus"
	[ -d "$tmp/seeds/$name" ] || fail "seeds.sh makes inputs for the target $name"
	cp -r "$tmp/seeds/$name/." "$corpus"
	seeds=$(pack "$name")
	if [ -n "$shared" ] && [ -n "$seeds" ]; then
		find "$(unpack "$seeds")" -type f -size -64k -exec cp --backup=numbered -t "$corpus" {} +
	fi
	if (cd "$tmp" && "$target" -max_total_time="$each" -timeout=10 -rss_limit_mb=2048 -max_len=65536 "$corpus" \
		>"$tmp/$name.log" 2>&1)
	then pass "the fuzz target $name does not crash ($(grep -oE \
		'^Done [0-9]+ runs|stat::number_of_executed_units: [0-9]+' "$tmp/$name.log" | tail -1))"
	else fail "the fuzz target $name does not crash" "$(tail -25 "$tmp/$name.log")"
	fi
	[ -n "${CORPUS:-}" ] || continue
	mkdir "$tmp/less-$name"
	if (cd "$tmp" && "$target" -merge=1 -max_len=65536 "$tmp/less-$name" "$corpus" >/dev/null 2>&1); then
		rm -rf "$corpus" && mv "$tmp/less-$name" "$corpus"
	else
		fail "the corpus of $name is minimized"
	fi
done
done_testing
