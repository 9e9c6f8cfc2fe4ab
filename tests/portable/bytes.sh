#!/bin/bash
# bytes.sh - write files with every kind of output, and compare them with those of another build:
# B=BUILD bytes.sh OUT [REFERENCE]
#
# exact/: every byte must be equal. near/: words must be equal, numbers to 1e-4, or 1e-4 of their size. made/: images,
# weights, features and predictions, which depend on the rounding of floats; with REFERENCE its own are taken, so that
# each step has equal input. Prints the files that differ, and one line that begins with "bytes:".
set -eu -o pipefail
out=$1 reference=${2-}
mkdir -p "$out"
case $B in /*) ;; *) B=$PWD/$B ;; esac
[ -z "$reference" ] || reference=$(cd "$reference" && pwd)
PATH=$B/bin:$PATH LC_ALL=C OPENBLAS_NUM_THREADS=1
export PATH LC_ALL OPENBLAS_NUM_THREADS
# names without folders of the caller: the history of a stream has them
cd "$out"
rm -rf exact near made
mkdir exact near made
# given FILE ...: take these files of made/ from the reference
given() { [ -z "$reference" ] || (cd made && rm -rf "$@" && cd "$reference/made" && cp -r "$@" "$OLDPWD"); }
sums() { find "$1" -type f | sort | xargs sha256sum; }

# images and annotations
tscae-synth -q --count 12 --size 64x48 --seed 3 -o made/voc
tscae-synth -q --layout folders --count 30 --size 40x40 --classes 3 --seed 5 -o made/folders
sums made/voc >exact/voc.sums
sums made/folders >exact/folders.sums
given voc folders
tscae-label -q --from made/voc --segmaps --standalone >exact/label.tsc
tscae-decode -q --records exact/label.tsc >exact/records.tsc
tscae-decode -q --labels dirs --shuffle --seed 2 --epochs 2 made/folders/train >exact/decode.tsc
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=ustar -C made -cf made/shard.tar folders/val
tscae-decode -q made/shard.tar >exact/tar.tsc

# pixels to pixels
tscae-crop -q --size 32 --seed 1 exact/decode.tsc >exact/crop.tsc
tscae-crop -q --mode jitter --size 48 --seed 1 exact/records.tsc >exact/jitter.tsc
tscae-augment -q --seed 2 --brightness 0.4 --gray 0.2 exact/crop.tsc >exact/augment.tsc
tscae-degrade -q --ops jpeg=40,downup=2,noise=10 exact/crop.tsc >exact/degrade.tsc
tscae-mask -q --patch 4 --seed 1 exact/crop.tsc >exact/mask.tsc
tscae-decode -q --labels dirs made/folders/train | tscae-crop -q --mode center --size 32 >exact/center.tsc

# text and contact sheets
tscae-view --json --values exact/mask.tsc >exact/mask.json
tscae-view --json --values exact/label.tsc >exact/label.json
tscae-view --stats image exact/crop.tsc >exact/stats.tsv
# versions of FreeType draw the captions with slightly other gray levels
tscae-view -q --sheet made/sheet.png exact/records.tsc
tscae-decode -q made/sheet.png | tscae-view --stats image >near/sheet.tsv

# training, weights, features, predictions
for task in pretrain classify detect segment; do
	case $task in detect | segment) stream=exact/jitter.tsc image=48 ;; *) stream=exact/mask.tsc image=32 ;; esac
	tscae-train -q -o made/$task task=$task model=micro image=$image patch=4 depth=2 embed_dim=24 heads=2 batch=6 \
		micro_batch=2 steps=$((48 / image + 1)) log_every=1 seed=5 $stream
	grep -oE '"(step|loss[a-z_]*|grad_norm|top1)":[-0-9.e+]+' made/$task/log.jsonl >near/$task.losses
done
given pretrain classify detect segment
tscae-export -q -m made/pretrain --format timm -o exact/timm.safetensors
for task in pretrain classify detect segment; do
	tscae-export -q -m made/$task --format onnx -o exact/$task.onnx
done
tscae-import -q --heads 2 --norm-eps 1e-6 --image 32 -o exact/import.safetensors exact/timm.safetensors
tscae-embed -q -d -m made/pretrain --npy made/features.npy exact/center.tsc >made/features.tsc
tscae-classify -q -d -m made/classify exact/center.tsc >made/classes.tsc
tscae-detect -q -d -m made/detect --score-threshold 0 --max-detections 20 exact/records.tsc >made/detections.tsc
tscae-segment -q -d -m made/segment exact/records.tsc >made/maps.tsc
tscae-reconstruct -q -m made/pretrain exact/mask.tsc >made/reconstruct.tsc
for stream in features classes; do tscae-view --json --values made/$stream.tsc >near/$stream.json; done
tscae-view --stats prediction made/reconstruct.tsc >near/reconstruct.tsv

# scores of equal features and predictions
given features.npy features.npy.keys features.tsc classes.tsc detections.tsc maps.tsc
for stream in features detections maps; do tscae-view --json --values made/$stream.tsc >exact/$stream.json; done
tscae-search -q --neighbors 3 made/features.npy made/features.npy >near/search.tsv
tscae-probe -q made/features.tsc made/features.tsc >near/knn.tsv
for stream in classes detections maps; do
	case $stream in classes) truth=exact/center.tsc ;; *) truth=exact/label.tsc ;; esac
	tscae-eval -q --json $truth made/$stream.tsc >exact/$stream.scores
done

count=$(find exact near -type f | wc -l)
[ -n "$reference" ] || { echo "bytes: $count files written"; exit 0; }
# close FILE FILE: numbers to 1e-4, everything else equal
close() {
	perl -e '
		my @text = map { local (@ARGV, $/) = $_; <> } @ARGV;
		my $number = qr/-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/;
		my @words = map { [split /($number)/] } @text;
		exit 1 unless @{$words[0]} == @{$words[1]};
		for my $i (0 .. $#{$words[0]}) {
			my ($x, $y) = ($words[0][$i], $words[1][$i]);
			next if $x eq $y;
			exit 1 unless $i % 2 && abs($x - $y) <= 1e-4 * (abs($x) > 1 ? abs($x) : 1);
		}' "$1" "$2"
}
bad=0
for file in exact/* near/*; do
	case $file in exact/*) test=cmp ;; *) test=close ;; esac
	$test "$file" "$reference/$file" || { echo "differs: $file"; bad=$((bad + 1)); }
done
echo "bytes: $bad of $count files differ"
[ $bad = 0 ]
