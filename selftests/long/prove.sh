#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# No run-time error in core/wire.c and core/share.c, proved by Frama-C: `make prove`.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh
. selftests/proof/lib.sh

words() { frama -eva -eva-min-loop-unroll 16 -main words selftests/proof/words.c > "$proof_tmp/log"; }
no_alarm() { words && grep -q ' 0 alarms generated' "$proof_tmp/log"; }

ktap_plan 7
proof_holds core/wire.c selftests/proof/wire.c -wp-skip-fct "$elsewhere"
proof_holds core/share.c selftests/proof/share.c \
	-wp-skip-fct "$elsewhere,dmk_get_be,dmk_put_be,dmk_mac_len,load,store"
ktap_run "core/share.c: load() and store() raise no alarm" no_alarm
proof_false
rm -rf "$proof_tmp"
ktap_end
