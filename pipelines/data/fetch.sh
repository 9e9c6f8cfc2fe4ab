#!/bin/bash
# fetch.sh SET ROOT - download, verify and unpack a dataset of sets.tsv; its folder appears whole or not at all
#
# An interrupted download resumes (ROOT/downloads/*.part). MIRROR=URL: use URL/SET/FILE instead of the published URLs;
# the sizes and digests stay the published ones. SETS=FILE: use another table. ROOT/downloads may be deleted
# afterwards.
set -eu -o pipefail
set_name=$1 root=$2
table=${SETS:-$(dirname "$0")/sets.tsv}
fail() { echo "data: $*" >&2; exit 1; }

mapfile -t rows < <(grep -v '^#' "$table" | grep -P "^\Q$set_name\E\t" || true)
[ ${#rows[@]} -gt 0 ] ||
	fail "unknown dataset '$set_name'; use SET= one of: $(grep -v '^#' "$table" | cut -f 1 | uniq | tr '\n' ' ')"
IFS=$'\t' read -r _ _ _ _ _ folder <<<"${rows[0]}"
[ ! -e "$root/$folder" ] || { echo "data: $root/$folder exists already"; exit 0; }
mkdir -p "$root/downloads"
unpacked=$root/downloads/$set_name
rm -rf "$unpacked"; mkdir "$unpacked"
if [ -t 2 ]; then meter=--progress-bar; else meter=--no-progress-meter; fi

have() { if [ -e "$1" ]; then wc -c <"$1"; else echo 0; fi; }
# a server that sends nothing for a minute counts as failed
get() {
	curl --fail --location "$meter" --connect-timeout 30 --speed-limit 1 --speed-time 60 --continue-at - \
		--output "$2" --write-out '%{http_code}' "$1"
}

# download URL BYTES FILE: resume the download; repeat as long as each try receives data
download() {
	local before status code again=1
	while [ "$(have "$3")" != "$2" ]; do
		before=$(have "$3") status=0
		code=$(get "$1" "$3") || status=$?
		# the server does not support ranges, or (416) a file of unknown size is already complete
		if [ -n "$again" ] && { [ $status = 33 ] || [ "$code$2" = 416- ]; }; then
			again=
			rm -f "$3"
		elif [ $status = 0 ] && { [ "$2" = - ] || [ "$(have "$3")" -ge "$2" ]; }; then
			break
		elif [ "$(have "$3")" -le "$before" ]; then
			fail "$1: received $(have "$3") bytes of $2; run the same command again to resume"
		fi
	done
}

# verify URL BYTES DIGEST FILE
verify() {
	local got kind=${3%%:*}
	if [ "$2" != - ] && [ "$(have "$4")" != "$2" ]; then
		got=$(have "$4")
		rm -f "$4"
		fail "$1: has $got bytes, expected $2; the download was deleted"
	fi
	[ "$3" != - ] || kind=sha256
	[ "$kind" = sha256 ] || [ "$kind" = md5 ] || fail "$table: '$3' is not a digest; use sha256:... or md5:..."
	got=$kind:$("${kind}sum" <"$4" | cut -d ' ' -f 1)
	if [ "$3" = - ]; then echo "data: $1: no digest is published; the digest is $got"
	elif [ "$got" != "$3" ]; then rm -f "$4"; fail "$1: has digest $got, expected $3; the download was deleted"; fi
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
	esac || { rm -f "$file"; fail "$file: cannot be unpacked; the download was deleted"; }
done
[ -d "$unpacked/$within" ] || fail "$set_name: the archive has no folder '$within'"
mv "$unpacked/${within#.}" "$root/$folder"
rm -rf "$unpacked"
echo "data: $root/$folder"
