#!/bin/bash
# tscae-uncrop.t - predictions that equal the moved labels come back as the labels were
. "${0%/*}/lib.sh"
for python in python3 /usr/bin/python3 ''; do
	[ -n "$python" ] || skip_all "python3-msgpack or python3-numpy is not installed"
	"$python" -c 'import msgpack, numpy' 2>/dev/null && break
done
cd "$tmp" || exit 1
"$B/tests/annotation" labeled.tsc 100 sound || exit 1
cat >compare.py <<-'END'
	# records, how many have other boxes, the share of pixels of segmentation maps that are the same, and which
	# fields are left
	import sys, msgpack, numpy as np
	def tensor(t):
	    return np.frombuffer(t[b'data'], np.dtype(t[b'type'])).reshape(t[b'shape'])
	def read(path):
	    for r in msgpack.Unpacker(open(path, 'rb'), raw=False, strict_map_key=False, max_buffer_size=0):
	        if isinstance(r, dict) and 'key' in r:
	            yield {k: tensor(v) if isinstance(v, dict) else v for k, v in r.items()}
	n = bad = same = pixels = 0
	for a, b in zip(read(sys.argv[1]), read(sys.argv[2])):
	    n += 1
	    keep = (a['boxes'][:, 2] > a['boxes'][:, 0]) & (a['boxes'][:, 3] > a['boxes'][:, 1])
	    boxes, classes = a['boxes'][keep], a['box_class'][keep]
	    bad += b['predicted_boxes'].shape != boxes.shape or not np.allclose(b['predicted_boxes'], boxes,
	        atol=1e-3) or (b['predicted_box_class'] != classes).any()
	    bad += list(b['size']) != list(a['labels'].shape) or b['predicted_labels'].shape != a['labels'].shape
	    same += (a['labels'] == b['predicted_labels']).sum()
	    pixels += a['labels'].size
	print(n, bad, '%.3f' % (same / pixels), *sorted(b))
END
fields="class epoch index key predicted_box_class predicted_box_score predicted_boxes predicted_labels size"
for how in "fit --size 240" "stretch --size 320x160" "jitter --scale 1,1 --size 200"; do
	tscae-crop -q --mode $how --min-visible 0 labeled.tsc >cut.tsc && "$B/tests/annotation" cut.tsc said.tsc &&
		tscae-uncrop -q said.tsc >back.tsc
	is "$how and back: boxes, segmentation maps and fields are those before the crop" \
		"$("$python" compare.py labeled.tsc back.tsc 2>&1)" "100 0 1.000 $fields"
done
tscae-crop -q --mode stretch --size 200 labeled.tsc | tscae-crop -q --mode fit --size 300 >cut.tsc
"$B/tests/annotation" cut.tsc said.tsc && tscae-uncrop -q said.tsc >back.tsc
is "two crops and back: boxes, segmentation maps and fields are those before the crops" \
	"$("$python" compare.py labeled.tsc back.tsc 2>&1)" "100 0 1.000 $fields"
tscae-crop -q --mode center --size 20 labeled.tsc >cut.tsc && "$B/tests/annotation" cut.tsc said.tsc && tscae-uncrop \
	-q said.tsc >back.tsc
like "center crop and back: the part outside the crop stays lost" "$("$python" compare.py labeled.tsc back.tsc 2>&1)" \
	"100 [1-9]* 0.* $fields"
ok "tscae-view --check accepts the stream" tscae-view --check back.tsc
for t in 1 2 4; do TSCAE_THREADS=$t tscae-uncrop -q said.tsc >threads-$t; done
for t in 2 4; do same "1 and $t threads give the same bytes" threads-1 threads-$t; done

# scored against the labels of the whole images: all is found
tscae-synth -q --count 30 --size 90x70 -o voc && tscae-label -q -f voc --segmaps --standalone >truth.tsc
tscae-label -q -f voc --names | tscae-decode -q --files-from - | tscae-label -q -f voc --segmaps | tscae-crop -q \
	--mode fit --size 320 >cut.tsc
"$B/tests/annotation" cut.tsc said.tsc && tscae-uncrop -q said.tsc >back.tsc
for what in AP mIoU; do
	is "through tscae-crop, tscae-uncrop and tscae-eval: $what 1" \
		"$(tscae-eval -q truth.tsc back.tsc 2>&1 | awk -v w="$what" '$1 == w { print $2; exit }')" 1.000000
done
status "a stream without transforms: exit 65" 65 tscae-uncrop -q labeled.tsc
like "a stream without transforms: the message names what is missing" "$(cat "$tmp/stderr")" "*no transform*"
head -c 20000 said.tsc >cut.tsc; status "tscae-uncrop: a stream cut short: exit 65" 65 tscae-uncrop -q cut.tsc
status "tscae-uncrop: a missing input: exit 66" 66 tscae-uncrop -q nowhere.tsc
(tscae-uncrop -q said.tsc >/dev/full) 2>/dev/null; is "tscae-uncrop: output to a full disk: exit 74" $? 74
done_testing
