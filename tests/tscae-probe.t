#!/bin/bash
# tscae-probe.t - accuracy of features and of pixels, and what is refused
. "${0%/*}/lib.sh"
set -o pipefail
cd "$tmp" || exit 1

tscae-synth -q --layout folders --count 40 --size 32x32 --classes 2 --seed 1 -o synth || exit 1
tscae-decode -q --labels dirs synth/train >train.tsc && tscae-decode -q --labels dirs synth/val >val.tsc
value() { tscae-probe -q --json "$@" | sed -E 's/.*"top1":([0-9.]+).*/\1/'; }

is "1-NN of a dataset against itself has accuracy 1" "$(value --neighbors 1 --pixels train.tsc train.tsc)" 1.0000
is "the table has a header line and one row" "$(tscae-probe -q --pixels train.tsc val.tsc | wc -l)" 2
like "--name is in the row" "$(tscae-probe -q --name mine --pixels train.tsc val.tsc | tail -1)" "mine	knn	*"
is "k-NN: 1 and 3 threads give the same accuracy" "$(value -t 3 --pixels train.tsc val.tsc)" \
	"$(value -t 1 --pixels train.tsc val.tsc)"
linear() { tscae-probe -q --json --method linear --pixels "$@" 2>/dev/null; }
like "--method linear prints a JSON object" "$(linear train.tsc val.tsc)" \
	'{"name":"features","probe":"linear","setting":"rate=* held-out=*","train":[1-9]*'
is "linear probe: 1 and 3 threads give the same result" "$(linear -t 3 train.tsc val.tsc)" \
	"$(linear -t 1 train.tsc val.tsc)"
is "--method both: a header line and two rows" \
	"$(tscae-probe -q --method both --pixels train.tsc val.tsc 2>/dev/null | cut -f 2 | tr '\n' ' ')" \
	"probe linear knn "
status "a stream without features: exit 65" 65 tscae-probe -q train.tsc val.tsc
tscae-decode -q synth/train >plain.tsc
status "a stream without classes: exit 65" 65 tscae-probe -q --pixels plain.tsc plain.tsc
like "a stream without classes: the message names --labels" "$(cat stderr)" "*--labels*"
mkdir other && cp -r synth/train/"$(ls synth/train | head -1)" other/new-class
tscae-decode -q --labels dirs other >other.tsc
status "a test class that is not in the training set: exit 65" 65 tscae-probe -q --pixels train.tsc other.tsc
like "a test class that is not in the training set: the message names it" "$(cat stderr)" "*new-class*"
tscae-crop -q --mode center --size 16 val.tsc >small.tsc
status "records of another size: exit 65" 65 tscae-probe -q --pixels train.tsc small.tsc
head -c 5000 train.tsc >cut.tsc
status "tscae-probe: a stream cut short: exit 65" 65 tscae-probe -q --pixels cut.tsc val.tsc
status "tscae-probe: a missing input: exit 66" 66 tscae-probe -q --pixels none.tsc val.tsc
status "one operand in place of two: exit 2" 2 tscae-probe -q train.tsc
done_testing
