#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What dmikey is compared with: strongSwan and libreswan as Debian 12 ships
# them, with every library that they need, in one small root directory. Nothing
# is installed on the host, and its libraries do not matter.
#
#	fetch.sh [--update]
#
#	$O/bench/root/peers	for chroot: charon-systemd, swanctl, pluto, whack,
#				addconn, certutil, pk12util; pki/ for RSA;
#				`versions`, a line a package
#
# strongSwan's and libreswan's files have no name in common as long as
# strongswan-starter, the old front end, stays away. Packages are kept in
# $DMIKEY_CACHE (build/cache of the tree); with all in place nothing is
# downloaded. --update asks the mirror again.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
out=${O:-$top/build}/bench
cache=${DMIKEY_CACHE:-$top/build/cache}
list=$cache/peers.list

# for apt, one excludes the other
strongswan="charon-systemd strongswan-swanctl libstrongswan-standard-plugins"
libreswan=libreswan

# Of what these depend on, only libraries are of use in a chroot. These come with
# programs that are left out: dig and host, iptables, iproute2.
unwanted="^(libicu|libxml2|libstdc|libprotobuf|libjemalloc|libmaxminddb|liblmdb|libuv|libfstrm|"
unwanted="${unwanted}libjson-c|libdb5|libbpf|libelf|libtirpc|libmnl|libnf|libxtables|libcap2-bin)"
wanted="^(lib|zlib|nss-plugin|charon-|strongswan-)"

programs="usr/sbin/charon-systemd usr/sbin/swanctl usr/bin/certutil usr/bin/pk12util
	usr/libexec/ipsec/pluto usr/libexec/ipsec/whack usr/libexec/ipsec/addconn"
# opened by name at run time, so ldd does not tell
modules="usr/lib/ipsec/plugins usr/lib/x86_64-linux-gnu/nss
	usr/lib/x86_64-linux-gnu/libsoftokn3.so usr/lib/x86_64-linux-gnu/libfreebl3.so
	usr/lib/x86_64-linux-gnu/libfreeblpriv3.so usr/lib/x86_64-linux-gnu/ossl-modules
	usr/lib/x86_64-linux-gnu/libgcc_s.so.1"
settings="etc/strongswan.conf etc/strongswan.d"

die() { echo "fetch.sh: $*" >&2; exit 1; }
say() { echo "fetch.sh: $*" >&2; }

. "$top/scripts/apt-private.sh"

apt() { apt_private_run "$@"; }

# closure PACKAGE..: what apt would install on a machine with nothing
closure()
{
	apt apt-get -s install --no-install-recommends "$@" |
		awk '$1 == "Inst" { print $2 }' | grep -E "$wanted" | grep -Ev "$unwanted"
}

have_all()
{
	local f

	[ -s "$list" ] || return 1
	while read -r f; do
		[ -s "$cache/$f" ] || return 1
	done < "$list"
}

fetch()
{
	local packages

	[ -n "$update" ] || ! have_all || return 0
	apt_private "$cache/apt-peers" bookworm deb || die "no mirror to ask for packages"
	say "reading the package lists"
	apt_private_update || die "cannot read the package lists"
	say "downloading strongSwan, libreswan and their libraries"
	# shellcheck disable=SC2086
	packages=$( (closure $strongswan && closure $libreswan) | sort -u)
	# shellcheck disable=SC2086
	(
		# it does not tell of a file that is there
		cd "$aptdir"
		apt apt-get --print-uris download $packages | awk '{ print $2 }' > "$list.new"
		cd "$cache"
		apt apt-get download $packages > /dev/null
	) || die "cannot download them"
	mv "$list.new" "$list"
	have_all || die "a package is missing"
}

# needs FILE..: the libraries, by the loader of the packages, not by the host's
needs()
{
	local f

	for f; do
		"$all/lib64/ld-linux-x86-64.so.2" --inhibit-cache --library-path \
			"$lib:$lib/nss:$all/usr/lib/ipsec" --list "$f" ||
			die "${f#"$all"/} lacks a library"
	done | sed -n "s#^.*=> $all/\([^ ]*\) (.*#\1#p; /not found/p" | sort -u
}

unpack()
{
	local f path

	# bookworm is merged: /lib is /usr/lib
	mkdir -p "$all/usr/lib" "$all/usr/lib64" "$all/usr/bin" "$all/usr/sbin"
	for f in lib lib64 bin sbin; do ln -s "usr/$f" "$all/$f"; done
	while read -r f; do
		dpkg-deb --fsys-tarfile "$cache/$f" |
			tar -C "$all" -x --no-same-owner --keep-directory-symlink \
				--exclude './usr/share'
	done < "$list"

	mkdir -p "$root"/{usr/lib,usr/lib64,etc,run,var/run,tmp,dev,proc,sys,var/lib/ipsec}
	ln -s usr/lib usr/lib64 "$root/"
	cp -L "$all/lib64/ld-linux-x86-64.so.2" "$root/usr/lib64/"
	# shellcheck disable=SC2086
	(cd "$all" && find $programs $modules $settings ! -type d |
		cpio -pdm --quiet "$root")
	# shellcheck disable=SC2046
	needs $(cd "$root" && find usr -type f \( -perm -u+x -o -name '*.so*' \) \
			! -name '*.chk' | sed "s#^#$all/#") > "$new/libraries"
	! grep 'not found' "$new/libraries" || die "a library is missing"
	while read -r path; do
		path=usr/${path#usr/}
		mkdir -p "$root/$(dirname "$path")"
		cp -L "$all/$path" "$root/$path"
	done < "$new/libraries"
	printf 'root:x:0:0::/:/\n' > "$root/etc/passwd"
	printf 'root:x:0:\n' > "$root/etc/group"
	sed -n 's/^\(libstrongswan\|charon-systemd\|libreswan\|libssl3\|libnss3\)_\([^_]*\)_.*/\1 \2/p' \
		"$list" | sed 's/%3a/:/' > "$root/versions"
}

update=
[ "${1:-}" != --update ] || update=1
mkdir -p "$cache" "$out"
cache=$(cd "$cache" && pwd)
list=$cache/peers.list
out=$(cd "$out" && pwd)

exec 9> "$cache/.peers.lock"
flock 9
fetch
cat "$list" "$0" "$here/pki.sh" > "$out/.peers.new"
if ! cmp -s "$out/.peers.new" "$out/.peers"; then
	say "unpacking"
	new=$out/peers.new all=$new/all root=$new/root lib=$new/all/usr/lib/x86_64-linux-gnu
	rm -rf "$new" "$out/root/peers"
	mkdir -p "$root" "$out/root"
	unpack
	"$here/pki.sh" "$root"
	mv "$root" "$out/root/peers"
	rm -rf "$new"
	mv "$out/.peers.new" "$out/.peers"
fi
rm -f "$out/.peers.new"
