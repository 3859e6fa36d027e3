#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build Debian's packages, source and binary, from a copy of the tree:
#
#	deb.sh [VERSION]	-> build/deb/dmikey-*_VERSION_*.deb
#
# VERSION is that of debian/changelog unless told; tests tell, and get binary
# packages only. Objects are kept for the next time. debian/README.source says
# where the firmware's libraries come from;
# DEB_BUILD_PROFILES=pkg.dmikey.nofirmware does without.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
build=$(realpath -m "${O:-$top/build}")
out=$build/deb
export DMIKEY_CACHE=${DMIKEY_CACHE:-$top/build/cache} DMIKEY_OBJECTS=$out/objects

mkdir -p "$out/tree" "$DMIKEY_OBJECTS"
exec 9> "$out/.lock"
flock 9

case " ${DEB_BUILD_PROFILES:-} " in
*" pkg.dmikey.nofirmware "*) ;;
*) O=$DMIKEY_OBJECTS "$top/scripts/fw-sources.sh" ;;
esac

# at one place always, for the sake of make's dependencies
rm -rf "$out/tree"
mkdir "$out/tree"
tar -C "$top" --exclude-vcs --exclude-vcs-ignores --exclude=./build \
	--exclude="./${build#"$top/"}" -c . |
	tar -C "$out/tree" -x --no-same-owner
[ -z "${1:-}" ] || sed -i "1s/(.*)/($1)/" "$out/tree/debian/changelog"

# What `make O=...` has put into the environment is not for the package's make.
cd "$out/tree"
env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u O \
	dpkg-buildpackage -us -uc ${1:+-b} -j"$(nproc)" > "$out/build.log" 2>&1 9>&- || {
	tail -n 40 "$out/build.log" >&2
	exit 1
}
