#!/bin/bash
# tscae-probe.t - accuracy of features and of pixels, and what is refused
. "${0%/*}/lib.sh"
set -o pipefail
cd "$tmp" || exit 1

tscae-synth -q --layout folders --count 40 --size 32x32 --classes 2 --seed 1 -o synth || exit 1
tscae-decode -q --labels dirs synth/train >train.tsc && tscae-decode -q --labels dirs synth/val >val.tsc
value() { tscae-probe -q --json "$@" | sed -E 's/.*"top1":([0-9.]+).*/\1/'; }

is "a set is its own nearest neighbor" "$(value --neighbors 1 --pixels train.tsc train.tsc)" 1.0000
is "the table has a head and a row" "$(tscae-probe -q --pixels train.tsc val.tsc | wc -l)" 2
like "the name is in the row" "$(tscae-probe -q --name mine --pixels train.tsc val.tsc | tail -1)" "mine	knn	*"
is "any number of threads" "$(value -t 3 --pixels train.tsc val.tsc)" "$(value -t 1 --pixels train.tsc val.tsc)"
linear() { tscae-probe -q --json --method linear --pixels "$@" 2>/dev/null; }
like "the linear probe has a row" "$(linear train.tsc val.tsc)" '{"name":"features","probe":"linear","setting":"rate=* held-out=*","train":[1-9]*'
is "any number of threads, linear" "$(linear -t 3 train.tsc val.tsc)" "$(linear -t 1 train.tsc val.tsc)"
is "both: a head and two rows" "$(tscae-probe -q --method both --pixels train.tsc val.tsc 2>/dev/null | cut -f 2 | tr '\n' ' ')" "probe linear knn "
status "images are no features" 65 tscae-probe -q train.tsc val.tsc
tscae-decode -q synth/train >plain.tsc
status "no classes" 65 tscae-probe -q --pixels plain.tsc plain.tsc
like "says how to get them" "$(cat stderr)" "*--labels*"
mkdir other && cp -r synth/train/"$(ls synth/train | head -1)" other/new-class
tscae-decode -q --labels dirs other >other.tsc
status "a class that training lacks" 65 tscae-probe -q --pixels train.tsc other.tsc
like "is named" "$(cat stderr)" "*new-class*"
tscae-crop -q --mode center --size 16 val.tsc >small.tsc
status "another size" 65 tscae-probe -q --pixels train.tsc small.tsc
head -c 5000 train.tsc >cut.tsc
status "a cut stream" 65 tscae-probe -q --pixels cut.tsc val.tsc
status "a missing file" 66 tscae-probe -q --pixels none.tsc val.tsc
status "one operand" 2 tscae-probe -q train.tsc
done_testing
