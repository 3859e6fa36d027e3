#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Unpack the libraries of the firmware from Debian's source packages, with
# Debian's patches:
#
#	build/fw/src/mbedtls	Mbed TLS
#	build/fw/src/lwip	lwIP
#
# The versions are pinned here, each by the checksum of its .dsc, which names
# those of its files. What apt downloads is checked by apt's own chain of
# signatures besides. Packages stay in $DMIKEY_CACHE (build/cache of the
# tree): with them in place, nothing is downloaded.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
build=${O:-$top/build}
cache=${DMIKEY_CACHE:-$top/build/cache}
suite=trixie

# name version sha256(.dsc)
pinned='
mbedtls 3.6.6-0.1~deb13u1 eb9ed1adbbddcb0d00276fac6fcee0056c64ce01481c2522a16dca75792eb5eb
lwip 2.2.1+dfsg1-1+deb13u1 07ecb7122b2882a5265c6d1413947dd9a054d5ae25150b7042885d3f3d0b5aad
'

die() { echo "fw-sources.sh: $*" >&2; exit 1; }
say() { echo "fw-sources.sh: $*" >&2; }

. "$top/scripts/apt-private.sh"

right_dsc() { echo "$2  $1" | sha256sum --check --status 2>/dev/null; }

# Whether each file that a .dsc names lies beside it; dpkg-source checks more.
complete()
{
	local sum size file

	sed -n '/^Checksums-Sha256:/,/^[^ ]/ s/^ //p' "$1" |
		while read -r sum size file; do
			[ "$(stat -c %s "${1%/*}/$file" 2>/dev/null)" = "$size" ] &&
				echo "$sum  ${1%/*}/$file" | sha256sum --check --status || exit 1
		done
}

gone()
{
	die "Debian's $suite no longer has $1 $2. Either put its source package (the .dsc" \
		"and the files that it names; Debian's snapshot archive keeps them) into $cache," \
		"or pin another version in scripts/fw-sources.sh and run make check."
}

fetch()
{
	local name=$1 version=$2 sum=$3 dsc=$cache/$1_$2.dsc

	if right_dsc "$dsc" "$sum" && complete "$dsc"; then
		return
	fi
	if [ -z "${asked-}" ]; then
		say "reading the package lists of $suite"
		apt_private "$cache/apt-$suite-src" "$suite" deb-src ||
			die "no mirror to ask for $name"
		apt_private_update || die "cannot read the package lists of $suite"
		asked=1
	fi
	apt_private_run apt-cache showsrc --only-source "$name" 2>/dev/null |
		grep -qxF "Version: $version" || gone "$name" "$version"
	say "downloading $name $version"
	(cd "$cache" && apt_private_run apt-get source --download-only \
		--only-source "$name=$version" > "$aptdir/source.log" 2>&1) ||
		{ cat "$aptdir/source.log" >&2; die "$name cannot be downloaded"; }
	right_dsc "$dsc" "$sum" || die "$dsc is not the one pinned in scripts/fw-sources.sh"
}

unpack()
{
	local name=$1 version=$2 sum=$3 dst=$build/fw/src/$1

	# The stamp is the last thing made, in a directory moved there whole.
	if [ "$(cat "$dst/.pinned" 2>/dev/null)" = "$version $sum" ]; then
		return
	fi
	say "unpacking $name $version"
	rm -rf "$dst" "$dst.new"
	(cd "$cache" && dpkg-source --no-copy -x "$name"_"$version".dsc "$dst.new") \
		> "$build/fw/src/$name.log" 2>&1 ||
		{ cat "$build/fw/src/$name.log" >&2; die "$name cannot be unpacked"; }
	echo "$version $sum" > "$dst.new/.pinned"
	mv "$dst.new" "$dst"
}

for tool in apt-get dpkg-source patch xz bzip2 flock; do
	command -v $tool >/dev/null ||
		die "$tool is missing: apt-get install dpkg-dev patch xz-utils bzip2 util-linux"
done
mkdir -p "$cache" "$build/fw/src"
cache=$(cd "$cache" && pwd) build=$(cd "$build" && pwd)

# Two makes at once wait for each other here.
exec 9> "$cache/.fw-sources.lock"
flock 9
while read -r name version sum; do
	[ -n "$name" ] || continue
	fetch "$name" "$version" "$sum"
	unpack "$name" "$version" "$sum"
done <<< "$pinned"
