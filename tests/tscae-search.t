#!/bin/bash
# tscae-search.t - nearest neighbors and near-duplicates against brute force in numpy, their inputs, sheets and errors
. "${0%/*}/lib.sh"
cd "$tmp" || exit 1
py() { PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$root/tests/search.py" "$@"; }
/usr/bin/python3 -c 'import msgpack, numpy' 2>/dev/null || skip_all "no numpy or msgpack for Python"
py make && py header || exit 1

# neighbors
for k in 1 10 100; do
	tscae-search -q --neighbors $k q.npy x.npy >got.tsv
	is "$k neighbors of 70 queries among 3000 rows agree with brute force in float64" \
		"$(py neighbors $k q.npy x.npy got.tsv 2>&1)" same
done
tscae-search -q --neighbors 9999 q.npy x.npy >got.tsv
is "more neighbors than rows: all rows are listed" "$(py neighbors 9999 q.npy x.npy got.tsv 2>&1)" same
tscae-search -q -t 1 q.npy x.npy >one.tsv
for threads in 2 3 8; do
	tscae-search -q -t $threads q.npy x.npy >got.tsv
	same "neighbors: $threads threads give the same table as one" one.tsv got.tsv
done
tscae-search -q q.tsc x.tsc >got.tsv; same "a stream gives the same table as an array" one.tsv got.tsv
tscae-search -q q.tsc - <x.tsc >got.tsv; same "a collection on standard input gives the same table" one.tsv got.tsv
tscae-search -q - x.npy <q.tsc >got.tsv; same "queries on standard input give the same table" one.tsv got.tsv
tscae-search -q q.tsc first.tsc second.tsc >got.tsv
same "a collection in two streams gives the same table" one.tsv got.tsv
tscae-search -q --neighbors 5 --exclude-self x.tsc x.tsc >got.tsv
is "--exclude-self leaves out the row of the query and nothing else" \
	"$(py neighbors 5 x.npy x.npy got.tsv self 2>&1)" same
is "equal rows are listed in the order of the collection" \
	"$(tscae-search -q --neighbors 5 q.npy x.npy | awk '$1 == 0 { print $3 }' | tr '\n' ' ' | cut -d ' ' -f 1-5)" \
	"7 100 101 102 2000"
is "the closing line counts records and queries" \
	"$(tscae-search q.tsc x.tsc 2>&1 >got.tsv | sed -E 's/[0-9.]+ s, [0-9]+\/s/T/')" \
	"tscae-search: 3000 records, 0 skipped, T, 70 queries"

# types and versions of arrays
for name in f8 cube v2 v3; do
	tscae-search -q q.npy $name.npy >got.tsv; same "array $name.npy gives the same table" one.tsv got.tsv
done
for name in f2 i4; do
	tscae-search -q q.npy $name.npy >got.tsv
	is "array $name.npy agrees with brute force" "$(py neighbors 10 q.npy $name.npy got.tsv 2>&1)" same
done
while IFS='|' read -r name what; do
	status "$name.npy: exit 65" 65 tscae-search q.npy $name.npy
	like "$name.npy: the message has the reason" "$(cat stderr)" "tscae-search: $name.npy: $what"
done <<-'EOT'
	fortran|*Fortran order*numpy.ascontiguousarray*
	big|type '>f4' is not read*astype*
	complex|type '<c8' is not read*
	struct|a structured array*
	scalar|*single number*
	none|no records
	thin|rows of no elements*
	cut|cut short: byte 576127: the header states 3000 rows of 192 bytes, the file has 2999
	long|byte 576128: 1 bytes follow the array
	head|cut short: the file ends in the header
	huge|cut short:*
	odd|an unknown key in the header
	twice|*
	nan|row 11 (11): value 5 is not finite
	beyond|row 11: value 5 (-1e+200) is beyond single precision (float32)
EOT
sed 's/^/key-/' <(seq 0 2999) >x.npy.keys
is "the keys of an array are the lines of FILE.keys" "$(tscae-search -q --neighbors 1 q.npy x.npy | sed -n 2p)" \
	"0	1	key-7	1.000000"
head -2999 x.npy.keys >f8.npy.keys; (cat x.npy.keys; echo more) >v2.npy.keys
status "fewer keys than rows: exit 65" 65 tscae-search q.npy f8.npy
like "fewer keys than rows: the message names both" "$(cat stderr)" "*f8.npy.keys: fewer keys*3000*"
status "more keys than rows: exit 65" 65 tscae-search q.npy v2.npy
rm -f ./*.npy.keys

# near-duplicates
for threshold in 0.97 0.9 0.55 0.45; do
	tscae-search -q --duplicates $threshold x.npy >got.tsv
	like "--duplicates $threshold agrees with brute force in float64" "$(py groups $threshold x.npy got.tsv 2>&1)" \
		"same [1-9]*"
	tscae-search -q -t 1 --duplicates $threshold x.tsc >other.tsv
	same "--duplicates $threshold: one thread and a stream give the same groups" got.tsv other.tsv
	tscae-search -q -t 5 --duplicates $threshold first.tsc second.tsc >other.tsv
	same "--duplicates $threshold: five threads and two streams give the same groups" got.tsv other.tsv
done
is "--duplicates 1 finds equal rows and equal directions" \
	"$(tscae-search -q --duplicates 1 x.npy | tr '\t\n' ' ;')" \
	"group state key;1 keep 7;1 duplicate 100;1 duplicate 101;1 duplicate 102;$(
		)1 duplicate 2000;2 keep 8;2 duplicate 300;"
like "the closing line counts groups and duplicates" "$(tscae-search --duplicates 1 x.npy 2>&1 >got.tsv)" \
	"*3000 records, 0 skipped, *, 2 groups, 5 duplicates"
is "a collection without duplicates gives the head of the table" "$(tscae-search -q --duplicates 1 second.tsc)" \
	"group	state	key"

# a script can delete the duplicates; a key that occurs twice is never kept and deleted
tscae-synth -q --layout folders --count 8 --size 32x32 --classes 2 --seed 1 --val-ratio 0 -o set &&
tscae-train -q -o run model=micro image=32 patch=8 depth=1 batch=8 steps=1 \
	<(tscae-decode -q set | tscae-mask -q -p 8) || exit 1
first=$(find set -name '*.jpg' | sort | head -1)
cp "$first" "set/a copy\\n.jpg"; cp "$first" "set/z	tab.jpg"
before=$(find set -name '*.jpg' | wc -l)
tscae-decode -q set | tscae-embed -q -d -m run | tscae-search -q --duplicates 0.999999 - >list.tsv
while IFS=$'\t' read -r _ state key; do
	if [ "$state" = duplicate ]; then printf -v name %b "$key"; rm -- "$name" || exit 1; fi
done <list.tsv
is "the list of duplicates deletes the two copies of an image and nothing else" \
	"$((before - $(find set -name '*.jpg' | wc -l))) $(find set -name '*.jpg' -exec cksum {} + | cut -d ' ' -f 1,2 |
	sort | uniq -d)" "2 "
tscae-search --duplicates 0.999999 twice.tsc >got.tsv 2>stderr
is "records with the key of an earlier one are in no group" "$(cut -f 2,3 got.tsv | tr '\t\n' ' ;')" \
	'state key;keep tab\x09\\x;duplicate k12;'
like "records with the key of an earlier one are counted" "$(cat stderr)" \
	"*2 records with the key of an earlier record left out, first k3*18 records, 2 skipped*"
status "--strict: exit 1 where a record was left out" 1 tscae-search -q --strict --duplicates 0.5 twice.tsc
status "--strict: exit 0 where none was" 0 tscae-search -q --strict --duplicates 0.5 x.tsc

# rows of zeros, other damage
tscae-search q.tsc some.tsc >got.tsv 2>stderr
is "records of zeros are not neighbors of any record" "$(grep -cE '	s(4|9)	' got.tsv)" 0
like "records of zeros are counted" "$(cat stderr)" \
	"*2 records whose features are all zeros left out, first s4*18 records, 2 skipped*"
status "--strict: exit 1 where a record of zeros was left out" 1 tscae-search -q --strict q.tsc some.tsc
status "only records of zeros: exit 65" 65 tscae-search q.tsc zeros.tsc
status "only queries of zeros: exit 65" 65 tscae-search zeros.tsc x.tsc
status "duplicates among records of zeros only: exit 65" 65 tscae-search --duplicates 0.5 zeros.tsc
status "an empty collection: exit 65" 65 tscae-search q.tsc empty.tsc
status "a feature that is not finite: exit 65" 65 tscae-search q.tsc nan.tsc
like "a feature that is not finite: the message names record and value" "$(cat stderr)" \
	"*nan.tsc: record 11 (n11): field 'feature': value 5 is not finite"
status "duplicates with a feature that is not finite: exit 65" 65 tscae-search --duplicates 0.5 nan.tsc
status "a collection of another width: exit 65" 65 tscae-search q.tsc wide.tsc
like "a collection of another width: the message has both" "$(cat stderr)" "*wide.tsc: *5 values*48*"
status "a second input of another width: exit 65" 65 tscae-search q.npy x.npy wide.tsc
status "an array of another width: exit 65" 65 tscae-search wide.tsc x.npy
head -c 100000 x.tsc >cut.tsc
status "tscae-search: a stream cut short: exit 65" 65 tscae-search -t 2 q.tsc cut.tsc
status "a file of another format: exit 65" 65 tscae-search q.tsc got.tsv
status "a missing collection: exit 66" 66 tscae-search q.tsc missing.tsc
status "missing queries: exit 66" 66 tscae-search missing.npy x.tsc
status "a single operand: exit 2" 2 tscae-search x.tsc
status "--duplicates without operand: exit 2" 2 tscae-search --duplicates 0.9
status "--duplicates above 1: exit 2" 2 tscae-search --duplicates 1.1 x.tsc
status "standard input twice: exit 2" 2 tscae-search - - <x.tsc
status "--exclude-self with an array without keys: exit 2" 2 tscae-search --exclude-self q.tsc x.npy
like "--exclude-self with an array without keys: the message names the file of keys" "$(cat stderr)" "*x.npy.keys*"
status "--exclude-self with --duplicates: exit 2" 2 tscae-search --exclude-self --duplicates 0.9 x.tsc

# contact sheets
pixels() { PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -c '
import sys
import numpy as np
from PIL import Image
p = np.asarray(Image.open(sys.argv[1]).convert("RGB")).reshape(-1, 3)
print(*[int((p == c).all(1).sum()) for c in np.load("colors.npy")[::3]])' "$1"; }
tscae-search -q --neighbors 2 --exclude-self --sheet near.png images.tsc images.tsc >got.tsv
tscae-search -q --duplicates 0.99 --sheet groups.png images.tsc >groups.tsv
is "images of one color are neighbors and groups" "$(cut -f 2 groups.tsv | sort | uniq -c | tr -s ' \n' ' ')" \
	" 12 duplicate 6 keep 1 state "
if /usr/bin/python3 -c 'import PIL' 2>/dev/null; then
	# an image of 24 x 20 pixels is enlarged 5 times
	is "--sheet: each query and its two neighbors are drawn" "$(pixels near.png)" \
		"108000 108000 108000 108000 108000 108000"
	is "--duplicates --sheet: the three images of each group are drawn" "$(pixels groups.png)" \
		"36000 36000 36000 36000 36000 36000"
	tscae-search --duplicates 0.99 --sheet-rows 2 --sheet few.png images.tsc >got.tsv 2>stderr
	is "--sheet-rows: only the first groups are drawn" "$(pixels few.png)" "36000 36000 0 0 0 0"
	like "--sheet-rows: the message has the number of groups that are not drawn" \
		"$(cat stderr)" "*few.png: the first 2 of 6 groups*"
else
	skip "the contact sheets have the right images" "Python has no Pillow"
fi
same "--sheet-rows does not change the table" got.tsv groups.tsv
ok "--sheet: large images are reduced" tscae-search -q --sheet large.jpg large.tsc large.tsc
status "--sheet: records without images: exit 65" 65 tscae-search --sheet x.png q.tsc x.tsc
like "--sheet: records without images: the message names --drop-image" "$(cat stderr)" "*--drop-image*"
status "--sheet: an array: exit 65" 65 tscae-search --sheet x.png q.npy x.npy
status "--sheet: standard input: exit 2" 2 tscae-search --sheet x.png --duplicates 0.9 - <images.tsc
status "--sheet: a name of another format: exit 2" 2 tscae-search --sheet x.gif --duplicates 0.9 images.tsc
status "--sheet: no groups: exit 0" 0 tscae-search --sheet none.png --duplicates 0.9 second.tsc
ok "--sheet: no groups: no file" test ! -e none.png
done_testing
