#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: vms=2 mem=1024 timeout=1800
# What one more connection costs strongSwan when it has many, with the table of
# IKE_SAs as it comes and with one that they fit in. Of a second table, the pre-shared
# keys, nothing can be set.
. /dmikey/selftests/bench/peers/lib.sh

many=${MANY:-1000}

# run NAME TABLE
run()
{
	WARM=$many
	on_r strongswan_up r psk $((many + 30)) "$2"
	on_i strongswan_up i psk $((many + 30)) "$2"
	connect 30 "$1"
	on_i strongswan_down i
	on_r strongswan_down r
}

peers_up strongswan $((many + 30))
calibrate
run strongswan.psk.many 1
run strongswan.psk.many.tuned 4096
