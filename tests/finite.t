#!/bin/bash
# finite.t - weights so large that outputs overflow: each tool names the record, exit 65; attention and
# claims of a file in bounded memory
. "${0%/*}/lib.sh"
python=/usr/bin/python3
"$python" -c 'import numpy' 2>/dev/null || skip_all "python3-numpy is not installed"
cd "$tmp" || exit 1
tscae-synth -q --count 16 --size 64x64 --seed 1 -o voc
tscae-label -q --from voc -f voc --segmaps --standalone | tscae-decode -q --records |
	tscae-crop -q --mode jitter --size 64 >labels.tsc
tscae-synth -q --layout folders --count 16 --size 64x64 --classes 2 --seed 1 -o folders
tscae-decode -q --labels dirs folders/train | tscae-crop -q --size 64 | tscae-mask -q --patch 8 >images.tsc
train() { tscae-train -q -o "$@" model=micro depth=2 image=64 patch=8 batch=4 steps=1; }
train tscae images.tsc; train mae objective=mae images.tsc; train classify task=classify images.tsc
train detect task=detect labels.tsc; train segment task=segment labels.tsc
# large MODEL OUT TENSOR SIZE: the tensor with numbers of that size, as a model without digest
large() { "$python" - "$@" <<-'END'
	import json, struct, sys
	import numpy as np
	data = open(sys.argv[1] + '/latest/model.safetensors', 'rb').read()
	n, = struct.unpack('<Q', data[:8])
	head, body = json.loads(data[8:8 + n]), bytearray(data[8 + n:])
	a, b = head[sys.argv[3]]['data_offsets']
	x = np.frombuffer(bytes(body[a:b]), '<f4')
	body[a:b] = (np.where(x < 0, -1, 1) * np.float32(sys.argv[4])).astype('<f4').tobytes()
	for key in 'digest', 'tscae': head['__metadata__'].pop(key)
	text = json.dumps(head).encode()
	text += b' ' * (-len(text) % 8)
	open(sys.argv[2], 'wb').write(struct.pack('<Q', len(text)) + text + body)
	END
}
# refused TOOL MODEL INPUT TENSOR: also where no number overflows but the variance in a layer norm does (1e30)
refused() {
	local size
	for size in 3e38 1e30; do
		large "$2" large.safetensors "$4" $size
		status "tscae-$1, $4 of $size: exit 65" 65 tscae-$1 -q -m large.safetensors "$3"
		like "tscae-$1, $4 of $size: the message names the record" "$(cat "$tmp/stderr")" \
			"tscae-$1: $3: record 0 (*): value * of the * is *: the weights of the model are too large"
	done
}
for model in tscae mae; do
	refused embed $model images.tsc blocks.0.mlp.fc1.weight
	refused reconstruct $model images.tsc blocks.0.mlp.fc1.weight
done
refused classify classify images.tsc blocks.0.mlp.fc1.weight
for task in detect segment; do refused $task $task labels.tsc blocks.0.mlp.fc1.weight; done

# heads of 12 columns, computed by gemm: 9217 tokens have 340 MB of scores a head
if (ulimit -v 400000 && tscae-embed --version) >/dev/null 2>&1; then
	tscae-train -q -o thin model=micro depth=1 embed_dim=24 heads=2 image=64 patch=2 batch=4 steps=1 \
		<(tscae-decode -q voc/JPEGImages | tscae-crop -q --size 64 | tscae-mask -q --patch 2)
	tscae-decode -q --limit 1 voc/JPEGImages | tscae-crop -q --mode stretch --size 192 >large.tsc
	ok "9,217 tokens are embedded within 400 MB of address space" bash -c \
		'ulimit -v 400000; OPENBLAS_NUM_THREADS=1 tscae-embed -q -d -t 1 -m thin large.tsc >/dev/null'
else
	skip "attention in bounded memory" "the build needs more address space"
fi

# a file of some hundred bytes whose configuration is that of a model of terabytes: refused before memory is taken
cat >claim.py <<'EOF2'
import json, struct, sys
header = json.dumps({'__metadata__': dict(a.split('=', 1) for a in sys.argv[2:])}).encode()
open(sys.argv[1], 'wb').write(struct.pack('<Q', len(header)) + header)
EOF2
claim() { "$python" claim.py claim.safetensors config.model=large config.objective=mae config.image=64 config.patch=8 \
	config.embed_dim=8192 config.heads=64 config.depth=256 "$@"; }
for tool in embed reconstruct export classify detect segment; do
	case $tool in
	classify) claim task=classify config.classes=2 'classes=["a","b"]' config.pool_norm=on ;;
	detect|segment) claim task=$tool config.classes=2 'classes=["a","b"]' ;;
	*) claim ;;
	esac
	case $tool in export) rest="-o out" ;; *) rest=images.tsc ;; esac
	status "tscae-$tool: a model without the tensors of its configuration: exit 65" 65 \
		tscae-$tool -q -m claim.safetensors $rest
	like "tscae-$tool: the message names a tensor that is missing" "$(cat "$tmp/stderr")" \
		"tscae-$tool: claim.safetensors: no tensor 'cls_token' *"
done
claim
status "tscae-import: a model without the tensors of its configuration: exit 65" 65 \
	tscae-import -o out.safetensors claim.safetensors
like "tscae-import: the message has the number of values that are missing" "$(cat "$tmp/stderr")" \
	"tscae-import: claim.safetensors: a model of width 8192 with 256 blocks has * values, the tensors have 0"
done_testing
