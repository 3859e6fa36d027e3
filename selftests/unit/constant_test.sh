#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Sharing branches and addresses on no secret: valgrind with marked secrets, on
# what the compiler makes of core/share.c at each level of optimization.

cd "$(dirname "$0")" || exit 1
. ../lib/ktap.sh

[ -e /usr/include/valgrind/memcheck.h ] || ktap_skip_all "no valgrind"

bin=$(mktemp) || exit 1

build() {	# level
	${CC:-cc} -std=gnu11 "$1" -g -iquote ../../core -iquote ../../tools -o "$bin" \
		constant.c ../../core/share.c ../../tools/crypto_openssl.c -lcrypto
}

watch() {	# argument...
	valgrind -q --error-exitcode=9 "$bin" "$@"
}

ktap_plan 7
for level in -Os -O2 -O3; do
	ktap_run "core/share.c builds with $level" build "$level"
	ktap_run "no branch or address depends on a secret with $level" watch
done
watch leak >/dev/null 2>&1
ktap_equal "an address that does is found" 9 "$?"
rm -f "$bin"
ktap_end
