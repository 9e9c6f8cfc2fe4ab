#!/bin/bash
# law.t - rules of the source: dependency order, third-party libraries, names, sizes, output only in lib/cli
. "${0%/*}/lib.sh"
cd "$root" || exit 1

# the folders of lib/ in the order of dependency: each may include only from folders on the lines above
order='base
stream json
codec kernel
transform nn
annotation
dataset viz model
checkpoint
task
inference train metrics
cli'
declare -A below
above=
while read -r line; do
	for folder in $line; do below[$folder]=$above; done
	above="$above $line"
done <<<"$order"
bad=
for folder in lib/*/; do
	f=$(basename "$folder")
	for inc in $(grep -ho '^#include "[a-z_]*/' "$folder"*.[ch] | cut -d'"' -f2 | tr -d / | sort -u); do
		case " $f ${below[$f]-} " in *" $inc "*) ;; *) bad="$bad $f->$inc" ;; esac
	done
	[ -n "${below[$f]+known}" ] || bad="$bad unknown-folder:$f"
done
is "each folder of lib/ includes only from folders that are before it in the order of dependency" "$bad" ""

# header pattern, and the only folder or file that may include it
doors='<msgpack lib/stream/
<xxhash lib/base/hash.c
<jpeglib lib/codec/
<png.h lib/codec/
<webp/ lib/codec/decode_webp.c
<tiff.h lib/codec/decode_tiff.c
<tiffio lib/codec/decode_tiff.c
<gif_lib lib/codec/decode_gif.c
<yajl lib/json/
<cblas lib/kernel/gemm.c
<oneapi lib/kernel/gemm_bf16.c
<dnnl lib/kernel/gemm_bf16.c
<expat lib/dataset/
<yaml.h lib/dataset/yolo_config.c
<zlib.h lib/dataset/decompress.c
<zstd.h lib/dataset/decompress.c
<mpi lib/train/
<protobuf-c lib/checkpoint/
<ft2build lib/viz/text.c'
bad=
while read -r pattern door; do
	for file in $(grep -rlF "#include $pattern" lib tools --include=*.[ch]); do
		case $file in "$door"*) ;; *) bad="$bad $file:$pattern" ;; esac
	done
done <<-EOF
	$doors
EOF
is "each third-party library is included only in its folder or file" "$bad" ""
is "no file includes TurboJPEG (an error leaves its handle unusable)" "$(grep -rl 'turbojpeg.h' lib tools)" ""

compile() { ${CC:-cc} -std=c11 -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L -I. -Ilib -I"$B/gen" -Wall -fsyntax-only \
	"$@" 2>&1; }
is "each header compiles alone" \
	"$(compile -x c lib/*/*.h | grep -oE '^lib/[^:]*:[0-9]+:[0-9]+: .*(error|warning).*' | head -20)" ""

# struct tags are unique, so any two headers can be included together
ls lib/*/*.h | sed 's/.*/#include "&"/' >"$tmp/all.c"
is "all headers compile together in one file" \
	"$(compile "$tmp/all.c" | grep -E 'error|warning' | sed 's/^.*\(lib[^:]*:[0-9]*\):[0-9]*:/\1/' | head -20)" ""
is "struct tags are unique across the library, private ones too" \
	"$(grep -oE '^[[:space:]]*(typedef |static |const )*struct [a-z0-9_]+ *\{' lib/*/*.[ch] |
		sed -E 's/lib\/([^:]*):.*struct ([a-z0-9_]+).*/\2 \1/' |
	awk '{ files[$1] = files[$1] " " $2; n[$1]++ }
		END { for (tag in n) if (n[tag] > 1) print tag ":" files[tag] }' | sort)" ""

# header: identifiers that it provides. A source, or the header of the same name, must include it. The table covers
# common names of the C library; make lint covers everything. Several headers provide size_t and NULL; any of them is
# accepted.
cat >"$tmp/provided" <<'EOF'
assert.h	assert
ctype.h	is(alpha|alnum|digit|space|upper|lower|print|punct|xdigit)|to(upper|lower)
dirent.h	DIR|opendir|readdir|closedir|struct dirent
errno.h	errno|E(INTR|AGAIN|PIPE|EXIST|INVAL|NOENT|NOTDIR|ACCES|NOMEM|ISDIR|NOSPC|IO)
fcntl.h	O_(RDONLY|WRONLY|RDWR|CREAT|TRUNC|EXCL|APPEND|NONBLOCK|CLOEXEC|DIRECTORY)
float.h	(FLT|DBL)_(MAX|MIN|EPSILON)
inttypes.h	PRI[dux](32|64|PTR)
limits.h	(U?INT|U?LONG|U?LLONG|U?SHRT|U?CHAR|PATH|SSIZE)_MAX|(INT|LONG|LLONG)_MIN|CHAR_BIT
math.h	(sqrt|exp|exp2|log|log2|log10|pow|fabs|floor|ceil|round|lround|lrint|rint|sin|cos|tan|atan2|erf)f?(?=\()
math.h	(tanh|fmin|fmax|fmod)f?(?=\()
math.h	NAN|INFINITY|isnan|isfinite|isinf|M_PI
pthread.h	pthread_[a-z_]+
setjmp.h	jmp_buf|setjmp|longjmp
signal.h	SIG(INT|TERM|HUP|PIPE|ALRM|USR1|USR2|CHLD|_IGN|_DFL)|sigaction|sigset_t|sig_atomic_t
stdarg.h	va_(start|end|copy)
stdarg.h stdio.h	va_list
stdatomic.h	atomic_[a-z_]+
stdbool.h	bool|true|false
stddef.h stdio.h stdlib.h string.h time.h sys/types.h	size_t|NULL
stddef.h	ptrdiff_t|offsetof|max_align_t
stdint.h inttypes.h	u?int(_fast|_least)?(8|16|32|64)_t|u?intptr_t
stdint.h inttypes.h	U?INT(8|16|32|64|PTR)_MAX|INT(8|16|32|64)_MIN|SIZE_MAX
stdint.h inttypes.h	U?INT(8|16|32|64)_C
stdio.h	FILE|std(in|out|err)|v?(f|s|sn|as|d)?printf(?=\()|[fs]?scanf
stdio.h	f(open|close|flush|write|read|puts|gets|putc|seek|tell|error|eof|ileno)(?=\()
stdio.h	fdopen|open_memstream|fmemopen|getline|getdelim|perror|EOF
stdlib.h	(malloc|calloc|realloc|free|abs|labs|exit)(?=\()|aligned_alloc|posix_memalign
stdlib.h	qsort(_r)?|bsearch|getenv|setenv|strto(d|f|l|ul|ll|ull)|ato[il]|atexit|mkstemp|mkdtemp|realpath
string.h	mem(cpy|move|set|cmp|chr|rchr|mem)
string.h	str(len|cmp|ncmp|chr|rchr|str|spn|cspn|pbrk|dup|ndup|nlen|error|tok_r|sep|cpy|ncpy|cat)
sys/mman.h	mmap|munmap|madvise|MAP_(SHARED|PRIVATE|FAILED|ANONYMOUS)|PROT_(READ|WRITE|NONE)
sys/stat.h	struct stat|S_IS(DIR|REG|FIFO|CHR)|fstat|mkdir
unistd.h	(unlink|isatty|getpid|fsync|ftruncate|usleep|rmdir)(?=\()|STD(IN|OUT|ERR)_FILENO
EOF
is "every source includes the C library headers of the names that it uses" \
	"$(perl - "$tmp/provided" lib/*/*.[ch] tools/*.c <<'EOF'
use strict;
my (@rows, %text);
open my $table, '<', shift or die;
while (<$table>) {
	chomp;
	my ($headers, $names) = split /\t/;
	push @rows, [[split ' ', $headers], qr/(?<![\w.>])($names)(?!\w)/];
}
sub text { my $file = shift; $text{$file} //= do { local $/; open my $f, '<', $file or die "$file: $!"; <$f> } }
for my $file (@ARGV) {
	my $code = text($file);
	(my $header = $file) =~ s/\.c$/.h/;
	my %has = map { $_ => 1 } map { /^\s*#\s*include <(.*?)>/mg } $code, -e $header ? text($header) : '';
	# comments, strings, format attributes and include lines name nothing
	$code =~ s{/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'}{ }gs;
	$code =~ s{__attribute__\(\(format[^\n]*|#\s*include[^\n]*}{ }gs;
	for my $row (@rows) {
		my ($headers, $names) = @$row;
		print "$file: $1 of <$headers->[0]>\n" if !grep($has{$_}, @$headers) && $code =~ $names;
	}
}
EOF
)" ""

# lines "source, name" of all external names of lib/
for source in lib/*/*.c; do [ -e "$B/${source%.c}.o" ] && echo "$B/${source%.c}.o"; done |
	xargs nm -A -g --defined-only | awk -v folder="$B/" '$2 ~ /^[TDBR]$/ && $3 !~ /^__/ {
		sub(/:.*/, "", $1); sub(/[.]o$/, ".c", $1)
		print substr($1, length(folder) + 1) "\t" $3 }' >"$tmp/external"
ok "the library has external names" test "$(wc -l <"$tmp/external")" -gt 500
# an external name begins with the name of a header of its folder, or of a struct that such a header defines; warn() is
# shared by all tools
is "external names begin with the name of a header or struct of their folder" \
	"$({ ls lib/*/*.h | sed -E 's|lib/([^/]*)/(.*)[.]h|prefix\t\1\t\2|'
		grep -oE '^struct [a-z0-9_]+' lib/*/*.h | sed -E 's|lib/([^/]*)/.*:struct |prefix\t\1\t|'
		sed -E 's|lib/([^/]*)/[^\t]*|name\t\1|' "$tmp/external"; } |
	awk -F '\t' '$1 == "prefix" { known[$2 "/" $3]; next } $3 == "warn" { next }
		{ for (p = $3; !($2 "/" p in known); sub(/_[^_]*$/, "", p))
			if (p !~ /_/) { print $2 "/" $3; break } }')" ""

# each external name of a source of lib/ occurs in another source of the library, the tools or the tests
is "a name that one source alone uses is static" \
	"$(perl -e 'my %files; open my $names, "<", shift or die;
		for my $f (@ARGV) { local $/; open my $h, "<", $f or die "$f: $!";
			my %seen; $files{$_}{$f} = 1 for grep !$seen{$_}++, <$h> =~ /\w+/g }
		while (<$names>) { chomp; my ($f, $name) = split /\t/;
			print "$f: $name\n" unless grep $_ ne $f, keys %{$files{$name}} }' \
		"$tmp/external" lib/*/*.c tools/*.c tests/*.[ch] tests/fuzz/*.c tests/bench/*.c tests/long/*.c)" ""

is "only lib/cli prints or exits (exceptions: mem.c when memory is exhausted, tape.c for a failed shape assertion)" \
	"$(grep -nE '(^|[^a-z_])(exit|_exit|abort|printf|puts|putchar|perror|vprintf) ?\(|fprintf ?\(std(out|err)' \
	lib/*/*.c | grep -vE '^lib/cli/|^lib/base/mem\.c|^lib/nn/tape\.c|:[0-9]+:[[:space:]]*(/\*|\*)')" ""

bad=
for tool in tools/*.c; do
	name=$(basename "$tool" .c)
	[ -f "man/$name.1" ] || bad="$bad no-page:$name"
	[ -f "tests/$name.t" ] || bad="$bad no-test:$name"
done
for page in man/*.1; do
	[ -f "tools/$(basename "$page" .1).c" ] || bad="$bad no-tool:$page"
done
is "each tool has a page and a test, and each page a tool" "$bad" ""
is "man/tscae.7 lists every tool" \
	"$(for tool in tools/*.c; do grep -q "Xr $(basename "$tool" .c) 1" man/tscae.7 || echo "$tool"; done)" ""

is "every test is executable" "$(find tests -name '*.t' ! -perm -u+x)" ""
is "no source file is longer than 400 lines" \
	"$(wc -l lib/*/*.[ch] tools/*.c | awk '$2 != "total" && $1 > 400 { print $2 ":" $1 }')" ""
# too_long LIMIT FILE...: lines longer than that; rows of tables and data made by programs may be
too_long() {
	local limit=$1; shift
	perl -CSD -Mopen=:std,:utf8 -ne 'chomp; 1 while s/\t/" " x (8 - $-[0] % 8)/e; print "$ARGV:$.: ", length, "\n"
		if length > '"$limit"' && !(/^\|/ && $ARGV =~ /\.md$/); close ARGV if eof' "$@"
}
mapfile -t files < <(find lib tools tests pipelines Makefile -type f ! -path '*/__pycache__/*' |
	grep -vE '\.(safetensors|tsc|tsv|cksum|png)$')
is "lines of code and shell have at most 120 columns" "$(LC_ALL=C.UTF-8 too_long 120 "${files[@]}")" ""
is "lines of pages have at most 100 columns (but for rows of tables)" \
	"$(LC_ALL=C.UTF-8 too_long 100 README.md formats/*.md man/*.[17])" ""
is "no TODO, FIXME or XXX is in the sources" "$(grep -rnE 'TODO|FIXME|XXX[^X]' lib tools pipelines tests \
	--include=*.[cht] --include=*.mk --include=*.sh | grep -vE 'mktemp|mkdtemp|XXXXXX|^tests/law.t')" ""
bad=
for file in lib/*/*.[ch] tools/*.c tests/*.[ch]; do
	name=${file##*/}
	read -r first <"$file"
	case $first in "/* ${name%.*} - "*) ;; *) bad="$bad $file" ;; esac
done
is "every C file begins with a comment of its name and purpose" "$bad" ""
is "the top level has only the expected files and folders" \
	"$(git ls-files 2>/dev/null | cut -d/ -f1 | sort -u | tr '\n' ' ')" \
	".ci .gitignore LICENSE Makefile README.md formats lib man pipelines tests tools "

# the deps- rules are made from the variables packages.*
{ sed -n '/^\.PHONY: always/,/[^\\]$/p' Makefile | tr ' \t' '\n\n' | grep -xE '[a-z][a-z-]*'
	sed -nE 's/^packages\.([a-z-]+) .*/\1/p' Makefile; } | sort -u >"$tmp/phony"
is "each target of the Makefile that is a word is phony: a file of that name does not stop it" \
	"$(sed -nE 's/^([a-z][a-z -]*):.*/\1/p' Makefile | tr ' ' '\n' | sort -u | comm -23 - "$tmp/phony")" ""
make -s help >"$tmp/help"
is "make help lists every target" \
	"$(grep -vxE 'always|help' "$tmp/phony" |
	while read -r target; do grep -qE "(^|[^a-z-])$target([^a-z-]|\$)" "$tmp/help" || echo "$target"; done)" ""

# tools load only the libraries that they need
bad=
for tool in decode crop uncrop augment degrade mask view synth; do
	[ -x "$bin/tscae-$tool" ] || continue
	ldd "$bin/tscae-$tool" | grep -qE 'openblas|dnnl' && bad="$bad tscae-$tool"
done
is "tools without matrix products do not load a BLAS library" "$bad" ""
done_testing
