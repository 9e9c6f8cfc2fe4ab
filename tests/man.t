#!/bin/bash
# man.t - man pages against tools: mandoc lint, equal options, shell completion, examples that run
. "${0%/*}/lib.sh"
pages=("$root"/man/*.1)

if command -v mandoc >/dev/null; then
	for page in "$root"/man/*.[157]; do
		is "${page##*/}: mandoc -Tlint has no warnings" "$(mandoc -Tlint -Wwarning "$page" 2>&1)" ""
	done
else
	skip "mandoc -Tlint has no warnings for any page" "mandoc is not installed"
fi

# options and settings of --help, one per line: --name, key=
help_names() { "$1" --help | sed -nE 's/^  (-., |    )--([a-z0-9-]+).*/--\2/p; s/^  ([a-z0-9_-]+)=.*/\1=/p' | sort; }
page_names() { sed -nE '/^\.It Fl/ { s/^.*Fl -([a-z0-9-]+).*/--\1/p }; s/^\.It Cm ([a-z0-9_-]+) Ns.*/\1=/p' "$1" |
	sort; }
for page in "${pages[@]}"; do
	tool=$(basename "$page" .1)
	is "$tool: the page and --help have the same options" "$(page_names "$page")" "$(help_names "$bin/$tool")"
	is "$tool: --version prints name and version" "$("$bin/$tool" --version | head -1)" "$tool 0.1.0"
	"$bin/$tool" --completion bash >"$tmp/bash" 2>&1 && "$bin/$tool" --completion zsh >"$tmp/zsh" && "$bin/$tool" \
		--completion fish >"$tmp/fish"
	ok "$tool: the bash completion is sound" bash -n "$tmp/bash"
	missing= bash=$(<"$tmp/bash") zsh=$(<"$tmp/zsh") fish=$(<"$tmp/fish")
	for name in $("$bin/$tool" --help | sed -nE 's/^  (-., |    )--([a-z0-9-]+).*/\2/p'); do
		[[ $bash == *"--$name"* && $zsh == *"--$name"* && $fish == *"-l $name"* ]] || missing="$missing $name"
	done
	is "$tool: bash, zsh and fish completions have every option" "$missing" ""
	status "$tool: an unknown option is exit 2" 2 "$bin/$tool" --no-such-option
	like "$tool: the message for an unknown option mentions --help" "$(cat "$tmp/stderr")" "*--help*"
done

# the scratch directory of the examples
scratch() {
	mkdir "$tmp/scratch" && cd "$tmp/scratch" || return
	tscae-synth -q --layout folders --count 48 --size 48x48 --classes 2 --seed 1 -o synth &&
	mkdir images && cp -r synth/train/* images/ &&
	(cd images && find . -name '*.jpg' | sort | tar -cf ../shard.tar -T -) &&
	tscae-decode -q --labels dirs images | tscae-crop -q --mode center --size 32 >images.tsc &&
	tscae-mask -q --patch 4 images.tsc >masked.tsc &&
	tscae-train -q -o run model=micro image=32 patch=4 depth=2 batch=16 steps=2 masked.tsc &&
	tscae-embed -d -q -m run images.tsc >features.tsc
}
if (set -e -o pipefail; scratch) >"$tmp/out" 2>&1; then pass "the scratch directory of the examples is created"
else fail "the scratch directory of the examples is created" "$(tail -5 "$tmp/out")"; fi

# examples: lines that begin with "$ ", continued after a trailing backslash or pipe
examples() { mandoc -Tascii -Owidth=1000 "$1" | col -bx | sed -n '/^EXAMPLES/,/^[A-Z]/p' | sed -nE \
	':a; /[\\|]$/ { N; s/\\\n *//; s/\|\n */| /; ba }; s/^ *\$ //p'; }
# run LINE: as bash -eu -o pipefail, but a reader may stop before its producer has written all (--limit, head): 141
# (SIGPIPE) of a stage is accepted if the stage after it ended with 0. Where a pipe is followed by && all of it must end
# with 0.
run() {
	bash -u -o pipefail -c 'accepted=
stages() { while [ $# -gt 1 ]; do [ "$1" = 0 ] || [ "$1 $2" = "141 0" ] || return 1; shift; done; [ "$1" = 0 ]; }
trap "stages \${PIPESTATUS[@]} && accepted=yes || exit 1" ERR
'"$1"'
case $?$accepted in 0* | 141yes) exit 0 ;; *) exit 1 ;; esac'
}
for line in true '(exit 141) | true' 'true | (exit 141) | true' '(exit 141) | true; true' 'true && (exit 141) | true' \
	'! true | false'; do
	ok "accepted as an example: $line" run "$line"
done
for line in false '(exit 141)' 'true | (exit 141)' '(exit 141) | false' '(exit 1) | true' '(exit 141) | true | false' \
	'(exit 141) | (exit 141) | true' '(exit 141) | (exit 1) | true' \
	'(exit 141) | true; false' '(exit 141) | true; false; true' '(exit 141) | true && true' 'false; true' \
	'false && true' 'echo $unset'; do
	ok "refused as an example: $line" eval '! run "$line"'
done
if command -v mandoc >/dev/null && command -v col >/dev/null; then
	for page in "$root"/man/*.[17]; do
		tool=$(basename "$page") count=0
		while IFS= read -r line; do
			count=$((count + 1))
			rm -rf "$tmp/try" && cp -r "$tmp/scratch" "$tmp/try"
			if (cd "$tmp/try" && run "$line") >"$tmp/out" 2>&1 \
				</dev/null; then pass "$tool: the example runs: $line"
			else fail "$tool: the example runs: $line" "$(tail -3 "$tmp/out")"; fi
		done < <(examples "$page")
		ok "$tool: the page has at least one example" test "$count" -gt 0
	done
else
	skip "the examples of the pages run" "mandoc or col is not installed"
fi
done_testing
