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

# labels first, then their pictures
records() { /usr/bin/python3 "$root/tests/records.py" "$@"; }
if /usr/bin/python3 -c 'import msgpack, numpy' 2>/dev/null; then
	label -f voc -m --emit | tscae-decode -q --records | records image labels boxes box_class box_flags >a
	records image labels boxes box_class box_flags <attached-1 >b
	is "decode --records adds the same pictures" "$(tail -n +2 a)" "$(tail -n +2 b)"
else
	skip "decode --records adds the same pictures" "python3-msgpack or python3-numpy is not installed"
fi
status "decode --records: no size with boxes" 2 tscae-decode -q --records --size 8 labels.tsc
status "decode --records: records without file" 65 tscae-decode -q --records pictures.tsc
cp -r voc gone; rm gone/JPEGImages/000003.jpg; tscae-synth -q -n 1 -s 32x32 -o small; cp small/JPEGImages/000000.jpg gone/JPEGImages/000004.jpg
label -f gone --emit >gone.tsc
tscae-decode -q --records gone.tsc 2>err >kept.tsc
is "decode --records: missing and other pictures are skipped" "$(tscae-view --json kept.tsc | wc -l)" 10
like "and said" "$(cat err)" "*000003.jpg*No such file*skipped*000004.jpg*32x32*64x48*skipped*"
status "--strict" 1 tscae-decode -q --records --strict gone.tsc
status "--on-error fail" 66 tscae-decode -q --records --on-error fail gone.tsc
done_testing
