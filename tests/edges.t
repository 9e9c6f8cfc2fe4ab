#!/bin/bash
# edges.t - inputs as other programs and people leave them: what is read, what is counted, what is refused
. "${0%/*}/lib.sh"
/usr/bin/python3 -c 'import PIL' 2>/dev/null || skip_all "python3-pil is not installed"
cd "$tmp" || exit 1
python=/usr/bin/python3
# image FILE [WIDTH HEIGHT]
image() { $python -c "import sys; from PIL import Image; Image.radial_gradient('L').resize((int(sys.argv[2]),
	int(sys.argv[3]))).convert('RGB').save(sys.argv[1])" "$1" "${2:-24}" "${3:-20}"; }
keys() { tscae-view -q "$@" | sed 1d | cut -f1 | tr '\n' ' '; }
image a.jpg; image b.png
# first bytes of formats that are recognized and not read
printf '\0\0\0\x18ftypheic\0\0\0\0mif1heic%032d' 0 >a.heic
printf '\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf%032d' 0 >a.avif
printf '\xff\x0a%064d' 0 >a.jxl

# images of formats that are not read, beside others and alone
mkdir t; for f in heic avif jxl; do
	cp a.$f t/k.$f; cp a.jpg t/k.jpg; cp a.$f t/m.$f; cp b.png t/n.depth.png; cp a.$f t/n.$f; cp a.$f t/o.HEIC
	cp a.jpg t/z.jpg
	# the unread one first
	(cd t && tar -cf ../$f.tar k.$f k.jpg m.$f n.$f n.depth.png o.HEIC z.jpg)
	for how in $f.tar "- <$f.tar"; do
		eval "tscae-decode $how" >t.tsc 2>err
		is "$f beside a JPEG in an archive, $how: the other one is read" "$(keys t.tsc)" "k n z "
		like "$f in an archive, $how: counted, those alone by name" "$(cat err)" \
			"*m.$f: * is not read; convert it*: 3*, 4 skipped*2 further images (the first: k.$f)*"
	done
	status "$f in an archive, --strict: exit 1" 1 tscae-decode --strict $f.tar
	tscae-decode t 2>err >t.tsc
	like "$f in a folder: counted, by name" "$(keys t.tsc)$(cat err)" \
		"t/k.jpg t/n.depth.png t/z.jpg *t/k.$f: * is not read*4 skipped*"
	(cd t && tar -cf ../only.tar m.$f); status "$f alone in an archive: exit 65" 65 tscae-decode only.tar
	status "$f alone in a folder: exit 65" 65 tscae-decode a.$f
	rm t/*
done
done_testing
