#!/bin/bash
# report.t - what headless Chromium shows of a page of tscae-report --html: texts, colors, nothing that overlaps
. "${0%/*}/../lib.sh"
python=/usr/bin/python3
command -v chromium >/dev/null || skip_all "chromium is not installed"
cd "$tmp" || exit 1
tab() { local IFS=$'\t'; printf '%s\n' "$*"; }

# runs with numbers from 1e-7 to 1e14, negative ones, one constant; long names; scores near 0 and 1
"$python" - <<-'EOF'
	import json, math, os
	for run, steps in ('short', 7), ('a/path/that/is/long/' + 40 * 'x', 12345), ('third', 130000):
	    os.makedirs(run)
	    with open(run + '/log.jsonl', 'w') as f:
	        for s in range(1, steps + 1, max(1, steps // 900)):
	            row = {'step': s, 'epoch': 0, 'lr': 3e-7 / s, 'loss': -5 + 9 / s, 'loss_pixel': 1e9 * s,
	                   'grad_norm': 123456.7 + s / 1e4, 'memory': 2 ** 30, 'small': 3e-4 + 1e-5 * s / steps,
	                   'images_per_s': 1e4 + 37 * math.sin(s)}
	            f.write(json.dumps(row) + '\n')
	EOF
{ tab name value; tab a 0.0004; tab b 0.9996; tab b_low 0.9; tab b_high 1; } >scores.tsv
{ tab group label file select protocol command; tab 'Tiny' "$(printf '%060d' 1)" scores.tsv a/value p 'make tiny'
	tab 'Near one <b>' MAE scores.tsv b/value "$(printf 'word %.0s' $(seq 60))" 'make near'
	tab 'Near one <b>' TSCAE scores.tsv a/value q "make $(printf '%0200d' 1)"; } >list.tsv
tscae-synth -q --count 2 --size 64x64 -o synth
tscae-decode -q synth/JPEGImages | tscae-view -q --sheet sheet.png >/dev/null
mkdir web
tscae-report --html --title 'Page & <i>title</i>' -o web/page.html list.tsv short a/*/*/*/*/* third sheet.png
cp "$root/tests/browser/layout.html" web
"$python" -m http.server 0 --bind 127.0.0.1 -d web >server.log 2>&1 &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$tmp"' EXIT
for _ in $(seq 100); do
	port=$(grep -o 'port [0-9]*' server.log | cut -d' ' -f2)
	[ -n "$port" ] && break
	sleep 0.1
done
# shown PATH SCHEME: the document that Chromium has after loading; SCHEME 1 is light, 0 dark
shown() {
	timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$tmp/profile" \
		--window-size=1400,3200 --blink-settings=preferredColorScheme="$2" --virtual-time-budget=10000 \
		--dump-dom "http://127.0.0.1:$port/$1" 2>chromium.log
}
for scheme in light dark; do
	for width in 1200 400; do
		shown "layout.html?page=page.html&width=$width" $([ $scheme = dark ]; echo $?) >layout.html
		is "$scheme, $width pixels: texts are readable, none overlaps another, nothing is cut" \
			"$("$python" "$root/tests/html_page.py" text layout.html pre | paste -s -d' ')" \
			"texts yes overlaps 0 outside 0 small 0 wider false ground $scheme contrast true images true"
	done
done
shown page.html 1 >page.html
text() { "$python" "$root/tests/html_page.py" text page.html "$@"; }
is "the page shows title and groups as text" "$(text h1)|$(text h2)" \
	"Page & <i>title</i>|Tiny|Near one <b>|Training|Images"
like "the page shows scores, intervals and differences" "$(text td)" "*|MAE|100.0|90.0 to 100.0|1|*|TSCAE|0.0|*|+99.9|*"
like "the page shows the charts" "$(text figcaption)" \
	"Loss|Loss of the pixels|Learning rate|Norm of the gradient|Throughput|Largest memory|small|sheet.png"
is "the document has no element of a text" "$("$python" "$root/tests/html_page.py" count page.html i)" 0
is "the browser reports nothing that was not loaded" "$(grep -c -E 'Refused|ERR_|Uncaught' chromium.log)" 0
done_testing
