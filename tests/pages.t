#!/bin/bash
# pages.t - files of several pages or frames: how many are left out; tscae-decode --pages all
. "${0%/*}/lib.sh"
/usr/bin/python3 -c 'import PIL' 2>/dev/null || skip_all "python3-pil is not installed"
cd "$tmp" || exit 1
python=/usr/bin/python3
# t/a.b.tif of five pages of several sizes and modes, t/one.tif, t/z.png, u/x.tiff of two pages; animations of 4 frames
mkdir -p set/t set/u moving; $python - <<'PY'
import os, random, struct
from PIL import Image
random.seed(2)
def page(mode, w, h):
    n = {"L": 1, "RGB": 3, "I;16": 2}[mode] * w * h
    return Image.frombytes(mode, (w, h), random.randbytes(n))
pages = [page("RGB", 31, 20), page("L", 8, 40), page("RGB", 5, 5), page("I;16", 64, 3), page("RGB", 30, 30)]
pages[0].save("set/t/a.b.tif", save_all=True, append_images=pages[1:], compression="tiff_lzw")
pages[1].save("set/u/x.tiff", save_all=True, append_images=pages[2:3])
pages[2].save("set/t/one.tif"); pages[4].save("set/t/z.png")
for kind in "gif", "webp":
    pages[4].save("moving/m." + kind, save_all=True, append_images=[p.resize((30, 30)) for p in pages[:3]])
# animations: every disposal method, with and without transparency, one palette or one a frame, gray, alpha
os.makedirs("frames")
def colors():
    return [random.randrange(256) for _ in range(18)]
def frame(palette):
    i = Image.new("P", (20, 15))
    i.putpalette(palette)
    i.putdata([random.randrange(6) for _ in range(300)])
    return i
def animation(name, frames, **how):
    frames[0].save("frames/" + name, save_all=True, append_images=frames[1:], duration=40, **how)
one = colors()
for d in range(4):
    animation("plain-%d.gif" % d, [frame(colors()) for _ in range(5)], disposal=d)
    animation("transparent-%d.gif" % d, [frame(colors()) for _ in range(5)], disposal=d, transparency=2, optimize=False)
    animation("palette-%d.gif" % d, [frame(one) for _ in range(4)], disposal=d, transparency=1)
animation("mixed.gif", [frame(colors()) for _ in range(6)], disposal=[0, 2, 3, 1, 3, 2], transparency=0)
animation("gray.gif", [page("L", 20, 15) for _ in range(3)], disposal=2)
for lossless in 0, 1:
    for mode, channels in ("RGB", 3), ("RGBA", 4):
        animation("%s-%d.webp" % (mode, lossless), [Image.frombytes(mode, (24, 18), random.randbytes(432 * channels))
            for _ in range(5)], lossless=bool(lossless))
animation("../moving.png", [page("RGB", 9, 9) for _ in range(4)])
animation("../many.gif", [page("L", 4, 4) for _ in range(1002)])
os.makedirs("long")
def moving(n):
    return [frame(one) for _ in range(n)]
animation("../long/g.gif", moving(200), disposal=[i % 4 for i in range(200)])
animation("../long/w.webp", [page("RGB", 20, 15) for _ in range(200)], lossless=True)
list = [page("L", 20, 15) for _ in range(200)]
list[0].save("long/t.tif", save_all=True, append_images=list[1:])
b = open("frames/plain-0.gif", "rb").read()
open("cut.gif", "wb").write(b[:len(b) * 2 // 3])
open("over.gif", "wb").write(b[:6] + bytes([12, 0, 9, 0]) + b[10:])
b = open("frames/RGB-1.webp", "rb").read()
open("cut.webp", "wb").write(b[:len(b) * 2 // 3])
# three pages of one pixel, which is a byte of the header
tags = [(n, 3, 1) for n in (256, 257, 259, 262, 277, 278, 279)] + [(258, 3, 8), (273, 4, 4)]
with open("header.tif", "wb") as f:
    f.write(struct.pack("<2sHI", b"II", 42, 8))
    for i in range(3):
        f.write(struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", t, k, 1, v) for t, k, v in sorted(tags)))
        f.write(struct.pack("<I", f.tell() + 4 if i < 2 else 0))
b = open("set/t/a.b.tif", "rb").read()
open("cut.tif", "wb").write(b[:-40])
with open("pixels.txt", "w") as f:
    for name, list in ("t/a.b", pages), ("t/one", pages[2:3]), ("t/z", pages[4:]), ("u/x", pages[1:3]):
        for i, p in enumerate(list):
            if p.mode == "I;16":
                p = Image.frombytes("L", p.size, p.tobytes()[1::2])
            suffix = {"t/z": "png", "u/x": "tiff"}.get(name, "tif")
            key = "set/%s%s.%s" % (name, "#%d" % (i + 1) if i else "", suffix)
            f.write("%s %s\n" % (key, p.convert("RGB").tobytes().hex()))
PY
# pixels: of records from the stream, as in pixels.txt
pixels() { $python -c '
import sys, msgpack
for r in list(msgpack.Unpacker(sys.stdin.buffer, raw=True, strict_map_key=False, max_buffer_size=1 << 28))[2:-1]:
    print(r[b"key"].decode(), r[b"image"][b"data"].hex())'; }
keys() { tscae-view -q "$@" | sed 1d | cut -f1 | tr '\n' ' '; }
$python -c 'import msgpack' 2>/dev/null || skip_all "python3-msgpack is not installed"

is "--pages all: every page is a record, with Pillow's pixels" "$(tscae-decode -q --pages all set | pixels | cksum)" \
	"$(cksum <pixels.txt)"
status "--pages all: nothing is left out" 0 tscae-decode --strict --pages all set -o all.tsc
like "--pages all: the closing line counts pages" "$(cat "$tmp/stderr")" "*: 9 of 9 images, 0 skipped, *"
# the last 9 bytes are the digest of all bytes; the number of threads is not among the arguments in the header
digest() { for t in 1 2 4; do
	TSCAE_THREADS=$t tscae-decode -q --pages all "$@" | tail -c 9 | od -An -tx1
done | uniq; }
digest --shuffle --epochs 2 set >digests
is "--pages all: the same bytes with 1, 2 and 4 threads" "$(wc -l <digests)" 1
is "--pages all: --shard takes pages" \
	"$(for i in 0 1; do tscae-decode -q --pages all --shard $i/2 set | keys; done | xargs -n1 | sort)" \
	"$(cut -d' ' -f1 pixels.txt | sort)"
is "--pages all: --count is of pages" "$(tscae-decode -q --pages all --count 9 set | keys | wc -w)" 9
tscae-decode set 2>err >first.tsc
like "one page: the closing line says how many are left out, and of which file" "$(cat err)" \
	"*: 4 of 4 images, 0 skipped, 2 partial (the first: set/t/a.b.tif: only the first of 5 pages or frames" \
	" is read), 5 pages or frames left out, *"
is "one page: keys have no number" "$(keys first.tsc)" "set/t/a.b.tif set/t/one.tif set/t/z.png set/u/x.tiff "
status "one page, --strict: exit 1" 1 tscae-decode --strict set
tscae-decode moving 2>err >/dev/null
like "animations: the closing line says how many frames are left out" "$(cat err)" \
	"*2 partial (the first: moving/m.gif: only the first of 4 pages or frames is read), 6 pages or frames left out*"
is "--pages all of animations: every frame is a record, with Pillow's pixels" \
	"$(tscae-decode -q --pages all frames | $python -c '
import re, sys, msgpack
from PIL import Image
n = same = 0
for r in list(msgpack.Unpacker(sys.stdin.buffer, raw=True, strict_map_key=False, max_buffer_size=1 << 28))[2:-1]:
    name, number, suffix = re.match(r"(.*?)(?:#([0-9]+))?([.][a-z]+)$", r[b"key"].decode()).groups()
    i = Image.open(name + suffix)
    i.seek(int(number or 1) - 1)
    n += 1
    same += i.convert("RGB").tobytes() == r[b"image"][b"data"]
print(n, same, sum(Image.open("frames/" + f).n_frames for f in __import__("os").listdir("frames")))')" "85 85 85"
status "--pages all of animations: nothing is left out" 0 tscae-decode --strict --pages all moving frames
digest --shuffle frames >digests
is "--pages all of animations: the same bytes with 1, 2 and 4 threads" "$(wc -l <digests)" 1
ok "pages and frames after others are those that are decoded alone, of damaged files, too" \
	"$B/tests/frames" frames/* moving/* cut.* over.gif header.tif set/t/a.b.tif

# work: of files of 200 pages each is read twice (to count its pages, and to decode them), and each frame is drawn once
(cd long && tar -cf ../long.tar g.gif w.webp t.tif)
count=$tmp/frames.so
if ${CC:-cc} -std=c11 -O1 -g -shared -fPIC -o "$count" "$root/tests/preload/frames.c" -ldl 2>err &&
	LD_PRELOAD=$count FRAMES=work tscae-decode -q --pages all moving/m.gif >/dev/null 2>&1 && [ -s work ]
then
	size=$(cat long/* | wc -c)
	for what in long long.tar; do
		for t in 1 2 4; do
			LD_PRELOAD=$count FRAMES=work TSCAE_THREADS=$t tscae-decode -q --pages all $what >long.tsc
			read -r rows frames walks bytes <work
			is "--pages all, $what, $t threads: frames are drawn once" "$rows $frames $walks" "3000 200 0"
			is "--pages all, $what, $t threads: files are not read again for each page" \
				"$((bytes < 3 * size + 200000)) $(keys long.tsc | wc -w)" "1 600"
		done
	done
	LD_PRELOAD=$count FRAMES=work tscae-decode -q --pages all --shard 1/2 --max-memory 4000 long/g.gif >/dev/null
	is "--pages all --shard: frames between those of the shard are drawn once" "$(cut -d' ' -f1 work)" 3000
else
	skip "how often frames are drawn" "no library can be preloaded here"
fi
for pages in first all; do
	like "an animated PNG, --pages $pages: its further frames are counted" \
		"$(tscae-decode --pages $pages moving.png 2>&1 >/dev/null)" \
		"*1 partial (the first: moving.png: only the first of 4 pages or frames is read), 3 pages" \
		" or frames left*"
done
for kind in gif webp; do
	tscae-decode --pages all cut.$kind moving/m.gif 2>err >/dev/null
	like "--pages all of a cut animation, $kind: counted as skipped, the file is named" "$(cat err)" \
		"*1 files of several pages or frames are damaged*the first: cut.$kind (skipped)*" \
		"1 with missing pages (the first: cut.$kind)*"
done
tscae-decode --pages all many.gif 2>err >many.tsc
is "--pages all of an animation of 1002 frames: 1000 are read" "$(keys many.tsc | wc -w)" 1000
like "--pages all of an animation of 1002 frames: that there are more is counted" "$(cat err)" \
	"*have too many*the first: many.gif (skipped)*"
tscae-label -q -l folders -f set --standalone -o folders.tsc
tscae-decode --records folders.tsc 2>err >/dev/null
like "--records: the closing line says how many pages are left out" "$(cat err)" \
	"*2 partial (the first: *t/a.b.tif*the first of 5 pages*5 pages or frames left out*"
for pages in first all; do
	like "a GIF with a frame over its canvas, --pages $pages: it is cut off and counted" \
		"$(tscae-decode --pages $pages over.gif 2>&1 >over.tsc; tscae-view -q over.tsc)" \
		"*repaired (the first: over.gif*image U8 9x12x3*"
done
status "a GIF with a frame over its canvas, --strict: exit 1" 1 tscae-decode --pages all --strict over.gif
status "--records excludes --pages all: exit 2" 2 tscae-decode --records --pages all folders.tsc

# classes, labels, archives
is "--pages all --labels dirs: pages have the class of their file" \
	"$(tscae-decode -q --pages all --labels dirs set | tscae-view -q | sed 1d | cut -f3 | uniq -c | xargs)" \
	"7 t 2 u"
printf 'a.b.tif left\none.tif right\nz.png right\nx.tiff right\n' >table
is "--pages all --label-table: pages have the class of their file" \
	"$(tscae-decode -q --pages all --label-table table set | tscae-view -q | sed 1d | cut -f3 | uniq -c | xargs)" \
	"5 left 4 right"
printf 'a.b.tif left\na.b#3.tif third\n' >table
is "tscae-label finds the labels of a page by its key" \
	"$(tscae-label -q -l table -f table --on-missing skip all.tsc 2>/dev/null \
		| tscae-view -q | sed 1d | cut -f1,3 | xargs)" \
	"set/t/a.b.tif left set/t/a.b#3.tif third"
(cd set && tar -cf ../s.tar t/one.tif u t/a.b.tif)
is "--pages all of an archive: keys without suffix have the number at their end" \
	"$(tscae-decode -q --pages all s.tar | keys)" "t/one u/x u/x#2 t/a t/a#2 t/a#3 t/a#4 t/a#5 "
is "--pages all of an archive: the pixels of the files" \
	"$(tscae-decode -q --pages all s.tar | pixels | cut -d' ' -f2 | sort | cksum)" \
	"$(grep -v z.png pixels.txt | cut -d' ' -f2 | sort | cksum)"
status "--pages all of an archive from a pipe is refused: exit 2" 2 tscae-decode --pages all - <s.tar
like "--pages all of an archive from a pipe: the message says why" "$(cat "$tmp/stderr")" \
	"*read once, in its order, without --pages all*"
tscae-decode cut.tif --pages all 2>err >/dev/null; status=$?
like "a damaged chain of pages is counted or an error" "$status $(cat err)" "*cut.tif*"
tscae-decode --pages all -e skip --strict cut.tif >/dev/null 2>&1
is "a damaged chain of pages, --strict: no exit 0" "$(($? > 0))" 1
done_testing
