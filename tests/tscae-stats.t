#!/bin/bash
# tscae-stats.t - mean and standard deviation equal numpy's, in any order; padding and channels of one value
. "${0%/*}/lib.sh"
python=/usr/bin/python3
"$python" -c 'import numpy, msgpack' 2>/dev/null || skip_all "python3-numpy or python3-msgpack is not installed"
channels() { "$python" "$root/tests/channels.py" "$@"; }
stats() { tscae-stats -q "$@"; }
cd "$tmp" || exit 1
channels make deep 32 1
tscae-synth -q --count 12 --size 40x40 --seed 2 -o voc
tscae-decode -q --channels 4 --depth 16 deep >deep.tsc
tscae-decode -q voc/JPEGImages >color.tsc
tscae-decode -q --gray voc/JPEGImages >gray.tsc
for kind in deep color gray; do
	stats $kind.tsc >$kind.conf
	ok "$kind images: channels, bits, mean and standard deviation are numpy's" channels stats $kind.conf <$kind.tsc
done
tscae-decode -q --channels 4 --depth 16 --shuffle --seed 3 --threads 2 deep | stats >shuffled.conf
same "the order of the images does not matter" deep.conf shuffled.conf
stats deep.tsc deep.tsc >twice.conf
same "the same images twice: the same mean and standard deviation" deep.conf twice.conf
stats <color.tsc >pipe.conf
same "standard input" color.conf pipe.conf
is "--limit measures the first images" "$(stats --limit 3 color.tsc)" \
	"$(tscae-decode -q --limit 3 voc/JPEGImages 2>/dev/null | stats)"
# images of 40x20 within 40x40: the padding is not measured
tscae-decode -q voc/JPEGImages | tscae-crop -q --mode stretch --size 40x20 >wide.tsc
tscae-crop -q --mode fit --size 40 wide.tsc >padded.tsc
is "padding does not count" "$(stats padded.tsc)" "$(stats wide.tsc)"
# odd LEFT TOP WIDTH HEIGHT: a record whose `placed` is no part of its image
odd() {
	PYTHONPATH=$root/tests "$python" -c "
import numpy as np, sys
from streams import write_stream
write_stream('odd.tsc', 'image', {}, [{'key': 'a', 'placed': np.array(sys.argv[1:], '<i4'),
    'image': np.zeros((4, 6, 3), 'u1')}])" "$@"
	status "placed $*: exit 65" 65 tscae-stats -q odd.tsc
	like "placed $*: the message" "$(cat "$tmp/stderr")" "*record 0 (a): field 'placed' is not a rectangle *"
}
odd 0 0 0 4; odd 0 0 6 0; odd 1 0 6 4; odd -1 0 2 2; odd 0 0 2147483647 4; odd 0 0 4
head -c $(($(stat -c %s color.tsc) - 5)) color.tsc >cut.tsc
status "a stream cut short after --limit: exit 65" 65 tscae-stats -q --limit 1 cut.tsc
status "images of several kinds: exit 65" 65 tscae-stats -q color.tsc gray.tsc
like "the message names both kinds and the record" "$(cat "$tmp/stderr")" \
	"tscae-stats: gray.tsc: record 0 (*): an image of 1 channels and 8 bits, the images before have 3 and 8"
mkdir flat && "$python" -c "
import sys; open('flat/a.ppm', 'wb').write(b'P6 4 4 255 ' + bytes(i % 3 and 16 * (i // 3) for i in range(48)))"
tscae-decode -q flat >flat.tsc
ok "a channel of one value: exit 0" tscae-stats -q flat.tsc
is "a channel of one value: its standard deviation is printed as 1" "$(stats flat.tsc 2>err | sed -n 's/^std=//p' |
	cut -d, -f1)" 1
like "a channel of one value: a warning names it" "$(cat err)" "*channel 1 has the value 0 in all pixels*"
status "a channel of one value with --strict: exit 1" 1 tscae-stats -q --strict flat.tsc
status "tscae-stats: a missing input: exit 66" 66 tscae-stats -q none.tsc
is "the output is a configuration file of tscae-train" \
	"$(tscae-train --print-config --conf deep.conf | sed -nE 's/^(channels|bits|mean|std) = /\1=/p')" \
	"$(cat deep.conf)"
done_testing
