#!/bin/bash
# options.t - options read alike in every tool: a letter means one option, an option has one letter and one help text
. "${0%/*}/lib.sh"

# options with a meaning of their own in each tool: only these may have several help texts
own='classes count gray heads image iou-threshold json layout null output resize scale score-threshold size split'

# lines "name letter tool help", without the value and the default
for page in "$root"/man/*.1; do
	tool=$(basename "$page" .1)
	"$bin/$tool" --help | sed -nE \
		"s/^  (-(.), |    )--([a-z0-9-]+)( [^ ]+)? +(.*)/\3	\2	$tool	\5/p" | sed -E 's/ \[[^]]*\]$//'
done >"$tmp/options"
# what occurs in field N of several lines of input
repeated() { cut -f "$1" | grep . | sort | uniq -d | tr '\n' ' '; }

is "every tool has -h, -q and --completion" "$(grep -cE '^(help	h|quiet	q|completion	)	' "$tmp/options")" \
	"$((3 * $(ls "$root"/man/*.1 | wc -l)))"
is "an option has the same letter in all tools (but --gray: a probability, or the flag -g)" \
	"$(cut -f 1,2 "$tmp/options" | grep -v '^gray	' | sort -u | repeated 1)" ""
while read -r letter name; do
	is "-$letter is --$name in all tools" \
		"$(awk -F '\t' -v l="$letter" '$2 == l { print $1 }' "$tmp/options" | sort -u)" "$name"
	is "--$name has the letter $letter in all tools" \
		"$(awk -F '\t' -v n="$name" '$1 == n { print $2 }' "$tmp/options" | sort -u)" "$letter"
done <<-'EOF'
	o output
	q quiet
	s seed
	t threads
	j json
	d drop-image
	S size
	n limit
	m model
EOF
# an empty name, as of a shell variable that is not set: "$run/x" would be /x
paths='FILE|FOLDER|DIR|RUN|MODEL|FOLDER\|FILE|FILE\|NAME|NAME\|FILE\.txt'
cd "$tmp" || exit 1
for page in "$root"/man/*.1; do
	tool=$(basename "$page" .1)
	for name in $("$bin/$tool" --help |
		sed -nE "s/^  (-., |    )--([a-z0-9-]+) ($paths) .*/\\2/p"); do
		status "$tool --$name with an empty name: exit 2" 2 "$bin/$tool" --$name= </dev/null
		like "$tool --$name with an empty name: the message names the option" "$(cat "$tmp/stderr")" \
			"$tool: $name: the name of the file or folder is empty*"
	done
done
is "a letter means one option in all tools" "$(cut -f 1,2 "$tmp/options" | sort -u | repeated 2)" ""
for name in $(cut -f 1 "$tmp/options" | sort | uniq -d); do
	texts=$(awk -F '\t' -v n="$name" '$1 == n { print $4 }' "$tmp/options" | sort -u)
	case " $own " in
	*" $name "*) ok "--$name has several help texts, as expected" test "$(wc -l <<<"$texts")" -gt 1 ;;
	*) is "--$name has one help text in all tools" "$(wc -l <<<"$texts")" 1 ;;
	esac
done
is "--output has one help text in all tools that write a stream" \
	"$(awk -F '\t' '$1 == "output" && $3 !~ /-(export|import|synth|train)$/ { print $4 }' "$tmp/options" |
	sort -u)" "output file (-: standard output)"
done_testing
