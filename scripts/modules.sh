#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build dmikey.ko, and the module of in-kernel tests, for one kernel:
#
#	modules.sh 6.1|6.12|7|debug|uml|kcsan	-> build/modules/6.1/*.ko
#
# Kbuild writes objects next to sources (before 6.13 it can nothing else), so
# each kernel gets a tree of links to the sources: one source tree, as many
# builds as one likes. A warning is an error; DMIKEY_WERROR=n is the way out.
set -eu

k=${1:?which kernel}
top=$(cd "$(dirname "$0")/.." && pwd)
build=$(realpath -m "${O:-$top/build}")
out=$build/modules/$k
make=${MAKE:-make}

# Link every source of the module into a tree of its own, at the same place.
mirror()
{
	local tree=$1 f

	mkdir -p "$tree"
	(cd "$top" && find Kbuild core kmod -type f \( -name '*.[chS]' -o -name Kbuild \)) |
		while read -r f; do
			[ "$tree/$f" -ef "$top/$f" ] && continue
			mkdir -p "$tree/$(dirname "$f")"
			ln -sf "$top/$f" "$tree/$f"
		done
	find "$tree" -xtype l -delete
}

# core/ works on what its caller holds: KCSAN is to watch what CPUs share
unwatched()
{
	local f

	[ "$k" != kcsan ] || for f in "$top"/core/*.c; do
		echo "KCSAN_SANITIZE_$(basename "$f" .c).o=n"
	done
}

# kbuild DIR: DIR's Kbuild against this kernel's headers
kbuild()
{
	# shellcheck disable=SC2046	# words
	$make --no-print-directory -C "$build/kernels/$k/headers" M="$1" \
		DMIKEY_WERROR="${DMIKEY_WERROR:-y}" $(unwatched) modules
}

# O= on the command line means something else to the kernel's makefiles, and
# would reach them through here.
MAKEFLAGS=$(printf '%s' "${MAKEFLAGS:-}" | sed 's/\(^\| \)O=[^ ]*//g')
export MAKEFLAGS O="$build"
[ "$k" != uml ] || export ARCH=um SUBARCH=x86_64

"$top/selftests/vm/kernels.sh" "$k"
mkdir -p "$out"
exec 9> "$out/.lock"
flock 9

# A module that no longer builds must not be tested in its old form.
rm -f "$out"/*.ko

status=0
if mirror "$out/dmikey" && kbuild "$out/dmikey"; then
	cp "$out/dmikey/dmikey.ko" "$out/"
else
	status=1
fi

# The tests that run in the kernel bring their own makefile; the demonstration
# does without them (SELFTEST=n).
if [ "${SELFTEST:-y}" = y ]; then
	$make --no-print-directory -C "$top/selftests/kernel" KERNEL="$k" || status=1
fi
# Kernels that look for leaks also get a dmikey.ko whose calls fail when they are told to.
case $k:$status in
debug:0 | uml:0) $make --no-print-directory -C "$top/selftests/faults" KERNEL="$k" || status=1 ;;
esac
exit $status
