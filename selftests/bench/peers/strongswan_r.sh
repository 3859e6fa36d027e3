#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# vm: vms=2 mem=1024 timeout=1800
# What a connection costs a responder that runs strongSwan: IKE_SA_INIT, IKE_AUTH,
# a pair of ESP states and their policies; and new keys for it.
. /dmikey/selftests/bench/peers/lib.sh

# run AUTH N NAME TABLE
run()
{
	on_r strongswan_up r "$1" $(($2 + WARM)) "$4"
	on_i strongswan_up i "$1" $(($2 + WARM)) "$4"
	connect "$2" "$3"
	[ "$3" != strongswan.psk ] || rekey 20 strongswan.rekey
	on_i strongswan_down i
	on_r strongswan_down r
}

peers_up strongswan 70
calibrate
run psk 60 strongswan.psk 1
run psk 60 strongswan.psk.tuned 4096
run rsa 40 strongswan.rsa 1
run rsa 40 strongswan.rsa.tuned 4096
