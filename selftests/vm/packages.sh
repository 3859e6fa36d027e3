#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Debian's packages in a Debian 12 with systemd and its kernel: installed, upgraded,
# used over a reboot, removed and purged. packages/guest.sh is what happens in the
# machine, packages/prepare.sh how it is made, packages/upgrade.sh how another kernel
# comes and goes before it boots. Results go to build/vm/packages.
#
# The root file system without dmikey is made once, from the mirror of this system,
# and kept in $DMIKEY_CACHE (build/cache of the tree). Needs root, for a chroot.
set -u

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(realpath -m "${O:-$top/build}")
cache=${DMIKEY_CACHE:-$top/build/cache}
. "$top/selftests/lib/ktap.sh"

# what a machine has, and what the packages depend on
programs="systemd-sysv,udev,kmod,procps,iproute2,jq,socat,openssl,dkms
	linux-image-cloud-amd64,linux-headers-cloud-amd64,pahole,libnl-3-200,libnl-genl-3-200
	libkeyutils1,libsqlite3-0,libcap-ng0,libjson-c5,libconfuse2,libpcap0.8,libcsv3"
LIMIT=1200	# seconds for both boots, on a crowded machine

if [ "$(id -u)" -ne 0 ]; then
	sudo -n true 2>/dev/null || ktap_skip_all "a chroot needs root, or sudo without a password"
	sudo -n env O="$build" DMIKEY_CACHE="$cache" "$0" "$@"
	status=$?
	# or the user's next "make deb" cannot write there
	for made in "$build/deb" "$build/vm/packages"; do
		[ ! -e "$made" ] || sudo -n chown -R -h "$(id -u):$(id -g)" "$made"
	done
	exit $status
fi

run=$build/vm/packages
root=$run/root
mkdir -p "$build/vm" "$cache"
exec 9> "$build/vm/.packages.lock"
flock -n 9 || { echo "packages.sh: it is going on already" >&2; exit 2; }

build_packages()
{
	"$top/scripts/deb.sh" &&
		DEB_BUILD_PROFILES=pkg.dmikey.nofirmware "$top/scripts/deb.sh" "$old"
}

no_complaints()
{
	lintian --allow-root --fail-on error,warning "$build/deb/dmikey_${new}_amd64.changes"
}

# every man page and every program stands in a package
all_packaged()
{
	local f missing=

	for f in "$build"/deb/dmikey-*_"${new}"_*.deb; do dpkg-deb -c "$f"; done > "$run/contents"
	for f in "$top"/Documentation/man/*.[0-9] "$build"/deb/objects/tools/dmikey* \
			"$build"/deb/objects/agent/dmikey*; do
		case $f in *.[od]) continue ;; esac
		grep -q "/${f##*/}\(\.gz\)\?$" "$run/contents" || missing="$missing ${f##*/}"
	done
	[ -z "$missing" ] || { echo "in no package:$missing"; return 1; }
}

# image FILE: it is in dmikey-firmware, and not empty
image()
{
	dpkg-deb -c "$build/deb/dmikey-firmware_${new}_all.deb" |
		awk -v f="./usr/share/dmikey/firmware/$1" '$6 == f && $3 > 0 { n++ } END { exit n != 1 }' ||
		{ echo "not there: $1"; return 1; }
}

images()
{
	image f405/dmikey.elf && image f405/dmikey.bin && image f100/dmikey.elf && image f100/dmikey.bin
}

# what the pages link is where the package has them, under these names
pages()
{
	dpkg-deb -x "$build/deb/dmikey-tools_${new}_amd64.deb" "$run/tools" &&
		"$top/selftests/host/links.sh" "$run/tools/usr/share/doc/dmikey-tools" &&
		for f in dmikeyctl.schema.json grafana-dashboard.json; do
			[ -s "$run/tools/usr/share/doc/dmikey-tools/Documentation/$f" ] ||
				{ echo "not there: $f"; return 1; }
		done
}

# kernel K: what DKMS would do for that kernel
kernel()
{
	local src=$run/dkms/usr/src/dmikey-$new

	"$here/kernels.sh" "$1" && rm -rf "$run/dkms" &&
		dpkg-deb -x "$build/deb/dmikey-dkms_${new}_all.deb" "$run/dkms" || return
	# DKMS sets variables that this one names
	(set +u; . "$src/dkms.conf" && [[ $(cat "$build/kernels/$1/release") =~ $BUILD_EXCLUSIVE_KERNEL ]]) &&
		make -j"$(nproc)" -C "$build/kernels/$1/headers" M="$src" modules &&
		[ -s "$src/dmikey.ko" ]
}

# the root file system without dmikey, as a tar file
base()
{
	tar=$cache/packages-$(echo "$programs" | sha256sum | cut -c -12).tar
	[ -s "$tar" ] && return
	rm -f "$cache"/packages-*.tar
	"$top/scripts/apt-mirror.sh" bookworm > "$run/sources.list" &&
		mmdebstrap --quiet --mode=root --variant=apt --format=tar \
			--aptopt='APT::Install-Recommends "false"' \
			--include="$(echo "$programs" | tr -s '\n\t' ,)" \
			bookworm "$tar.new" - < "$run/sources.list" && mv "$tar.new" "$tar"
}

certificates()
{
	"$top/scripts/demo-pki.sh" -g 1 -r 2 -s 1 "$1/pki" &&
		(cd "$1/pki" && openssl ca -config ca/openssl.cnf -revoke r2.pem &&
			openssl ca -config ca/openssl.cnf -gencrl -out ../crl2.pem)
}

machine()
{
	local t=$root/root/test v p

	mkdir -p "$root" && tar -C "$root" -xf "$tar" --exclude='./dev/*' || return
	mkdir -p "$t/debs"
	for v in "$old" "$new"; do
		for p in dkms agent tools; do
			cp "$build"/deb/dmikey-"$p"_"$v"_*.deb "$t/debs/" || return
		done
	done
	cp "$build/deb/dmikey-firmware_${new}_all.deb" "$t/debs/" &&
	cp "$here"/packages/* "$top/selftests/lib/ktap.sh" "$t/" &&
		echo "$old" > "$t/old" && echo "$new" > "$t/new" &&
		certificates "$t" && unshare -m "$here/packages/prepare.sh" "$root" "$old" "$new" &&
		cp -L "$root"/boot/vmlinuz-* "$run/vmlinuz" &&
		cp -L "$root"/boot/initrd.img-* "$run/initrd"
}

# ---- a kernel upgrade, with Debian's own packages of it

upgrade() { unshare -m "$here/packages/upgrade.sh" "$root" "$@"; }

# 6.12's packages, as kernels.sh has fetched them
newer_debs()
{
	"$here/kernels.sh" 6.12 && newer=$(cat "$build/kernels/6.12/release") &&
		debs=$(sed "1d;s#^#$cache/#" "$cache/kernel-6.12.list")
}

newer_comes()
{
	# shellcheck disable=SC2086	# one argument each
	newer_debs && upgrade install $debs &&
		upgrade status | sort > "$run/status" && cat "$run/status"
}

# of the old version: "KERNEL installed", of each
built_for() { sed -n "s#^dmikey/$old, \\([^,]*\\), [^:]*: #\\1 #p" "$run/status"; }

newer_vermagic()
{
	modinfo -F vermagic "$root/lib/modules/$newer/updates/dkms/dmikey.ko"* | cut -d ' ' -f 1
}

newer_goes()
{
	# shellcheck disable=SC2046	# one argument each
	upgrade purge $(for f in $debs; do dpkg-deb -f "$f" Package; done) &&
		upgrade status > "$run/status" && ! grep "$newer" "$run/status" &&
		[ ! -e "$root/lib/modules/$newer/updates" ]
}

disk() { mke2fs -q -t ext4 -d "$root" "$run/disk" 1400M; }

# ends when the machine switches itself off
boot()
{
	timeout --foreground -k 5 $LIMIT qemu-system-x86_64 \
		-accel tcg,thread=multi -cpu max,-cx16 -smp 2 -m 768 \
		-nodefaults -display none -kernel "$run/vmlinuz" -initrd "$run/initrd" \
		-append "root=/dev/vda rw console=ttyS0 no_timer_check fsck.mode=skip panic=0 audit=0" \
		-drive "file=$run/disk,format=raw,if=virtio,cache=unsafe" \
		-serial "file:$run/console.log" -serial "file:$run/stream" \
		-device virtio-rng-pci < /dev/null 9>&-
}

# what guest.sh reported is reported here
replay()
{
	local line

	tr -d '\r' < "$run/stream" > "$run/guest.tap"
	while read -r line; do
		case $line in
		"ok "*)		ktap_pass "$(cut -d ' ' -f 3- <<< "$line")" ;;
		"not ok "*)	ktap_fail "$(cut -d ' ' -f 4- <<< "$line")" ;;
		"#"*)		echo "$line" ;;
		esac
	done < "$run/guest.tap"
}

new=$(dpkg-parsechangelog -l "$top/debian/changelog" -S Version)
old=$new~before
rm -rf "$run"
mkdir -p "$run"
ktap_plan 50
ktap_run "packages build, in two versions" build_packages
ktap_run "lintian has nothing to say" no_complaints
ktap_run "they have all programs and manual pages" all_packaged
ktap_run "they have the firmware of both boards" images
ktap_run "their pages link what is there" pages
ktap_run "dmikey-dkms is for 7.x" kernel 7
ktap_run "a Debian 12 from packages" base
ktap_run "DKMS builds both modules in it" machine
ktap_run "a newer kernel is installed" newer_comes
ktap_equal "its hooks have DKMS build the module for it" "$(built_for)" \
	"$(printf '%s installed\n' "$(ls "$root/lib/modules" | grep -vxF "$newer")" "$newer")"
ktap_equal "and not for another one" "$(newer_vermagic)" "$newer"
ktap_run "the kernel goes, and the module with it" newer_goes
ktap_run "the machine's disk" disk
rm -rf "$root"
[ -s "$run/disk" ] || ktap_end
ktap_run "the machine switches itself off in the end" boot
replay
[ "$ktap_failures" -eq 0 ] || tail -n 15 "$run/console.log" | tr -d '\r' | diag
rm -f "$run/disk" "$run/initrd" "$run/vmlinuz"
ktap_end
