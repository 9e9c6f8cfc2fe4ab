#!/bin/bash
# tscae-reconstruct.t - visible patches stay, masked ones are predicted; TSCAE and MAE, normalized or not, any ratio
. "${0%/*}/lib.sh"
python=/usr/bin/python3
"$python" -c 'import numpy, msgpack' 2>/dev/null || skip_all "python3-numpy or python3-msgpack is not installed"
reference() { "$python" "$root/tests/reference.py" "$@"; }
cd "$tmp" || exit 1
reference images p 8 32 32
tscae-decode -q p | tscae-mask -q --patch 4 --mask-ratio 0.6 >masked.tsc
sizes="image=32 patch=4 embed_dim=48 depth=2 heads=3 batch=8 steps=1"
# shellcheck disable=SC2086
train() { tscae-decode -q p | tscae-mask -q --patch 4 | tscae-train -q -o "$1" $sizes "${@:2}"; }
train tscae && train normal norm_pix=on && train mae objective=mae decoder_embed_dim=32 decoder_depth=1 \
	decoder_heads=2 && train paper preset=paper decoder_depth=1

for run in tscae normal mae paper; do
	ok "$run" tscae-reconstruct -q -m $run -t 1 -o $run.tsc masked.tsc
	tscae-reconstruct -q -m $run -t 3 -o threads.tsc masked.tsc
	for field in image mask masked prediction; do reference field $run.tsc $field $field.npy; done
	reference field threads.tsc prediction other.npy
	ok "$run: visible patches are unchanged, masked ones are not; threads do not change the result" "$python" - \
		<<-'EOF2'
		import numpy as np
		image, mask, masked, prediction, other = (np.load(f + '.npy') for f in ('image', 'mask', 'masked',
			'prediction', 'other'))
		is_masked = np.kron(mask, np.ones((1, 4, 4)))[..., None] > 0
		assert image.shape == masked.shape == prediction.shape
		assert (image == masked)[~np.broadcast_to(is_masked,
			image.shape)].all() and (image == prediction)[~np.broadcast_to(is_masked, image.shape)].all()
		assert (masked[is_masked[..., 0]] == [124, 116, 104]).all()
		assert (prediction[is_masked[..., 0]] != image[is_masked[..., 0]]).mean() > 0.9
		assert (prediction == other).all()
	EOF2
done
# with normalized targets each masked patch keeps its mean brightness nearly; else it does not
ok "normalized targets: mean and standard deviation of the original patch are restored" "$python" - "$root" <<-'EOF2'
	import subprocess, sys, numpy as np
	def off(run):
	    for f in 'image', 'prediction', 'mask':
	        subprocess.check_call(['/usr/bin/python3', sys.argv[1] + '/tests/reference.py', 'field', run + '.tsc',
	            f, 'f.' + f + '.npy'])
	    i, p, m = (np.load('f.' + f + '.npy').astype(float) for f in ('image', 'prediction', 'mask'))
	    mean = lambda x: x.reshape(8, 8, 4, 8, 4, 3).mean((2, 4, 5))
	    return abs(mean(i) - mean(p))[m > 0].mean()
	assert off('normal') < off('tscae'), (off('normal'), off('tscae'))
EOF2
tscae-reconstruct -q -m paper --seed 1 -o other.tsc masked.tsc
reference field paper.tsc prediction a.npy; reference field other.tsc prediction b.npy
status "noise queries: another seed gives another reconstruction" 1 cmp -s a.npy b.npy
tscae-decode -q p >plain.tsc
status "images without masks: exit 65" 65 tscae-reconstruct -m tscae plain.tsc
like "images without masks: the message names tscae-mask" "$(cat "$tmp/stderr")" "*tscae-mask*"
reference images q 1 64 64
tscae-decode -q q | tscae-mask -q --patch 4 >large.tsc
status "images of another size: exit 65" 65 tscae-reconstruct -m tscae large.tsc
tscae-mask -q --patch 8 plain.tsc >coarse.tsc
status "masks of another patch size: exit 65" 65 tscae-reconstruct -m tscae coarse.tsc
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/tests "$python" - <<-'EOF2'
	import numpy as np
	from streams import write_stream
	mask = (np.arange(64) % 4 > 0).astype('u1').reshape(4, 16)
	write_stream('wide.tsc', 'image', {'patch': 4, 'mask_ratio': 0.75, 'fields': [['mask', '|u1', [4, 16]]]},
	    [{'key': 'a', 'image': np.zeros((32, 32, 3), 'u1'), 'mask': mask}])
EOF2
# shellcheck disable=SC2086
for tool in "tscae-reconstruct -m tscae" "tscae-train -q -o wide $sizes"; do
	status "${tool%% *}: masks of 4x16 patches for 8x8: exit 65" 65 $tool wide.tsc
	like "${tool%% *}: masks of 4x16 patches for 8x8: the message names both shapes" "$(cat "$tmp/stderr")" \
		"${tool%% *}: *wide.tsc: record 0 (a): the model has 8x8 patches, the mask 4x16 *"
done
head -c 9000 masked.tsc >cut.tsc
status "tscae-reconstruct: a stream cut short: exit 65" 65 tscae-reconstruct -m tscae cut.tsc
status "tscae-reconstruct: no --model: exit 2" 2 tscae-reconstruct masked.tsc
status "tscae-reconstruct: a missing model: exit 66" 66 tscae-reconstruct -m none masked.tsc
mkdir gone; ln -s checkpoint-00000009 gone/latest
for run in gone wide; do
	status "tscae-reconstruct: a run without a checkpoint, $run: exit 66" 66 tscae-reconstruct -m $run masked.tsc
	is "tscae-reconstruct: a run without a checkpoint, $run: the message" "$(cat "$tmp/stderr")" "$(printf %s \
		"tscae-reconstruct: $run: a directory without a checkpoint (latest/model.safetensors)" \
		" and without model.safetensors")"
done
status "tscae-train: init_from a run without a checkpoint: exit 66" 66 train initial init_from=gone
like "tscae-train: init_from a run without a checkpoint: the message" "$(cat "$tmp/stderr")" \
	"tscae-train: gone: a directory without a checkpoint *"
[ -w /dev/full ] && status "tscae-reconstruct: output to a full disk: exit 74" 74 \
	sh -c 'tscae-reconstruct -m tscae masked.tsc >/dev/full'
done_testing
