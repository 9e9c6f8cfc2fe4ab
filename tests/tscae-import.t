#!/bin/bash
# tscae-import.t - weights of other programs become a model, or are refused with a reason; never another model silently
. "${0%/*}/lib.sh"
python=/usr/bin/python3
"$python" -c 'import numpy' 2>/dev/null || skip_all "python3-numpy is not installed"
reference() { "$python" "$root/tests/reference.py" "$@"; }
cd "$tmp" || exit 1
import() { tscae-import -q --norm-eps 1e-6 --mean-std imagenet "$@"; }
# change FILE NEW STATEMENTS: tensors t of FILE, changed by Python, into NEW
change() { "$python" -c "
import sys; sys.argv = ['', 'none']
exec(open('$root/tests/reference.py').read())
t = read('$1')
$3
write('$2', t)"; }
for style in timm mae hf; do reference vit $style $style 48 3 4 32; done

for style in timm mae hf; do
	ok "weights with the names of $style are imported" import --heads 3 --decoder-heads 4 -o $style.safetensors \
		$style
done
same "the same weights with the names of MAE and of Hugging Face give the same model" mae.safetensors hf.safetensors
change timm module "t = {'module.' + k: v for k, v in t.items()}"
ok "names with a prefix are imported" import --heads 3 --prefix module. -o module.safetensors module
same "names with a prefix give the same model as without" module.safetensors timm.safetensors
change hf short "t = {k[4:]: v for k, v in t.items() if k.startswith('vit.')}"
ok "names of Hugging Face without vit. are imported" import --heads 3 -o short.safetensors short
change timm half \
	"t = {k: v.astype('<f4') for k, v in t.items()}
t['head.weight'] = t['norm.weight']; t['head.bias'] = t['norm.bias']"
ok "a file with a classifier head is imported" tscae-import --heads 3 --mean-std imagenet -o half.safetensors half
same "the classifier head is left out" half.safetensors timm.safetensors
tscae-import --heads 3 -o x half 2>stderr
like "names of timm without config.json: mean and standard deviation are assumed, with the option and other values" \
	"$(cat stderr)" "*half: no config.json states mean and standard deviation*ImageNet*--mean-std (half)*" \
	"*values assumed*"
tscae-import --heads 3 --mean-std imagenet -o x half 2>stderr
like "a warning names the tensors of the classifier head" "$(cat stderr)" "*left out 2 of 44 *head.weight, head.bias*"
like "the summary has the configuration" "$(cat stderr)" "*width 48, 3 blocks, 3 heads, patch size 4, image size 32*"
reference vit known timm 192 2 16 64
rm -f x
status "heads of a published width without --heads: exit 2, as MoCo-v3 has others than timm" 2 tscae-import -o x known
status "names of Hugging Face without config.json and --norm-eps: exit 2" 2 tscae-import --heads 3 --decoder-heads 4 \
	-o x hf
like "the error names --norm-eps" "$(cat "$tmp/stderr")" "*no config.json*--norm-eps*"
status "heads of another width without --heads: exit 2" 2 tscae-import -o x timm
like "the error names --heads" "$(cat "$tmp/stderr")" "*cannot infer the number of heads for width 48*use --heads*"
status "heads of a decoder without --decoder-heads: exit 2" 2 tscae-import --heads 3 -o x mae
change timm bare "del t['pos_embed']"
status "no position embedding without --image: exit 2" 2 tscae-import --heads 3 -o x bare
status "no position embedding, with --image alone: exit 2" 2 tscae-import --heads 3 --mean-std half --image 32 -o x bare
like "the error names --drop-pos-embed" "$(cat "$tmp/stderr")" "*no position table; use --image and --drop-pos-embed*"
ok "no position embedding with --image and --drop-pos-embed is imported" import --heads 3 --image 32 \
	--drop-pos-embed -o bare.safetensors bare
same "a file without position embedding gives the same model" bare.safetensors timm.safetensors

# a fixed position embedding in half precision, or rounded to it and stored as F32 again
for type in F16 BF16; do
	change mae half.$type "globals().update(write=lambda p, t, w=write: w(p, t, '$type'))"
	ok "weights in $type with a fixed position embedding are imported" import --heads 3 --decoder-heads 4 -o \
		half.safetensors half.$type
	change mae back.$type \
		"widen = (lambda v: (rounded(v, 'BF16').astype('<u4') << 16).view('<f4')) if '$type' == 'BF16' "\
"else (lambda v: rounded(v, 'F16').astype('<f4')); t = {k: widen(v) for k, v in t.items()}"
	ok "weights rounded to $type and stored as F32 are imported" import --heads 3 --decoder-heads 4 -o \
		widened.safetensors back.$type
	same "weights in $type give the same model as the same values in F32" half.safetensors widened.safetensors
done
change mae off "t['pos_embed'] = t['pos_embed'] + np.float32(1e-3)"
status "a position embedding in F32 that is 0.001 off, beside a decoder of MAE: exit 65" 65 tscae-import --heads 3 \
	--decoder-heads 4 -o x off

reference vit learned mae 48 3 4 32 learned
status "learned position embedding beside a decoder of MAE: exit 65" 65 tscae-import --heads 3 --decoder-heads 4 -o \
	x learned
like "the error has the measured difference and names --drop-pos-embed" "$(cat "$tmp/stderr")" \
	"*differs from the fixed*by up to 0.0*--drop-pos-embed*"
ok "a learned position embedding is replaced with --drop-pos-embed" tscae-import --heads 3 --decoder-heads 4 \
	--drop-pos-embed -o dropped.safetensors learned
like "a warning reports the replaced position embedding" \
	"$(tscae-import --heads 3 --decoder-heads 4 --drop-pos-embed -o dropped.safetensors learned 2>&1)" \
		"*was replaced*"
# refused WHAT CHANGE: a changed file gives exit 65 and no model
refused() { change timm bad "$2"; status "$1: exit 65" 65 tscae-import --heads 3 --mean-std half -o x bad; }
refused "a missing tensor" "del t['blocks.1.mlp.fc2.bias']"
refused "a gap in the blocks" "t = {k: v for k, v in t.items() if not k.startswith('blocks.1.')}"
refused "layer scale in one block of three" "t['blocks.0.ls1.gamma'] = t['norm.weight']"
refused "17 register tokens" "t['reg_token'] = np.repeat(t['cls_token'], 17, 1)"
refused "biases of q, k and v in two blocks of three" "del t['blocks.1.attn.qkv.bias']"
refused "a matrix of another shape" "t['blocks.0.mlp.fc1.weight'] = t['blocks.0.mlp.fc2.weight']"
refused "a patch embedding of 17 channels" \
	"t['patch_embed.proj.weight'] = np.repeat(t['patch_embed.proj.weight'], 6, 1)[:, :17]"
change timm gray "t['patch_embed.proj.weight'] = t['patch_embed.proj.weight'][:, :1]"
change timm four "t['patch_embed.proj.weight'] = np.repeat(t['patch_embed.proj.weight'], 2, 1)[:, :4]"
status "a patch embedding of four channels without mean and standard deviation: exit 2" 2 \
	tscae-import -q --heads 3 -o x four
ok "a patch embedding of four channels is imported with --mean and --std" tscae-import -q --norm-eps 1e-6 --heads 3 \
	--mean 0.1,0.2,0.3,0.4 --std 0.5,0.6,0.7,0.8 --bits 16 -o four.safetensors four
like "channels, bits, mean and standard deviation are in the metadata" \
	"$(head -c 20000 four.safetensors | tr -d '\0')" \
	'*"config.bits":"16"*"config.channels":"4"*"config.mean":"0.1,0.2,0.3,0.4"*"config.std":"0.5,0.6,0.7,0.8"*'
wrong() {
	# shellcheck disable=SC2086
	status "$2: exit 2" 2 import -o x --heads 3 --decoder-heads 4 $2 "$1"
	like "$2: the message" "$(cat "$tmp/stderr")" "tscae-import: $3"
}
wrong timm "--bits 12" "--bits is 8 or 16, not 12"
wrong timm "--norm-eps -0.5" "--norm-eps -0.5 is out of range: use -1, or at least 0"
wrong timm "--heads 5" "*timm: --heads 5 does not divide the width 48"
wrong mae "--decoder-heads 5" "*mae: --decoder-heads 5 does not divide the decoder width 32"
wrong timm "--image 33" "*timm: --image 33 is not a multiple of the patch size 4"
status "three means for four channels: exit 65" 65 tscae-import -q --heads 3 --mean 0,0,0 --std 1,1,1 -o x four
status "a patch embedding of one channel without --mean-std: exit 2" 2 tscae-import --heads 3 -o x gray
refused "patches that are not square" "t['patch_embed.proj.weight'] = t['patch_embed.proj.weight'][:, :, :2]"
refused "a position embedding of a grid that is not square" "t['pos_embed'] = t['pos_embed'][:, :-2]"
refused "a position embedding of NaN" "t['pos_embed'] = t['pos_embed'] * np.float32('nan')"
for value in nan inf -inf; do
	refused "a weight of $value" \
		"name = 'blocks.1.mlp.fc2.weight'
t[name] = t[name].copy(); t[name][3, 5] = np.float32('$value')"
	like "a weight of $value: the message names file, tensor and element" "$(cat "$tmp/stderr")" \
		"*bad: tensor 'blocks.1.mlp.fc2.weight': element $((3 * 192 + 5)) is *, expected a finite number*"
done
refused "no tensors" "t = {}"
refused "a model that is not a ViT" "t = {'conv.weight': t['norm.weight']}"
# unsupported WHAT TENSOR: refused by the name of the computation
unsupported() { change timm bad "t['$2'] = t['norm.weight']"; status "$1: exit 65" 65 tscae-import --heads 3 -o x bad
	like "$1: named" "$(cat "$tmp/stderr")" "*bad: tensor '$2': *$1*is not supported*"; }
unsupported qk_norm blocks.0.attn.q_norm.weight
unsupported SwiGLU blocks.0.mlp.w12.weight
unsupported "relative positions (BEiT)" blocks.0.attn.relative_position_bias_table
unsupported "norm before the blocks (CLIP)" norm_pre.weight
unsupported "a norm within the MLP" blocks.0.mlp.norm.weight
unsupported "a norm within the attention" blocks.0.attn.norm.weight
unsupported "attention pooling" attn_pool.latent
unsupported "rotary positions" rope.periods
unsupported "hybrid ViT" patch_embed.backbone.stem.conv.weight
refused "SwiGLU, packed" "t = {k: np.concatenate([v, v]) if 'mlp.fc1' in k else v for k, v in t.items()}"
like "SwiGLU, packed: named" "$(cat "$tmp/stderr")" "*SwiGLU is not supported*"
change timm two "t = {p + k: v for k, v in t.items() for p in ('student.backbone.', 'teacher.backbone.')}"
status "two encoders without --prefix: exit 2" 2 tscae-import --heads 3 -o x two
like "two encoders: the error names both and --prefix" "$(cat "$tmp/stderr")" \
	"*several encoders*student.backbone.*teacher.backbone.*--prefix*"
import --heads 3 --prefix teacher.backbone. -o two.safetensors two
same "one of two encoders, by --prefix, gives the same model" two.safetensors timm.safetensors

# files in another form are named, with the way to convert them
printf 'PK\003\004 more bytes of a zip' >kind.zip; printf '\200\002}q\001. and so on' >kind.pickle
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' >kind.lfs
printf '<!DOCTYPE html><html></html>' >kind.html
printf '\211HDF\r\n\032\n0000' >kind.h5
echo '{"weight_map":{"norm.weight":"a.safetensors"}}' >kind.json
printf '\010\010 onnx and further bytes' >kind.onnx
while read -r file words; do
	status "$file: exit 65" 65 tscae-import --heads 3 -o x $file
	like "$file: named, with the remedy" "$(cat "$tmp/stderr")" "*$file: *$words*"
	status "$file as the model of tscae-embed: exit 65" 65 tscae-embed -m $file none.tsc
done <<-'EOF2'
	kind.zip torch.save*safetensors.torch.save_file
	kind.pickle pickle*safetensors.torch.save_file
	kind.lfs Git*LFS*git*lfs*pull
	kind.html web*page
	kind.h5 HDF5
	kind.json JSON*a*name*that*ends*in*.index.json
	kind.onnx no*safetensors*file*convert*it
EOF2
mkdir -p bin empty; : >bin/pytorch_model.bin
status "a directory with pytorch_model.bin alone: exit 65" 65 tscae-import -o x bin
like "a directory with pytorch_model.bin alone: the remedy" "$(cat "$tmp/stderr")" \
	"*only 'pytorch_model.bin'*save_file*"
status "an empty directory: exit 66" 66 tscae-import -o x empty
like "an empty directory: what is missing, and the remedy" "$(cat "$tmp/stderr")" \
	"*empty: no weights: neither model.safetensors, model.safetensors.index.json nor *download the model again*"
# a run whose checkpoint cannot be read has weights; root reads all, but not without its capabilities
mkdir -p shut/checkpoint-00000001 && ln -s checkpoint-00000001 shut/latest && chmod 0 shut/checkpoint-00000001
[ "$(id -u)" = 0 ] && drop="setpriv --bounding-set=-all --inh-caps=-all" || drop=env
if $drop true 2>/dev/null && ! $drop ls shut/latest/ >/dev/null 2>&1; then
	status "a run with a checkpoint that cannot be read: exit 66" 66 $drop "$bin/tscae-import" -o x shut
	like "a run with a checkpoint that cannot be read: the message names it" "$(cat "$tmp/stderr")" \
		"tscae-import: shut/latest/model.safetensors: Permission denied"
else
	skip "a run with a checkpoint that cannot be read" "root without setpriv"
fi
chmod 755 shut/checkpoint-00000001
# another FILE WORDS: a directory with weights in that file
another() { rm -f bin/*; : >"bin/$1"; : >bin/config.json
	status "a directory with $1: exit 65" 65 tscae-import -o x bin
	like "a directory with $1: the file and the remedy" "$(cat "$tmp/stderr")" \
		"*bin: no model.safetensors, only '$1': *$2*"; }
another vit.safetensors "give this file instead of the directory, or name it model.safetensors"
another vit.safetensors.index.json "give this file instead"
another weights.pt save_file
another model.ckpt save_file
another tf_model.h5 "not weights of PyTorch; convert"
: >bin/a.pth; : >bin/vit.safetensors; : >bin/more.safetensors
tscae-import -o x bin 2>stderr
like "a directory with weights in several files: the one that can be read" "$(cat stderr)" "*only 'more.safetensors': *"

# config.json: read, compared with the tensors, refused by name
mkdir -p dir; cp timm dir/model.safetensors
# config WHAT STATUS WORDS JSON
config() { printf '%s' "$4" >dir/config.json; status "config.json, $1: exit $2" "$2" tscae-import -q -o x dir
	like "config.json, $1: the message" "$(cat "$tmp/stderr")" "*$3*"; rm -f x; }
config "model_type beit" 65 "type 'beit' are not supported" '{"model_type":"beit","num_attention_heads":3}'
config "activation quick_gelu" 65 "activation 'quick_gelu' is not supported" \
	'{"hidden_act":"quick_gelu","num_attention_heads":3}'
config "another width" 65 "hidden_size 64, but the tensors have 48" '{"hidden_size":64,"num_attention_heads":3}'
config "qk_norm" 65 "qk_norm" '{"model_args":{"qk_norm":true,"num_heads":3}}'
config "images that are not square" 65 "only square" '{"image_size":[32,64],"num_attention_heads":3}'
config "cut" 65 "config.json: byte" '{"num_attention_heads":3'
config "a list" 65 "not an object" '[3]'
config "heads as a string" 65 "'num_attention_heads' is not a number" '{"num_attention_heads":"3"}'
config "heads that do not divide the width" 65 "not a multiple of heads" \
	'{"num_attention_heads":5,"mean":[0,0,0],"std":[1,1,1]}'
config "heads that are no whole number" 2 "use --heads" '{"num_attention_heads":3.5}'
config "another width of the MLP" 65 "intermediate_size 100, but the tensors have 192" \
	'{"num_attention_heads":3,"intermediate_size":100}'
config "another ratio of the MLP" 65 "mlp_ratio 3, but the tensors have 4" \
	'{"model_args":{"mlp_ratio":3,"num_heads":3}}'
config "no bias of q, k, v, but tensors with it" 65 "qkv_bias 0, but the tensors have 1" \
	'{"num_attention_heads":3,"qkv_bias":false}'
config "no heads" 2 "use --heads" '{}'
config "std 0" 65 "standard deviation" '{"num_attention_heads":3,"mean":[0,0,0],"std":[1,0,1]}'
printf '{"weight_map":{"norm.weight":"../timm"}}' >dir/i.index.json
status "an index that names a file elsewhere: exit 65" 65 tscae-import --heads 3 -o x dir/i.index.json
printf '{"weight_map":{"other":"model.safetensors"}}' >dir/i.index.json
status "an index with a tensor that its file does not have: exit 65" 65 tscae-import --heads 3 -o x dir/i.index.json
like "an index with a tensor that its file does not have: named" "$(cat "$tmp/stderr")" \
	"*i.index.json: *tensor 'other' is not in 'model.safetensors'*"
printf '{"weight_map":{"norm.weight":"none.safetensors"}}' >dir/i.index.json
status "an index with a missing file: exit 66" 66 tscae-import --heads 3 -o x dir/i.index.json
head -c 3000 timm >cut
status "a cut file: exit 65" 65 tscae-import --heads 3 -o x cut
status "tscae-import: a missing file: exit 66" 66 tscae-import --heads 3 -o x none
status "no output: exit 2" 2 tscae-import timm
status "two files: exit 2" 2 tscae-import -o x timm mae
is "no failed import left a model or a temporary file" "$(ls -d ./x ./*.part* 2>/dev/null)" ""

# the trainer starts from it
reference images p 8 32 32
tscae-decode -q --epochs 2 p | tscae-mask -q --patch 4 >masked.tsc
cat >mae.conf <<-'EOF2'
	objective = mae
	image = 32
	patch = 4
	embed_dim = 48
	depth = 3
	heads = 3
	decoder_embed_dim = 32
	decoder_depth = 2
	decoder_heads = 4
	batch = 8
	steps = 1
EOF2
ok "the trainer starts from an imported MAE" tscae-train -q -c mae.conf -o run init_from=mae.safetensors masked.tsc

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
	like "a weight of NaN: $tool: the message names file, tensor and element" "$(cat "$tmp/stderr")" \
		"*nan.safetensors: tensor 'blocks.2.attn.proj.weight': element 7 is NaN*"
done <<-'EOF2'
	tscae-embed -m nan.safetensors images.tsc
	tscae-reconstruct -m nan.safetensors masked.tsc
	tscae-export -m nan.safetensors --format mae -o out
	tscae-import -o x nan.safetensors
	tscae-train -c mae.conf -o other init_from=nan.safetensors masked.tsc
EOF2

# a pipe without a writer as a model: refused at once
mkfifo pipe
while read -r tool arguments; do
	status "a pipe as a model: $tool: exit 66" 66 timeout 60 "$tool" -q $arguments
	is "a pipe as a model: $tool: the message" "$(cat "$tmp/stderr")" "$tool: pipe: not a regular file"
done <<-'EOF2'
	tscae-embed -m pipe images.tsc
	tscae-reconstruct -m pipe masked.tsc
	tscae-export -m pipe --format mae -o out
	tscae-import -o x pipe
	tscae-train -o other init_from=pipe batch=8 steps=1 masked.tsc
EOF2

# --strict, and the counts of the closing line
mkdir -p plain; reference vit plain/model.safetensors timm 48 3 4 32
said() { printf '{"architecture":"vit_tiny_patch4_32","num_features":48,"pretrained_cfg":{"mean":[0.5,0.5,0.5],
	"std":[0.5,0.5,0.5]}%s}' "${1-}" >plain/config.json; }
said
status "everything is stated: --strict, exit 0" 0 tscae-import --strict -o x plain
like "everything is stated: the closing line counts nothing" "$(cat "$tmp/stderr")" \
	"*0 tensors left out, 0 values assumed, 0 position tables computed"
status "no config.json: --strict, exit 1" 1 tscae-import --strict --heads 3 --decoder-heads 4 -o y mae
like "no config.json: values that all of a family have are assumed, named and counted" "$(cat "$tmp/stderr")" \
	"*epsilon of the layer norms: assumed 1e-6*--norm-eps*mean and standard deviation*--mean-std*2 values assumed*"
status "all values by options: --strict, exit 0" 0 \
	tscae-import --strict --heads 3 --norm-eps 1e-6 --mean-std half -o y timm
same "options and config.json give the same model" x y
status "a head: --strict, exit 1" 1 tscae-import --strict --heads 3 --norm-eps 1e-6 --mean-std half -o y half
like "a head: the closing line counts its tensors" "$(cat "$tmp/stderr")" "*; 2 tensors left out, 0 values*"
status "another image size: --strict, exit 1" 1 tscae-import --strict --image 64 -o y plain
like "another image size: the computed table is counted" "$(cat "$tmp/stderr")" \
	"*computed again for 64*1 position tables*"
said ',"model_args":{"img_size":48}'
status "config.json of another image size: --strict, exit 1" 1 tscae-import --strict -o y plain
like "config.json of another image size: named" "$(cat "$tmp/stderr")" "*images of 48 pixels*table is for 32*--image*"
said ',"model_args":{"act_layer":"quick_gelu"}'
status "timm's act_layer quick_gelu: exit 65" 65 tscae-import -o y plain
like "timm's act_layer quick_gelu: named" "$(cat "$tmp/stderr")" "*activation 'quick_gelu' is not supported*"
sed 's/vit_tiny_/vit_tiny_quickgelu_/; s/"act_layer":"quick_gelu"//' plain/config.json >config
mv config plain/config.json
status "an architecture with quickgelu in its name: exit 65" 65 tscae-import -o y plain
printf '{"model_type":"vit","num_attention_heads":3,"layer_norm_eps":1e-6,"hidden_act":"gelu"}' >plain/config.json
mean='"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5]'
for row in '0.00392156862745098 true 0 0' '0.00784313725490196 true 2 2' '0.00392156862745098 false 2 2'; do
	set -- $row
	printf '{"do_rescale":%s,"rescale_factor":%s,%s}' $2 $1 "$mean" >plain/preprocessor_config.json
	status "rescale $2, factor $1: exit $3" $3 tscae-import --strict -o y plain
done
like "another rescale factor: the message has the option" "$(cat "$tmp/stderr")" "*not scaled to 0 to 1; use --mean-std"
status "another rescale factor with --mean-std: exit 0" 0 tscae-import --mean-std half -o y plain
same "another rescale factor with --mean-std: the model is that of --mean-std" x y
printf '{"do_normalize":false,%s}' "$mean" >plain/preprocessor_config.json
status "do_normalize false: exit 0" 0 tscae-import --strict -o y plain
tscae-synth -q --count 3 --size 32x32 -o voc && tscae-decode -q voc/JPEGImages -o v.tsc
# x / 255 = ((x / 255 - 0.5) / 0.5) 0.5 + 0.5: weights that are halved and a bias for the normalized pixels
"$python" -c "
import sys; sys.argv = ['', 'none']
exec(open('$root/tests/reference.py').read())
t = read('plain/model.safetensors'); w, b = 'patch_embed.proj.weight', 'patch_embed.proj.bias'
t[b] = t[b] + 0.5 * t[w].sum(axis=(1, 2, 3)); t[w] = 0.5 * t[w]
write('moved', t)"
tscae-import -q --heads 3 --norm-eps 1e-6 --mean-std half -o z moved
for m in y z; do tscae-embed -q -d -m $m v.tsc --npy $m.npy >/dev/null; done
is "do_normalize false: features are those of pixels from 0 to 1" \
	"$("$python" -c "
import numpy as n; a, b = n.load('y.npy'), n.load('z.npy'); print(a.shape == b.shape, abs(a - b).max() < 1e-4)")" \
	"True True"

# heads of classifiers: only over the mean of the patches, with as many rows as config.json states
"$python" "$root/tests/families.py" make classifier head; cp head/config.json stated.json
# stated STATEMENT: config.json of the classifier, its object c changed by Python
stated() { "$python" -c "
import json; c = json.load(open('stated.json'))
$1
json.dump(c, open('head/config.json', 'w'))"; }
for pool in token max avgmax map; do
	stated "c['model_args']['global_pool'] = '$pool'"
	status "a head over the pooling '$pool', --strict: exit 1" 1 tscae-import --strict -o y head
	like "a head over the pooling '$pool' is left out and counted" "$(cat "$tmp/stderr")" \
		"*left out 2 of 44 tensors: head.weight, head.bias*2 tensors left out*"
done
stated "c['global_pool'] = 'token'"
status "model_args of config.json decide on the pooling: exit 0" 0 tscae-import --strict -o y head
stated "c['global_pool'] = 'token'; del c['model_args']['global_pool']"
status "without them global_pool decides, --strict: exit 1" 1 tscae-import --strict -o y head
stated "c['num_classes'] = 7"
status "another number of classes than the head has: exit 65" 65 tscae-import -o y head
like "another number of classes than the head has: the message has both" "$(cat "$tmp/stderr")" \
	"*head/model.safetensors: config.json states 7 classes, but 'head.weight' has 5 rows"
stated "c['pretrained_cfg'].update(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])"
status "mean and standard deviation of pixels from 0 to 255: exit 2" 2 tscae-import -o y head
like "mean and standard deviation of pixels from 0 to 255: the message has the option" "$(cat "$tmp/stderr")" \
	"*config.json states a mean of 123.675*not scaled to 0 to 1; use --mean and --std*"
done_testing
