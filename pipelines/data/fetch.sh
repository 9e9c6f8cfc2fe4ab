#!/bin/bash
# fetch.sh SET ROOT - download a dataset of sets.tsv, verify it, unpack it: it is there whole or not at all
#
# An archive that was cut goes on where it stopped (ROOT/downloads/*.part). MIRROR=ADDRESS: take ADDRESS/SET/FILE in place of the
# published addresses; sizes and digests stay the published ones. SETS=FILE: another table. ROOT/downloads may be deleted afterwards.
set -eu -o pipefail
set_name=$1 root=$2
table=${SETS:-$(dirname "$0")/sets.tsv}
fail() { echo "data: $*" >&2; exit 1; }

mapfile -t rows < <(grep -v '^#' "$table" | grep -P "^\Q$set_name\E\t" || true)
[ ${#rows[@]} -gt 0 ] || fail "no set '$set_name'; there are: $(grep -v '^#' "$table" | cut -f 1 | uniq | tr '\n' ' ')"
IFS=$'\t' read -r _ _ _ _ _ folder <<<"${rows[0]}"
[ ! -e "$root/$folder" ] || { echo "data: $root/$folder is there"; exit 0; }
mkdir -p "$root/downloads"
unpacked=$root/downloads/$set_name
rm -rf "$unpacked"; mkdir "$unpacked"
if [ -t 2 ]; then meter=--progress-bar; else meter=--no-progress-meter; fi

have() { if [ -e "$1" ]; then wc -c <"$1"; else echo 0; fi; }
# a server that is silent for a minute has gone
get() { curl --fail --location "$meter" --connect-timeout 30 --speed-limit 1 --speed-time 60 --continue-at - --output "$2" --write-out '%{http_code}' "$1"; }

# download ADDRESS BYTES FILE: on from what is there; again, as long as each try brings something
download() {
	local before status code again=1
	while [ "$(have "$3")" != "$2" ]; do
		before=$(have "$3") status=0
		code=$(get "$1" "$3") || status=$?
		# this server cannot begin inside a file, or (416) there is no more of one whose size nobody knows
		if [ -n "$again" ] && { [ $status = 33 ] || [ "$code$2" = 416- ]; }; then
			again=
			rm -f "$3"
		elif [ $status = 0 ] && { [ "$2" = - ] || [ "$(have "$3")" -ge "$2" ]; }; then
			break
		elif [ "$(have "$3")" -le "$before" ]; then
			fail "$1: $(have "$3") bytes of $2 have come; run the same command again to go on"
		fi
	done
}

# verify ADDRESS BYTES DIGEST FILE
verify() {
	local got kind=${3%%:*}
	[ "$2" = - ] || [ "$(have "$4")" = "$2" ] || { got=$(have "$4"); rm -f "$4"; fail "$1: $got bytes, it should be $2: thrown away"; }
	[ "$3" != - ] || kind=sha256
	[ "$kind" = sha256 ] || [ "$kind" = md5 ] || fail "$table: $3 is no digest"
	got=$kind:$("${kind}sum" <"$4" | cut -d ' ' -f 1)
	if [ "$3" = - ]; then echo "data: $1: no digest is published; this one has $got"
	elif [ "$got" != "$3" ]; then rm -f "$4"; fail "$1: it is $got, it should be $3: thrown away"; fi
}

for row in "${rows[@]}"; do
	IFS=$'\t' read -r _ address bytes digest within _ <<<"$row"
	file=$root/downloads/$set_name-$(basename "$address")
	[ -z "${MIRROR:-}" ] || address=$MIRROR/$set_name/$(basename "$address")
	if [ ! -e "$file" ]; then
		download "$address" "$bytes" "$file.part"
		verify "$address" "$bytes" "$digest" "$file.part"
		mv "$file.part" "$file"
	fi
	case $file in
	*.zip) unzip -q -o "$file" -d "$unpacked" ;;
	*) tar -x --no-same-owner -f "$file" -C "$unpacked" ;;
	esac || { rm -f "$file"; fail "$file: does not unpack: thrown away"; }
done
[ -d "$unpacked/$within" ] || fail "$set_name: no folder $within in what arrived"
mv "$unpacked/${within#.}" "$root/$folder"
rm -rf "$unpacked"
echo "data: $root/$folder"
