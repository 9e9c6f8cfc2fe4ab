#!/bin/bash
# tscae-export.t - exports have the names and shapes of the published models; export and import give the same bytes
. "${0%/*}/lib.sh"
python=/usr/bin/python3
"$python" -c 'import numpy' 2>/dev/null || skip_all "python3-numpy is not installed"
reference() { "$python" "$root/tests/reference.py" "$@"; }
cd "$tmp" || exit 1
reference vit foreign.safetensors mae 48 3 4 32
tscae-import -q --heads 3 --decoder-heads 4 --norm-pix -o model.safetensors foreign.safetensors 2>/dev/null

# file STYLE: the safetensors file of an export
file() { case $1 in hf) echo out.hf/model.safetensors ;; *) echo "out.$1" ;; esac; }
for whom in timm mae hf; do
	ok "a model is exported for $whom" tscae-export -m model.safetensors --format $whom -o out.$whom
	is "the export for $whom has the names and shapes of the published model" "$(reference list "$(file $whom)")" \
		"$(reference expect $whom 48 3 4 32)"
	tscae-import -q -o back.$whom "$(file $whom)"
done
is "the export for timm has no mask token and no decoder" "$(reference list out.timm | grep -cE 'mask_token|decoder')" 0
same "export for mae, then import gives the same bytes" back.mae model.safetensors
same "export for hf, then import gives the same bytes" back.hf model.safetensors
tscae-export -m back.timm --format timm -o again.timm
same "export for timm, import and export again gives the same bytes" again.timm out.timm
ok "the export for mae has the tensors that were imported" "$python" - <<-EOF2
	import sys; sys.argv = ['', 'none']
	exec(open("$root/tests/reference.py").read())
	a, b = read('foreign.safetensors'), read('out.mae')
	assert set(a) == set(b)
	assert all(abs(a[k] - b[k]).max() <= (1e-6 if 'pos_embed' in k else 0) for k in a)
EOF2
ok "the export for hf has config.json and preprocessor_config.json of the model" "$python" - <<-'EOF2'
	import json
	c, p = json.load(open('out.hf/config.json')), json.load(open('out.hf/preprocessor_config.json'))
	assert c['layer_norm_eps'] == 1e-6 and c['norm_pix_loss'] is True and c['architectures'] == \
		['ViTMAEForPreTraining']
	assert (c['hidden_size'], c['num_hidden_layers'], c['num_attention_heads'], c['patch_size'], \
		c['image_size'], c['intermediate_size']) == (48, 3, 3, 4, 32, 192)
	assert (c['decoder_hidden_size'], c['decoder_num_hidden_layers'], c['decoder_num_attention_heads']) == (32, \
		2, 4)
	assert p['image_mean'] == [0.485, 0.456, 0.406] and p['size'] == {'shortest_edge': 32} and p['crop_size'] == \
		{'height': 32, 'width': 32}
	assert p['do_center_crop'] and c['mask_ratio'] == 0
EOF2

# features through each of them
reference images p 10 32 32
tscae-decode -q p >p.tsc
for model in model.safetensors back.timm back.mae back.hf; do
	tscae-embed -d -q -m $model --npy $model.npy p.tsc >out.tsc
	same "$model gives the same features as the model" $model.npy model.safetensors.npy
done
reference features "$(file timm)" 10 32 32 3 0 mean want.npy
ok "an independent program reads the export and agrees to 1e-5" reference same model.safetensors.npy want.npy 1e-5

# vit_tiny_patch16_224 has the names of vit_base_patch16_224 and other widths
reference vit tiny timm 192 12 16 224
tscae-import -q --heads 3 --mean-std imagenet -o tiny.safetensors tiny
tscae-export -m tiny.safetensors -o tiny.timm
is "an export of vit_tiny_patch16_224 has the names and shapes of timm without the head" "$(reference list tiny.timm)" \
	"$(reference expect timm 192 12 16 224)"
is "an export of vit_tiny_patch16_224 has 150 tensors" "$(reference list tiny.timm | wc -l)" 150
status "tscae-export: no model: exit 2" 2 tscae-export -o x
status "tscae-export: a missing model: exit 66" 66 tscae-export -m none -o x
status "weights that were not imported: exit 65" 65 tscae-export -m foreign.safetensors -o x
status "an output in a missing directory: exit 74" 74 tscae-export -m model.safetensors -o none/x
is "no failed export left a file" "$(ls -d ./x* ./*.part* 2>/dev/null)" ""

# a directory for timm: the model that timm would build, and its preprocessing
ok "a model is exported as a directory for timm" tscae-export -m model.safetensors --format timm-dir -o dir
same "the directory for timm has the weights of the file for timm" dir/model.safetensors out.timm
ok "config.json for timm has sizes, pooling and preprocessing" "$python" - <<-'EOF2'
	import json
	c = json.load(open('dir/config.json'))
	a, p = c['model_args'], c['pretrained_cfg']
	assert c['architecture'].startswith('vit_') and c['num_features'] == 48 and c['global_pool'] == \
		a['global_pool'] == p['global_pool'] == 'avg'
	assert (a['embed_dim'], a['depth'], a['num_heads'], a['patch_size'], a['img_size'], a['mlp_ratio']) == (48, \
		3, 3, 4, 32, 4)
	assert p['input_size'] == [3, 32, 32] and p['mean'] == [0.485, 0.456, 0.406] and p['crop_pct'] == 1 and \
		p['interpolation'] == 'bicubic'
EOF2
families() { "$python" "$root/tests/families.py" "$@"; }
for name in timm registers no-class-token pool-norm mlp-ratio; do
	families make $name $name
	tscae-import -q --heads 3 --mean-std imagenet -o $name.safetensors $name
	ok "$name: exported for timm" tscae-export -m $name.safetensors --format timm-dir -o $name.dir
	tscae-import -q -o $name.back $name.dir
	same "$name: export for timm, then import gives the same bytes" $name.back $name.safetensors
done
# the head of a task
for class in a b; do mkdir -p c/$class; done
families images 32 32; cp 32/p000.png c/a; cp 32/p001.png c/b
tscae-decode -q --labels dirs --epochs 2 c | tscae-train -q -o classifier task=classify init_from=timm.safetensors \
	batch=4 steps=1 - 2>train.log || cat train.log
for format in timm mae; do
	ok "a classifier is exported for $format" tscae-export -m classifier --format $format -o head.$format
	is "a classifier for $format: its norm and its head" \
		"$(reference list head.$format | grep -E "norm\\.|head" | grep -v blocks | tr '\n' ' ')" \
		"fc_norm.bias 48 fc_norm.weight 48 head.bias 2 head.weight 2 48 "
done
ok "a classifier is exported as a directory for timm" tscae-export -m classifier --format timm-dir -o head.dir
same "the directory of a classifier has the weights of the file" head.dir/model.safetensors head.timm
ok "config.json of a classifier has its classes and the pooling" "$python" - <<-'EOF2'
	import json
	c = json.load(open('head.dir/config.json'))
	assert c['label_names'] == ['a', 'b'] and c['model_args']['fc_norm'] is True
	assert c['num_classes'] == c['model_args']['num_classes'] == c['pretrained_cfg']['num_classes'] == 2
EOF2
tscae-decode -q --labels dirs c >c.tsc
tscae-import -q -o head.back head.dir
if "$python" -c 'import msgpack' 2>/dev/null; then
	for m in classifier head.back; do
		tscae-classify -q -m $m c.tsc >scores
		reference field scores class_score $m.npy
	done
	same "a classifier exported and imported again gives the same scores" head.back.npy classifier.npy
else
	skip "a classifier exported and imported again gives the same scores" "python3-msgpack is not installed"
fi
"$python" - <<-'EOF2'
	import json
	c = json.load(open('head.dir/config.json'))
	c['label_names'].append('c')
	json.dump(c, open('config.json', 'w'))
EOF2
mkdir bad; families make classifier bad; cp config.json bad
status "an import with 3 class names for 5 classes: exit 65" 65 tscae-import -q --heads 3 -o x bad
like "an import with 3 class names for 5 classes: the message" "$(cat "$tmp/stderr")" \
	"*3 class names for the 5 rows of 'head.weight'*"
families make pool-norm unnamed
like "a head whose classes have no names is left out and counted" \
	"$(tscae-import --heads 3 --mean-std imagenet -o x unnamed 2>&1)" "*left out*head.*2 tensors left out*"
status "a classifier for hf: exit 65" 65 tscae-export -m classifier --format hf -o x
like "a classifier for hf: the remedy" "$(cat "$tmp/stderr")" "*a classifier*--format timm-dir*"
tscae-synth -q --layout voc --count 4 --size 32x32 --classes 2 --seed 5 -o voc
tscae-label -q -f voc --names | tscae-decode -q --files-from - | tscae-label -q -f voc --segmaps |
	tscae-train -q -o segmenter task=segment init_from=timm.safetensors image=32 batch=4 steps=1 - 2>train.log ||
	cat train.log
status "a segmenter for timm: its encoder is exported" 0 tscae-export -m segmenter --format timm -o head.timm
like "a segmenter for timm: that the head is left out is a warning" "$(cat "$tmp/stderr")" \
	"*left out the head of the task*"
status "register tokens for hf: exit 65" 65 tscae-export -m registers.safetensors --format hf -o x
like "register tokens for hf: the remedy" "$(cat "$tmp/stderr")" "*register tokens*--format timm-dir*"
tscae-export -m timm.safetensors --image 48 --format timm-dir -o large
is "an export for another image size has its position table" \
	"$(reference list large/model.safetensors | grep pos_embed)" "pos_embed 1 37 48"
tscae-import -q -o large.safetensors large
families images q 48; tscae-decode -q q >q.tsc
for m in timm large; do tscae-embed -d -q -m $m.safetensors --npy $m.npy q.tsc >out.tsc; done
same "a model with the table of another image size gives the same features at that size" timm.npy large.npy
status "an image size that is no multiple of the patch: exit 2" 2 tscae-export -m timm.safetensors --image 50 -o x
done_testing
