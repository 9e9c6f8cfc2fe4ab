#!/bin/bash
# faults.t - every tool under faults: cut input, full disk, closed pipes and descriptors, hostile names. SHARE (8): one
# length of cut input in SHARE is tried, and those at both ends; 1: all (make check-faults)
. "${0%/*}/lib.sh"
OPENBLAS_NUM_THREADS=1; export OPENBLAS_NUM_THREADS
share=${SHARE:-8}
cd "$tmp" || exit 1

# small inputs: an image of 8 x 8, a model of 2 x 2 patches
tscae-synth -q --layout folders --count 4 --size 32x32 --classes 2 --seed 3 --val-ratio 0 -o set &&
tscae-decode -q --labels dirs --limit 1 set/train >whole.tsc && tscae-crop -q --mode center --size 8 whole.tsc \
	>images.tsc && tscae-mask -q -p 4 images.tsc >masked.tsc || exit 1
tiny="model=micro image=8 patch=4 depth=1 decoder_depth=1 embed_dim=24"
tiny="$tiny heads=2 batch=1 micro_batch=1 checkpoint_minutes=0"
tscae-train -q -o run $tiny masked.tsc && tscae-embed -d -q -m run images.tsc >features.tsc ||
	{ fail "the small inputs are made"; done_testing; }
# a classifier and a segmentation model
tscae-train -q -o kinds $tiny task=classify images.tsc || { fail "a classifier is trained"; done_testing; }
tscae-synth -q --count 4 -S 32x32 --classes 1 --max-objects 1 --seed 3 --val-ratio 0 -o voc && tscae-label -q -f voc \
	--segmaps --standalone | tscae-decode -q --records | tscae-crop -q --mode center --size 8 >labels.tsc &&
tscae-train -q -o maps $tiny task=segment fpn_dim=4 labels.tsc ||
	{ fail "a segmentation model is trained"; done_testing; }

tscae-label -q -f voc --standalone -o names.tsc || { fail "a stream of labels without images is made"; done_testing; }

# tools that read a stream on standard input: tool|input|arguments; RUN is a new name each time
consumers="crop|images.tsc|--mode center --size 8
mask|images.tsc|-p 4
embed|images.tsc|-m run
reconstruct|masked.tsc|-m run
segment|images.tsc|-m maps
classify|images.tsc|-m kinds
train|masked.tsc|-o RUN $tiny
view|masked.tsc|
label|images.tsc|-l folders -f set/train
decode|names.tsc|--records
probe|features.tsc|features.tsc -
search|features.tsc|features.tsc -"
# tools that write to standard output and get their input from arguments alone
producers="decode||set
crop||--mode center --size 8 images.tsc
mask||-p 4 images.tsc
embed||-m run images.tsc
reconstruct||-m run masked.tsc
segment||-m maps images.tsc
classify||-m kinds images.tsc
label||-l folders -f set/train images.tsc
label||-l folders -f set/train --standalone
label||-l folders -f set/train --names
decode||--records names.tsc
view||masked.tsc"
# tools that write to a path that an option names
writers="synth||--count 1 -o PLACE
train||$tiny masked.tsc -o PLACE
export||-m run -o PLACE
decode||set -o PLACE
mask||-p 4 images.tsc -o PLACE
embed||-m run images.tsc --npy PLACE
segment||-m maps images.tsc -o PLACE
classify||-m kinds images.tsc -o PLACE
label||-l folders -f set/train --standalone -o PLACE"

# each TABLE FUNCTION: call the function with tool, input and arguments of every row whose tool is built
each() { while IFS='|' read -r tool input arguments <&9; do
	[ -x "$bin/tscae-$tool" ] && "$2" "$tool" "$input" "$arguments"
done 9<<<"$1"; }
# go TOOL ARGUMENTS: run the tool
go() {
	local run=run.$BASHPID.$RANDOM status
	"tscae-$1" -q ${2//RUN/$run}; status=$?
	[ ! -e "$run" ] || rm -rf "$run"
	return $status
}
export -f go

try_cut() { # TOOL INPUT ARGUMENTS N ...: print each length N at which the truncated input was accepted, and the result
	local tool=$1 input=$2 arguments=$3 n status; shift 3
	for n; do
		head -c "$n" "$input" | go "$tool" "$arguments" >/dev/null 2>"err.$$"
		status=${PIPESTATUS[1]}
		[ "$status" = 65 ] || echo "$n: exit $status: $(head -3 "err.$$")"
	done
	rm -f "err.$$"
}
export -f try_cut
first=0			# of the lengths in the middle: another one for each tool
cut_anywhere() {
	local size bad
	size=$(stat -c %s "$2")
	bad=$({ seq 0 15; seq $((16 + first)) "$share" $((size - 17)); seq $((size - 16)) $((size - 1)); } |
		xargs -n 60 -P 4 bash -c 'try_cut "$@"' - "$1" "$2" "$3")
	is "tscae-$1: input of $size bytes cut anywhere is exit 65" "$bad" ""
	first=$(((first + 1) % share))
}
each "$consumers" cut_anywhere

killed() {
	(head -c 500 "$2"; kill -9 $BASHPID) 2>/dev/null | go "$1" "$3" >/dev/null 2>err
	is "tscae-$1: a killed producer is exit 65" "${PIPESTATUS[1]}" 65
	like "tscae-$1: a killed producer is reported with the offset" "$(cat err)" "tscae-$1: standard input: *byte *"
}
each "$consumers" killed

slow() {
	go "$1" "$3" <"$2" >whole 2>/dev/null; local first=$?
	dd if="$2" bs=1 status=none | go "$1" "$3" >bytes 2>/dev/null
	is "tscae-$1: input byte by byte gives the same status" "$?" "$first"
	same "tscae-$1: input byte by byte gives the same output" whole bytes
	{ LC_ALL=tr_TR.UTF-8 TZ=Pacific/Chatham go "$1" "$3" <"$2" >bytes; } 2>/dev/null
	same "tscae-$1: another locale and time zone give the same output" whole bytes
}
each "$consumers" slow

no_input() {
	go "$1" "$3" <&- >/dev/null 2>err
	is "tscae-$1: closed standard input is exit 66" "$?" 66
	go "$1" "$3" </ >/dev/null 2>err
	is "tscae-$1: a directory as input is exit 66" "$?" 66
	go "$1" "$3" </dev/null >/dev/null 2>err
	is "tscae-$1: empty input is exit 65" "$?" 65
	go "$1" "$3 $(printf 'no\033[31m\nsuch')" </dev/null >/dev/null 2>err
	status=$?
	like "tscae-$1: a missing file is exit 66 (or 2)" "$status" "[26]*"
	is "tscae-$1: the message of a missing file is one line without control characters" \
		"$(tr -d '\n' <err | LC_ALL=C tr -d '\040-\176\200-\377' | wc -c) $(wc -l <err)" "0 1"
}
each "$consumers" no_input

full() {
	go "$1" "$3" >/dev/full 2>err
	is "tscae-$1: a full disk is exit 74" "$?" 74
	like "tscae-$1: a full disk is reported" "$(cat err)" "tscae-$1: standard output: No space left on device"
	go "$1" "$3" >&- 2>err
	is "tscae-$1: closed standard output is exit 74" "$?" 74
	go "$1" "$3" 2>&- >one
	is "tscae-$1: closed standard error is exit 0" "$?" 0
	go "$1" "$3" >two 2>/dev/null
	same "tscae-$1: closed standard error does not change the output" one two
	for pipe in - ignored; do
		rm -f closed
		([ $pipe = ignored ] && trap '' PIPE; exec >fifo; until [ -e closed ]; do sleep 0.02; done
			go "$1" "$3" 2>err) &
		: <fifo; : >closed
		wait $!
		is "tscae-$1: a closed reader ends the tool quietly by SIGPIPE (inherited: $pipe)" "$? $(cat err)" \
			"141 "
	done
}
mkfifo fifo
each "$producers" full

unwritable() {
	go "$1" "${3//PLACE//dev/full/x}" >/dev/null 2>err
	is "tscae-$1: an impossible output path is exit 74" "$?" 74
	mkdir -p "odd
 place" && go "$1" "${3//PLACE/-odd.place}" >/dev/null 2>err
	is "tscae-$1: an output path with unusual characters is exit 0" "$?" 0
	rm -rf -- ./-odd.place
}
each "$writers" unwritable

# a pipe without a writer where a regular file is needed: refused at once, for each kind of file
mkfifo pipe.conf
mkdir -p pipes && mkfifo pipes/000001.xml
while read -r kind tool arguments; do
	status "a pipe as $kind: $tool: exit 66" 66 timeout 60 "$tool" -q $arguments </dev/null
	like "a pipe as $kind: $tool: the message names the file" "$(cat "$tmp/stderr")" \
		"$tool: *pipe*: not a regular file*"
done <<-'EOF'
	settings tscae-train -c pipe.conf -o never
	COCO-annotations tscae-label -l coco -f pipe.conf --standalone
	classes tscae-label -l pairs -f pipe.conf --classes pipe.conf --standalone
	classes-of-images tscae-decode --label-table pipe.conf .
	model tscae-classify -m pipe.conf
	model tscae-detect -m pipe.conf
	model tscae-segment -m pipe.conf
	scores tscae-report pipe.conf
EOF

# numbers of a stream that no tool writes: the header's mask ratio, and the largest class on a sheet
if /usr/bin/python3 -c 'import msgpack, numpy' 2>/dev/null; then
	/usr/bin/python3 - "$root/tests" <<-'EOF'
		import sys
		sys.path.insert(0, sys.argv[1])
		import numpy as np
		from streams import write_stream
		image = np.zeros((16, 16, 3), 'u1')
		for n, ratio in enumerate([-0.5, 1.0, 1.5, float('nan'), 1e300, 7, 'text']):
		    write_stream('ratio%d.tsc' % n, 'image', {'patch': 4, 'mask_ratio': ratio},
		        [{'key': 'a', 'image': image, 'mask': np.zeros((4, 4), 'u1')}])
		for n, c in enumerate([2**63 - 1, -2**63]):
		    write_stream('class%d.tsc' % n, 'image', {},
		        [{'key': 'a', 'image': image, 'class': c, 'predicted_class': c}])
	EOF
	for n in 0 1 2 3 4 5 6; do
		status "mask ratio $n of a header is no fraction: tscae-train: exit 65" 65 tscae-train -q -o never \
			model=micro image=16 patch=4 batch=1 steps=1 ratio$n.tsc
	done
	for n in 0 1; do
		status "class $n beyond 32 bits: tscae-view --sheet: exit 0" 0 tscae-view --sheet class.png class$n.tsc
	done
else
	skip "numbers of a stream that no tool writes" "python3-msgpack or python3-numpy is not installed"
fi

# little address space: OpenBLAS would look for its buffers for ever. A sanitizer build needs terabytes.
if [ "$(ulimit -v)" = unlimited ] && ! nm "$bin/tscae-train" 2>/dev/null | grep -q __asan_init; then
	tscae-synth -q --layout folders --count 64 --size 16x16 --val-ratio 0 -o narrow
	tscae-decode -q narrow | tscae-mask -q --patch 4 -o narrow.tsc
	tscae-train -q -o narrow.run model=micro image=16 patch=4 depth=1 batch=32 steps=2 narrow.tsc
	for kilobytes in 30000 60000 100000 150000 250000 350000; do
		bad=
		for command in "embed -m narrow.run -o never.tsc narrow.tsc" \
			"reconstruct -m narrow.run -o never.tsc narrow.tsc" \
			"train -o never model=micro image=16 patch=4 batch=32 steps=2 -t 4 narrow.tsc" "embed --help"
			do
			(ulimit -v $kilobytes && timeout 60 "$bin"/tscae-$command) >/dev/null 2>stderr
			case $? in
			0 | 127) ;;	# 127: the libraries do not fit
			71) case $(cat stderr) in
				tscae-*": out of memory"*) ;;
				*) bad="$bad; $command: exit 71 $(head -n 1 stderr)" ;;
				esac ;;
			*) bad="$bad; $command: exit $? $(head -n 1 stderr)" ;;
			esac
			rm -rf never
		done
		is "with $kilobytes kB of address space tools with matrix products end, with exit 0 or 71" "$bad" ""
	done
else
	skip "little address space" "the address space is limited, or this is a sanitizer build"
fi

for tool in "$bin"/tscae-*; do
	"$tool" --help >/dev/full 2>/dev/null
	is "${tool##*/}: --help to a full disk is exit 74" "$?" 74
	"$tool" --help </dev/null 2>&- >/dev/null
	is "${tool##*/}: --help with closed standard error is exit 0" "$?" 0
done
is "no temporary file is left" "$(ls -A | grep -c part)" 0
done_testing
