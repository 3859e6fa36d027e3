#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# No run-time error in the functions through which core/wire.c reads every byte, proved
# by Frama-C; long/prove.sh is about all of wire.c and share.c.
cd "$(dirname "$0")/../.." || exit 1
. selftests/lib/ktap.sh
. selftests/proof/lib.sh

ktap_plan 4
proof_holds "the cursor" selftests/proof/wire.c \
	-wp-fct take,take_span,take_validity,get16,dmk_get_be,skip_map
proof_false
rm -rf "$proof_tmp"
ktap_end
