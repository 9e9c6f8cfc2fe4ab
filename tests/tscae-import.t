#!/bin/bash
# tscae-import.t - foreign weights become a model, or it is said why not; never another model silently
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
	ok "$style is read" import --heads 3 --decoder-heads 4 -o $style.safetensors $style
done
same "the same weights under MAE's and Hugging Face's names are the same model" mae.safetensors hf.safetensors
change timm module "t = {'module.' + k: v for k, v in t.items()}"
ok "a prefix" import --heads 3 --prefix module. -o module.safetensors module
same "is taken off" module.safetensors timm.safetensors
change hf short "t = {k[4:]: v for k, v in t.items() if k.startswith('vit.')}"
ok "Hugging Face's names without vit." import --heads 3 -o short.safetensors short
change timm half "t = {k: v.astype('<f4') for k, v in t.items()}; t['head.weight'] = t['norm.weight']; t['head.bias'] = t['norm.bias']"
ok "a classifier's head" tscae-import --heads 3 -o half.safetensors half
same "is left out" half.safetensors timm.safetensors
tscae-import --heads 3 -o x half 2>said
like "and named" "$(cat said)" "*left out 2 of 44 *head.weight, head.bias*"
like "what was read is said" "$(cat said)" "*width 48, 3 blocks, 3 heads, patch 4, images of 32*"
reference vit known timm 192 2 16 64
ok "heads of a published width are known" import -o known.safetensors known
rm -f x
status "heads of another must be said: exit 2" 2 tscae-import -o x timm
like "which is said" "$(cat "$tmp/stderr")" "*--heads*"
status "and of a decoder" 2 tscae-import --heads 3 -o x mae
change timm bare "del t['pos_embed']"
status "no position table: the side must be said" 2 tscae-import --heads 3 -o x bare
ok "and is taken" import --heads 3 --image 32 -o bare.safetensors bare
same "with the same model" bare.safetensors timm.safetensors

reference vit learned timm 48 3 4 32 learned
status "learned positions: exit 65" 65 tscae-import --heads 3 -o x learned
like "with the measured difference" "$(cat "$tmp/stderr")" "*differs from the fixed*by up to 0.0*--drop-pos-embed*"
ok "unless said" tscae-import --heads 3 --drop-pos-embed -o dropped.safetensors learned
like "with a warning" "$(tscae-import --heads 3 --drop-pos-embed -o dropped.safetensors learned 2>&1)" "*was replaced*"
# refused WHAT CHANGE: a changed file is exit 65 and no model appears
refused() { change timm bad "$2"; status "$1: exit 65" 65 tscae-import --heads 3 -o x bad; }
refused "a missing tensor" "del t['blocks.1.mlp.fc2.bias']"
refused "a gap in the blocks" "t = {k: v for k, v in t.items() if not k.startswith('blocks.1.')}"
refused "layer scale" "t['blocks.0.ls1.gamma'] = t['norm.weight']"
refused "register tokens" "t['reg_token'] = t['cls_token']"
refused "a matrix of another shape" "t['blocks.0.mlp.fc1.weight'] = t['blocks.0.mlp.fc2.weight']"
refused "one channel" "t['patch_embed.proj.weight'] = t['patch_embed.proj.weight'][:, :1]"
refused "a patch that is no square" "t['patch_embed.proj.weight'] = t['patch_embed.proj.weight'][:, :, :2]"
refused "positions that are no square" "t['pos_embed'] = t['pos_embed'][:, :-1]"
refused "positions that are not numbers" "t['pos_embed'] = t['pos_embed'] * np.float32('nan')"
refused "no tensors" "t = {}"
refused "no ViT" "t = {'conv.weight': t['norm.weight']}"
head -c 3000 timm >cut
status "a cut file: exit 65" 65 tscae-import --heads 3 -o x cut
status "a missing file: exit 66" 66 tscae-import --heads 3 -o x none
status "no output: exit 2" 2 tscae-import timm
status "two files: exit 2" 2 tscae-import -o x timm mae
is "no model appeared" "$(ls -d ./x ./*.part* 2>/dev/null)" ""

# the trainer starts from it
reference images p 8 32 32
tscae-decode -q --epochs 2 p | tscae-mask -q --patch 4 >masked.tsc
ok "the trainer starts from an imported MAE" tscae-train -q -o run objective=mae init_from=mae.safetensors image=32 patch=4 embed_dim=48 depth=3 heads=3 decoder_embed_dim=32 decoder_depth=2 decoder_heads=4 batch=8 steps=1 masked.tsc
done_testing
