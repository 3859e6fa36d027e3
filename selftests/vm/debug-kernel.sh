#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build a kernel that watches, from Debian's source: common.config, what stands in
# `parts` below, and its own NAME.config. kernels.sh calls this:
#
#	debug-kernel.sh debug|uml|kcsan LINUX_SOURCE.deb OUT_DIR
#
#	debug	memory and locks, on a machine of QEMU's
#	uml	memory, in User-Mode Linux
#	kcsan	data races of modules, on a machine: the kernel's own code is left alone
#
# OUT_DIR gets what it gets for Debian's kernels. The tree that modules are
# built against is the one that the kernel was built in.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
name=$1 deb=$(realpath "$2") out=$3
make=${MAKE:-make}

image=arch/x86/boot/bzImage goal=bzImage
case $name in
debug)	parts="machine memory" ;;
uml)	parts=memory image=linux goal=linux make="$make ARCH=um SUBARCH=x86_64" ;;
kcsan)	parts=machine make="$make KCSAN_SANITIZE=n" ;;
*)	echo "debug-kernel.sh: no kernel $name" >&2; exit 2 ;;
esac

die() { echo "debug-kernel.sh: $*" >&2; exit 1; }
say() { echo "debug-kernel.sh: $*" >&2; }
config() { local p; for p in common $parts $name; do cat "$here/$p.config"; done; }

# Kconfig reads every directory's questions, the compiler nothing of these.
source_tree()
{
	mkdir -p "$1"
	dpkg-deb --fsys-tarfile "$deb" | tar -x -O --wildcards './usr/src/linux-source-*.tar.xz' |
		xz -dc -T 2 | tar -C "$1" -x --strip-components=1 --no-same-owner --anchored \
			--exclude='linux-source-?.?/Documentation/*/*' \
			--exclude='linux-source-?.?/arch/[!xu]*.[chS]' \
			--exclude='linux-source-?.?/arch/[!x]*.dts*' \
			--exclude='linux-source-?.?/drivers/gpu/drm/*.[ch]' \
			--exclude='linux-source-?.?/drivers/media/*.[ch]' \
			--exclude='linux-source-?.?/drivers/staging/*.[ch]' \
			--exclude='linux-source-?.?/sound/*.[ch]' \
			--exclude='linux-source-?.?/tools/perf' \
			--exclude='linux-source-?.?/tools/testing'
}

# A question that the kernel does not know, or answers otherwise, is no detail.
configure()
{
	local want

	config > "$1/wanted.config"
	$make -C "$1" -s KCONFIG_ALLCONFIG="$1/wanted.config" allnoconfig > "$1/config.log" 2>&1 ||
		{ cat "$1/config.log" >&2; die "cannot be configured"; }
	while read -r want; do
		grep -qxF "$want" "$1/.config" || die "the kernel does not take $want"
	done < <(grep '^CONFIG_' "$1/wanted.config")
}

build()
{
	local tree=$1

	say "building the kernel $name, some minutes"
	nice -n 19 $make -C "$tree" -s "-j${JOBS:-2}" KBUILD_BUILD_USER=dmikey \
		KBUILD_BUILD_HOST=dmikey "$goal" modules > "$tree/build.log" 2>&1 ||
		{ tail -n 30 "$tree/build.log" >&2; die "the kernel $name does not build"; }
	$make -C "$tree" -s INSTALL_MOD_PATH="$out.new/root/usr" modules_install >&2
}

# The kernel's makefiles would take our variables for theirs.
unset MAKEFLAGS MFLAGS MAKELEVEL O

stamp=$( { basename "$deb"; config; cat "$0"; } | sha256sum)
exec 9> "$out.lock"
flock 9
[ "$(cat "$out/.stamp" 2>/dev/null)" != "$stamp" ] || exit 0

rm -rf "$out" "$out.new"
mkdir -p "$out.new"
say "unpacking $(basename "$deb")"
source_tree "$out.new/tree"
configure "$out.new/tree"
build "$out.new/tree"

cd "$out.new"
release=$(cat tree/include/config/kernel.release)
cp "tree/$image" vmlinuz
cp tree/.config config
ln -s tree headers
ln -s "root/usr/lib/modules/$release" modules
rm -f "modules/build" "modules/source"
depmod -b root/usr "$release"
echo "$release" > release
basename "$deb" > .packages
config | sha256sum >> .packages
echo "$stamp" > .stamp
cd - > /dev/null
mv "$out.new" "$out"
