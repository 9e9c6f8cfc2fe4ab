#!/bin/bash
# stream.t - streams and other programs: the example of formats/stream.md, Python as writer and reader, MessagePack
# corpora
. "${0%/*}/lib.sh"
python=/usr/bin/python3
page=$root/formats/stream.md
stream=$B/tests/stream
"$stream" images "$tmp/in.tsc" 5 32 32 || exit 1

sed -n '/^<!-- example/,/^<!-- reader/p' "$page" | sed -n '/^```$/,/^```$/p' | grep -v '^```' |
	sed -E 's/^(([0-9a-f]{2} {0,2})+).*/\1/' | tr -d ' \n' >"$tmp/hex"
is "the example of formats/stream.md is the golden file" "$(cat "$tmp/hex")" \
	"$(od -An -v -tx1 "$root/tests/golden/example.tsc" | tr -d ' \n')"

if $python -c 'import msgpack, numpy' 2>/dev/null; then
	sed -n '/^```python$/,/^```$/p' "$page" | grep -v '^```' >"$tmp/reader.py"
	is "the Python reader of formats/stream.md reads the golden file" \
		"$($python "$tmp/reader.py" <"$root/tests/golden/example.tsc")" "image
cat/0 image[2, 1, 3]
dog/1 image[2, 1, 3]"
	head -c 250 "$root/tests/golden/example.tsc" >"$tmp/cut.tsc"
	status "the Python reader refuses a cut stream" 1 $python "$tmp/reader.py" <"$tmp/cut.tsc"

	cat >"$tmp/writer.py" <<-'EOF'
		import msgpack, numpy, subprocess, sys
		def tensor(a):
		    return {b"nd": True, b"type": a.dtype.str, b"kind": b"", b"shape": a.shape, b"data": a.tobytes()}
		out = [msgpack.packb("tscae/1"),
			msgpack.packb({"kind": "image", "fields": [["image", "|u1", [32, 32, 3]]],
			"weird": [None, {"x": 1.5}]})]
		for i in range(3):
		    out.append(msgpack.packb({"key": "k%d" % i, "image": tensor(numpy.full((32, 32, 3), i, "u1")),
		        "half": tensor(numpy.arange(3, dtype="f2")),
		        "scalar": tensor(numpy.array(2.5)), "flag": True, "nothing": None, "when": msgpack.Timestamp(1,
		        2), "list": [1, [2, b"3"]], "map": {"a": {"b": -1}},
		        "single": msgpack.ExtType(5, b"abc"), "big": 2**64 - 1, "text": "ä" * 100, "long int": i}))
		path = sys.argv[1]
		open(path, "wb").write(b"".join(out))
		digest = bytes.fromhex(subprocess.check_output([sys.argv[2], "digest", path], text=True))
		open(path, "ab").write(b"\x92\x03\xc4\x08" + digest)
	EOF
	$python "$tmp/writer.py" "$tmp/python.tsc" "$stream"
	status "tscae-mask reads a stream that Python wrote" 0 tscae-mask -q -p 8 "$tmp/python.tsc" -o "$tmp/masked.tsc"
	cat >"$tmp/same.py" <<-'EOF'
		import msgpack, sys
		a, b = ([dict(o) if isinstance(o, dict) else o for o in msgpack.Unpacker(open(p, "rb"),
			strict_map_key=False, timestamp=0)] for p in sys.argv[1:])
		for x, y in zip(a, b):
		    for name in x if isinstance(x, dict) else ():
		        if name not in ("fields", "history") and (name not in y
		            or msgpack.packb(x[name]) != msgpack.packb(y[name])):
		            sys.exit("%s: %r became %r" % (name, x[name], y.get(name)))
		sys.exit(len(a) != len(b))
	EOF
	ok "unknown fields pass through tscae-mask unchanged" $python "$tmp/same.py" "$tmp/python.tsc" "$tmp/masked.tsc"
	ok "Python reads the output of tscae-mask" $python "$tmp/reader.py" <"$tmp/masked.tsc"
else
	skip "Python as writer and reader" "python3-msgpack and python3-numpy are not installed"
fi

cat "$tmp/in.tsc" "$tmp/in.tsc" | tscae-mask -q -p 8 -o "$tmp/joined.tsc"
tscae-mask -q -p 8 "$tmp/in.tsc" "$tmp/in.tsc" -o "$tmp/two.tsc"
is "streams joined by cat and by operands give the same records" \
	"$(tail -c +300 "$tmp/joined.tsc" | head -c -20 | cksum | cut -d' ' -f1)" \
	"$(tail -c +$((300 + $(stat -c %s "$tmp/two.tsc") - $(stat -c %s "$tmp/joined.tsc"))) "$tmp/two.tsc" |
	head -c -20 | cksum | cut -d' ' -f1)"
status "streams of two kinds cannot be joined" 65 bash -c 'cat "$1" "$2" | tscae-mask -q -p 8' - "$tmp/in.tsc" \
	"$root/tests/golden/example.tsc"

# class numbers are indices of the header's list: with another list they would silently mean other classes
mkdir -p "$tmp"/{a,b,c}/{ant,bee}
tscae-synth -q --layout folders --count 2 --size 32x32 --classes 2 -o "$tmp/synth"
image=$(find "$tmp/synth" -name '*.jpg' | head -1)
cp "$image" "$tmp/a/ant/1.jpg"; cp "$image" "$tmp/a/bee/1.jpg"; cp "$image" "$tmp/b/bee/2.jpg"
cp "$image" "$tmp/c/ant/3.jpg"; cp "$image" "$tmp/c/bee/3.jpg"
for x in a b c; do (cd "$tmp/$x" && tscae-decode -q --labels dirs . -o ../$x.tsc); done
tscae-decode -q "$tmp/b" -o "$tmp/none.tsc"
status "streams with different class lists cannot be joined by cat" 65 bash -c \
	'cat "$1"/a.tsc "$1"/b.tsc | tscae-mask -q -p 8' - "$tmp"
like "the message names the class lists" "$(cat "$tmp/stderr")" "*their lists 'classes' differ*"
status "streams with different class lists cannot be joined as operands" 65 tscae-mask -q -p 8 "$tmp/a.tsc" "$tmp/b.tsc"
status "streams with equal class lists can be joined" 0 bash -c 'cat "$1"/a.tsc "$1"/c.tsc | tscae-mask -q -p 8' - \
	"$tmp"
status "a stream with classes and one without can be joined" 0 bash -c \
	'cat "$1"/a.tsc "$1"/none.tsc | tscae-mask -q -p 8' - "$tmp"
if $python -c 'import msgpack, numpy' 2>/dev/null; then
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/tests $python - "$tmp" <<-'EOF'
		import sys
		from streams import write_stream
		for key in 'label_classes', 'predicted_classes', 'predicted_label_classes':
		    for name, classes in ('one', ['ant', 'bee']), ('two', ['bee', 'ant']):
		        write_stream('%s/%s.%s' % (sys.argv[1], key, name), 'label', {key: classes},
		            [{'key': name}])
		write_stream(sys.argv[1] + '/bare.tsc', 'label', {}, [{'key': 'a'}])
	EOF
	for tool in "crop --size 8" mask augment "degrade --ops jpeg=9" uncrop; do
		# shellcheck disable=SC2086
		status "tscae-$tool: a stream without images: exit 65" 65 tscae-$tool "$tmp/bare.tsc"
		like "tscae-$tool: a stream without images: the message names the file" "$(cat "$tmp/stderr")" \
			"tscae-${tool%% *}: $tmp/bare.tsc: *image*"
		# shellcheck disable=SC2086
		status "tscae-$tool: standard input without images: exit 65" 65 tscae-$tool <"$tmp/bare.tsc"
		like "tscae-$tool: standard input without images: the message names it" "$(cat "$tmp/stderr")" \
			"tscae-${tool%% *}: standard input: *image*"
	done
	for list in label_classes predicted_classes predicted_label_classes; do
		cat "$tmp/$list.one" "$tmp/$list.one" | tscae-view -q >"$tmp/out"
		is "streams with equal lists $list can be joined" "$(sed 1d "$tmp/out" | cut -f1 | tr '\n' ' ')" \
			"one one "
		status "streams with different lists $list cannot be joined" 65 bash -c 'cat "$1.one" "$1.two" |
			tscae-view -q' - "$tmp/$list"
		like "$list: the message names the list" "$(cat "$tmp/stderr")" "*their lists '$list' differ*"
	done
else
	skip "other lists of classes, streams without images" "python3-msgpack and python3-numpy are not installed"
fi

# a slow producer: finished records are written before the next ones arrive
mkfifo "$tmp/pipe"
(head -c $(($(stat -c %s "$tmp/in.tsc") - 3000)) "$tmp/in.tsc"; until [ -e "$tmp/go" ]; do sleep 0.05; done
	tail -c 3000 "$tmp/in.tsc") >"$tmp/pipe" &
(at_least 9001 "$tmp"/slow.tsc.part.\* >"$tmp/size"; : >"$tmp/go") &
tscae-mask -q -p 8 -o "$tmp/slow.tsc" "$tmp/pipe"
wait
ok "finished records are written while the producer is slow" test "$(cat "$tmp/size")" -gt 9000

# a terminal as input or output
cat >"$tmp/terminal.py" <<'EOF'
import os, pty, subprocess, sys
master, slave = pty.openpty()
reads = subprocess.run(["tscae-mask", "-q", "-p", "8"], stdin=slave, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    text=True)
writes = subprocess.run(["tscae-mask", "-q", "-p", "8", sys.argv[1]], stdin=subprocess.DEVNULL, stdout=slave,
    stderr=subprocess.PIPE, text=True)
print(reads.returncode, "terminal" in reads.stderr, writes.returncode, "terminal" in writes.stderr)
EOF
if python3 -c 'import pty; pty.openpty()' 2>/dev/null; then
	is "a stream is neither read from a terminal nor written to one" "$(python3 "$tmp/terminal.py" "$tmp/in.tsc")" \
		"66 True 2 True"
else
	skip "a terminal as input and as output" "python3 is not installed, or the system has no pseudo-terminals"
fi

# a link to standard output, as /dev/stdout is one, beside other output of the same file
if [ -e /proc/self/fd/1 ]; then
	ln -s /proc/self/fd/1 "$tmp/stdout"
	(echo before; tscae-mask -q -p 8 -o "$tmp/stdout" "$tmp/in.tsc"; echo after) >"$tmp/mixed"
	# lines around a stream, and the records of the stream
	between() { head -c 7 "$1"; tail -c +8 "$1" | head -c -6 | tscae-view -q | cksum; tail -n 1 "$1" | tail -c 6; }
	want=$(echo before; tscae-mask -q -p 8 "$tmp/in.tsc" | tscae-view -q | cksum; echo after)
	is "-o of a link to standard output writes there" "$(between "$tmp/mixed")" "$want"
	is "-o of a link to standard output keeps the link" "$(readlink "$tmp/stdout")" /proc/self/fd/1
	ln -s /proc/self/fd/2 "$tmp/errors"
	(echo before >&2; tscae-mask -q -p 8 -o "$tmp/errors" "$tmp/in.tsc"; echo after >&2) 2>"$tmp/second"
	is "-o of a link to standard error writes there" "$(between "$tmp/second")" "$want"
	(echo before >&3; tscae-mask -q -p 8 -o /dev/fd/3 "$tmp/in.tsc"; echo after >&3) 3>"$tmp/third"
	is "-o /dev/fd/3 writes to the open descriptor" "$(between "$tmp/third")" "$want"
	status "-o /dev/fd/9 that is not open: exit 74" 74 tscae-mask -q -p 8 -o /dev/fd/9 "$tmp/in.tsc" 9>&-
	like "-o /dev/fd/9 that is not open: the message names it" "$(cat "$tmp/stderr")" \
		"tscae-mask: /dev/fd/9: Bad file descriptor"
else
	skip "-o of a link to standard output, and of an open descriptor" "the system has no /proc"
fi
mkdir "$tmp/elsewhere"
: >"$tmp/elsewhere/target"; : >"$tmp/elsewhere/target.part.4194300"
ln -s elsewhere/target "$tmp/link"
ok "-o of a link to a file is written" tscae-mask -q -p 8 -o "$tmp/link" "$tmp/in.tsc"
is "-o of a link to a file: the link stays, its file is complete, no temporary file is left" \
	"$(readlink "$tmp/link") $(ls "$tmp/elsewhere") $(tscae-view -q "$tmp/elsewhere/target" | cksum)" \
	"elsewhere/target target $(tscae-mask -q -p 8 "$tmp/in.tsc" | tscae-view -q | cksum)"

if [ -n "$shared" ]; then
	packs=$(unpack msgpack-corpus)
	mkdir "$tmp/suite"
	n=0
	for hex in $(sed -n '/"msgpack"/,/]/p' \
		"$packs"/msgpack-corpus/msgpack-test-suite/dist/msgpack-test-suite.json | grep -oE \
		'"[0-9a-f]{2}(-[0-9a-f]{2})*"' | tr -d '"-'); do
		n=$((n + 1))
		printf "$(printf %s "$hex" | sed 's/../\\x&/g')" >"$tmp/suite/$n"
	done
	is "msgpack-test-suite: $n objects pass through unchanged" "$("$stream" corpus "$tmp"/suite/* | tail -1)" \
		"same $n refused 0 changed 0"
	find "$packs" -name '*.msgpack' >"$tmp/list"
	xargs -a "$tmp/list" "$stream" corpus >"$tmp/out"
	like "$(wc -l <"$tmp/list") valid MessagePack files pass through unchanged: $(tail -1 "$tmp/out")" \
		"$(tail -1 "$tmp/out")" "same * refused 0 changed 0"
	find "$packs" -path '*fuzz*' -type f >"$tmp/list"
	ok "fuzz seeds and regressions do no harm" xargs -a "$tmp/list" "$stream" corpus
	bad=
	while read -r file; do
		{ head -c 24 "$tmp/in.tsc"; cat "$file"; } >"$tmp/hostile"
		for input in "$file" "$tmp/hostile"; do
			timeout 60 tscae-mask -q "$input" >/dev/null 2>&1
			[ $? = 65 ] || bad="$bad $input"
		done
	done <"$tmp/list"
	is "fuzz seeds are refused as streams and as records" "$bad" ""
else
	skip "MessagePack corpora" "no ../shared/data"
fi
done_testing
