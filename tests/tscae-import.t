#!/bin/bash
# tscae-import.t - weights of other programs become a model, or are refused with a reason; never another model silently
. "${0%/*}/lib.sh"
python=/usr/bin/python3
"$python" -c 'import numpy' 2>/dev/null || skip_all "python3-numpy is not installed"
reference() { "$python" "$root/tests/reference.py" "$@"; }
cd "$tmp" || exit 1
import() { tscae-import -q "$@"; }
# change FILE NEW STATEMENTS: tensors t of FILE, changed by Python, into NEW
change() { "$python" -c "
import sys; sys.argv = ['', 'none']
exec(open('$root/tests/reference.py').read())
t = read('$1')
$3
write('$2', t)"; }
for style in timm mae hf; do reference vit $style $style 48 3 4 32; done

for style in timm mae hf; do
	ok "weights with the names of $style are imported" import --heads 3 --decoder-heads 4 -o $style.safetensors $style
done
same "the same weights with the names of MAE and of Hugging Face give the same model" mae.safetensors hf.safetensors
change timm module "t = {'module.' + k: v for k, v in t.items()}"
ok "names with a prefix are imported" import --heads 3 --prefix module. -o module.safetensors module
same "names with a prefix give the same model as without" module.safetensors timm.safetensors
change hf short "t = {k[4:]: v for k, v in t.items() if k.startswith('vit.')}"
ok "names of Hugging Face without vit. are imported" import --heads 3 -o short.safetensors short
change timm half "t = {k: v.astype('<f4') for k, v in t.items()}; t['head.weight'] = t['norm.weight']; t['head.bias'] = t['norm.bias']"
ok "a file with a classifier head is imported" tscae-import --heads 3 -o half.safetensors half
same "the classifier head is left out" half.safetensors timm.safetensors
tscae-import --heads 3 -o x half 2>stderr
like "a warning names the tensors of the classifier head" "$(cat stderr)" "*left out 2 of 44 *head.weight, head.bias*"
like "the summary has the configuration" "$(cat stderr)" "*width 48, 3 blocks, 3 heads, patch size 4, image size 32*"
reference vit known timm 192 2 16 64
ok "the heads of a published width are inferred" import -o known.safetensors known
rm -f x
status "heads of another width without --heads: exit 2" 2 tscae-import -o x timm
like "the error names --heads" "$(cat "$tmp/stderr")" "*cannot infer the number of heads for width 48; use --heads*"
status "heads of a decoder without --decoder-heads: exit 2" 2 tscae-import --heads 3 -o x mae
change timm bare "del t['pos_embed']"
status "no position embedding without --image: exit 2" 2 tscae-import --heads 3 -o x bare
ok "no position embedding with --image is imported" import --heads 3 --image 32 -o bare.safetensors bare
same "a file without position embedding gives the same model" bare.safetensors timm.safetensors

# a fixed position embedding in half precision, or rounded to it and stored as F32 again
for type in F16 BF16; do
	change mae half.$type "globals().update(write=lambda p, t, w=write: w(p, t, '$type'))"
	ok "weights in $type with a fixed position embedding are imported" import --heads 3 --decoder-heads 4 -o half.safetensors half.$type
	change mae back.$type "widen = (lambda v: (rounded(v, 'BF16').astype('<u4') << 16).view('<f4')) if '$type' == 'BF16' else (lambda v: rounded(v, 'F16').astype('<f4')); t = {k: widen(v) for k, v in t.items()}"
	ok "weights rounded to $type and stored as F32 are imported" import --heads 3 --decoder-heads 4 -o widened.safetensors back.$type
	same "weights in $type give the same model as the same values in F32" half.safetensors widened.safetensors
done
change mae off "t['pos_embed'] = t['pos_embed'] + np.float32(1e-3)"
status "a position embedding in F32 that is 0.001 off: exit 65" 65 tscae-import --heads 3 --decoder-heads 4 -o x off

reference vit learned timm 48 3 4 32 learned
status "learned position embedding: exit 65" 65 tscae-import --heads 3 -o x learned
like "the error has the measured difference and names --drop-pos-embed" "$(cat "$tmp/stderr")" "*differs from the fixed*by up to 0.0*--drop-pos-embed*"
ok "a learned position embedding is replaced with --drop-pos-embed" tscae-import --heads 3 --drop-pos-embed -o dropped.safetensors learned
like "a warning reports the replaced position embedding" "$(tscae-import --heads 3 --drop-pos-embed -o dropped.safetensors learned 2>&1)" "*was replaced*"
# refused WHAT CHANGE: a changed file gives exit 65 and no model
refused() { change timm bad "$2"; status "$1: exit 65" 65 tscae-import --heads 3 -o x bad; }
refused "a missing tensor" "del t['blocks.1.mlp.fc2.bias']"
refused "a gap in the blocks" "t = {k: v for k, v in t.items() if not k.startswith('blocks.1.')}"
refused "layer scale" "t['blocks.0.ls1.gamma'] = t['norm.weight']"
refused "register tokens" "t['reg_token'] = t['cls_token']"
refused "a matrix of another shape" "t['blocks.0.mlp.fc1.weight'] = t['blocks.0.mlp.fc2.weight']"
refused "a patch embedding of one channel" "t['patch_embed.proj.weight'] = t['patch_embed.proj.weight'][:, :1]"
refused "patches that are not square" "t['patch_embed.proj.weight'] = t['patch_embed.proj.weight'][:, :, :2]"
refused "a position embedding of a grid that is not square" "t['pos_embed'] = t['pos_embed'][:, :-1]"
refused "a position embedding of NaN" "t['pos_embed'] = t['pos_embed'] * np.float32('nan')"
for value in nan inf -inf; do
	refused "a weight of $value" "t['blocks.1.mlp.fc2.weight'] = t['blocks.1.mlp.fc2.weight'].copy(); t['blocks.1.mlp.fc2.weight'][3, 5] = np.float32('$value')"
	like "a weight of $value: the message names file, tensor and element" "$(cat "$tmp/stderr")" "*bad: tensor 'blocks.1.mlp.fc2.weight': element $((3 * 192 + 5)) is *, expected a finite number*"
done
refused "no tensors" "t = {}"
refused "a model that is not a ViT" "t = {'conv.weight': t['norm.weight']}"
head -c 3000 timm >cut
status "a cut file: exit 65" 65 tscae-import --heads 3 -o x cut
status "a missing file: exit 66" 66 tscae-import --heads 3 -o x none
status "no output: exit 2" 2 tscae-import timm
status "two files: exit 2" 2 tscae-import -o x timm mae
is "no failed import left a model or a temporary file" "$(ls -d ./x ./*.part* 2>/dev/null)" ""

# the trainer starts from it
reference images p 8 32 32
tscae-decode -q --epochs 2 p | tscae-mask -q --patch 4 >masked.tsc
ok "the trainer starts from an imported MAE" tscae-train -q -o run objective=mae init_from=mae.safetensors image=32 patch=4 embed_dim=48 depth=3 heads=3 decoder_embed_dim=32 decoder_depth=2 decoder_heads=4 batch=8 steps=1 masked.tsc

# a model of this program with a weight of NaN; without its digest, or it would count as damaged
ok "a model with a weight of NaN is made" "$python" - <<-'EOF2'
	import json, struct
	data = bytearray(open('mae.safetensors', 'rb').read())
	n = struct.unpack('<Q', data[:8])[0]
	head = json.loads(data[8:8 + n])
	at = 8 + n + head['blocks.2.attn.proj.weight']['data_offsets'][0] + 4 * 7
	data[at:at + 4] = struct.pack('<f', float('nan'))
	for key in 'tscae', 'digest':
	    del head['__metadata__'][key]
	text = json.dumps(head).encode()
	text += b' ' * (-len(text) % 8)
	open('nan.safetensors', 'wb').write(struct.pack('<Q', len(text)) + text + data[8 + n:])
EOF2
tscae-decode -q p >images.tsc
while read -r tool arguments; do
	status "a weight of NaN: $tool: exit 65" 65 "$tool" -q $arguments
	like "a weight of NaN: $tool: the message names file, tensor and element" "$(cat "$tmp/stderr")" "*nan.safetensors: tensor 'blocks.2.attn.proj.weight': element 7 is NaN*"
done <<-'EOF2'
	tscae-embed -m nan.safetensors images.tsc
	tscae-reconstruct -m nan.safetensors masked.tsc
	tscae-export -m nan.safetensors --format mae -o out
	tscae-import -o x nan.safetensors
	tscae-train -o other objective=mae init_from=nan.safetensors image=32 patch=4 embed_dim=48 depth=3 heads=3 decoder_embed_dim=32 decoder_depth=2 decoder_heads=4 batch=8 steps=1 masked.tsc
EOF2

# a pipe without a writer as a model: refused at once
mkfifo pipe
while read -r tool arguments; do
	status "a pipe as a model: $tool: exit 66" 66 timeout 20 "$tool" -q $arguments
	is "a pipe as a model: $tool: the message" "$(cat "$tmp/stderr")" "$tool: pipe: not a regular file"
done <<-'EOF2'
	tscae-embed -m pipe images.tsc
	tscae-reconstruct -m pipe masked.tsc
	tscae-export -m pipe --format mae -o out
	tscae-import -o x pipe
	tscae-train -o other init_from=pipe batch=8 steps=1 masked.tsc
EOF2
done_testing
