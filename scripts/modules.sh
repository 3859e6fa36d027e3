#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build dmikey.ko, and the module of in-kernel tests, for one kernel:
#
#	modules.sh 6.1|6.12		-> build/modules/6.1/*.ko
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

# mirror TREE DIR...: link every source under DIR into TREE, same place
mirror()
{
	local tree=$1 d
	shift

	mkdir -p "$tree"
	for d; do
		(cd "$top" && find "$d" -type d -printf '%p\n') |
			(cd "$tree" && xargs -r mkdir -p)
		(cd "$top" && find "$d" -type f \( -name '*.[chS]' -o -name Kbuild \
			-o -name '*.inc' \) -printf '%p\n') |
			while read -r f; do
				[ "$tree/$f" -ef "$top/$f" ] ||
					ln -sf "$top/$f" "$tree/$f"
			done
	done
	find "$tree" -xtype l -delete
}

# kbuild DIR: DIR's Kbuild against this kernel's headers
kbuild()
{
	# O= on our own command line means something else to the kernel.
	$make --no-print-directory -C "$build/kernels/$k/headers" M="$1" O= \
		DMIKEY_WERROR="${DMIKEY_WERROR:-y}" modules
}

"$top/selftests/vm/kernels.sh" "$k"
mkdir -p "$out"
exec 9> "$out/.lock"
flock 9

# A module that no longer builds must not be tested in its old form.
rm -f "$out"/*.ko

mirror "$out/dmikey" Kbuild core kmod
kbuild "$out/dmikey"
cp "$out/dmikey/dmikey.ko" "$out/"

if [ -e "$top/selftests/kernel/Kbuild" ]; then
	mirror "$out/selftest" core kmod selftests/kernel
	# Generated sources, if its makefile makes any.
	if [ -d "$build/selftests/kernel" ]; then
		cp -u "$build"/selftests/kernel/*.[ch] "$out/selftest/selftests/kernel/"
	fi
	kbuild "$out/selftest/selftests/kernel"
	cp "$out"/selftest/selftests/kernel/*.ko "$out/"
fi
