#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Branches and addresses depend on no secret: valgrind with marked secrets, on what
# the compiler makes of core/ at each level of optimization. Shares are split and
# combined, keys derived, KEMAC sealed and opened, envelopes unpadded, secrets
# compared.

cd "$(dirname "$0")" || exit 1
. ../lib/ktap.sh

[ -e /usr/include/valgrind/memcheck.h ] || ktap_skip_all "no valgrind"

bin=$(mktemp) || exit 1

build() {	# level
	${CC:-cc} -std=gnu11 "$1" -g -iquote ../../core -o "$bin" constant.c constant_crypto.c \
		../../core/share.c ../../core/eme.c ../../core/kdf.c ../../core/seal.c \
		../../core/wire.c ../../core/emit.c ../../core/message.c ../../core/form.c \
		../../core/esp.c ../../core/build.c
}

watch() {	# argument...
	valgrind -q --error-exitcode=9 "$bin" "$@"
}

ktap_plan 9
for level in -Os -O2 -O3; do
	ktap_run "core/ builds with $level" build "$level"
	ktap_run "no branch or address depends on a secret with $level" watch
done
for how in table branch compare; do
	watch $how > /dev/null 2>&1
	ktap_equal "what does is found: $how" "$?" 9
done
rm -f "$bin"
ktap_end
