#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The VM's root file system, in two halves that the kernel unpacks one after
# the other:
#
#	initramfs.sh base 6.1 OUT.cpio
#		programs, libraries, the kernel's modules: made once a kernel
#	initramfs.sh overlay 6.1 OUT.cpio TEST...
#		what changes between two boots: dmikey.ko, the programs under
#		build/, selftests/, /init and the list of tests
#
# In the VM, /dmikey is a copy of this tree's selftests/ with the programs in
# /dmikey/bin. A test's header may ask for more: see vm-option.sh.
set -eu
PATH=$PATH:/usr/sbin:/sbin

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${O:-$top/build}
. "$here/vm-option.sh"

die() { echo "initramfs.sh: $*" >&2; exit 1; }

# Needed by the harness or by nearly every test.
programs="bash dash ip ss tc bridge tcpdump keyctl openssl socat
	modprobe depmod insmod rmmod lsmod modinfo
	date sleep timeout stat mktemp cmp diff grep sed awk seq tr cut head
	tail sort uniq wc cat tee od env printf sha256sum setpriv unshare
	nsenter flock xxd"
# Taken along if the host has them.
optional="jq sqlite3 strace nft ethtool"

# Names as modprobe takes them; dependencies come along. What a kernel has
# built in, or lacks, is skipped.
modules="virtio_pci virtio_console virtio_net virtio_blk virtio_rng
	udp_tunnel ip6_udp_tunnel reed_solomon
	xfrm_algo xfrm_user xfrm_interface af_key
	esp4 esp6 ah4 ah6 xfrm4_tunnel
	ccm gcm ctr cbc cmac hmac sha1_generic sha256_generic sha512_generic
	aes_generic chacha chacha_generic chacha_x86_64 poly1305_generic poly1305_x86_64 libpoly1305 seqiv echainiv authenc authencesn chacha20poly1305 ecb
	aesni_intel ghash_clmulni_intel sha256_ssse3 sha512_ssse3 crypto_simd cryptd
	rsa_generic pkcs8_key_parser tls_cipher drbg ansi_cprng
	af_alg algif_hash algif_skcipher algif_aead
	veth dummy tun bridge macvlan ifb vrf
	sch_netem sch_tbf sch_prio sch_ingress cls_u32 cls_basic cls_matchall
	act_gact act_mirred nf_tables nft_limit nft_numgen nft_reject_inet
	inet_diag udp_diag tcp_diag netlink_diag xfrm_ipcomp"

kernel_init()
{
	kdir=$build/kernels/$1
	[ -s "$kdir/release" ] || die "no kernel $1: run kernels.sh $1"
	release=$(cat "$kdir/release")
}

skeleton()
{
	mkdir -p "$1"/{dev,proc,sys,run,tmp,root,etc,var/lib,var/log,dmikey/bin} \
		"$1"/usr/{bin,sbin,lib,lib64} "$1/usr/lib/modules"
	ln -sfn usr/bin "$1/bin"
	ln -sfn usr/sbin "$1/sbin"
	ln -sfn usr/lib "$1/lib"
	ln -sfn usr/lib64 "$1/lib64"
}

# Put FILE at the same merged-/usr address in ROOT, under its own name.
put()
{
	local root=$1 file=$2 dst

	dst=$(realpath "$(dirname "$file")")/$(basename "$file")
	dst=${dst#/}
	case $dst in usr/*|etc/*) ;; *) dst=usr/$dst ;; esac
	[ ! -e "$root/$dst" ] || return 0
	mkdir -p "$root/$(dirname "$dst")"
	cp -L "$file" "$root/$dst"
}

put_libs()
{
	local root=$1 lib
	shift

	{ ldd "$@" 2>/dev/null || :; } |
		sed -n 's/^.*=> \(\/[^ ]*\) (.*/\1/p; s/^[[:space:]]*\(\/lib64[^ ]*\) (.*/\1/p' |
		sort -u | while read -r lib; do put "$root" "$lib"; done
}

put_programs()
{
	local root=$1 p path paths=()
	shift

	for p; do
		path=$(type -P "$p") || die "$p is not installed"
		put "$root" "$path"
		paths+=("$path")
	done
	put_libs "$root" "${paths[@]}"
}

have_programs()
{
	local p

	for p in $programs; do echo "$p"; done
	for p in $optional; do
		! type -P "$p" >/dev/null || echo "$p"
	done
}

pack() { (cd "$1" && find . -mindepth 1 | LC_ALL=C sort |
	cpio -o -H newc -R 0:0 --quiet) > "$2.new" && mv "$2.new" "$2"; }

base()
{
	local out=$1 root=$1.d stamp p m busybox

	busybox=$(command -v busybox) || die "busybox-static is not installed"
	stamp=$( { cat "$kdir/.packages" "$0"
		for p in $(have_programs); do
			stat -L -c '%n %s %Y' "$(type -P "$p")"
		done; } | sha256sum)
	if [ -s "$out" ] && [ "$(cat "$out.stamp" 2>/dev/null)" = "$stamp" ]; then
		return
	fi
	echo "initramfs.sh: making the base for $release" >&2
	rm -rf "$root"
	skeleton "$root"

	# The real programs first in PATH, busybox' applets for the rest. /bin/sh
	# is dash: busybox' own shell prefers its applets to the real `ip`.
	# shellcheck disable=SC2046
	put_programs "$root" $(have_programs)
	ln -s dash "$root/usr/bin/sh"
	mkdir -p "$root/usr/lib/busybox"
	cp "$busybox" "$root/usr/lib/busybox/busybox"
	for p in $("$busybox" --list); do
		[ "$p" = busybox ] || ln -s busybox "$root/usr/lib/busybox/$p"
	done

	# OpenSSL's configuration and providers are found by address, not by ldd.
	p=$(openssl version -d | sed 's/.*"\(.*\)"/\1/')
	mkdir -p "$root$p"
	cp -L "$p/openssl.cnf" "$root$p/"
	p=$(openssl version -m | sed 's/.*"\(.*\)"/\1/')
	mkdir -p "$root$p"
	cp -L "$p"/*.so "$root$p/" 2>/dev/null || :

	printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\ndmikey:x:990:990::/:/bin/false\n' \
		> "$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\ndmikey:x:990:\n' > "$root/etc/group"
	printf '127.0.0.1 localhost dmikey\n::1 localhost\n' > "$root/etc/hosts"
	printf 'passwd: files\ngroup: files\nhosts: files\n' > "$root/etc/nsswitch.conf"

	m=$root/usr/lib/modules/$release
	mkdir -p "$m"
	cp "$kdir"/modules/modules.{order,builtin,builtin.modinfo} "$m/"
	# shellcheck disable=SC2086
	modprobe -d "$(moddir_root)" -S "$release" -a -q -D $modules 2>/dev/null |
		sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u | while read -r p; do
			p=${p#*/modules/"$release"/}
			mkdir -p "$m/$(dirname "$p")"
			cp "$kdir/modules/$p" "$m/$p"
		done
	depmod -b "$root/usr" "$release"
	pack "$root" "$out"
	echo "$stamp" > "$out.stamp"
}

# modprobe -d wants the directory that holds lib/modules.
moddir_root() { readlink -f "$kdir/modules" | sed "s#/lib/modules/$release\$##"; }

elf_files() { [ ! -d "$1" ] || find "$1" -type f -perm -u+x \
	! -name '*.o' ! -name '*.so*' ! -path '*/unit/*' ! -path '*/fuzz/*'; }

overlay()
{
	local out=$1 root p f m t name ko
	shift

	root=$(mktemp -d)
	# shellcheck disable=SC2064
	trap "rm -rf '$root'" EXIT
	mkdir -p "$root/dmikey/bin" "$root/dmikey/selftests"
	install -m 0755 "$here/init.sh" "$root/init"

	(cd "$top/selftests" && find . -type f ! -name '*.[cho]' ! -path './fuzz/*' |
		cpio -pdm --quiet "$root/dmikey/selftests")

	# Modules of this build, with the indexes that know them.
	m=$root/usr/lib/modules/$release
	ko=$(find "$build/modules/$k" -maxdepth 1 -name '*.ko' 2>/dev/null || :)
	if [ -n "$ko" ]; then
		p=$(mktemp -d -p "$root")
		mkdir -p "$p/lib/modules" "$m/updates"
		cp -al "$base.d/usr/lib/modules/$release" "$p/lib/modules/" 2>/dev/null ||
			cp -a "$base.d/usr/lib/modules/$release" "$p/lib/modules/"
		rm -f "$p/lib/modules/$release"/modules.*
		cp "$base.d/usr/lib/modules/$release"/modules.{order,builtin,builtin.modinfo} \
			"$p/lib/modules/$release/"
		mkdir -p "$p/lib/modules/$release/updates"
		# shellcheck disable=SC2086
		cp $ko "$p/lib/modules/$release/updates/"
		# shellcheck disable=SC2086
		cp $ko "$m/updates/"
		depmod -b "$p" "$release"
		rm -f "$p/lib/modules/$release"/modules.{order,builtin,builtin.modinfo}
		cp "$p/lib/modules/$release"/modules.* "$m/"
		rm -rf "$p"
	fi

	for f in $(elf_files "$build/agent") $(elf_files "$build/tools") \
			$(elf_files "$build/selftests"); do
		# of modules under one name, those for this kernel
		case $f in */faults-"$k"/*) ;; */faults-*) continue ;; esac
		cp "$f" "$root/dmikey/bin/"
		put_libs "$root" "$f"
	done

	# the ward's CA, certificates and PSKs, made once and renewed by the day
	# two kernels' VMs are made at the same time
	(
		flock 7
		"$top/scripts/demo-pki.sh" -g 16 -r 2 -s 8 -x "$build/selftests/pki" >&2
	) 7> "$build/vm/.pki.lock"
	cp -R "$build/selftests/pki" "$root/dmikey/pki"

	: > "$root/dmikey/tests"
	for t; do
		name=$(basename "$t" .sh)
		p=$(realpath "$t")
		case $p in
		"$top"/selftests/*) f=/dmikey/${p#"$top/"} ;;
		*)	mkdir -p "$root/dmikey/extra"
			cp "$p" "$root/dmikey/extra/"
			f=/dmikey/extra/$(basename "$p") ;;
		esac
		limit=${timeout:-$(vm_option "$t" timeout 120)}
		echo "$name $((limit * ${slow:-1})) $f" >> "$root/dmikey/tests"
		# shellcheck disable=SC2046
		put_programs "$root" $(vm_option "$t" bin "")
		for f in $(vm_option "$t" files ""); do
			[ -e "$top/$f" ] || die "$t wants $f, which does not exist"
			(cd "$top" && find "$f" -type f |
				cpio -pdm --quiet "$root/dmikey")
		done
	done
	pack "$root" "$out"
}

k=${2:?which kernel}
out=${3:?where to}
kernel_init "$k"
case $1 in
base)	base "$out" ;;
overlay)
	base=${BASE:?the base this lies over}
	shift 3
	overlay "$out" "$@" ;;
*)	die "base or overlay?" ;;
esac
