#!/bin/bash
# tscae-embed.t - features against an independent program, any size, any block; threads, neighbors, arrays, faults
. "${0%/*}/lib.sh"
python=/usr/bin/python3
"$python" -c 'import numpy' 2>/dev/null || skip_all "python3-numpy is not installed"
reference() { "$python" "$root/tests/reference.py" "$@"; }
cd "$tmp" || exit 1
reference images p 10 32 32
reference images wide 10 24 40
reference vit foreign.safetensors timm 48 3 4 32
tscae-import -q --heads 3 --mean-std imagenet -o model.safetensors foreign.safetensors
tscae-decode -q p >p.tsc && tscae-decode -q wide >wide.tsc
embed() { tscae-embed -d -q -m model.safetensors "$@"; }

for pool in mean class both patches; do
	embed --pool $pool --npy got.npy p.tsc >out.tsc
	reference features foreign.safetensors 10 32 32 3 0 $pool want.npy
	ok "--pool $pool: features of 10 images agree with numpy to 1e-5" reference same got.npy want.npy 1e-5
done
embed --block 2 --npy got.npy p.tsc >out.tsc
reference features foreign.safetensors 10 32 32 3 2 mean want.npy
ok "--block 2: features before the final norm agree with numpy to 1e-5" reference same got.npy want.npy 1e-5
embed --npy got.npy wide.tsc >out.tsc
reference features foreign.safetensors 10 24 40 3 0 mean want.npy
ok "features of rectangular images agree with numpy to 1e-5" reference same got.npy want.npy 1e-5
if "$python" -c 'import msgpack' 2>/dev/null; then
	for block in 1 3; do
		embed --block $block --attention wide.tsc >out.tsc
		reference field out.tsc attention got.npy
		reference features foreign.safetensors 10 24 40 3 $block attention want.npy
		ok "--attention --block $block agrees with numpy to 1e-6" reference same got.npy want.npy 1e-6
	done
else
	skip "--attention agrees with numpy" "python3-msgpack is not installed"
fi

embed -t 1 --npy one.npy p.tsc >one.tsc
for threads in 2 3 4; do
	embed -t $threads --npy got.npy p.tsc >got.tsc
	same "$threads threads give the same array" one.npy got.npy
done
# an image that is alone has all threads to itself
for threads in 1 2 4 7; do
	tscae-decode -q p/p003.png | embed -t $threads --pool both --attention --block 3 >alone-$threads.tsc
	tscae-view -j --values alone-$threads.tsc >alone-$threads
done
ok "a stream of one image gives a feature" test -s alone-1
for threads in 2 4 7; do
	same "a stream of one image: $threads threads give the same feature and attention" alone-$threads alone-1
done
# the last image alone, and among images of another size
tscae-decode -q p/p009.png | embed --npy alone.npy >out.tsc
tail -c 192 one.npy >last; tail -c 192 alone.npy >got
same "the feature of an image does not depend on other images" last got
is "--npy writes the keys, one per line" "$(sed -n '1p;10p;$=' one.npy.keys | tr '\n' ' ')" "p/p000.png p/p009.png 10 "
ok "--drop-image: the stream is smaller than its input" test "$(wc -c <one.tsc)" -lt "$(wc -c <p.tsc)"
tscae-embed -q -m model.safetensors p.tsc >kept.tsc
ok "without --drop-image the stream keeps its images" test "$(wc -c <kept.tsc)" -gt "$(wc -c <p.tsc)"
mkfifo pipe
cat pipe >piped.npy & embed --npy pipe p.tsc >out.tsc; wait
same "--npy to a named pipe gives the same bytes" piped.npy one.npy
rm -f pipe
embed --npy /dev/fd/3 p.tsc 3>&1 >out.tsc | cat >piped.npy
same "--npy to an unnamed pipe gives the same bytes, without a list of keys" piped.npy one.npy
tscae-decode -q --start-index 4 p | embed --npy /dev/fd/3 3>&1 >out.tsc | cat >piped.npy
is "--npy of a stream with --start-index has its remaining rows" \
	"$(head -c 128 piped.npy | grep -ac "'shape': (6, 48)") $(wc -c <piped.npy)" "1 $((128 + 6 * 48 * 4))"

embed --init-seed 3 --npy a.npy p.tsc >out.tsc
embed --init-seed 3 --npy b.npy p.tsc >out.tsc
embed --init-seed 4 --npy c.npy p.tsc >out.tsc
same "--init-seed gives the same features every time" a.npy b.npy
status "another --init-seed gives other features" 1 cmp -s a.npy c.npy

# the latest checkpoint of a run that also has another model; root reads all, but not without its capabilities
mkdir -p both/checkpoint-00000001
cp model.safetensors both && cp model.safetensors both/checkpoint-00000001 && ln -s checkpoint-00000001 both/latest
[ "$(id -u)" = 0 ] && drop="setpriv --bounding-set=-all --inh-caps=-all" || drop=env
status "a run directory: exit 0" 0 tscae-embed -q -m both p.tsc
chmod 0 both/checkpoint-00000001
if $drop true 2>/dev/null && ! $drop ls both/latest/ >/dev/null 2>&1; then
	status "a run directory with a checkpoint that cannot be read: exit 66" 66 $drop "$bin/tscae-embed" -q -m both \
		p.tsc
	like "a run directory with a checkpoint that cannot be read: the message names it" "$(cat "$tmp/stderr")" \
		"tscae-embed: both/latest/model.safetensors: Permission denied"
else
	skip "a checkpoint that cannot be read" "root without setpriv"
fi
chmod 755 both/checkpoint-00000001

status "tscae-embed: no --model: exit 2" 2 tscae-embed p.tsc
status "tscae-embed: a missing model: exit 66" 66 tscae-embed -d -m none.safetensors p.tsc
status "foreign weights are not a model: exit 65" 65 tscae-embed -d -m foreign.safetensors p.tsc
like "foreign weights: the message names tscae-import" "$(cat "$tmp/stderr")" "*tscae-import*"
# one bit of the last weight: seen before anything comes out
"$python" -c \
	'import sys; b = bytearray(open("model.safetensors", "rb").read()); b[-1] ^= 1
open("flipped.safetensors", "wb").write(b)'
status "a damaged model: exit 65" 65 sh -c 'tscae-embed -d -m flipped.safetensors p.tsc >flipped.tsc'
like "a damaged model: the message has the byte offset" "$(cat "$tmp/stderr")" "*flipped.safetensors: byte *: damaged*"
is "a damaged model: no output" "$(wc -c <flipped.tsc)" 0
status "--block larger than the number of blocks: exit 2" 2 tscae-embed -d -m model.safetensors -b 4 p.tsc
reference images odd 1 30 32
tscae-decode -q odd >odd.tsc
status "an image size that is no multiple of the patch size: exit 65" 65 tscae-embed -d -m model.safetensors odd.tsc
like "an image size that is no multiple of the patch size: the message says so" "$(cat "$tmp/stderr")" \
	"*multiples of the patch*"
tscae-decode -q --gray p >gray.tsc
status "gray images: exit 65" 65 tscae-embed -d -m model.safetensors gray.tsc
head -c 20000 p.tsc >cut.tsc
rm -f cut.npy
status "tscae-embed: a stream cut short: exit 65" 65 tscae-embed -d -m model.safetensors --npy cut.npy cut.tsc
ok "a stream cut short: no array is left" test ! -e cut.npy
# kill -9 leaves temporary files; the next run with the same output removes them, but not those of live processes
sh -c 'echo $$' >dead; dead=$(cat dead)
sleep 100 & live=$!
for n in $dead $live $dead.x 0 -1; do : >"left.tsc.part.$n"; : >"left.npy.part.$n"; : >"other.tsc.part.$n"; done
ok "an output with leftovers of killed processes is written" \
	tscae-embed -q -d -m model.safetensors --npy left.npy -o left.tsc p.tsc
is "leftovers of killed processes are removed, other files stay" "$(ls left.*.part.* | sort)" \
	"$(printf '%s\n' left.{npy,tsc}.part.{-1,0,$dead.x,$live} | sort)"
is "leftovers of another output stay" "$(ls other.tsc.part.* | wc -l)" 5
kill $live; rm -f ./*.part.*
is "a stream cut short: no temporary file is left" "$(ls -d ./*.part* 2>/dev/null)" ""
cat p.tsc wide.tsc >joined.tsc
embed joined.tsc >out.tsc
is "images of several sizes: exit 0" "$?" 0
status "images of several sizes with --pool patches --npy: exit 65" 65 tscae-embed -d -m model.safetensors --pool \
	patches --npy x.npy joined.tsc
[ -w /dev/full ] && status "tscae-embed: output to a full disk: exit 74" 74 sh -c \
	'tscae-embed -d -m model.safetensors p.tsc >/dev/full'
done_testing
