#!/bin/bash
# pipe.sh - cost of streams: bytes/s of decoded images through processes that parse every record, compared with cat,
# and the fraction of a training step in pipes and MessagePack
. "${0%/*}/lib.sh"
stream=$B/tests/stream
[ -d /dev/shm ] && [ -w /dev/shm ] && data=$(mktemp /dev/shm/tscae-pipe.XXXXXX) || data=$tmp/data
trap 'rm -rf "$tmp" "$data"' EXIT

# speed COMMAND: print GB/s for the bytes in $data
speed() { "$bench/meter" 1 bash -c "set -o pipefail; $1" | awk -v n="$(stat -c %s "$data")" '{ print n / $1 / 1e9 }'; }

table "Through three processes (GB/s)" tscae cat
for side in 64 224; do
	"$stream" images "$data" $(($(quick 40000000 400000000) / (side * side * 3))) $side $side || exit 1
	alternate cat "speed 'cat $data | cat | cat >/dev/null'" \
		stream "speed '$stream pass <$data | $stream pass | $stream pass >/dev/null'" \
		mask "speed 'tscae-mask -q -p $((side / 14)) $data | $stream pass | $stream pass >/dev/null'"
	row "${side}x$side: readers and writers" "$(over stream cat)" - "$(middle stream)" "$(middle cat)"
	row "${side}x$side: tscae-mask first" "$(over mask cat)" - "$(middle mask)" "$(middle cat)"
	forget
done

# processor time per image of one writer and one reader with their pipe, compared with a training step
# cost COUNT: print seconds per image of `pass | pass`, minus those of one `pass` to /dev/null
cost() {
	local one two
	one=$("$bench/meter" 1 bash -c "'$stream' pass <'$data' >/dev/null") || return 1
	two=$("$bench/meter" 1 bash -c "set -o pipefail; '$stream' pass <'$data' | '$stream' pass >/dev/null") ||
		return 1
	echo "$one $two" | awk -v n="$1" '{ print ($5 - $2) / n }'
}
table "Fraction of a training step's processor time in a pipe and its records (seconds per image)" stream step
for model in $MODELS; do
	side=$(side "$model") n=$(batch "$model")
	count=$(($(quick 40000000 400000000) / (side * side * 3)))
	"$stream" images "$data" "$count" "$side" "$side" || exit 1
	alternate cost "cost $count" step "train $model tscae $n $THREADS"
	step=$(calc "$THREADS / $(middle step)")
	row "$model" "$(calc "$(middle cost) / $step")" "<0.003" "$(middle cost)" "$step"
	forget
done
told
