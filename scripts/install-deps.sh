#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Install what building and testing dmikey needs on Debian 12. Says nothing
# and needs neither network nor root if all of it is there.
#
#	install-deps.sh [--list]
set -eu

build="build-essential gcc gcc-12 make bc flex bison libelf-dev pkg-config python3
	libssl-dev libnl-3-dev libnl-genl-3-dev libnl-xfrm-3-dev
	libkeyutils-dev libsqlite3-dev libcap-ng-dev libjson-c-dev
	libconfuse-dev libpcap-dev libcsv-dev"
kernels="debian-archive-keyring kmod xz-utils cpio"
firmware="gcc-arm-none-eabi binutils-arm-none-eabi libnewlib-arm-none-eabi dpkg-dev
	qemu-system-arm libcoap3-bin"
analysis="clang clang-14 libclang-rt-14-dev llvm-14 cppcheck sparse coccinelle
	frama-c-base why3 z3 cvc4"
packages="debhelper dh-dkms lintian mmdebstrap e2fsprogs"
machine="qemu-system-x86 busybox-static dash bash util-linux coreutils strace
	iproute2 keyutils openssl socat tcpdump tshark xxd jq sqlite3
	man-db groff-base valgrind procps graphviz mscgen bash-completion
	python3-jsonschema python3-prometheus-client"

# shellcheck disable=SC2086
wanted=$(printf '%s\n' $build $kernels $firmware $analysis $packages $machine)
if [ "${1:-}" = --list ]; then
	echo "$wanted"
	exit
fi

missing=
for p in $wanted; do
	dpkg-query -W -f '${Status}\n' "$p" 2>/dev/null |
		grep -q '^install ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

echo "install-deps: installing$missing" >&2
sudo=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || {
		echo "install-deps: not root and no sudo; please install:$missing" >&2
		exit 1
	}
	sudo=sudo
fi
apt() { $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
	-o DPkg::Lock::Timeout=300 --no-install-recommends "$@"; }

# Lists that are too old name versions that the mirror no longer has.
# shellcheck disable=SC2086
apt install $missing >&2 || { apt update >&2; apt install $missing >&2; }
