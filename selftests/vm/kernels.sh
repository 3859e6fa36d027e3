#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Unpack Debian's kernels under build/kernels/<series>, without root and
# without installing anything:
#
#	kernels.sh [--update] 6.1|6.12|7|debug|uml|kcsan ...
#
#	build/kernels/6.1/release	what uname -r says in the VM
#	build/kernels/6.1/vmlinuz	to boot
#	build/kernels/6.1/modules	-> lib/modules/<release>
#	build/kernels/6.1/headers	-> the KDIR for make -C
#
# Packages stay in $DMIKEY_CACHE (build/cache of the tree), next to a list of which ones
# make a kernel: with both in place, nothing is downloaded. --update asks the
# mirror again. `debug`, `uml` and `kcsan` are built here from Debian's source: debug-kernel.sh.
# `7` is trixie's newest from backports, made fit for this system: foreign().
set -eu
PATH=$PATH:/usr/sbin:/sbin

top=$(cd "$(dirname "$0")/../.." && pwd)
build=${O:-$top/build}
cache=${DMIKEY_CACHE:-$top/build/cache}
flavour=cloud-amd64

die() { echo "kernels.sh: $*" >&2; exit 1; }
say() { echo "kernels.sh: $*" >&2; }

. "$top/scripts/apt-private.sh"

apt() { apt_private_run "$@"; }

known() { apt apt-cache show --no-all-versions "$1" >/dev/null 2>&1; }

# The headers' metapackage names the kernel; its own versions, newest first,
# are the candidates. Backports keep old images but only the newest headers,
# so the first version that has both is the one.
resolve()
{
	local series=$1 meta v rel

	meta=linux-headers-$flavour
	for v in $(apt apt-cache madison "$meta" |
			awk -v s="$series" '$3 ~ "^" s "[.]" { print $3 }' |
			sort -rVu); do
		rel=$(apt apt-cache show "$meta=$v" |
			sed -n 's/^Depends:.*linux-headers-\([^ ,]*\).*/\1/p')
		if [ -n "$rel" ] && known "linux-headers-$rel" &&
				known "linux-image-$rel"; then
			echo "$rel"
			return
		fi
	done
	return 1
}

# The other packages of a kernel that its image and headers need, by their own
# word.
needed()
{
	apt apt-cache depends "linux-image-$1" "linux-headers-$1" |
		awk '$1 == "Depends:" && $2 ~ /^linux-(headers|kbuild|binary|modules)-/ { print $2 }
		     $1 == "Depends:" && $2 ~ /^linux-base-[0-9]/ { print $2 }' | sort -u
}

# What programs of linux-kbuild need that this system has too old.
libraries="libc6 libelf1t64 libssl3t64 libzstd1 zlib1g"

fetch()
{
	local series=$1 rel packages p f
	local list=$cache/kernel-$series.list suite=bookworm more=

	[ "$series" != 7 ] || suite=trixie more=$libraries
	if [ -z "$update" ] && [ -s "$list" ] && have_all "$list"; then
		return
	fi
	apt_private "$cache/apt-$suite" "$suite" deb || die "no mirror to ask for kernels"
	say "reading the package lists"
	apt_private_update || die "cannot read the package lists"
	if [ "$series" = debug ]; then
		rel=debug packages=linux-source-6.1
	else
		rel=$(resolve "$series") || die "no $series kernel with headers and image"
		packages="linux-image-$rel linux-headers-$rel $(needed "$rel") $more"
		say "$series is $rel"
	fi
	echo "$rel" > "$list.new"
	for p in $packages; do
		f=$(apt apt-get --print-uris download "$p" | awk '{ print $2 }')
		[ -n "$f" ] || die "$p cannot be downloaded"
		if [ ! -s "$cache/$f" ]; then
			say "downloading $p"
			(cd "$aptdir/archives/partial" &&
				apt apt-get download "$p" >/dev/null &&
				mv "$f" "$cache/")
		fi
		echo "$f" >> "$list.new"
	done
	mv "$list.new" "$list"
}

have_all()
{
	local f

	tail -n +2 "$1" | while read -r f; do
		[ -s "$cache/$f" ] || exit 1
	done
}

# foreign TREE HEADERS: a newer Debian's headers under this one. gcc-12 stands in
# for gcc-14, without the one option that it does not have; programs run with the
# libraries that they were linked with.
foreign()
{
	local lib f

	sed -i 's/[^ =]*gcc-[0-9]*$/gcc-12/' "$2/.kernelvariables"
	sed -i '/CC_HAS_MIN_FUNCTION_ALIGNMENT/d' "$2/include/config/auto.conf"
	lib=$(realpath --relative-to="$1" "$1"/usr/lib/x86_64-linux-gnu)
	find "$1"/usr/lib/linux-kbuild-* -type f -perm -u+x | while read -r f; do
		[ "$(head -c 4 "$f" | tail -c 3)" = ELF ] || continue
		mv "$f" "$f.bin"
		cat > "$f" <<-EOT
		#!/bin/sh
		r=$(realpath --relative-to="$(dirname "$f")" "$1")
		r=\$(dirname "\$(readlink -f "\$0")")/\$r
		exec "\$r/$lib/ld-linux-x86-64.so.2" --argv0 "\$0" \\
			--library-path "\$r/$lib" "\$r/${f#"$1/"}.bin" "\$@"
		EOT
		chmod +x "$f"
	done
}

unpack()
{
	local series=$1 rel f d m
	local list=$cache/kernel-$series.list dst=$build/kernels/$series

	if cmp -s "$list" "$dst/.packages"; then
		return
	fi
	rel=$(head -n 1 "$list")
	say "unpacking $rel"
	rm -rf "$dst" "$dst.new"
	d=$dst.new
	mkdir -p "$d/root"
	tail -n +2 "$list" | while read -r f; do
		dpkg-deb --fsys-tarfile "$cache/$f" |
			tar -C "$d/root" -x --no-same-owner --exclude './usr/share/doc'
	done

	# The headers include each other by their installed address: make it
	# an address relative to the including file.
	m=$d/root/usr/src/linux-headers-$rel
	sed -i 's#\(=\|include \)/usr/src/#\1$(dir $(abspath $(lastword $(MAKEFILE_LIST))))../#' \
		"$m/Makefile"
	ln -s "root/usr/src/linux-headers-$rel" "$d/headers"

	# pahole is not there, or not the one this kernel wants; BTF of an
	# external module is of no use here.
	[ ! -e "$m/vmlinux" ] || mv "$m/vmlinux" "$m/vmlinux.unused"

	[ "$series" != 7 ] || foreign "$d/root" "$m"

	if [ -d "$d/root/usr/lib/modules/$rel" ]; then
		ln -s "root/usr/lib/modules/$rel" "$d/modules"
	else
		ln -s "root/lib/modules/$rel" "$d/modules"
	fi
	depmod -b "$(readlink -f "$d/modules" | sed "s#/lib/modules/$rel\$##")" "$rel"
	# 7.x has them beside the modules
	for f in vmlinuz config; do
		if [ -e "$d/root/boot/$f-$rel" ]; then
			cp "$d/root/boot/$f-$rel" "$d/$f"
		else
			cp "$d/modules/$f" "$d/$f"
		fi
	done
	echo "$rel" > "$d/release"
	cp "$list" "$d/.packages"
	mv "$d" "$dst"
}

update=
[ "${1:-}" != --update ] || { update=1; shift; }
[ $# -gt 0 ] || die "which kernel: 6.1, 6.12, 7, debug, uml, kcsan?"
mkdir -p "$cache" "$build/kernels"
cache=${DMIKEY_CACHE:-$top/build/cache}
build=$(cd "$build" && pwd)

# Two makes at once wait for each other here.
exec 9> "$cache/.kernels.lock"
flock 9
for series; do
	case $series in
	debug|uml|kcsan) fetch debug ;;
	*) fetch "$series"; unpack "$series" ;;
	esac
done
# Takes minutes the first time, and a lock of its own.
flock -u 9
for series; do
	case $series in
	debug|uml|kcsan) "$top/selftests/vm/debug-kernel.sh" "$series" \
		"$cache/$(tail -n 1 "$cache/kernel-debug.list")" "$build/kernels/$series" ;;
	esac
done
