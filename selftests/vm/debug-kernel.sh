#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the kernel that watches: Debian's source, debug.config. kernels.sh
# calls this for `kernels.sh debug`:
#
#	debug-kernel.sh LINUX_SOURCE.deb OUT_DIR
#
# OUT_DIR gets what it gets for Debian's kernels. The tree that modules are
# built against is the one that the kernel was built in.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
deb=$(realpath "$1") out=$2
config=$here/debug.config
make=${MAKE:-make}

die() { echo "debug-kernel.sh: $*" >&2; exit 1; }
say() { echo "debug-kernel.sh: $*" >&2; }

# Kconfig reads every directory's questions, the compiler nothing of these.
source_tree()
{
	mkdir -p "$1"
	dpkg-deb --fsys-tarfile "$deb" | tar -x -O --wildcards './usr/src/linux-source-*.tar.xz' |
		xz -dc -T 2 | tar -C "$1" -x --strip-components=1 --no-same-owner --anchored \
			--exclude='linux-source-?.?/Documentation/*/*' \
			--exclude='linux-source-?.?/arch/[!x]*.[chS]' \
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

	$make -C "$1" -s KCONFIG_ALLCONFIG="$config" allnoconfig > "$1/config.log" 2>&1 ||
		{ cat "$1/config.log" >&2; die "cannot be configured"; }
	while read -r want; do
		grep -qxF "$want" "$1/.config" || die "the kernel does not take $want"
	done < <(grep '^CONFIG_' "$config")
}

build()
{
	local tree=$1

	say "building the debug kernel, some minutes"
	nice -n 19 $make -C "$tree" -s "-j${JOBS:-2}" KBUILD_BUILD_USER=dmikey \
		KBUILD_BUILD_HOST=dmikey bzImage modules > "$tree/build.log" 2>&1 ||
		{ tail -n 30 "$tree/build.log" >&2; die "the debug kernel does not build"; }
	$make -C "$tree" -s INSTALL_MOD_PATH="$out.new/root/usr" modules_install >&2
}

# The kernel's makefiles would take our variables for theirs.
unset MAKEFLAGS MFLAGS MAKELEVEL O

stamp=$( { basename "$deb"; cat "$config" "$0"; } | sha256sum)
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
cp tree/arch/x86/boot/bzImage vmlinuz
cp tree/.config config
ln -s tree headers
ln -s "root/usr/lib/modules/$release" modules
rm -f "modules/build" "modules/source"
depmod -b root/usr "$release"
echo "$release" > release
basename "$deb" > .packages
sha256sum "$config" >> .packages
echo "$stamp" > .stamp
cd - > /dev/null
mv "$out.new" "$out"
