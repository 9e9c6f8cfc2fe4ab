#!/bin/bash
# tscae-label.t - every layout, records by key, labels by themselves, bad annotations
. "${0%/*}/lib.sh"
cd "$tmp" || exit 1
label() { tscae-label -q "$@"; }
tscae-synth -q -n 12 -s 64x48 --objects 4 --seed 2 -o voc

is "emit: a record for each annotation" "$(label -f voc --emit | tscae-view --json - | wc -l)" 12
label -f voc --emit -o labels.tsc
like "classes are those that occur" "$(tscae-view -H labels.tsc)" "*classes	arrow, *"
is "names" "$(label -f voc --names | head -1)" "voc/JPEGImages/000000.jpg"
is "a set" "$(label -f voc --set val --names | wc -l)" "$(wc -l <voc/ImageSets/Main/val.txt)"
tscae-decode -q voc/JPEGImages >pictures.tsc
for t in 1 4; do TSCAE_THREADS=$t label -f voc -m pictures.tsc >attached-$t; done
status "label maps" 0 label -f voc -m pictures.tsc
same "1 and 4 threads: the same bytes" attached-1 attached-4
ok "and a sound stream" tscae-view --check attached-1
done_testing
