#!/bin/bash
# fetch.sh SET ROOT - download a data set of sets.tsv, verify it, unpack it: it is there whole or not at all
#
# An archive that was cut goes on where it stopped. MIRROR=ADDRESS: take ADDRESS/SET/FILE in place of the published addresses.
set -eu -o pipefail
set_name=$1 root=$2
table=${SETS:-$(dirname "$0")/sets.tsv}
fail() { echo "data: $*" >&2; exit 1; }

mapfile -t rows < <(grep -v '^#' "$table" | grep -P "^\Q$set_name\E\t" || true)
[ ${#rows[@]} -gt 0 ] || fail "no set '$set_name'; there are: $(grep -v '^#' "$table" | cut -f 1 | uniq | tr '\n' ' ')"
IFS=$'\t' read -r _ _ _ _ folder <<<"${rows[0]}"
[ ! -e "$root/$folder" ] || { echo "data: $root/$folder is there"; exit 0; }
mkdir -p "$root/downloads"
unpacked=$root/downloads/$set_name
rm -rf "$unpacked"; mkdir "$unpacked"

# download ADDRESS FILE: on from what is there; from the beginning where the server cannot do that
download() {
	local status=0
	curl -fL --retry 5 --retry-connrefused --retry-delay "${RETRY_DELAY:-5}" -C - -o "$2" "$1" || status=$?
	if [ $status = 33 ] || [ $status = 22 -a -s "$2" ]; then rm -f "$2"; status=0; curl -fL --retry 5 -o "$2" "$1" || status=$?; fi
	[ $status = 0 ] || fail "$1: curl ended with $status; run the same command again to go on"
}

for row in "${rows[@]}"; do
	IFS=$'\t' read -r _ address md5 within _ <<<"$row"
	file=$root/downloads/$set_name-$(basename "$address")
	[ -z "${MIRROR:-}" ] || address=$MIRROR/$set_name/$(basename "$address")
	if [ ! -e "$file" ]; then
		download "$address" "$file.part"
		got=$(md5sum <"$file.part" | cut -d ' ' -f 1)
		if [ "$md5" = - ]; then echo "data: $address: no digest is published; this one has md5 $got"
		elif [ "$got" != "$md5" ]; then rm -f "$file.part"; fail "$address: md5 is $got, it should be $md5: thrown away"; fi
		mv "$file.part" "$file"
	fi
	case $file in
	*.tar) tar -xf "$file" -C "$unpacked" ;;
	*.zip) unzip -q -o "$file" -d "$unpacked" ;;
	esac || { rm -f "$file"; fail "$file: does not unpack: thrown away"; }
done
[ -d "$unpacked/$within" ] || fail "$set_name: no folder $within in what arrived"
mv "$unpacked/$within" "$root/$folder"
rm -rf "$unpacked"
echo "data: $root/$folder"
